"""Workload families: generators of weight-shared networks, and a reader that trusts nobody."""
