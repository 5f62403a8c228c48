"""Android's services as far as measuring needs them: battery, thermal, power."""
