"""The values that all rooms share: evidence, orders, secrets, deadlines, text. Imports no other room."""
