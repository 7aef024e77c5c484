"""Cancels the orders of a file, with a journal."""
