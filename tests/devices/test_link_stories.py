"""What a link goes through by itself ends where somebody says what it shall be."""

import asyncio

import pytest

from devices.clock import HOST, NS_PER_S
from devices.virtual.adbd.server import Link
from devices.virtual.android import REBOOT_S
from devices.virtual.catalog import load
from devices.virtual.clock import PhoneClock
from devices.virtual.faults import Faults
from devices.virtual.phone import VirtualPhone
from devices.virtual.userspace.contents import ContentStore
from tests.parts.adb import free_port

SPEED = 400.0
STORIES = ["reboot", "suspend 30s"]


def new_phone() -> VirtualPhone:
    return VirtualPhone(load("pixel-6"), 1, ContentStore(), PhoneClock(SPEED), 1)


async def causing(phone: VirtualPhone, *faults: str) -> None:
    """Cause faults one after the other, each just after the one before has begun."""
    for words in faults:
        await Faults().cause(phone, words.split())
        await HOST.wait_async(0.01)


@pytest.mark.parametrize("later", [Link.OFFLINE, Link.DOWN, Link.UNAUTHORIZED])
@pytest.mark.parametrize("story", STORIES)
def test_a_link_stays_as_it_was_made_while_it_was_coming_back(story: str, later: Link) -> None:
    """A test that ends one fault and causes another must meet the other alone."""
    phone = new_phone()
    word = {Link.DOWN: "drop"}.get(later, later.value)

    async def play() -> None:
        await causing(phone, story, "none", word)
        await phone.clock.wait_async(REBOOT_S + 10.0)
        assert phone.adbd.link is later
        await phone.stop()

    asyncio.run(play())


@pytest.mark.parametrize("story", STORIES)
def test_a_link_that_nobody_touches_comes_back(story: str) -> None:
    phone = new_phone()

    async def play() -> None:
        await causing(phone, story)
        links = [phone.adbd.link]
        await phone.clock.wait_async(REBOOT_S + 10.0)
        links.append(phone.adbd.link)
        assert (links[0] is Link.UP, links[1] is Link.UP) == (False, True)
        await phone.stop()

    asyncio.run(play())


def test_nothing_comes_to_a_phone_that_was_to_have_no_fault() -> None:
    """`none` is the present and the future: a test that ends with it leaves nothing behind."""
    phone = new_phone()

    async def play() -> None:
        faults = Faults()
        await faults.cause(phone, ["drop", "--at", "20ms"])
        await faults.cause(phone, ["none"])
        await HOST.wait_async(0.1)
        assert phone.adbd.link is Link.UP
        await faults.cause(phone, ["drop", "--at", "20ms"])
        await HOST.wait_async(0.1)
        links.append(phone.adbd.link)
        await phone.stop()

    links: list[Link] = []
    asyncio.run(play())
    assert links == [Link.DOWN]


def test_a_phone_that_is_woken_has_slept_as_long_as_it_slept() -> None:
    """Its time goes on at once, and its two clocks are apart by what the sleep took."""
    phone = new_phone()

    async def play() -> None:
        await causing(phone, "suspend 10h", "none")
        before_ns = phone.clock.now_ns()
        await phone.clock.wait_async(2.0)
        assert phone.clock.now_ns() - before_ns >= 2 * NS_PER_S
        assert 0 < phone.clock.slept_ns < 3600 * NS_PER_S
        await phone.stop()

    asyncio.run(play())


@pytest.mark.parametrize("steps", range(8))
def test_a_link_that_is_taken_back_while_it_comes_up_leaves_its_port_free(steps: int) -> None:
    phone = new_phone()
    phone.adbd.port = free_port()

    async def play() -> None:
        coming = asyncio.create_task(phone.set_link(Link.UP))
        for _ in range(steps):
            await HOST.wait_async(0)
        coming.cancel()
        await asyncio.wait((coming,))
        await phone.set_link(Link.DOWN)
        await phone.set_link(Link.UP)
        await phone.stop()

    asyncio.run(play())
