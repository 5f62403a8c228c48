"""Devices: what hangs where, how it is, and why it is not free."""

from typing import Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Router, Schema

from fleet.api.auth import needs
from fleet.api.errors import Problem
from fleet.api.paging import page
from fleet.documents import device_document
from fleet.lifecycle.device import Health
from fleet.lifecycle.run import LIVE
from fleet.models import Device, Event, Run

router = Router(tags=["devices"])


class DeviceChange(Schema, extra="forbid"):
    """What a person may change of a device."""

    tags: list[str] | None = None
    note: str | None = None
    health: Literal["good", "maintenance", "retired", "looping"] | None = None


@router.get("/devices", summary="All devices of the farm")
@needs("devices:read")
def devices(request: HttpRequest, after: int | None = None, limit: int = 100) -> dict[str, Any]:
    """List devices with their state, health and newest readings."""
    live = live_runs()
    return page(_rows(), after, limit, lambda device: device_document(device, live.get(device.pk)))


@router.get("/devices/{serial}", summary="One device, whole")
@needs("devices:read")
def device(request: HttpRequest, serial: str) -> dict[str, Any]:
    """Show one device by its serial, or `host:serial` where two share one."""
    row = find(serial)
    return device_document(row, live_runs().get(row.pk))


@router.patch("/devices/{serial}", summary="Tag it, note something, take it out or let it back")
@needs("devices:admin")
def change(request: HttpRequest, serial: str, question: DeviceChange) -> dict[str, Any]:
    """Change tags, note or health; `good` is granted by the next health check."""
    row = find(serial)
    if question.tags is not None:
        row.tags = question.tags
    if question.note is not None:
        row.note = question.note
    if question.health is not None:
        row.health = Health.UNKNOWN if question.health == "good" else question.health
        Event.objects.create(device=row, word=f"health {row.health}", actor=str(request.user))
    row.save(update_fields=["tags", "note", "health"])
    return device_document(row, live_runs().get(row.pk))


def find(serial: str) -> Device:
    """Return the device that `serial` or `host:serial` names."""
    rows = list(_rows().filter(serial=serial))
    if not rows and ":" in serial:
        host, _, rest = serial.partition(":")
        rows = list(_rows().filter(host__name=host, serial=rest))
    if not rows:
        known = ", ".join(_rows().values_list("serial", flat=True)[:10]) or "none yet"
        raise Problem(
            404, "unknown_device", f"no device has the serial {serial!r}", hint=f"known: {known}"
        )
    if len(rows) > 1:
        hosts = ", ".join(f"{row.host.name}:{serial}" for row in rows)
        raise Problem(409, "ambiguous_device", f"{serial!r} hangs on several hosts", hint=hosts)
    return rows[0]


def live_runs() -> dict[int, Run]:
    """Return the live run of each device that has one."""
    return {run.device_id: run for run in Run.objects.filter(state__in=LIVE) if run.device_id}


def _rows() -> QuerySet[Device]:
    return Device.objects.select_related("host")
