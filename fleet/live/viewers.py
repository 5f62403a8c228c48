"""Whether somebody watches a run: a key that the web process keeps alive.

The recorder closes blocks five times as often while it is there.
"""

import logging

from redis.exceptions import RedisError

from fleet.live.valkey import client

log = logging.getLogger(__name__)

LIFETIME_S = 15  # [s of host time] without a refresh
REFRESH_S = 5.0


def is_watched(run: int) -> bool:
    """Return whether a viewer was seen lately; False when Valkey does not answer."""
    try:
        with client() as valkey:
            return bool(valkey.exists(_key(run)))
    except RedisError as error:
        log.warning("nobody is taken to watch run %s: %s", run, error)
        return False


def note_viewer(run: int) -> None:
    """Say that somebody watches a run."""
    try:
        with client() as valkey:
            valkey.set(_key(run), 1, ex=LIFETIME_S)
    except RedisError as error:
        log.warning("the viewer of run %s is not noted: %s", run, error)


def _key(run: int) -> str:
    return f"watched:{run}"
