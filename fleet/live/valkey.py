"""The synchronous Valkey client of workers: quick to give up, and it never tries again."""

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_S = 0.25  # a default client blocks for 59 s on a server that hangs


def client() -> "redis.Redis":
    """Return a client of the installation's Valkey."""
    return redis.Redis.from_url(
        settings.VALKEY_URL,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )
