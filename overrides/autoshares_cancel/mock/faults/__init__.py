"""Faults of replies on the wire, and which request gets which."""
