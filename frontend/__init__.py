"""What people see and type: pages, and the `simmer` command."""
