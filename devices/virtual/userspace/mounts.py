"""What is mounted where on a phone."""

# device, place, kind, options
MOUNTS: tuple[tuple[str, str, str, str], ...] = (
    ("tmpfs", "/dev", "tmpfs", "rw,seclabel,nosuid,relatime,mode=755"),
    ("proc", "/proc", "proc", "rw,relatime,gid=3009,hidepid=2"),
    ("sysfs", "/sys", "sysfs", "rw,seclabel,relatime"),
    ("/dev/block/dm-0", "/", "ext4", "ro,seclabel,relatime"),
    ("/dev/block/dm-1", "/vendor", "ext4", "ro,seclabel,relatime"),
    ("/dev/block/dm-5", "/data", "f2fs", "rw,seclabel,nosuid,nodev,noatime"),
    ("/dev/fuse", "/storage/emulated", "fuse", "rw,nosuid,nodev,noexec,noatime"),
)
