"""The report of a run: a pytest plugin that writes a page, JSON, and lines for a terminal."""
