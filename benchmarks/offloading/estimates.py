"""What a scheduler believes about phone, network and server, and what it predicts from that."""

from collections import deque
from dataclasses import dataclass, field
from math import exp, log
from statistics import pstdev

from benchmarks.offloading.part_times import PartTimes
from benchmarks.offloading.pipeline import Split

NEWEST_SHARE = 0.3  # weight of the newest measurement in every estimate [1]
QUANTILE = 1.64  # standard deviations of prediction error that the margin covers [1]
FIRST_MARGIN = 0.15  # before there are errors to judge from [1]
FEWEST_ERRORS, KEPT_S = 5, 60.0  # errors older than this are forgotten, but never all [s]


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the time of one request goes [s]."""

    device: float
    transmit: float
    queue: float
    server: float
    receive: float

    @property
    def total(self) -> float:
        """From the request to its answer [s]."""
        return self.device + self.transmit + self.queue + self.server + self.receive


@dataclass(slots=True)
class Estimates:
    """Rates as measured, smoothed; work is in the units of the pipeline."""

    device_s: float  # per unit of work on the phone, before anything was measured [s]
    server_s: float  # per unit of work on the server, likewise [s]
    up_bit_s: float
    down_bit_s: float
    rtt_s: float
    queue_s: float = 0.0
    phone: PartTimes = field(init=False, compare=False)
    server: PartTimes = field(init=False, compare=False)
    _measured: set[str] = field(default_factory=set, init=False, compare=False)

    def __post_init__(self) -> None:
        self.phone, self.server = PartTimes(self.device_s), PartTimes(self.server_s)

    def predict(self, split: Split) -> Parts:
        """Return where the time of a request would go."""
        device = self.phone.of(split.device_work)
        if split.is_local:
            return Parts(device, 0.0, 0.0, 0.0, 0.0)
        return Parts(
            device,
            self.rtt_s + split.sent_bytes * 8 / self.up_bit_s,
            self.queue_s,
            self.server.of(split.server_work),
            split.received_bytes * 8 / self.down_bit_s,
        )

    def server_ms(self, split: Split) -> float:
        """Return what a request costs the cloud [ms of its processor]."""
        return self.server.of(split.server_work) * 1000

    def learn(self, name: str, measured: float) -> None:
        """Take in a measurement of the network or the queue; the first one replaces the guess."""
        believed = getattr(self, name) if name in self._measured else measured
        self._measured.add(name)
        setattr(self, name, believed + NEWEST_SHARE * (measured - believed))


@dataclass
class Margin:
    """How much later than predicted a request may come: 1.64 σ of the log of actual/predicted."""

    _errors: deque[tuple[float, float]] = field(default_factory=deque)  # when, and how wrong

    def note(self, t_s: float, predicted_s: float, actual_s: float) -> None:
        """Remember how wrong a prediction was, in device time."""
        if predicted_s > 0 and actual_s > 0:
            self._errors.append((t_s, log(actual_s / predicted_s)))
        while len(self._errors) > FEWEST_ERRORS and self._errors[0][0] < t_s - KEPT_S:
            self._errors.popleft()

    @property
    def value(self) -> float:
        """The margin as a share of the prediction [1]."""
        if len(self._errors) < FEWEST_ERRORS:
            return FIRST_MARGIN
        return exp(QUANTILE * pstdev(error for _, error in self._errors)) - 1
