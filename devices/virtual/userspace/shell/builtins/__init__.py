"""Commands that the shell runs itself, because they change it."""
