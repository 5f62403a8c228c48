"""How many iterations of a network the cloud must do first, so that a level is kept; pure."""

from dataclasses import dataclass

from benchmarks.offloading.estimates import Estimates
from benchmarks.offloading.pipeline import Pipeline, Split


@dataclass(frozen=True, slots=True)
class IterationTimes:
    """What the time of a picture is made of, wherever it is computed [s]."""

    count: int  # iterations of the whole network, N
    device_s: float  # of one on the phone
    server_s: float  # of one on the server
    decoder_s: float  # of what follows them, on the phone
    network_s: float  # both ways and the queue, however many iterations are given away

    @classmethod
    def of(cls, pipeline: Pipeline, rates: Estimates) -> "IterationTimes":
        """Return the times of an iterative network at these rates."""
        local, last = pipeline.local, pipeline.iterative[-1]
        count, parts = last.iterations or 1, rates.predict(last)
        return cls(
            count=count,
            device_s=(rates.predict(local).device - parts.device) / count,
            server_s=parts.server / count,
            decoder_s=parts.device,
            network_s=parts.transmit + parts.queue + parts.receive,
        )

    def needed(self, level_s: float) -> float:
        """Return how many the cloud must do for an answer within a level, between 0 and N.

        n* = (N·t_dev + t_dec + t_net − level) / (t_dev − t_srv), not rounded yet. A server that is
        no faster than the phone helps nobody: then none.
        """
        gained_s = self.device_s - self.server_s
        if gained_s <= 0:
            return 0.0
        missing_s = self.count * self.device_s + self.decoder_s + self.network_s - level_s
        return min(max(missing_s / gained_s, 0.0), float(self.count))


def shortest_head(pipeline: Pipeline, rates: Estimates, level_s: float) -> Split:
    """Return the split with the fewest iterations in the cloud among those that keep a level.

    The local one where that is early enough, and the one with all iterations where none is. What
    the formula finds is looked at once more: where iterations were measured that took longer than
    their share, it is a few too low.
    """
    if rates.predict(pipeline.local).total <= level_s:
        return pipeline.local
    needed = IterationTimes.of(pipeline, rates).needed(level_s)
    enough = [s for s in pipeline.iterative if (s.iterations or 0) >= needed]
    keeping = (s for s in enough if rates.predict(s).total <= level_s)
    return next(keeping, pipeline.iterative[-1])
