"""Layer types that are accepted, by what they do to a blob."""
