"""The fleet application."""

from django.apps import AppConfig


class FleetConfig(AppConfig):
    """Tables, queue, store and API of the farm."""

    name = "fleet"
    default_auto_field = "django.db.models.BigAutoField"
