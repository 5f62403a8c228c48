"""The Android side of a phone in memory: a file tree, programs and a shell, but no silicon."""

from dataclasses import dataclass

from devices.clock import HOST, SimulatedClock
from devices.virtual.kernel.quirks import Quirks, Su
from devices.virtual.userspace.boot import boot
from devices.virtual.userspace.contents import ContentStore
from devices.virtual.userspace.execution import find
from devices.virtual.userspace.layout import new_tree
from devices.virtual.userspace.streams import ByteReader, BytesReader, BytesWriter
from devices.virtual.userspace.system import ENVIRONMENT, Invocation, System

WALL_S = 1_767_225_600  # 2026-01-01


class QuickClock(SimulatedClock):
    """Device time in which every wait is over as soon as others had their turn."""

    def wall_s(self) -> int:
        """Return the time of day [s]."""
        return WALL_S + self.now_ns() // 1_000_000_000

    async def wait_async(self, seconds: float) -> None:
        """Advance at once."""
        await HOST.wait_async(0)
        self.advance(seconds)


@dataclass(frozen=True)
class Outcome:
    """What a command printed and how it ended."""

    stdout: bytes
    stderr: bytes
    status: int

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.stdout.decode("utf-8", "surrogateescape")

    @property
    def complaint(self) -> str:
        """Standard error as text."""
        return self.stderr.decode("utf-8", "surrogateescape")


def new_android(*, uid: int = 2000, sdk: int = 33, su: Su = "none") -> System:
    """Return a booted Android of nobody's phone."""
    clock = QuickClock()
    tree = new_tree(clock.wall_s, ContentStore()).as_user(uid)
    properties = {"ro.build.version.sdk": str(sdk), "ro.product.model": "Model"}
    texts = {f"/sys/devices/system/cpu/{name}": "0-7\n" for name in ("present", "online")}
    return boot(tree, clock, properties, texts=texts, quirks=Quirks(su=su))


async def run(system: System, command: str, stdin: ByteReader | bytes = b"") -> Outcome:
    """Run a command as the shell service does."""
    reader = BytesReader(stdin) if isinstance(stdin, bytes) else stdin
    stdout, stderr = BytesWriter(), BytesWriter()
    status = await system.shell(command, reader, stdout, stderr)
    return Outcome(stdout.take(), stderr.take(), status)


async def run_program(system: System, argv: tuple[str, ...], cwd: str, **env: str) -> Outcome:
    """Run one program in a directory, with an environment of its own."""
    stdout, stderr = BytesWriter(), BytesWriter()
    environment = {"PATH": ENVIRONMENT["PATH"], **env}
    process = system.processes.add(argv, parent=system.processes.adbd, uid=system.uid)
    program = find(system, argv[0], environment["PATH"], cwd).program
    invocation = Invocation(argv, environment, cwd, BytesReader(), stdout, stderr, system, process)
    system.processes.start(process, program(invocation))
    status = await system.processes.wait(process)
    return Outcome(stdout.take(), stderr.take(), status)
