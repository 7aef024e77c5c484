"""Many orders: with threads, with tasks, and everything open in an account."""
