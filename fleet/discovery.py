"""Who hangs on this host's adb server, what they are, and whether they answer."""

import logging
import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from benchmarks.preparation import restore
from devices.adb.listing import Listed
from devices.clock import HOST, NS_PER_S
from devices.errors import DeviceError
from devices.phone import Phone, connect
from devices.probe import probe
from devices.profile import DeviceProfile
from devices.readings import quick_readings
from fleet.lifecycle.device import Health, State
from fleet.live.publisher import Publisher
from fleet.models import Device, Event, Host

log = logging.getLogger(__name__)

NONCE_TIMEOUT_S = 3.0
PROBE_AGAIN_S = 3.0
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


class Watch:
    """Keeps the device rows of one host true."""

    def __init__(self, host: Host, pool: ThreadPoolExecutor) -> None:
        self._host = host
        self._pool = pool
        self._publisher = Publisher()
        self._not_before_ns: dict[int, int] = {}  # devices that would not let us know them

    def hear(self, listed: Iterable[Listed]) -> None:
        """Bring the connection of every device up to what adb says."""
        present = {entry.serial: entry.state for entry in listed}
        known = {device.serial: device for device in self._host.devices.all()}
        for serial, said in present.items():
            device = known.get(serial) or self._welcome(serial)
            if device.connection != said:
                self._connection_changed(device, said)
        for serial, device in known.items():
            if serial not in present and device.connection != "absent":
                self._connection_changed(device, "absent")

    def look_after_all(self) -> None:
        """Probe what is new, and ask the idle whether they still answer."""
        due = timezone.now() - LOOK_EVERY
        free = self._host.devices.filter(connection="device", holder=None)
        probing = free.filter(state=State.PROBING)
        idle = free.filter(state=State.IDLE).exclude(responsive_at__gt=due)
        now = HOST.now_ns()
        new = [device for device in probing if self._not_before_ns.get(device.pk, 0) <= now]
        jobs = [(self._get_to_know, device) for device in new]
        jobs += [(self._glance, device) for device in idle]
        for job in [self._pool.submit(_guarded, look, device) for look, device in jobs]:
            job.result()

    def _welcome(self, serial: str) -> Device:
        device = Device.objects.create(host=self._host, serial=serial, connection="absent")
        Event.objects.create(device=device, word="discovered", actor=f"watcher {self._host}")
        log.info("discovered %s", serial)
        return device

    def _connection_changed(self, device: Device, said: str) -> None:
        """Note what adb says; it does not end a lease, only the reaper does."""
        Device.objects.filter(pk=device.pk).update(connection=said)
        free = Device.objects.filter(pk=device.pk, holder=None)
        if said == "device":
            free.update(state=State.PROBING, since=timezone.now(), reason="reading what it is")
        else:
            why = REMEDIES.get(said.split(" (")[0], f"adb calls it {said}")
            free.update(state=State.OFFLINE, since=timezone.now(), reason=why)
        Event.objects.create(device=device, word=f"connection {said}"[:32], actor="adb")
        self._tell(device)

    def _get_to_know(self, device: Device) -> None:
        """Undo what a dead run left, probe, and let the device in: that is its health check."""
        try:
            phone = connect(device.serial)
            _must_answer(phone)
            restore(phone)
            profile = probe(phone)
        except DeviceError as error:
            Device.objects.filter(pk=device.pk, state=State.PROBING).update(reason=str(error))
            log.info("%s is not usable yet: %s", device.serial, error)
            self._not_before_ns[device.pk] = HOST.now_ns() + round(PROBE_AGAIN_S * NS_PER_S)
        else:
            _let_in(device, profile)
        self._tell(device)

    def _glance(self, device: Device) -> None:
        """Ask an idle device for its newest readings; no answer sends it back to probing."""
        free = Device.objects.filter(pk=device.pk, state=State.IDLE, holder=None)
        try:
            latest = quick_readings(connect(device.serial))
        except DeviceError as error:
            free.update(state=State.PROBING, since=timezone.now(), reason=str(error))
            self._tell(device)
        else:
            free.update(responsive_at=timezone.now(), latest=latest)
            self._publisher.publish_device(device.pk, {"state": State.IDLE, **latest})

    def _tell(self, device: Device) -> None:
        device.refresh_from_db()
        news = {"state": device.state, "reason": device.reason, **device.latest}
        self._publisher.publish_device(device.pk, news)


def _guarded(look: Callable[[Device], None], device: Device) -> None:
    """Look after one device in a pool thread; one bad phone must not stop the others."""
    try:
        look(device)
    except Exception:
        log.exception("looking after %s", device.serial)
    finally:
        connection.close()


def _must_answer(phone: Phone) -> None:
    """Raise unless the phone repeats a nonce: being listed is not being usable."""
    nonce = secrets.token_hex(8)
    answer = phone.run(["echo", nonce], timeout_s=NONCE_TIMEOUT_S).stdout.strip()
    if answer != nonce:
        raise DeviceError(f"it answered {answer[:40]!r} to an echo of {nonce!r}")


def _let_in(device: Device, profile: DeviceProfile) -> None:
    kept = (Health.MAINTENANCE, Health.RETIRED, Health.BAD)
    moved = Device.objects.filter(pk=device.pk, state=State.PROBING, holder=None).update(
        state=State.IDLE,
        since=timezone.now(),
        reason="",
        health=device.health if device.health in kept else Health.GOOD,
        kind=profile.kind,
        name=profile.model or device.serial,
        profile_json=profile.model_dump(mode="json"),
        responsive_at=timezone.now(),
    )
    if moved:
        Event.objects.create(device=device, word="probed", actor="watcher")
