"""Control of a running mock, under /_mock/."""
