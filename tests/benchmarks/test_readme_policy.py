"""The policy and the agenda that the READMEs show work as they stand there."""

import re
from pathlib import Path
from typing import Any

import yaml

from benchmarks.agenda import Agenda, plan
from benchmarks.policies import base
from benchmarks.policies.base import Observation, PolicySpec, SetVariant, Task
from devices.profile import DeviceKind, DeviceProfile

ROOT = Path(__file__).parents[2]
IMPORTS = """
from typing import Literal
from pydantic import Field
from devices.profile import DeviceProfile
"""


def test_the_ten_lines_are_a_policy() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    names: dict[str, Any] = dict(vars(base))
    exec(IMPORTS + code, names)
    spec: PolicySpec = names["CoolBattery"](limit_c=30)
    task = Task("shifting", ("large", "small"))
    controller = spec.start(DeviceProfile(serial="x", kind=DeviceKind.PHONE), task)
    warm = Observation(1.0, {"battery.temperature": 31.0}, "large", 7)
    assert controller.decide(warm) == (SetVariant("small", "31.0 °C"),)
    cool = Observation(2.0, {"battery.temperature": 29.0}, "large", 7)
    assert controller.decide(cool) == ()


def test_the_agenda_turns_its_pairs() -> None:
    readme = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    (text,) = [block for block in blocks if "dynamic_shifting" in block]
    runs = plan(Agenda.model_validate(yaml.safe_load(text)))
    assert [run.section for run in runs] == ["alone", "shifted", "shifted", "alone"]
