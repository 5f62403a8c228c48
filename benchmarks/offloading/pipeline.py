"""What one way to divide an inference moves and costs, and all ways together; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

LOCAL = ""  # the name of the split that sends nothing


@dataclass(frozen=True, slots=True)
class Split:
    """One way to divide an inference; work is counted in units of the whole pipeline's choice."""

    name: str  # the blob inside the network that crosses; "" = everything on the phone
    device_work: float
    server_work: float
    sent_bytes: int = 0
    received_bytes: int = 0
    shows_input: bool = False  # the server sees what the camera saw, or what was asked for
    source: str = ""  # where the server comes first: the blob that it starts from
    iterations: int | None = None  # of an iterative network's, those that the server does

    @property
    def cut(self) -> str:
        """The blob that the phone hands over."""
        return self.source or self.name

    @property
    def back(self) -> str:
        """The blob that the phone goes on from; "" = there is nothing more to do."""
        return self.name if self.source else ""

    @property
    def is_local(self) -> bool:
        """Whether the phone does everything."""
        return self.server_work == 0

    @property
    def words(self) -> str:
        """What it does, for a reader."""
        if self.is_local:
            return "all on the phone"
        if self.iterations:
            return f"first {self.iterations} iterations on the server"
        if not self.device_work:
            return "all on the server"
        return f"server as far as {self.name}" if self.source else f"cut at {self.name}"

    @property
    def moved_bytes(self) -> int:
        """What crosses, both ways together [B]."""
        return self.sent_bytes + self.received_bytes


@dataclass(frozen=True, slots=True)
class Pipeline:
    """All splits of one inference, the fully local one included."""

    splits: tuple[Split, ...]

    @property
    def local(self) -> Split:
        """Everything on the phone."""
        return next(split for split in self.splits if split.is_local)

    @property
    def cloud(self) -> Split:
        """The split that leaves the phone least to do."""
        return min(self.splits, key=lambda split: (split.device_work, split.name))

    def named(self, name: str) -> Split:
        """Return one split; ValueError with those that there are."""
        for split in self.splits:
            if split.name == name:
                return split
        known = ", ".join(split.name or "(local)" for split in self.splits)
        raise ValueError(f"no split {name!r}; there are: {known}")

    @property
    def iterative(self) -> tuple[Split, ...]:
        """The splits between iterations, the server doing ever more of them; none for most."""
        between = [(s.iterations, s) for s in self.splits if s.iterations is not None]
        return tuple(split for _, split in sorted(between, key=lambda pair: pair[0]))

    def compressive(self) -> tuple[Split, ...]:
        """Return the interior splits that move less than every split that leaves the phone less.

        Those alone can win in the middle: the compressive natural bottlenecks of Bakhtiarnia et
        al. 2022. Bytes count as sent, so an input that travels as a small image beats most; where
        the server comes first, the split before the decoder is the only one.
        """
        remote = [split for split in self.splits if not split.is_local]
        remote.sort(key=lambda split: split.device_work)
        least, found = remote[0].moved_bytes, []
        for split in remote[1:]:
            if split.moved_bytes < least:
                found.append(split)
                least = split.moved_bytes
        return tuple(found)

    def packed(self, sizes: Mapping[str, int]) -> "Pipeline":
        """Return the pipeline with what blobs really weigh; "" is the output, others are as said.

        What a packing saves depends on the numbers, and nobody knows it before it was tried.
        """
        return Pipeline(
            tuple(
                split
                if split.is_local
                else replace(
                    split,
                    sent_bytes=sizes.get(split.cut, split.sent_bytes),
                    received_bytes=sizes.get(split.back, split.received_bytes),
                )
                for split in self.splits
            )
        )

    def without_input(self) -> "Pipeline":
        """Return the pipeline of somebody whose pictures stay on the phone."""
        return Pipeline(tuple(split for split in self.splits if not split.shows_input))
