"""What keeps a one-machine farm from starting or running, as a sentence for people."""


class LocalFarmError(Exception):
    """A part of the farm cannot start or go on; the message names the way out."""
