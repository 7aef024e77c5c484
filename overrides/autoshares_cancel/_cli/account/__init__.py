"""One account: lists its open orders, asks, and cancels them all."""
