"""Clocks inside an inference: profiles of operators, and what policies make of the slack."""
