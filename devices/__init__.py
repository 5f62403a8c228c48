"""One phone: how to talk to it, what it is made of, and how to simulate one."""
