"""What the services of a farm must not load: people wait while they start."""

import json
import os
import subprocess
import sys

import pytest

from tests.parts.adb import ROOT

_LOADED = """
import json, os, sys
import django
django.setup()
import fleet.tasks
from django.urls import get_resolver
get_resolver().url_patterns
print(json.dumps(sorted(sys.modules)))
"""


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Names of the modules that pages, API and tasks need before anybody asks for anything."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "fleet.settings"}
    answer = subprocess.run(
        [sys.executable, "-c", _LOADED],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(answer.stdout.splitlines()[-1]))


@pytest.mark.parametrize("name", ["scipy.stats", "devices.virtual", "ncnn", "playwright"])
def test_a_service_starts_without_what_only_some_need(loaded: set[str], name: str) -> None:
    assert name not in loaded
    assert not [module for module in loaded if module.startswith(f"{name}.")]


def test_the_list_is_not_empty(loaded: set[str]) -> None:
    """Negative control: what they do need is seen."""
    assert {"fleet.execution", "benchmarks.specs", "frontend.urls", "devices.phone"} <= loaded
