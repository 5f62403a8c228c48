"""The far end of offloading: a process that computes segments of divided networks."""
