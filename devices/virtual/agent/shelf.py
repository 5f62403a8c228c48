"""The models and plans that a virtual phone's agent has loaded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from devices.clock import DeviceClock
from devices.virtual.agent.body import Job, LaneOrder, ModelOrder, PlanOrder, Refused
from devices.virtual.agent.plan_route import route_of
from devices.virtual.kernel.course import Route
from devices.virtual.kernel.plan_clocks import PlanClocks
from devices.virtual.physics.cpu import Work
from devices.virtual.workload import CutPoint, WorkloadRefused, read_cuts, read_work

MODELS = "/data/local/tmp/simmer/models"
_LOAD_BYTES_PER_NS = 0.12  # what reading and packing weights costs: about 1 s for 100 MB
_LOAD_NS = 50_000_000
_US = 1000


@dataclass(frozen=True, slots=True)
class Model:
    """One network as the phone knows it."""

    work: Work
    cuts: Mapping[str, CutPoint]
    reading_ns: int  # what loading it takes


class _Loading:
    """A load that is done when the phone's clock says so."""

    def __init__(self, clock: DeviceClock, model: Model, put: Callable[[Model], None]) -> None:
        self._clock, self._model, self._put = clock, model, put
        self._due_ns = clock.now_ns() + model.reading_ns

    def is_done(self) -> bool:
        return self._clock.now_ns() >= self._due_ns

    def result(self) -> Mapping[str, Any]:
        self._put(self._model)
        return {"us": self._model.reading_ns // _US, "blobs": len(self._model.work.layers)}


class Shelf:
    """Reads what was pushed, and keeps it under its name."""

    def __init__(
        self, clock: DeviceClock, clocks: PlanClocks, read_file: Callable[[str], bytes]
    ) -> None:
        self._clock = clock
        self._clocks = clocks
        self._read_file = read_file
        self._models: dict[str, Model] = {}
        self._routes: dict[str, tuple[str, Route]] = {}  # per plan: its model, and what it means

    def __getitem__(self, name: str) -> Model:
        """Return a loaded model."""
        return self._models[name]

    def load(self, order: ModelOrder) -> Job:
        """Check the pushed files at once; be ready when the phone would be."""
        param = self._pushed(order.param, order.param_sha256)
        weights = self._pushed(order.bin, order.sha256)
        if len(weights) != order.bytes:
            raise Refused("bad_digest", f"{order.bin} has {len(weights)} bytes, not {order.bytes}")
        try:
            work = read_work(order.id, param, len(weights))
        except WorkloadRefused as error:
            raise Refused("load_param", str(error)) from error
        reading_ns = _LOAD_NS + round(len(weights) / _LOAD_BYTES_PER_NS)
        model = Model(work, read_cuts(param), reading_ns)
        return _Loading(self._clock, model, lambda read: self._models.update({order.id: read}))

    def _pushed(self, path: str, digest: str) -> bytes:
        try:
            data = self._read_file(f"{MODELS}/{path}")
        except OSError as error:
            raise Refused("no_model", f"{path} was not pushed: {error.strerror}") from error
        if sha256(data).hexdigest() != digest:
            raise Refused("bad_digest", f"{path} is not the file with digest {digest[:12]}…")
        return data

    def unload(self, model: str) -> None:
        """Forget a model."""
        del self._models[model]

    def plan(self, order: PlanOrder) -> Mapping[str, Any]:
        """Keep a plan; it holds until the next one of its name."""
        route = route_of(order, self._models[order.model].work, self._clocks)
        self._routes[order.id] = (order.model, route)
        return {"segs": len(route.works), "rungs": len(route.rungs)}

    def route(self, order: LaneOrder) -> Route | None:
        """Return what the plan of a lane means; None without one."""
        if not order.plan:
            return None
        if order.plan not in self._routes:
            raise Refused("bad_arg", f"there is no plan {order.plan!r}; send it first")
        model, route = self._routes[order.plan]
        if model != order.model:
            raise Refused("bad_arg", f"plan {order.plan!r} is for {model}, not {order.model}")
        if order.share_pm < 1000:
            raise Refused("bad_arg", "a lane with a plan needs all of the time: share_pm 1000")
        return route
