"""`manage.py seed_first_start`: the first admin and token of a new installation."""

import json
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from fleet.models import Host, Token

LOGIN = "admin"


class Command(BaseCommand):
    """Make what a first start needs, once; print how to get in."""

    help = "Create the first admin and an API token, or print the ones made before."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print login, password and token as one JSON line."""
        Host.objects.get_or_create(name=settings.HOST_NAME)
        known = Path(settings.DATA_DIR) / "secrets" / "first-login.json"
        if not known.exists() or not get_user_model().objects.filter(username=LOGIN).exists():
            self._make(known)
        self.stdout.write(known.read_text())

    def _make(self, known: Path) -> None:
        password = secrets.token_urlsafe(12)
        users = get_user_model().objects
        admin = users.filter(username=LOGIN).first() or users.create_superuser(LOGIN)
        admin.set_password(password)
        admin.save()
        _, token = Token.issue(admin.pk, "first start")
        known.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        known.touch(mode=0o600)
        known.write_text(json.dumps({"login": LOGIN, "password": password, "token": token}))
