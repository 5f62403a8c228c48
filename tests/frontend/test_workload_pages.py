"""The pages of the workload catalog, and the same facts over REST."""

import html

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from benchmarks.portraits import UNTRAINED, nested_families, portrait
from benchmarks.workloads import WORKLOADS
from fleet.workloads import take_in
from tests.benchmarks.networks import SMALL_PARAM, small_bin

pytestmark = pytest.mark.django_db


def page(person: Client, path: str) -> str:
    answer = person.get(path)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_the_catalog_links_every_workload_and_says_that_none_is_trained(person: Client) -> None:
    text = page(person, "/workloads/")
    for name in WORKLOADS:
        assert f'href="/workloads/{name}/"' in text
    assert UNTRAINED in text
    assert (
        'aria-label="2 % convolution, 95 % pointwise, 3 % depthwise, 0 % fully connected"' in text
    )
    assert 'href="/workloads/"' in page(person, "/benchmarks/")


def test_a_workloads_page_has_costs_classes_cuts_and_the_source_of_its_accuracy(
    person: Client,
) -> None:
    text = page(person, "/workloads/mobilenet_v1-0.25/")
    one = portrait("mobilenet_v1-0.25")
    assert one.accuracy
    assert one.accuracy.source in text
    assert "49.8 % on ImageNet" in text
    assert text.count("<code>") == len(one.cuts)
    assert 'href="/workloads/mobilenet_v1/"' in text
    assert 'href="/benchmarks/shifting/"' in text
    assert 'href="/benchmarks/shifting/"' not in page(person, "/workloads/vit_tiny/")


def test_families_of_nested_networks_have_a_row_each_and_no_descendant_has(person: Client) -> None:
    text = page(person, "/workloads/")
    assert len(nested_families()) == 6
    for one in nested_families():
        assert f'href="/workloads/{one.name}/"' in text
        assert f'href="/workloads/{one.alone}/"' in text
    assert 'href="/workloads/vgg16_cifar10-0.5/"' not in text
    largest = page(person, "/workloads/vgg16_cifar10/")
    assert "88.3 % on CIFAR-10" in largest
    assert 'href="/workloads/vgg16_cifar10-0.5/"' in largest  # shares its weights
    alone = page(person, "/workloads/vgg16_cifar10-alone/")
    assert "82.0 % on CIFAR-10" in alone
    assert "Shares weights with" not in alone


def test_an_unknown_workload_is_not_found(person: Client) -> None:
    assert person.get("/workloads/alexnet/").status_code == 404


def test_rest_tells_the_same(person: Client) -> None:
    items = person.get("/api/v1/workloads").json()["items"]
    listed = {item["name"]: item for item in items}
    assert listed["vit_tiny"]["macs"] == portrait("vit_tiny").macs
    assert listed["vit_tiny"]["cuts"] == 34
    one = person.get("/api/v1/workloads/vit_tiny").json()
    assert one["accuracy"]["source"].startswith("Touvron")
    assert one["note"] == UNTRAINED
    assert len(one["cuts"]) == 34


def test_an_uploaded_network_has_a_page_too_and_nobody_knows_its_accuracy(person: Client) -> None:
    user = get_user_model().objects.get()
    take_in("my-net", {"param": SMALL_PARAM, "bin": small_bin()}, "", user)
    assert 'href="/workloads/my-net/"' in page(person, "/workloads/upload")
    text = page(person, "/workloads/my-net/")
    assert "nobody has told us how accurate it is" in text
    assert UNTRAINED not in text
