"""What every block of a phone file has in common: it is frozen, checked, and names its source."""

from pydantic import BaseModel, ConfigDict, Field


class Fact(BaseModel):
    """A frozen piece of a phone file; unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sourced(Fact):
    """A block of numbers; `source` names a public source or says `estimated`, and why."""

    source: str = Field(min_length=3)
