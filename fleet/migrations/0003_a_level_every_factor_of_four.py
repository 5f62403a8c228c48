"""Renumber the levels of stored pyramids: a level now has four, not sixteen, of the one below."""

from django.db import migrations


class Migration(migrations.Migration):
    """What was level 2 (1,024 rows) is level 3; by way of negative numbers, so that no key meets another."""

    dependencies = [("fleet", "0002_traces_and_leases")]

    operations = [
        migrations.RunSQL(
            "update trace_level set lvl = -(2 * lvl - 1) where lvl > 1;"
            "update trace_level set lvl = -lvl where lvl < 0",
            "delete from trace_level where lvl % 2 = 0;"
            "update trace_level set lvl = -(lvl + 1) / 2 where lvl > 1;"
            "update trace_level set lvl = -lvl where lvl < 0",
        )
    ]
