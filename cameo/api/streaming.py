"""The file of a clip over HTTP, whole or a range, decrypted as it goes."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Send

from cameo.api.ranges import RangeNotSatisfiableError, requested_range
from cameo.flows.errors import WithdrawnError
from cameo.keys.errors import KeyDestroyed
from cameo.store.records import ClipRecord
from cameo.wiring.service import Service


class ClipStream(StreamingResponse):
    """Breaks off where the clip's key is destroyed on the way.

    The body is left unfinished: the server then closes the connection, and the client sees that
    something is missing. An error here would only be logged, at length, with nothing to mend.
    """

    async def stream_response(self, send: Send) -> None:
        """Send what can be read."""
        try:
            await super().stream_response(send)
        except (WithdrawnError, KeyDestroyed):
            return


def clip_response(
    served: Service, clip: ClipRecord, request: Request, range_: str | None
) -> Response:
    """The answer for a clip that may be shown; the caller has asked that.

    Args:
        served: the service.
        clip: which clip.
        request: a GET or a HEAD, which is answered without the file.
        range_: the `Range` header (RFC 9110, 14.2); it means nothing to a HEAD.

    Raises:
        WithdrawnError: its key is gone.
    """
    head = request.method == "HEAD"
    with served.library.open_media(clip) as media:
        size = media.size
    try:
        part = None if head else requested_range(range_, size)
    except RangeNotSatisfiableError:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    start, end = part or (0, size)
    status = 206 if part else 200
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(end - start),
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'inline; filename="{clip.id}.mp4"',
    }
    if part:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    if head:
        return Response(None, status, headers, media_type="video/mp4")
    pieces = _pieces(served, clip, start, end - start)
    return ClipStream(pieces, status, headers, media_type="video/mp4")


def _pieces(served: Service, clip: ClipRecord, start: int, length: int) -> Iterator[bytes]:
    with served.library.open_media(clip) as media:
        yield from media.iter_range(start, length)
