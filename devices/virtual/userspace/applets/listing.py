"""ls and stat."""
