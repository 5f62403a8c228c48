"""Many phones over time: queue, lease, store, stream, API."""
