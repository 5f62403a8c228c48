"""Layer tables of our networks, made by the generators and read by the virtual chip's reader."""

import json

from benchmarks.families.param_file import read_layers
from benchmarks.workloads import GENERATORS, WORKLOADS
from devices.virtual.physics.cpu import FLOAT_BYTES
from devices.virtual.workload import read_work
from fleet.bootstrap import REPOSITORY

PLACE = REPOSITORY / "devices/virtual/validate/published/generated.json"
_NAMES = (
    "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_large-0.75",
    "mobilenet_v3_small", "mobilenet_v3_small-0.75", "resnet50",
)  # fmt: skip
_ABOUT = (
    "Layers of our own networks: class, multiply-accumulates, numbers read and written, weights. "
    "Made by python -m tests.golden.networks; a test holds them against the generators."
)


def text() -> str:
    """Return the whole file."""
    networks = {name: _rows(name) for name in _NAMES}
    lines = (f"  {json.dumps(name)}: {json.dumps(rows)}" for name, rows in networks.items())
    body = ",\n".join(lines)
    return f'{{\n "about": {json.dumps(_ABOUT)},\n "networks": {{\n{body}\n }}\n}}\n'


def _rows(name: str) -> list[list[int | str]]:
    workload = WORKLOADS[name]
    param = GENERATORS[workload.family][1](workload.width).param
    work = read_work(name, param, read_layers(param).weight_bytes)
    return [
        [
            layer.kind,
            layer.macs,
            (layer.bytes - layer.weights) // FLOAT_BYTES,
            layer.weights // FLOAT_BYTES,
        ]
        for layer in work.layers
    ]
