"""Everything that persists, one file per aggregate."""

from fleet.models.device import Device, Host
from fleet.models.event import Event
from fleet.models.experiment import Experiment
from fleet.models.run import Metric, Run, Trial
from fleet.models.token import GivenAnswer, Token
from fleet.models.workload import UploadedWorkload

__all__ = [
    "Device",
    "Event",
    "Experiment",
    "GivenAnswer",
    "Host",
    "Metric",
    "Run",
    "Token",
    "Trial",
    "UploadedWorkload",
]
