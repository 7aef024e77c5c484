"""Scripts: the steps that a test arms for its requests, and its assertions about them."""
