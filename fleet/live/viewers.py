"""Whether somebody watches a run: a key that the web process keeps alive.

The recorder closes blocks five times as often while it is there.
"""

import logging

from redis.exceptions import RedisError

from fleet.live.valkey import client

log = logging.getLogger(__name__)

LIFETIME_S = 15  # [s of host time] without a refresh
REFRESH_S = 5.0


def note_viewer(run: int) -> None:
    """Say that somebody watches a run."""
    try:
        with client() as valkey:
            valkey.set(key_of(run), 1, ex=LIFETIME_S)
    except RedisError as error:
        log.warning("the viewer of run %s is not noted: %s", run, error)


def key_of(run: int) -> str:
    """Return the key that is there while somebody watches a run."""
    return f"watched:{run}"
