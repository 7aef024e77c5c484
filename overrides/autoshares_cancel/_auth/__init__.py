"""Credentials, the environment, log-ins, and the life of a token."""
