"""Who hangs on this host's adb server, what they are, and whether they answer."""

import logging
import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from devices.adb.tracking import Listed
from devices.errors import DeviceError
from devices.knobs import restore_all
from devices.phone import Phone, connect
from devices.probe import probe
from devices.profile import DeviceProfile
from devices.readings import quick_readings
from fleet.lifecycle.device import Health, State
from fleet.live.publisher import publish_fleet
from fleet.models import Device, Event, Host

log = logging.getLogger(__name__)

NONCE_TIMEOUT_S = 3.0
LOOK_EVERY = timedelta(seconds=2)
#: What adb's states mean for people.
REMEDIES = {
    "offline": "adb sees it but gets no answer: unplug and plug it in again, or reboot it",
    "unauthorized": "unlock the phone and allow USB debugging for this computer",
    "authorizing": "waiting for the phone to accept this computer's key",
    "connecting": "adb is connecting",
    "recovery": "it is in recovery: boot it into Android",
    "sideload": "it is in sideload mode: boot it into Android",
    "bootloader": "it is in the bootloader: boot it into Android",
    "no permissions": "the host may not open its USB node: install Android's udev rules",
    "absent": "it is not connected",
}


def heard(host: Host, listed: Iterable[Listed]) -> None:
    """Bring the connection of every device of `host` up to what adb says."""
    present = {entry.serial: entry.state for entry in listed}
    known = {device.serial: device for device in host.devices.all()}
    for serial, said in present.items():
        device = known.get(serial) or _welcome(host, serial)
        if device.connection != said:
            _connection_changed(device, said)
    for serial, device in known.items():
        if serial not in present and device.connection != "absent":
            _connection_changed(device, "absent")


def _welcome(host: Host, serial: str) -> Device:
    device = Device.objects.create(host=host, serial=serial, connection="absent")
    Event.objects.create(device=device, word="discovered", actor=f"watcher {host.name}")
    log.info("discovered %s", serial)
    return device


def _connection_changed(device: Device, said: str) -> None:
    """A lost connection does not end a lease; only the reaper does."""
    Device.objects.filter(pk=device.pk).update(connection=said)
    free = Device.objects.filter(pk=device.pk, holder=None)
    if said == "device":
        free.update(state=State.PROBING, since=timezone.now(), reason="reading what it is")
    else:
        why = REMEDIES.get(said.split(" (")[0], f"adb calls it {said}")
        free.update(state=State.OFFLINE, since=timezone.now(), reason=why)
    Event.objects.create(device=device, word=f"connection {said}"[:32], actor="adb")
    publish_fleet(device.pk)


def look_after(host: Host, pool: ThreadPoolExecutor) -> None:
    """Probe what is new, and ask the idle whether they still answer."""
    due = timezone.now() - LOOK_EVERY
    probing = list(host.devices.filter(state=State.PROBING, connection="device", holder=None))
    idle = list(
        host.devices.filter(state=State.IDLE, connection="device", holder=None).exclude(
            responsive_at__gt=due
        )
    )
    list(pool.map(_in_thread(get_to_know), probing))
    list(pool.map(_in_thread(glance), idle))


def _in_thread(look):  # type: ignore[no-untyped-def]
    def run(device: Device) -> None:
        try:
            look(device)
        except Exception:
            log.exception("looking after %s", device.serial)
        finally:
            connection.close()

    return run


def get_to_know(device: Device) -> None:
    """Undo what a dead run left, probe, and let the device in. The probe is its health check."""
    try:
        phone = connect(device.serial)
        _answers(phone)
        restore_all(phone)
        profile = probe(phone)
    except DeviceError as error:
        _still_probing(device, str(error))
        return
    _let_in(device, profile)


def _answers(phone: Phone) -> None:
    """Raise unless the phone repeats a nonce: being listed is not being usable."""
    nonce = secrets.token_hex(8)
    answer = phone.run(["echo", nonce], timeout_s=NONCE_TIMEOUT_S).stdout.strip()
    if answer != nonce:
        raise DeviceError(f"it answered {answer[:40]!r} to an echo of {nonce!r}")


def _let_in(device: Device, profile: DeviceProfile) -> None:
    kept = (Health.MAINTENANCE, Health.RETIRED, Health.BAD)
    health = device.health if device.health in kept else Health.GOOD
    moved = Device.objects.filter(pk=device.pk, state=State.PROBING, holder=None).update(
        state=State.IDLE,
        since=timezone.now(),
        reason="",
        health=health,
        kind=profile.kind,
        name=profile.model or device.serial,
        profile_json=profile.model_dump(mode="json"),
        responsive_at=timezone.now(),
    )
    if moved:
        Event.objects.create(device=device, word="probed", actor="watcher")
        publish_fleet(device.pk)


def _still_probing(device: Device, why: str) -> None:
    Device.objects.filter(pk=device.pk, state=State.PROBING).update(reason=why)
    log.info("%s is not usable yet: %s", device.serial, why)
    publish_fleet(device.pk)


def glance(device: Device) -> None:
    """Ask an idle device for its newest readings; no answer sends it back to probing."""
    try:
        latest = quick_readings(connect(device.serial), device.profile, NONCE_TIMEOUT_S)
    except DeviceError as error:
        Device.objects.filter(pk=device.pk, state=State.IDLE, holder=None).update(
            state=State.PROBING, since=timezone.now(), reason=str(error)
        )
    else:
        Device.objects.filter(pk=device.pk).update(responsive_at=timezone.now(), latest=latest)
    publish_fleet(device.pk)
