"""API tokens, kept as hashes, and the answers already given to repeated requests."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

PREFIX = "simmer_"
SCOPES = (
    "devices:read",
    "devices:admin",
    "runs:read",
    "runs:write",
    "workloads:write",
    "tokens:self",
)
LIFETIME = timedelta(days=90)


def digest_of(token: str) -> bytes:
    """Return what is stored of a token; 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


class Token(models.Model):
    """A bearer token of one user, found by the hash of its text."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens"
    )
    label = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "fleet"
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.label} ({self.prefix}…)"

    @classmethod
    def issue(
        cls, user_id: int, label: str, scopes: tuple[str, ...] = SCOPES
    ) -> tuple["Token", str]:
        """Make a token; return its row and its text, which is never shown again."""
        text = PREFIX + secrets.token_urlsafe(32)
        row = cls.objects.create(
            user_id=user_id,
            label=label,
            prefix=text[: len(PREFIX) + 4],
            digest=digest_of(text),
            scopes=list(scopes),
            expires_at=timezone.now() + LIFETIME,
        )
        return row, text

    @property
    def is_usable(self) -> bool:
        """Whether it may still open a door."""
        return self.revoked_at is None and (
            self.expires_at is None or self.expires_at > timezone.now()
        )


class GivenAnswer(models.Model):
    """What a POST with an `Idempotency-Key` was answered, for the same question asked again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    key = models.CharField(max_length=200)
    question = models.BinaryField(max_length=32)  # hash of path and body
    status = models.SmallIntegerField()
    answer = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "fleet"
        constraints = (models.UniqueConstraint(fields=("user", "key"), name="one_answer_per_key"),)

    def __str__(self) -> str:
        return self.key
