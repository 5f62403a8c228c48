"""A viewer sees what is committed, in order, once; what the layer loses, the store gives back."""

import struct

import pytest
import redis
from asgiref.sync import sync_to_async

from fleet.live import frames, hub
from fleet.live.hub import Live, Mailbox
from fleet.local.valkey import Valkey
from fleet.traces import blocks
from fleet.traces.planes import or_none
from tests.fleet.live.story import Story, Viewer, played, viewing
from tests.fleet.traces.farm import rows_of


def seq_of(frame: bytes) -> int:
    """Return the place of a binary frame in the stream."""
    return int(struct.unpack_from("<Q", frame, 8)[0])


def flags_of(frame: bytes) -> int:
    """Return the flags of a binary frame."""
    return int(struct.unpack_from("<I", frame, 4)[0])


async def welcomed(viewer: Viewer) -> None:
    """Skip the hello."""
    assert (await viewer.receive())["ev"] == "hello"


def test_hello_says_what_the_trace_consists_of(story: Story) -> None:
    block = story.write()

    async def scene() -> None:
        async with viewing(story.path, story.cookie) as viewer:
            hello = await viewer.receive()
        assert (hello["ev"], hello["seq"], hello["from"]) == ("hello", block.seq, 1)
        assert (hello["device_kind"], hello["speed"]) == ("virtual", 20.0)
        (trial,) = hello["trials"]
        assert trial["groups"][0]["channels"][0]["name"] == "zone.skin.temperature"

    played(scene)


def test_late_viewer_gets_the_past_from_the_store_and_then_the_present(story: Story) -> None:
    past = [story.write(), story.write()]

    async def scene() -> None:
        async with viewing(f"{story.path}?since=0&format=block", story.cookie) as viewer:
            await welcomed(viewer)
            assert (await viewer.receive())["kind"] == "trial"
            for block in past:
                assert await viewer.receive() == frames.pack(block, frames.READ_BACK)
            now = await sync_to_async(story.write)()
            assert await viewer.receive() == frames.pack(now)

    played(scene)


def test_without_since_only_the_present_is_sent(story: Story) -> None:
    story.write()

    async def scene() -> None:
        async with viewing(f"{story.path}?format=block", story.cookie) as viewer:
            await welcomed(viewer)
            now = await sync_to_async(story.write)()
            assert await viewer.receive() == frames.pack(now)

    played(scene)


def test_nothing_is_sent_twice_or_left_out_while_past_and_present_meet(story: Story) -> None:
    """Blocks are written while the replay runs: some arrive both ways."""
    for _ in range(30):
        story.write()

    async def scene() -> None:
        async with viewing(f"{story.path}?since=1&format=block", story.cookie) as viewer:
            await welcomed(viewer)
            for _ in range(10):
                await sync_to_async(story.write)()
            seen = [seq_of(await viewer.receive()) for _ in range(40)]
        assert seen == list(range(2, 42))

    played(scene)


def test_script_gets_the_same_integers_as_json(story: Story) -> None:
    async def scene() -> None:
        async with viewing(story.path, story.cookie) as viewer:
            await welcomed(viewer)
            block = await sync_to_async(story.write)()
            frame = await viewer.receive()
        clock, raw, valid = rows_of(0, 10)
        assert (frame["ev"], frame["seq"], frame["i0"]) == ("frame", block.seq, 0)
        assert frame["t"] == clock.tolist()
        assert frame["ch"]["1"] == or_none(raw[0], valid[0])
        assert frame["ch"]["1"][3] is None
        assert frame["ch"]["2"] == raw[1].tolist()

    played(scene)


def test_event_reaches_every_viewer_as_json(story: Story) -> None:
    async def scene() -> None:
        async with viewing(f"{story.path}?format=block", story.cookie) as viewer:
            await welcomed(viewer)
            trip = {"zone": "skin", "c": 43.0}
            stored = await sync_to_async(story.store.insert_event)(
                story.trial.pk, 0, 5_000_000, "trip", trip
            )
            story.publisher.publish_event(stored)
            assert await viewer.receive() == {
                "ev": "event",
                "seq": stored.seq,
                "trial": story.trial.pk,
                "i": 0,
                "t": 5_000_000,
                "kind": "trip",
                "data": trip,
            }

    played(scene)


def test_message_lost_in_the_layer_is_asked_for_and_read_back(story: Story) -> None:
    async def scene() -> None:
        async with viewing(f"{story.path}?format=block", story.cookie) as viewer:
            await welcomed(viewer)
            lost = await sync_to_async(story.write)(publish=False)
            after = await sync_to_async(story.write)()
            jump = await viewer.receive()
            assert (seq_of(jump), flags_of(jump)) == (after.seq, frames.DROPPED_BEFORE)
            await viewer.send(op="since", seq=lost.seq - 1)
            for block in (lost, after):
                assert await viewer.receive() == frames.pack(block, frames.READ_BACK)

    played(scene)


def test_event_after_a_lost_message_says_so_and_its_repetition_that_it_is_one(
    story: Story,
) -> None:
    async def scene() -> None:
        async with viewing(f"{story.path}?format=block", story.cookie) as viewer:
            await welcomed(viewer)
            lost = await sync_to_async(story.write)(publish=False)
            stored = await sync_to_async(story.store.insert_event)(
                story.trial.pk, 0, 5_000_000, "trip", {}
            )
            story.publisher.publish_event(stored)
            jump = await viewer.receive()
            assert (jump["seq"], jump["flags"]) == (stored.seq, frames.DROPPED_BEFORE)
            await viewer.send(op="since", seq=lost.seq - 1)
            assert await viewer.receive() == frames.pack(lost, frames.READ_BACK)
            again = await viewer.receive()
            assert (again["seq"], again["flags"]) == (stored.seq, frames.READ_BACK)

    played(scene)


