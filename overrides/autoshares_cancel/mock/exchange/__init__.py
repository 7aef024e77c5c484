"""Orders, users and tokens of the mock exchange."""
