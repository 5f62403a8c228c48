"""What nature does inside a phone: heat, power, work and charge; no path, no string of Android."""
