"""The first page: every device of the farm as a card."""

from collections import Counter
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from fleet.lifecycle.device import Health
from fleet.lifecycle.run import State
from fleet.models import Device, Run
from frontend.cards import DeviceCard, cards_of


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands behind the numbers of this farm, for the banner."""

    kinds: Counter[str]
    speeds: tuple[float, ...]  # of the virtual phones


def fleet(request: HttpRequest) -> HttpResponse:
    """Show all devices that are in service."""
    devices = Device.objects.select_related("host").exclude(health=Health.RETIRED)
    cards = cards_of(devices)
    context = {
        "page": "fleet",
        "cards": cards,
        "queued": Run.objects.filter(state=State.QUEUED).count(),
        "standing": standing_of(cards),
    }
    return render(request, "frontend/pages/fleet.html", context)


def device_card(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one card anew, after something changed."""
    device = get_object_or_404(Device.objects.select_related("host"), pk=pk)
    [card] = cards_of([device])
    return render(request, "frontend/partials/device_card.html", {"card": card})


def standing_of(cards: list[DeviceCard]) -> Standing:
    """Return how many devices of each kind there are, and how fast the virtual ones run."""
    speeds = {card.speed for card in cards if card.device.kind == "virtual"}
    return Standing(Counter(card.device.kind for card in cards), tuple(sorted(speeds)))
