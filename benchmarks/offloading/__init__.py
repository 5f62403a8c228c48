"""Ways to divide an inference between a phone and a server, and what each would take."""
