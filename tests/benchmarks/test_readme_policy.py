"""The policy that the README shows works as it stands there."""

import re
from pathlib import Path
from typing import Any

from benchmarks.policies import base
from benchmarks.policies.base import Observation, PolicySpec, SetVariant, Task
from devices.profile import DeviceKind, DeviceProfile

README = Path(__file__).parents[2] / "benchmarks" / "README.md"
IMPORTS = """
from typing import Literal
from pydantic import Field
from devices.profile import DeviceProfile
"""


def test_the_ten_lines_are_a_policy() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = dict(vars(base))
    exec(IMPORTS + code, names)
    spec: PolicySpec = names["CoolBattery"](limit_c=30)
    task = Task("shifting", ("large", "small"))
    controller = spec.start(DeviceProfile(serial="x", kind=DeviceKind.PHONE), task)
    warm = Observation(1.0, {"battery.temperature": 31.0}, "large", 7)
    assert controller.decide(warm) == (SetVariant("small", "31.0 °C"),)
    cool = Observation(2.0, {"battery.temperature": 29.0}, "large", 7)
    assert controller.decide(cool) == ()
