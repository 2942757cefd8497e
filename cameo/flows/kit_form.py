"""The form of an auditor's kit: what verifies copies with no network and no database.

    data = write(content, signer)               # signed with a key of its own
    kit = read(data, kit_key=vkey)              # every other form of it is refused

A kit holds the roots by which credentials read as ours. Whoever could change it could make any file
ours; so an auditor compares its key with one that they got from somewhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cameo.flows import jcs
from cameo.flows.kit_content import MAX_CLIPS, Content, KitClip, content_in, content_json
from cameo.flows.kit_errors import (
    KitLogError,
    KitSignatureError,
    KitTooLargeError,
    MalformedKitError,
    OtherSpellingKitError,
)
from cameo.flows.kit_marks import check_logged
from cameo.flows.shapes import Shapes
from provenance.log.errors import LogError
from provenance.log.notes import NoteSigner, verify
from provenance.log.openings import ReadHead, read_head

FORMAT: Final = "cameo-kit/v2"
MAX_BYTES: Final = 256 << 20

_NAME_ENDING: Final = "/kits"
_SHAPES: Final = Shapes(MalformedKitError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kit:
    """A kit as it was read."""

    content: Content
    key: str
    """The verifier key that signed it."""
    authenticated: bool
    """Whether the reader named that key. If not, the file is trusted for where it came from."""
    head: ReadHead | None
    by_clip: Mapping[str, KitClip]
    by_payload: Mapping[int, KitClip]


def kit_key_name(origin: str) -> str:
    """The name of the key that signs the kits of a log's service: never the log's own."""
    return origin + _NAME_ENDING


def write(content: Content, signer: NoteSigner) -> bytes:
    """The file of a kit.

    Raises:
        KitTooLargeError: It would hold too much.
        MalformedKitError: A text in it has no canonical form.
    """
    if len(content.clips) > MAX_CLIPS:
        raise KitTooLargeError
    body = content_json(content, signer.vkey)
    try:
        signature = signer.sign(_signed_text(jcs.dump(body)))
        data = jcs.dump({"format": FORMAT, "content": body, "signature": signature})
    except jcs.JcsError as cause:
        raise MalformedKitError(str(cause)) from cause
    if len(data) > MAX_BYTES:
        raise KitTooLargeError
    return data


def read(data: bytes, *, kit_key: str | None = None, log_key: str | None = None) -> Kit:
    """What a kit says, checked as far as it can be.

    Args:
        data: The file.
        kit_key: The verifier key that must have signed it; None takes the one that it names.
        log_key: The verifier key of the log that is trusted; None takes the one that it names.

    Raises:
        KitError: Of the kind that says what is wrong.
    """
    top = _SHAPES.members(_loaded(data), "format", "content", "signature")
    if top["format"] != FORMAT:
        raise MalformedKitError("another format")
    content, key = content_in(top["content"])
    try:
        text = verify(_SHAPES.text(top["signature"]), key)
    except LogError as cause:
        raise KitSignatureError(cause.code) from cause
    sole = top["signature"].count("\n") == text.count("\n") + 2
    if kit_key not in {None, key} or text != _signed_text(jcs.dump(top["content"])) or not sole:
        raise KitSignatureError
    if log_key not in {None, content.log_key}:
        raise KitLogError
    by_clip = {clip.record.clip_id: clip for clip in content.clips}
    by_payload = {clip.record.payload: clip for clip in content.clips}
    if not len(by_clip) == len(by_payload) == len(content.clips):
        raise MalformedKitError("a clip or a payload twice")
    if len({epoch.epoch for epoch in content.marks}) != len(content.marks):
        raise MalformedKitError("an epoch twice")
    head = _head(content)
    check_logged(content.marks, head)
    return Kit(
        content=content,
        key=key,
        authenticated=kit_key is not None,
        head=head,
        by_clip=by_clip,
        by_payload=by_payload,
    )


def _signed_text(body: bytes) -> str:
    # The first line is no origin that a log could have, so no checkpoint passes as this.
    return f"{FORMAT}\n{hashlib.sha256(body).hexdigest()}\n"


def _loaded(data: bytes) -> Any:
    if len(data) > MAX_BYTES:
        raise KitTooLargeError
    try:
        return jcs.load(data, most=MAX_BYTES)
    except jcs.OtherSpellingError as cause:
        raise OtherSpellingKitError from cause
    except jcs.JcsError as cause:
        raise MalformedKitError(str(cause)) from cause


def _head(content: Content) -> ReadHead | None:
    if content.checkpoint is None:
        return None
    try:
        return read_head(content.checkpoint, content.log_key, content.witnesses)
    except LogError as cause:
        raise KitLogError(cause.code) from cause
