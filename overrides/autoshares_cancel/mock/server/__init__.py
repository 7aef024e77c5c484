"""The mock as a server on a port, and as an in-process transport."""
