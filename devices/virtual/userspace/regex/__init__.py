"""POSIX regular expressions without backtracking: time grows with text times pattern, no more."""
