"""The form refuses what cannot be, in red beside the field that is wrong."""

import html
import re

import pytest
from django.test import Client

from fleet.models import Device, Run
from frontend.forms import shown
from tests.refusals import OF_THE_PHONE, OF_THE_WISH, Asked

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("asked", [*OF_THE_WISH, *OF_THE_PHONE], ids=lambda asked: asked.name)
def test_the_sentence_stands_at_the_field(person: Client, honor: Device, asked: Asked) -> None:
    typed = {"benchmark": asked.benchmark, "device": honor.serial}
    typed |= {f"params.{name}": shown(value) for name, value in asked.params.items()}
    typed |= {f"policy.{name}": str(value) for name, value in asked.policy.items()}
    answer = person.post("/runs/new", typed)
    assert answer.status_code == 422
    place = asked.place.replace("benchmark.", "params.").replace(".", "_").removesuffix("_0")
    page = answer.content.decode()
    found = re.search(rf'id="id_{place}_error".*?<span>(.*?)</span>', page, re.DOTALL)
    assert found, f"nothing stands at {place}"
    said = html.unescape(found[1])
    assert all(words in said[:1].lower() + said[1:] for words in asked.words), said
    assert Run.objects.count() == 0
