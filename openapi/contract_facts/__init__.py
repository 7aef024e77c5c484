"""The facts of a contract, read from the specification, from the vendor's pages, and from the kept pages."""
