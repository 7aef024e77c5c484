"""Decides whether and when a request is sent again."""
