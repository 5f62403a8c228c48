"""Blocks of the trace, for Python and JavaScript."""
