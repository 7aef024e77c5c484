"""Faults of connections and replies, and the schedule that assigns them to requests."""
