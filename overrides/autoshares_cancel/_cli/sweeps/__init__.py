"""The commands `sweep` and `worker`: orders in a database that several processes cancel together."""
