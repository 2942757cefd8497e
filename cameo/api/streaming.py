"""The file of a clip over HTTP, whole or a range, decrypted as it goes."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Response
from fastapi.responses import StreamingResponse

from cameo.api.ranges import RangeNotSatisfiableError, requested_range
from cameo.store.records import ClipRecord
from cameo.wiring.service import Service


def clip_response(served: Service, clip: ClipRecord, range_: str | None) -> Response:
    """The answer for a clip that may be shown; the caller has asked that.

    Args:
        served: the service.
        clip: which clip.
        range_: the `Range` header (RFC 9110, 14.2).

    Raises:
        WithdrawnError: its key is gone.
    """
    with served.library.open_media(clip) as media:
        size = media.size
    try:
        start, end = requested_range(range_, size)
    except RangeNotSatisfiableError:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(end - start),
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'inline; filename="{clip.id}.mp4"',
    }
    if range_ is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return StreamingResponse(
        _pieces(served, clip, start, end - start),
        status_code=200 if range_ is None else 206,
        media_type="video/mp4",
        headers=headers,
    )


def _pieces(served: Service, clip: ClipRecord, start: int, length: int) -> Iterator[bytes]:
    with served.library.open_media(clip) as media:
        yield from media.iter_range(start, length)
