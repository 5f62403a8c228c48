"""Networks that a user brings: checked whole, stored by digest, found by name."""
