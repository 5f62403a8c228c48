"""`python -m fleet.local.first_steps`: migrate, then the first admin, in one process.

Two `manage.py` commands would pay twice for importing Django, in the seconds in which
somebody waits for the first page.
"""

import io

import django
from django.core.management import call_command


def main() -> None:
    """Bring the tables up to date; leave the first login in `secrets/`, and out of the log."""
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("seed_first_start", stdout=io.StringIO())


if __name__ == "__main__":
    main()
