"""What adbd needs from the phone that it runs on."""

from dataclasses import dataclass
from typing import Protocol

from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.sockets import SocketNamespace
from devices.virtual.userspace.streams import ByteReader, ByteWriter


@dataclass(frozen=True, slots=True)
class Banner:
    """How the phone introduces itself in its CNXN packet."""

    product: str
    model: str
    device: str

    def __str__(self) -> str:
        # No sendrecv_v2 and no abb: we do not speak them, so we do not promise them.
        features = "shell_v2,cmd,stat_v2,ls_v2,fixed_push_mkdir,fixed_push_symlink_timestamp"
        return (
            f"device::ro.product.name={self.product};ro.product.model={self.model};"
            f"ro.product.device={self.device};features={features}"
        )


class Target(Protocol):
    """The phone as its adbd sees it."""

    banner: Banner
    sockets: SocketNamespace

    @property
    def files(self) -> FileTree:
        """The file tree with the rights that adbd has now."""

    async def shell(
        self,
        command: str,
        stdin: ByteReader,
        stdout: ByteWriter,
        stderr: ByteWriter,
        *,
        interactive: bool = False,
    ) -> int:
        """Run `sh -c command` and return its exit status."""

    def set_root(self, wanted: bool) -> str:
        """Restart adbd with or without root rights; return the line that it says."""

    def reboot(self) -> None:
        """Go down and come back with a new boot id."""
