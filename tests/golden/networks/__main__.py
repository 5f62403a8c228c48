"""Writes our networks for `devices.virtual validate`, which cannot ask their generators."""

from tests.golden.networks.tables import PLACE, text

if __name__ == "__main__":
    PLACE.write_text(text(), encoding="utf-8")
