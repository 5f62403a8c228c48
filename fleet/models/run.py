"""Runs, their trials and metrics: what was asked for, what happened, what it means."""

from django.conf import settings
from django.db import models

from benchmarks.specs import RunSpec
from fleet.lifecycle.run import ENDED, LIVE, State
from fleet.models.device import Device
from fleet.models.experiment import Experiment


class Run(models.Model):
    """One spec on one device; a retried run keeps its row and gets new trials."""

    benchmark = models.CharField(max_length=64)
    spec_json = models.JSONField()
    labels = models.JSONField(default=dict)
    priority = models.SmallIntegerField(default=50)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="runs"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    wanted = models.ForeignKey(
        Device, null=True, on_delete=models.PROTECT, related_name="wanted_by"
    )  # None: any device that the selector accepts
    selector = models.JSONField(default=dict)

    # Its place in an experiment: runs of one device, workload and repeat are a pair (or more).
    experiment = models.ForeignKey(
        Experiment, null=True, on_delete=models.PROTECT, related_name="runs"
    )
    section = models.CharField(max_length=48, blank=True)
    workload = models.CharField(max_length=48, blank=True)  # the id of the agenda's workload
    repeat = models.SmallIntegerField(null=True)

    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    device = models.ForeignKey(Device, null=True, on_delete=models.PROTECT, related_name="runs")
    fence = models.BigIntegerField(null=True)
    attempt = models.SmallIntegerField(default=0)
    max_attempts = models.SmallIntegerField(default=3)
    not_before = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=16, null=True)
    failure = models.TextField(null=True)

    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    progress = models.JSONField(default=dict)  # {phase, t_s, planned_s} in device time
    # What the device was when this run used it; the device's own row moves on.
    device_json = models.JSONField(default=dict)
    baseline = models.JSONField(null=True)
    provenance = models.JSONField(default=dict)  # agent and workload hashes, speed, clock error

    analysis = models.SmallIntegerField(null=True)
    verdict = models.CharField(max_length=16, blank=True)
    reasons = models.JSONField(default=list)
    details = models.JSONField(default=dict)  # what the kind's analysis drew: throttled spans …

    class Meta:
        app_label = "fleet"
        ordering = ("-id",)
        indexes = (models.Index(fields=("state", "-priority", "id"), name="run_queue"),)
        constraints = (
            models.UniqueConstraint(
                fields=("device",),
                condition=models.Q(state__in=LIVE),
                name="one_live_run_per_device",
            ),
            models.UniqueConstraint(fields=("fence",), name="one_run_per_fence"),
            models.UniqueConstraint(
                fields=("experiment", "wanted", "workload", "section", "repeat"),
                name="one_run_per_seat",
            ),
            models.CheckConstraint(
                name="live_runs_and_only_they_have_a_fence",
                condition=models.Q(state__in=LIVE, fence__isnull=False)
                | (~models.Q(state__in=LIVE) & models.Q(fence__isnull=True)),
            ),
        )

    def __str__(self) -> str:
        return f"run {self.pk} ({self.benchmark})"

    @property
    def spec(self) -> RunSpec:
        """What was asked for."""
        return RunSpec.model_validate(self.spec_json)

    @property
    def has_ended(self) -> bool:
        """Whether nothing will happen to this run any more."""
        return self.state in ENDED

    @property
    def newest_metrics(self) -> "models.QuerySet[Metric]":
        """The numbers of the newest analysis; none before the first."""
        return self.metrics.filter(analysis=self.analysis or 0)

    @property
    def device_kind(self) -> str:
        """What stood behind the numbers; empty before a device was leased."""
        return str(self.device_json.get("kind", ""))


class Trial(models.Model):
    """One repetition inside an attempt; number 0 is the settling, which is not measured."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="trials")
    attempt = models.SmallIntegerField()
    number = models.SmallIntegerField()
    state = models.CharField(max_length=16, default="measuring")  # measuring, finished, failed
    origin_ns = models.BigIntegerField(null=True)  # CLOCK_BOOTTIME of the phone at trace time 0

    class Meta:
        app_label = "fleet"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("run", "attempt", "number"), name="one_trial_per_number"
            ),
        )

    def __str__(self) -> str:
        return f"trial {self.number} of run {self.run_id}, attempt {self.attempt}"


class Metric(models.Model):
    """One number that an analysis drew from a run's trace."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="metrics")
    analysis = models.SmallIntegerField()
    name = models.CharField(max_length=64)
    value = models.FloatField(null=True)
    unit = models.CharField(max_length=16, blank=True)
    better = models.CharField(max_length=8, null=True)  # lower, higher
    source = models.CharField(max_length=64, blank=True)  # who measured it, how far to trust it
    note = models.TextField(blank=True)

    class Meta:
        app_label = "fleet"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("run", "analysis", "name"), name="one_value_per_metric_and_analysis"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} = {self.value} {self.unit}"
