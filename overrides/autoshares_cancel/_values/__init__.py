"""What everything speaks of: evidence, orders, secrets, deadlines, text. Imports nothing of ours but itself."""
