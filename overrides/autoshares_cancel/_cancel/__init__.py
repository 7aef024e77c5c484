"""The flow of one cancel, and its outcomes."""
