"""Runs side by side: what may be compared, and what came of it."""
