"""What a card on the fleet page says about one device."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fleet.documents import why_not
from fleet.lifecycle.device import Health, State
from fleet.lifecycle.run import LIVE
from fleet.models import Device, Run


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, in device time."""

    phase: str
    done_s: float
    planned_s: float

    @property
    def share(self) -> float:
        """The part that is done, 0 to 1."""
        return min(1.0, self.done_s / self.planned_s) if self.planned_s else 0.0

    @property
    def percent(self) -> int:
        """The part that is done [%]."""
        return int(self.share * 100)

    @property
    def left_s(self) -> float:
        """Device time until the end as planned [s]."""
        return max(0.0, self.planned_s - self.done_s)

    def left_host_s(self, speed: float) -> float:
        """Time on the wall until the end as planned [s]."""
        return self.left_s / (speed or 1.0)


def progress_of(run: Run) -> Progress | None:
    """Return a run's progress as its worker last noted it, or None before that."""
    noted = run.progress
    if run.has_ended or not noted.get("planned_s"):
        return None
    return Progress(
        str(noted.get("phase", run.state)), float(noted.get("t_s", 0)), float(noted["planned_s"])
    )


@dataclass(frozen=True, slots=True)
class DeviceCard:
    """One device with the run that holds it, if any."""

    device: Device
    run: Run | None = None
    queued: int = 0

    @property
    def facts(self) -> dict[str, Any]:
        """What the last probe found."""
        return self.device.profile_json or {}

    @property
    def title(self) -> str:
        """The name that people know the device by."""
        return self.device.name or self.device.serial

    @property
    def subtitle(self) -> str:
        """What is inside: chip, cores, Android."""
        facts = self.facts
        cores = sum(len(cluster["cpus"]) for cluster in facts.get("clusters", ()))
        parts = [
            facts.get("soc", ""),
            f"{cores} cores" if cores else "",
            f"Android {facts['android']}" if facts.get("android") else "",
        ]
        return " · ".join(part for part in parts if part)

    @property
    def speed(self) -> float:
        """Device seconds per second on the wall."""
        return float(self.facts.get("speed", 1.0))

    @property
    def is_away(self) -> bool:
        """Whether there is nothing to see of it now."""
        return self.device.state == State.OFFLINE

    @property
    def hottest_c(self) -> float | None:
        """The hottest zone at the last look [°C]."""
        value = self.device.latest.get("hottest_c")
        return None if value is None or self.is_away else float(value)

    @property
    def no_reading(self) -> str:
        """What stands where the temperature would be."""
        if self.is_away:
            return "away"
        return "–" if self.facts.get("zones") else "no sensor"

    @property
    def hottest_zone(self) -> str:
        """Which zone that was."""
        return str(self.device.latest.get("hottest_zone", ""))

    @property
    def battery_percent(self) -> float | None:
        """The battery's level at the last look [%]."""
        value = self.device.latest.get("battery_percent")
        return None if value is None else float(value)

    @property
    def progress(self) -> Progress | None:
        """How far the run is that holds it."""
        return progress_of(self.run) if self.run else None

    @property
    def left_host_s(self) -> float | None:
        """Time on the wall until its run ends as planned [s]."""
        return self.progress.left_host_s(self.speed) if self.progress else None

    @property
    def why_not(self) -> str | None:
        """The sentence why it takes no run now; None if it is free or visibly at work."""
        return None if self.run else why_not(self.device)

    @property
    def lost_connection(self) -> bool:
        """Whether adb does not see a device whose run is still under its lease."""
        return self.run is not None and self.device.connection != "device"

    @property
    def takes_runs(self) -> bool:
        """Whether asking this device for a run makes sense."""
        return self.device.health == Health.GOOD and not self.is_away


def cards_of(devices: Iterable[Device]) -> list[DeviceCard]:
    """Return a card for each device; runs come in one query."""
    rows = list(devices)
    live = {run.device_id: run for run in Run.objects.filter(device__in=rows, state__in=LIVE)}
    return [DeviceCard(device, live.get(device.pk)) for device in rows]
