"""Runs each call of a client from beginning to end."""
