"""What layers of a network cost a virtual chip, by type."""