def test_paused_viewer_is_left_alone_until_it_resumes(story: Story) -> None:
    async def scene() -> None:
        async with viewing(f"{story.path}?format=block", story.cookie) as viewer:
            await welcomed(viewer)
            await viewer.send(op="pause")
            await viewer.send(op="since", seq=0)  # answered in order: now the pause is known
            assert (await viewer.receive())["kind"] == "trial"
            missed = await sync_to_async(story.write)()
            assert await viewer.hears_nothing(for_s=0.3)
            await viewer.send(op="resume")
            await viewer.send(op="since", seq=missed.seq - 1)
            assert seq_of(await viewer.receive()) == missed.seq

    played(scene)


@pytest.mark.parametrize(
    "nonsense", ["", "{", "[]", '{"op": "since"}', '{"op": "since", "seq": []}']
)
def test_nonsense_from_a_viewer_changes_nothing(story: Story, nonsense: str) -> None:
    async def scene() -> None:
        async with viewing(f"{story.path}?format=block", story.cookie) as viewer:
            await welcomed(viewer)
            await viewer.say(nonsense)
            block = await sync_to_async(story.write)()
            assert seq_of(await viewer.receive()) == block.seq

    played(scene)


@pytest.mark.parametrize("door", ["run", "fleet"])
def test_stranger_is_sent_away_with_a_code_that_browsers_see(story: Story, door: str) -> None:
    async def scene() -> None:
        path = story.path if door == "run" else "/ws/fleet/"
        async with viewing(path, cookie="") as viewer:
            assert await viewer.closing_code() == 4401

    played(scene)


def test_unknown_run_is_said_to_be_unknown(story: Story) -> None:
    async def scene() -> None:
        async with viewing("/ws/runs/999999/", story.cookie) as viewer:
            assert await viewer.closing_code() == 4404

    played(scene)


def test_many_viewers_share_one_subscription_that_ends_with_the_last(
    story: Story, valkey: Valkey
) -> None:
    group = f"asgi__group__run.{story.run.pk}"

    def subscriptions() -> int:
        with redis.Redis.from_url(valkey.url) as client:
            return int(client.pubsub_numsub(group)[0][1])

    async def scene() -> None:
        path = f"{story.path}?format=block"
        async with viewing(path, story.cookie) as one, viewing(path, story.cookie) as two:
            await welcomed(one)
            await welcomed(two)
            assert subscriptions() == 1
            block = await sync_to_async(story.write)()
            assert await one.receive() == await two.receive() == frames.pack(block)
        assert subscriptions() == 0
        assert not hub.current()._mailboxes

    played(scene)


def test_slow_viewer_loses_its_own_oldest_messages_only() -> None:
    async def scene() -> None:
        slow, quick = Mailbox(size=3), Mailbox(size=3)
        seen: list[int] = []
        for seq in range(10):
            for box in (slow, quick):
                box.put(Live(seq))
            seen += [message.seq for message in await quick.take()]
        assert seen == list(range(10))
        assert [message.seq for message in await slow.take()] == [7, 8, 9]

    played(scene)


def test_run_is_watched_while_somebody_is_there(story: Story) -> None:
    assert not story.publisher.is_watched()

    async def scene() -> None:
        async with viewing(story.path, story.cookie) as viewer:
            await welcomed(viewer)
            async with viewing(story.path, story.cookie) as second:
                await welcomed(second)
            assert await sync_to_async(until_watched)()

    def until_watched() -> bool:
        return any(story.publisher.is_watched() for _ in range(2_000))

    played(scene)


def test_fleet_page_hears_of_devices(story: Story) -> None:
    async def scene() -> None:
        async with viewing("/ws/fleet/", story.cookie) as viewer:
            # The subscription follows the handshake: say it until it is heard.
            while await viewer.hears_nothing(for_s=0.05):
                story.publisher.publish_device(3, {"hottest_c": 41.5})
            assert await viewer.receive() == {"ev": "device", "device": 3, "hottest_c": 41.5}

    played(scene)


def test_block_frame_is_the_stored_block_behind_32_bytes(story: Story) -> None:
    block = story.write()
    frame = frames.pack(block, frames.READ_BACK)
    assert frame[:8] == bytes([1, 1, 0, 0, 1, 0, 0, 0])
    assert struct.unpack_from("<QQQ", frame, 8) == (block.seq, block.i0, story.trial.pk)
    assert blocks.decode(frame[32:])[0].shape == (4, 10)


@pytest.mark.nightly
def test_viewer_who_heard_nothing_for_20_s_still_gets_the_next_block(story: Story) -> None:
    """A client library's idle timeout of 5 s would close another kind of group layer."""

    async def scene() -> None:
        async with viewing(f"{story.path}?format=block", story.cookie) as viewer:
            await welcomed(viewer)
            assert await viewer.hears_nothing(for_s=20.0)
            block = await sync_to_async(story.write)()
            assert await viewer.receive() == frames.pack(block)

    played(scene)
