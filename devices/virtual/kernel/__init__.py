"""What Linux does inside a phone: governors, thermal zones, scheduling, sysfs."""
