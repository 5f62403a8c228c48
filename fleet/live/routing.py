"""Which websocket is where."""

from typing import Any

from django.urls import path

from fleet.live.consumers import FleetConsumer, RunConsumer

websocket_urlpatterns: list[Any] = [
    path("ws/runs/<int:run>/", RunConsumer.as_asgi()),
    path("ws/fleet/", FleetConsumer.as_asgi()),
]
