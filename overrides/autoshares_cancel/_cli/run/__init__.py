"""Works off a file of orders, with a journal."""
