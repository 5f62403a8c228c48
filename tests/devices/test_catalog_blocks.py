"""What the optional blocks of a phone file accept, and what they say about the rest."""

import pytest
from pydantic import ValidationError

from devices.virtual.kernel.blocks import Gpu, MemoryLevels, RadioLink
from devices.virtual.kernel.spec import Memory


def gpu(*opps: tuple[int, float]) -> Gpu:
    return Gpu(
        source="estimated", name="Adreno 640", node="2c00000.gpu", driver="kgsl",
        governor="msm-adreno-tz", opps=opps, idle_mw=30.0,
    )  # fmt: skip


def levels(*rows: tuple[int, float, float]) -> MemoryLevels:
    return MemoryLevels(
        source="estimated", node="cpubw", unit="MB/s", governor="bw_hwmon", rows=rows
    )


def test_clocks_of_a_gpu_rise_with_their_power() -> None:
    assert gpu((257_000_000, 300.0), (585_000_000, 1500.0)).opps[-1][1] == 1500.0
    with pytest.raises(ValidationError, match=r"opps: \[585000000, 200.0\] must not be below"):
        gpu((257_000_000, 300.0), (585_000_000, 200.0))
    with pytest.raises(ValidationError, match="opps"):
        gpu((585_000_000, 300.0), (585_000_000, 400.0))
    with pytest.raises(ValidationError, match="opps is empty"):
        gpu()


def test_the_top_level_of_memory_is_its_sustained_rate() -> None:
    rows = levels((762, 10.0, 5.0), (5931, 60.0, 40.0))
    block = {"source": "estimated", "total_kb": 4_000_000, "free_kb": 1_000_000}
    assert Memory(**block, gb_per_s=60.0, nj_per_byte=0.1, levels=rows).levels == rows
    with pytest.raises(ValidationError, match="the top level offers 60 GB/s, gb_per_s says 70"):
        Memory(**block, gb_per_s=70.0, nj_per_byte=0.1, levels=rows)


def test_the_heat_of_a_radio_goes_somewhere_and_no_further() -> None:
    link = {
        "source": "estimated", "mbit_s": 300.0, "active_w": 0.2, "down_w_per_mbit_s": 0.004,
        "up_w_per_mbit_s": 0.008, "tail_s": 0.2, "tail_w": 0.1,
    }  # fmt: skip
    assert RadioLink.model_validate({**link, "node": {"pcb": 1.0}}).node == {"pcb": 1.0}
    with pytest.raises(ValidationError, match=r"add up to 1\.2"):
        RadioLink.model_validate({**link, "node": {"pcb": 1.0, "soc": 0.2}})
