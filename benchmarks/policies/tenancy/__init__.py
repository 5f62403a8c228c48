"""Policies of `multi_tenant`: who gets which variant, and how much of the time."""
