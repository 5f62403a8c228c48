"""Hostile layer lines crash no reader, and what the host accepts the chip reads alike."""

import random

import pytest

from benchmarks.families.param_file import ParamFile, ParamFileError, read_layers
from devices.virtual.workload import WorkloadRefused, read_cuts, read_work
from tests.benchmarks.layer_cases import CASES

_NUMBERS = (0, -1, -2, 1, 2, 3, 7, -233, 2**31 - 1, -(2**31), 0.5, -0.5, 1e30, 10**6)


def mutated(seed: int) -> bytes:
    """Return a case with one word of a layer dropped, changed, added or swapped."""
    chance = random.Random(seed)
    lines = chance.choice(CASES).param.decode().split("\n")
    at = chance.randrange(3, len(lines) - 1)
    words = lines[at].split()
    which, number = chance.randrange(len(words)), chance.choice(_NUMBERS)
    key, is_option, _ = words[which].partition("=")
    match chance.randrange(5):
        case 0:
            del words[which]
        case 1 if is_option:
            words[which] = f"{key}={number}"
        case 2:
            words.append(f"{chance.randrange(20)}={number}")
        case 3:
            words.append(f"-233{chance.randrange(32):02d}=2,{number},{chance.choice((0, -1, 5))}")
        case _:
            other = chance.randrange(len(words))
            words[which], words[other] = words[other], words[which]
    lines[at] = " ".join(words)
    return "\n".join(lines).encode()


def accepted(param: bytes) -> ParamFile | None:
    try:
        return read_layers(param)
    except ParamFileError:
        return None


@pytest.mark.parametrize("part", range(4))
def test_no_mutation_crashes_a_reader_or_divides_them(part: int) -> None:
    taken = 0
    for seed in range(300 * part, 300 * (part + 1)):
        param = mutated(seed)
        network = accepted(param)
        try:
            work = read_work("net", param, network.weight_bytes if network else 0)
            read_cuts(param)
        except WorkloadRefused:
            assert network is None, (seed, param)
            continue
        if network:
            taken += 1
            macs = sum(layer.macs for layer in work.layers if layer.kind != "elementwise")
            assert macs == network.macs, (seed, param)
    assert taken > 10  # some mutations leave a good network
