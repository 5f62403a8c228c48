"""The tables of samples, and the functions that decide what follows a lease."""

from pathlib import Path

from django.db import migrations

FLEET = Path(__file__).resolve().parent.parent


def run_file(name: str) -> migrations.RunSQL:
    return migrations.RunSQL((FLEET / name).read_text(), migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("fleet", "0001_initial")]
    operations = [
        run_file("traces/schema.sql"),
        run_file("state_after.sql"),
        run_file("traces/schema_guard.sql"),
    ]
