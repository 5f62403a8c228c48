"""What the numbers mean: pure functions of a stored trace."""
