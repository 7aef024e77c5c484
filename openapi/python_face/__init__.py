"""The Python interface of the package as a snapshot, and what differs between two of them."""
