"""Snapshots of the package's Python interface, and the changes between two snapshots."""
