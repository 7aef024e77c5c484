"""Scripts: what a test arms for its requests, and what it asserts of them."""
