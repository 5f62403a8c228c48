"""What can be set on a phone: named knobs, read, written, read back and put back.

Before the first write the old values are noted on the phone itself, so that whoever meets it next
can undo what a broken run left behind.
"""

from devices.knobs.finding import Knob, knobs_of
from devices.knobs.note import NOTES
from devices.knobs.setting import KnobRefused, Setting, read, restore, write

__all__ = ["NOTES", "Knob", "KnobRefused", "Setting", "knobs_of", "read", "restore", "write"]
