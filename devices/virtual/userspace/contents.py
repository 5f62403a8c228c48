"""Contents of pushed files, kept once however many phones hold them."""

import hashlib
from weakref import WeakValueDictionary

SHARED_FROM = 64 * 1024  # [bytes] hashing smaller ones costs more than it saves


class Content:
    """Immutable bytes that several files may hold."""

    __slots__ = ("__weakref__", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data


class ContentStore:
    """Large contents by digest, for as long as some file holds them.

    One store serves all phones of a process: twenty phones that are given the same model keep
    it in memory once.
    """

    def __init__(self, shared_from: int = SHARED_FROM) -> None:
        self._shared_from = shared_from
        self._by_digest: WeakValueDictionary[bytes, Content] = WeakValueDictionary()

    def keep(self, data: bytes) -> Content:
        """Return the content equal to `data`, shared if it is large."""
        if len(data) < self._shared_from:
            return Content(bytes(data))
        digest = hashlib.sha256(data).digest()
        content = self._by_digest.get(digest)
        if content is None:
            content = Content(bytes(data))
            self._by_digest[digest] = content
        return content
