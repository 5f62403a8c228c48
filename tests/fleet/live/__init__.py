"""The live path: a real Valkey and a real Postgres between a writer and its viewers."""
