"""A window has as many points as asked for, never misses a spike, and ends where its seq says."""

import json
import struct

import numpy as np
import pytest

from fleet.traces import blocks, pyramid, seal
from fleet.traces.exports import as_csv, as_json
from fleet.traces.planes import or_none
from fleet.traces.records import TEXT, read_records
from fleet.traces.seal import seal_trial
from fleet.traces.window import Series, read_window
from tests.fleet.traces.farm import Farm, rows_of
from tests.fleet.traces.test_seal import MANY, fill

ABOUT = {"id": 7, "device_kind": "virtual"}
SPIKE_US = int(rows_of(5_000, 1)[0][0])
STATES = ["live", "half", "sealed"]


def prepare(farm: Farm, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fill the trial and seal none, some or all of it."""
    monkeypatch.setattr(seal, "SLICE", 8192)
    fill(farm, MANY)
    if state == "half":
        seal._Sealer(farm.connection, farm.trial, 0).seal_slice()
    elif state == "sealed":
        seal_trial(farm.connection, farm.trial)


def temperature(farm: Farm, **question: int) -> Series:
    """Read the window of one channel."""
    window = read_window(farm.connection, farm.run, {"zone.skin.temperature"}, **question)
    (series,) = window.series
    return series


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("points", [10, 500, 700, 2_000])
def test_plot_gets_its_points_and_the_extremes(
    farm: Farm, state: str, points: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(farm, state, monkeypatch)
    series = temperature(farm, points=points)
    raw, valid = rows_of(0, MANY)[1][0], rows_of(0, MANY)[2][0]
    assert points / 4 <= 2 * series.clock.size <= points
    assert series.high[series.valid].max() == raw[valid].max()
    assert series.low[series.valid].min() == raw[valid].min()
    spike = int(series.high.argmax())
    assert series.clock[spike] <= SPIKE_US < series.clock[spike + 1]


@pytest.mark.parametrize("state", STATES)
def test_without_a_number_of_points_every_row_is_there(
    farm: Farm, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(farm, state, monkeypatch)
    series = temperature(farm, start_us=40_000_000, end_us=60_000_000)
    clock, raw, valid = rows_of(0, MANY)
    inside = (clock >= 40_000_000) & (clock <= 60_000_000)
    assert series.is_exact
    assert np.array_equal(series.clock, clock[inside])
    assert or_none(series.low, series.valid) == or_none(raw[0, inside], valid[0, inside])


@pytest.mark.parametrize("state", STATES)
def test_zoom_goes_down_to_the_rows(
    farm: Farm, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(farm, state, monkeypatch)
    zoomed = {"start_us": SPIKE_US - 1_000_000, "end_us": SPIKE_US + 1_000_000, "points": 500}
    series = temperature(farm, **zoomed)
    assert series.is_exact
    assert series.clock.size == 201


def test_levels_say_the_same_as_the_rows_they_stand_for(
    farm: Farm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same question before and after sealing, at the size of a level's buckets."""
    fill(farm, MANY)
    live = temperature(farm, points=2 * -(-MANY // pyramid.BUCKET))
    seal_trial(farm.connection, farm.trial)
    sealed = temperature(farm, points=2 * -(-MANY // pyramid.BUCKET))
    for name in ("clock", "low", "high", "valid"):
        assert np.array_equal(getattr(live, name), getattr(sealed, name))


def test_window_ends_at_the_number_it_names(farm: Farm) -> None:
    farm.put(0, 100)
    window = read_window(farm.connection, farm.run)
    assert window.seq == farm.store.insert_event(farm.trial, 0, 7, "mark", {}).seq - 1
    assert [event.kind for event in window.events] == ["trial"]
    assert {series.clock.size for series in window.series} == {100}


def test_run_without_a_trace_has_an_empty_window(farm: Farm) -> None:
    farm.connection.execute("truncate trace_group, trace_channel, trace_live, trace_event")
    assert read_window(farm.connection, farm.run, points=100).series == ()
    assert read_window(farm.connection, 12345).trials == ()


def test_group_without_rows_has_series_without_points(farm: Farm) -> None:
    series = temperature(farm, points=100)
    assert series.clock.size == 0


def test_json_is_in_si_with_units_and_names_the_kind_of_device(farm: Farm) -> None:
    farm.put(0, 10)
    answer = json.loads(json.dumps(as_json(read_window(farm.connection, farm.run), ABOUT)))
    temperature, frequency, _ = answer["channels"]
    raw = rows_of(0, 10)[1]
    assert answer["device_kind"] == "virtual"
    assert (temperature["unit"], frequency["unit"]) == ("°C", "Hz")
    assert temperature["value"][2] == raw[0, 2] / 1000
    assert temperature["value"][3] is None
    assert frequency["value"][0] == 300_000_000.0
    assert temperature["t_s"][1] == rows_of(1, 1)[0][0] / 1e6


def test_json_of_buckets_has_both_extremes(farm: Farm) -> None:
    fill(farm, 1_000)
    answer = as_json(read_window(farm.connection, farm.run, points=20), ABOUT)
    series = answer["channels"][0]
    assert "value" not in series
    assert len(series["low"]) == len(series["high"]) == len(series["t_s"]) == 10


def test_csv_has_the_device_kind_in_every_line(farm: Farm) -> None:
    farm.put(0, 4)
    lines = as_csv(read_window(farm.connection, farm.run), ABOUT).splitlines()
    assert lines[0] == "run,device_kind,trial,channel,unit,t_s,value"
    assert lines[1] == "7,virtual,1,zone.skin.temperature,°C,0.0,30.0"
    assert lines[4] == f"7,virtual,1,zone.skin.temperature,°C,{rows_of(3, 1)[0][0] / 1e6},"
    assert len(lines) == 1 + 3 * 4


def parse(data: bytes) -> list[tuple[int, int, int, int, bytes]]:
    """Cut a stream of records."""
    records, at = [], 0
    while at < len(data):
        *head, length = struct.unpack_from("<HBBII", data, at)
        records.append((*head, data[at + 12 : at + 12 + length]))
        at += 12 + length
    return records


@pytest.mark.parametrize("state", STATES)
def test_records_are_the_same_points_as_the_window(
    farm: Farm, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(farm, state, monkeypatch)
    first, second, *rest = parse(
        b"".join(read_records(farm.connection, farm.run, {"device_kind": "virtual"}, None, 600))
    )
    hello = json.loads(first[4])
    assert (first[1], hello["device_kind"], hello["run"]) == (TEXT, "virtual", farm.run)
    assert [event["kind"] for event in hello["events"]] == ["trial"]
    assert json.loads(second[4]) == {"trial": farm.trial}
    by_segment = {segment for _, _, _, segment, _ in rest}
    drawn = [
        pyramid.decode((ch, data) for ch, _, _, of, data in rest if of == segment)
        for segment in by_segment
    ]
    assert max(buckets.high[0].max() for buckets in drawn) == rows_of(5_000, 1)[1][0, 0]
    assert sum(buckets.count for buckets in drawn) >= 290
    assert {ch for ch, *_ in rest} == {0, 1, 2, 3}


def test_a_level_that_is_not_built_yet_leaves_it_to_the_rows(farm: Farm) -> None:
    """A worker may die between sealing the last rows and building the levels above them."""
    fill(farm, MANY)
    seal_trial(farm.connection, farm.trial)
    of_skin = {"zone.skin.temperature"}
    _, _, *leveled = parse(b"".join(read_records(farm.connection, farm.run, {}, of_skin, 200)))
    farm.connection.execute("truncate trace_level")
    _, _, *bare = parse(b"".join(read_records(farm.connection, farm.run, {}, of_skin, 200)))
    extremes = {
        max(pyramid.decode((ch, data) for ch, _, _, _, data in records).high[0].tolist())
        for records in (leveled, bare)
    }
    assert extremes == {rows_of(5_000, 1)[1][0, 0]}


def test_few_rows_are_sent_as_rows(farm: Farm) -> None:
    farm.put(0, 50)
    _, _, record, *_ = parse(b"".join(read_records(farm.connection, farm.run, {}, None, 600)))
    ch, level, group, _, data = record
    values, valid = blocks.decode(data)
    clock, raw, ours = rows_of(0, 50)
    assert (ch, level, group) == (1, 0, 0)
    assert values[0].tolist() == clock.tolist()
    assert or_none(values[1], valid[1]) == or_none(raw[0], ours[0])
