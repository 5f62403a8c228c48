"""Our own networks as the virtual chip sees them."""
