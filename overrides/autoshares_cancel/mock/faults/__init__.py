"""How replies of the mock go wrong on the wire."""
