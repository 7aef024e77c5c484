"""One call from beginning to end."""
