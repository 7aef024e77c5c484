"""The judge: the contract suite that judges one server by its replies. Needs the extra `contract`."""
