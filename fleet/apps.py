"""The fleet application."""

from django.apps import AppConfig


class FleetConfig(AppConfig):
    """Tables, queue, store and API of the farm."""

    name = "fleet"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let specs name the networks that users uploaded."""
        from benchmarks.workloads import add_library
        from fleet.workloads import LIBRARY

        add_library(LIBRARY)
