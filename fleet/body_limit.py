"""How much a request may send: Django under ASGI takes a whole body in before anybody asks."""

import json
from typing import Any

from benchmarks.families.param_file import MAX_PARAM_BYTES
from benchmarks.uploads.checked import MAX_BIN_BYTES

UPLOADS = ("/api/v1/workloads", "/workloads/upload")  # where files are sent to
_LARGEST = MAX_BIN_BYTES + MAX_PARAM_BYTES + 2**20  # with what a form puts around them
_USUAL = 4 * 2**20


def limit_of(path: str) -> int:
    """Return how many bytes a request to a path may send."""
    return _LARGEST if path.rstrip("/") in UPLOADS else _USUAL


class BodyLimit:
    """Answers 413 to what announces too much, and stops reading what does not keep its word."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on as long as it is not too large."""
        most = limit_of(scope["path"])
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > most:
            await _refuse(send, most)
            return
        taken = 0

        async def counted() -> Any:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            return {"type": "http.disconnect"} if taken > most else message

        await self._application(scope, counted, send)


async def _refuse(send: Any, most: int) -> None:
    error = {"code": "too_large", "message": f"a request here may send at most {most} bytes"}
    body = json.dumps({"error": error}).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
