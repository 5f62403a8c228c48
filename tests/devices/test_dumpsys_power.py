"""Whether a screen is lit, from what phones of several years print."""

import pytest

from devices.dumpsys.power import parse


@pytest.mark.parametrize(
    ("text", "lit"),
    [
        ("  mWakefulness=Awake\n\nDisplay Power: state=ON\n", True),
        ("  mWakefulness=Asleep\n\nDisplay Power: state=OFF\n", False),
        ("  mWakefulness=Dozing\n  mIsPowered=true\n", False),
        ("  mWakefulnessRaw=Awake\n", True),
        ("Display Power: state=DOZE\n  mWakefulness=Awake\n", False),
        ("Can't find service: power\n", None),
        ("", None),
    ],
)
def test_the_display_s_own_state_counts_more_than_the_phone_s(text: str, lit: bool | None) -> None:
    assert parse(text) is lit
