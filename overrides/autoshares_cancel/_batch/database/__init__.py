"""One batch for several processes and machines: its orders wait in a queue on PostgreSQL."""
