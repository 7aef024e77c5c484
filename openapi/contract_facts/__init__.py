"""What a contract says, as facts: of the specification, of the vendor's pages, and as they are kept."""
