"""One request becomes evidence."""
