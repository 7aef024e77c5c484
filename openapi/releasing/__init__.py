"""The release command: `make release` goes from a clean tree to a tag."""
