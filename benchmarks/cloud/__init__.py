"""The far end of offloading: a process that computes the tails of split networks."""
