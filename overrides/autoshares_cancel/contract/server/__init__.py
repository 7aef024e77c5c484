"""The tests that judge one server, with their tables and rules."""
