"""Bytes and lines that every implementation must read alike."""
