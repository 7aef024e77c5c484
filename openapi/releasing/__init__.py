"""One command from a clean tree to a tag: `make release`."""
