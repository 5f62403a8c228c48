"""One measurement: what to run on a phone, what to decide while it runs, what the numbers mean."""
