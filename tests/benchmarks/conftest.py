"""A measurement knows no farm: nothing here finds what people uploaded to one."""

from collections.abc import Iterator

import pytest

from benchmarks.workloads import only_library


@pytest.fixture(autouse=True)
def without_a_farm() -> Iterator[None]:
    """Leave out the libraries that Django's start has added to this process."""
    with only_library():
        yield
