"""Why something that was asked for cannot be: the sentence, and the parameter that it is about."""

from devices.errors import StableDeviceError


class Objection(ValueError):
    """Parameters that do not go together; `field` is the one to change, from where it is raised."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class Lacking(StableDeviceError):
    """A phone lacks what a parameter asks for; `field` is its place in a RunSpec."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
