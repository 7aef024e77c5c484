"""The endpoints of the API, as the mock answers them."""
