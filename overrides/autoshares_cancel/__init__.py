"""Cancel an order at Autoshares Trader and learn what really became of it."""
