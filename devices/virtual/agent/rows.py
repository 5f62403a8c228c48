"""Lanes of a simulated machine, told as rows: which generation each inference ran under."""

from collections.abc import Sequence
from dataclasses import dataclass

from devices.agent.messages import (
    FLAG_DEADLINE_MISSED,
    FLAG_FINISHED_LOCALLY,
    FLAG_FIRST_AFTER_CHANGE,
    PROBLEMS,
)
from devices.agent.wire import Cell
from devices.virtual.agent.body import Happening, LaneOrder
from devices.virtual.kernel.course import Leg
from devices.virtual.kernel.inference import Inference
from devices.virtual.kernel.lane import Lane


@dataclass(slots=True)
class LaneStory:
    """The order that a lane runs under, those that wait for its next frame, and its counts."""

    order: LaneOrder
    lane: Lane
    start_ns: int
    waiting: list[tuple[int, LaneOrder, int]]  # since when [ns]; how long it reads weights [ns]
    told: int = 0
    last_ns: int = 0
    legs_ns: int = 0  # segments that ended until then have been told
    why: str = "done"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        has_legs = self.lane.course is not None and bool(self.lane.course.legs)
        return self.lane.ended and self.told == self.lane.done and not has_legs

    def take_legs(self, now_ns: int) -> list[Leg]:
        """Return the segments that have ended by now and were not told before.

        A machine computes a little ahead, and may compute the last step once more.
        """
        course = self.lane.course
        if course is None or not course.legs:
            return []
        ended = [leg for leg in course.legs if leg.end_ns <= now_ns]
        course.legs = course.legs[len(ended) :]
        fresh = [leg for leg in ended if leg.end_ns > self.legs_ns]
        self.legs_ns = now_ns
        return fresh

    def take(self, inference: Inference) -> Happening | None:
        """Count one inference; return `applied` when it is the first under new settings."""
        self.told += 1
        self.last_ns = inference.end_ns
        if not inference.flags & FLAG_FIRST_AFTER_CHANGE:
            return None
        due = [change for change in self.waiting if change[0] <= inference.t_ns]
        if not due:
            return None
        self.waiting = self.waiting[len(due) :]
        _, self.order, read_ns = due[-1]
        skipped = [order.gen for _, order, _ in due[:-1]]
        data = applied_data(self.order, skipped, read_ns)
        return Happening(inference.t_ns, "applied", data)

    def idle(self) -> Happening:
        """Return the lane's last word."""
        counts = {
            "done": self.lane.done,
            "dropped": self.lane.dropped + self.lane.unserved,
        }
        data = {"lane": self.order.lane, "gen": self.order.gen, **counts, "why": self.why}
        return Happening(max(self.start_ns, self.last_ns), "idle", data)


def applied_data(order: LaneOrder, skipped: list[int], read_ns: int = 0) -> dict[str, object]:
    """Return what an `applied` event tells about an order that came in force.

    `read_ns` is what reading another model's weights took.
    """
    return {
        "gen": order.gen,
        "lane": order.lane,
        "model": order.model,
        "mid": order.mid,
        "threads": order.threads,
        "processor": order.processor,
        "mask": f"{order.mask:x}",
        "mask_read": f"{order.mask:x}",
        "period_us": order.period_us,
        "cut": order.cut,
        "back": order.back,
        "us": read_ns // 1000,
        "reloaded": read_ns > 0,
        "skipped": skipped,
    }


def tell(
    inferences: Sequence[Inference], lanes: dict[int, LaneStory]
) -> tuple[list[list[Cell]], list[Happening]]:
    """Return the columns of the infer group, clock first, and the changes that came in force."""
    orders: list[LaneOrder] = []
    happenings: list[Happening] = []
    for inference in inferences:
        story = lanes[inference.lane]
        applied = story.take(inference)
        if applied:
            happenings.append(applied)
        orders.append(story.order)
    return _columns(inferences, orders), happenings


def _columns(inferences: Sequence[Inference], orders: Sequence[LaneOrder]) -> list[list[Cell]]:
    """Return one list per column in the order of messages.INFER_COLUMNS."""
    nothing: list[Cell] = [None] * len(inferences)
    return [
        [inference.t_ns for inference in inferences],
        [inference.lane for inference in inferences],
        [order.gen for order in orders],
        [order.mid for order in orders],
        [inference.slot for inference in inferences],
        [inference.q_us for inference in inferences],
        [inference.lat_us for inference in inferences],
        [inference.cpu_us for inference in inferences],
        [inference.core for inference in inferences],
        [inference.threads for inference in inferences],
        nothing,  # top: nothing was computed
        [_problem(inference) for inference in inferences],
        [_flags(inference, order) for inference, order in zip(inferences, orders, strict=True)],
        [inference.uj for inference in inferences],
        *_split_columns(inferences),
    ]


def _split_columns(inferences: Sequence[Inference]) -> list[list[Cell]]:
    """Return the columns of messages.SPLIT_COLUMNS; nulls where nothing was sent."""
    trips = [inference.trip for inference in inferences]
    answered = [trip if trip and not trip.problem else None for trip in trips]
    return [
        [inference.head_us for inference in inferences],
        [trip.net_us if trip and trip.sent else None for trip in trips],
        [trip.compute_us if trip else None for trip in answered],
        [trip.queue_us if trip else None for trip in answered],
        [trip.sent if trip and trip.sent else None for trip in trips],
        [trip.received if trip else None for trip in answered],
    ]


def _problem(inference: Inference) -> int:
    """Return the number of what went wrong; what was finished here in the end went well."""
    trip = inference.trip
    if trip is None or not trip.problem or inference.flags & FLAG_FINISHED_LOCALLY:
        return 0
    return PROBLEMS[trip.problem].number


def _flags(inference: Inference, order: LaneOrder) -> int:
    is_late = 0 < order.deadline_us < inference.q_us + inference.lat_us
    return inference.flags | (FLAG_DEADLINE_MISSED if is_late else 0)
