"""What must be equal for two runs to be comparable, and what one call it when it is not."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

#: Facts that belong to one thing: who compares devices accepts that their builds differ.
_THING_OF = {
    "params.workload": "workload",
    "workload_sha256": "workload",
    "param_sha256": "workload",
    "serial": "device",
    "product": "device",
    "soc": "device",
    "os_build": "device",
    "agent": "agent",
    "runtime": "agent",
}
#: What an agenda can ask for; a section or a label may differ in these.
_ASKED = ("policy", "workload", "params.", "preconditions.", "knobs")


def contract_of(
    *,
    benchmark: str,
    params: Mapping[str, Any],
    policy: Mapping[str, Any],
    preconditions: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> dict[str, str]:
    """Return the contract of a run, flat: names of keys to texts of values.

    facts: serial, product, soc, os_build, device_kind, speed, agent, runtime, hashes, analysis.
    The seed is no part of it: the runs of a pair share one, pairs differ in it.
    """
    flat = {"benchmark": benchmark, "policy": json.dumps(dict(policy), sort_keys=True)}
    flat |= {f"params.{name}": _text(value) for name, value in params.items() if name != "kind"}
    for section, values in preconditions.items():
        if isinstance(values, Mapping):
            flat |= {f"preconditions.{section}.{name}": _text(v) for name, v in values.items()}
        else:
            flat[f"preconditions.{section}"] = _text(values)
    return flat | {name: _text(value) for name, value in facts.items() if value not in (None, "")}


def thing_of(key: str) -> str:
    """Return what a key of the contract belongs to: `os_build` to the device."""
    return _THING_OF.get(key, key)


def differing(contracts: Iterable[Mapping[str, str]]) -> dict[str, list[str]]:
    """Return the keys that are not the same in all contracts, with their values in order."""
    rows = list(contracts)
    keys = list(dict.fromkeys(key for row in rows for key in row))
    values = {key: list(dict.fromkeys(row.get(key, "–") for row in rows)) for key in keys}
    return {key: found for key, found in values.items() if len(found) > 1}


def is_asked(thing: str) -> bool:
    """Whether a thing is what somebody asked for, and not what happened to be there."""
    return thing.startswith(_ASKED)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
