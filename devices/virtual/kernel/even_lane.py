"""A lane whose inferences follow each other without a pause: many of them at once, as arrays."""

import numpy as np

from devices.virtual.kernel.course import Pace
from devices.virtual.kernel.inference import Instants, Succession, Told
from devices.virtual.kernel.lane import NS, Lane, disturbed
from devices.virtual.physics.noise import normals
from devices.virtual.physics.numbers import Many

_FEW = 16  # fewer inferences are faster one by one
_SHORT = 0.9  # of its usual time is what an inference takes hardly ever less than [1]


class EvenLane(Lane):
    """What `run` does one by one, over many intervals: the same inferences to the last bit."""

    def march(
        self, start_ns: int, ends_ns: Instants, powers_w: Many, pace: Pace, out: list[Told]
    ) -> None:
        """Compute through intervals of one pace, each with a power of its own, without a pause.

        Asks for a lane that is even.
        """
        if (ends_ns[-1] - start_ns) / NS < _FEW * pace.latency_s:
            for end_ns, power_w in zip(ends_ns.tolist(), powers_w.tolist(), strict=True):
                self.run(start_ns, end_ns, pace._replace(power_w=power_w), out)
                start_ns = end_ns
            return
        if not self._left:
            self._begin(start_ns)
        if pace.latency_s != self._latency_s:
            self._follow(start_ns, pace.latency_s)
        done_ns = self._done_by(int(ends_ns[-1]))
        marks_ns = np.sort(np.concatenate([ends_ns, done_ns]))
        meter_j = np.empty(len(marks_ns) + 1)
        meter_j[0], meter_j[1] = self._meter_j, marks_ns[0] - start_ns
        np.subtract(marks_ns[1:], marks_ns[:-1], out=meter_j[2:])
        meter_j[1:] /= NS
        meter_j[1:] *= powers_w[ends_ns.searchsorted(marks_ns)]
        np.add.accumulate(meter_j, out=meter_j)
        self._busy_ns += int(done_ns[0]) - start_ns
        read_j = meter_j[1 + marks_ns.searchsorted(done_ns)]
        self._meter_j = float(read_j[0])
        self._complete(int(done_ns[0]), pace, out)
        out.append(Succession(self.number, self._slot, done_ns, read_j, pace))
        self._go_on(int(done_ns[-1]), float(read_j[-1]), len(done_ns) - 1)
        if done_ns[-1] < ends_ns[-1]:
            self._begin(self._next_ns)
            self._follow(self._next_ns, pace.latency_s)
            self._busy_ns = int(ends_ns[-1]) - self._next_ns
        self._meter_j = float(meter_j[-1])

    def _done_by(self, end_ns: int) -> Instants:
        """Return when inferences end, the one in flight first, up to an instant."""
        done_ns = np.array([self._end_ns])
        while done_ns[-1] <= end_ns:
            usual_ns = self._latency_s * NS
            count = int((end_ns - done_ns[-1]) / usual_ns / _SHORT) + 2
            first = self.done + self.dropped + len(done_ns)
            draws = normals(self._seed, np.arange(first, first + count, dtype=np.uint64))
            lasting_ns = np.rint(disturbed(draws, self._jitter) * self._latency_s * NS)
            more_ns = done_ns[-1] + np.cumsum(lasting_ns.astype(np.int64))
            done_ns = np.concatenate([done_ns, more_ns])
        return done_ns[: np.searchsorted(done_ns, end_ns, side="right")]

    def _go_on(self, now_ns: int, meter_j: float, more: int) -> None:
        """Be where the last of `more` inferences has ended."""
        self.done += more
        self._slot += more
        self._due_ns = self._next_ns = now_ns
        self._left, self._meter_j = 0.0, meter_j
