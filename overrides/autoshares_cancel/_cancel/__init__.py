"""What one cancel does: its flow, its outcomes."""
