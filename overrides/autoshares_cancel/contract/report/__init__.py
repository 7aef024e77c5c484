"""The report of a run: a pytest plugin that writes an HTML page, JSON, and lines for a terminal."""
