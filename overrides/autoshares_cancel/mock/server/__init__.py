"""The mock as a server on a port."""
