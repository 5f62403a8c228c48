"""The programs in /system/bin, one file per family."""
