"""The tests of the contract suite, with their tables and rules."""
