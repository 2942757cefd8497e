"""The form of a bundle: everything that shows who agreed to one clip, as one canonical file.

    data = write(Bundle(...))
    bundle = read(data)             # every other form of it is refused; nothing is proven yet

Leaves, private records, documents and evidence stand in it as JSON, not as text in JSON: each is
canonical by itself, so its bytes stand in the file as they were signed or hashed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from cameo.flows import jcs
from cameo.flows.bundle_errors import (
    BundleTooLargeError,
    MalformedBundleError,
    OtherSpellingBundleError,
)
from cameo.flows.shapes import Shapes
from provenance.log.checkpoint import MAX_PROOF_HASHES
from provenance.log.openings import Leaf

FORMAT: Final = "cameo-bundle/v1"
MAX_BYTES: Final = 1 << 20
"""The most bytes of a bundle; one of two people with two passkeys each has about 30,000."""
MAX_PARTS: Final = 100
"""The most documents, keys or enrolments, of each."""

_SHAPES: Final = Shapes(MalformedBundleError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """A document and what shows that a person signed it, both as canonical JSON."""

    document: bytes
    evidence: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Logged:
    """A signed document, and the leaf by which the log has it."""

    signed: Signed
    leaf: Leaf


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A key: the leaf commits to its registration; who agreed to it, where an older key had to."""

    leaf: Leaf
    agreement: Signed | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """What a file says. Lists stand in the order of the log, approvals in that of their persons."""

    log_key: str
    checkpoint: str
    """The signed head under which every leaf is proven."""
    witnesses: tuple[str, ...]
    """The keys of those who cosigned it, in the order of their lines."""
    release: Leaf
    publish: Leaf | None
    enrolments: tuple[Leaf, ...]
    keys: tuple[Key, ...]
    consents: tuple[Logged, ...]
    grants: tuple[Logged, ...]
    approvals: tuple[Signed, ...]


def write(bundle: Bundle) -> bytes:
    """The one file that says this.

    Raises:
        MalformedBundleError: A part is not canonical JSON.
        BundleTooLargeError: It would be larger than any bundle.
    """
    content = {
        "format": FORMAT,
        "log": {
            "key": bundle.log_key,
            "checkpoint": bundle.checkpoint,
            "witnesses": list(bundle.witnesses),
        },
        "release": _leaf_json(bundle.release),
        "publish": None if bundle.publish is None else _leaf_json(bundle.publish),
        "enrolments": [_leaf_json(leaf) for leaf in bundle.enrolments],
        "keys": [_key_json(key) for key in bundle.keys],
        "consents": [_logged_json(each) for each in bundle.consents],
        "grants": [_logged_json(each) for each in bundle.grants],
        "approvals": [_signed_json(each) for each in bundle.approvals],
    }
    try:
        data = jcs.dump(content)
    except jcs.JcsError as cause:
        raise MalformedBundleError(str(cause)) from cause
    if read(data) != bundle:
        raise MalformedBundleError("a part is not canonical")
    return data


def read(data: bytes) -> Bundle:
    """What a file says. Whether any of it is true is for `cameo.flows.bundle_check`.

    Raises:
        BundleTooLargeError: It is larger than any bundle.
        OtherSpellingBundleError: It says something in another than the canonical form.
        MalformedBundleError: It is no bundle.
    """
    if len(data) > MAX_BYTES:
        raise BundleTooLargeError
    try:
        content = jcs.load(data, most=MAX_BYTES)
    except jcs.OtherSpellingError as cause:
        raise OtherSpellingBundleError from cause
    except jcs.JcsError as cause:
        raise MalformedBundleError(str(cause)) from cause
    top = _SHAPES.members(content, *_TOP)
    if top["format"] != FORMAT:
        raise MalformedBundleError("another format")
    log = _SHAPES.members(top["log"], "key", "checkpoint", "witnesses")
    return Bundle(
        log_key=_SHAPES.text(log["key"]),
        checkpoint=_SHAPES.text(log["checkpoint"]),
        witnesses=_SHAPES.items(log["witnesses"], _SHAPES.text, most=MAX_PARTS),
        release=_leaf(top["release"]),
        publish=None if top["publish"] is None else _leaf(top["publish"]),
        enrolments=_SHAPES.items(top["enrolments"], _leaf, most=MAX_PARTS),
        keys=_SHAPES.items(top["keys"], _key, most=MAX_PARTS),
        consents=_SHAPES.items(top["consents"], _logged, most=MAX_PARTS),
        grants=_SHAPES.items(top["grants"], _logged, most=MAX_PARTS),
        approvals=_SHAPES.items(top["approvals"], _signed, most=MAX_PARTS),
    )


_TOP: Final = (
    "format",
    "log",
    "release",
    "publish",
    "enrolments",
    "keys",
    "consents",
    "grants",
    "approvals",
)


def _leaf_json(leaf: Leaf) -> dict[str, Any]:
    return {
        "index": leaf.index,
        "body": _json(leaf.body),
        "salt": leaf.salt.hex(),
        "record": _json(leaf.record),
        "proof": [each.hex() for each in leaf.proof],
    }


def _signed_json(signed: Signed) -> dict[str, Any]:
    return {"document": _json(signed.document), "evidence": _json(signed.evidence)}


def _logged_json(logged: Logged) -> dict[str, Any]:
    return {**_signed_json(logged.signed), "leaf": _leaf_json(logged.leaf)}


def _key_json(key: Key) -> dict[str, Any]:
    agreement = None if key.agreement is None else _signed_json(key.agreement)
    return {"leaf": _leaf_json(key.leaf), "agreement": agreement}


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError as cause:
        raise MalformedBundleError("a part is no JSON") from cause


def _leaf(value: Any) -> Leaf:
    found = _SHAPES.members(value, "index", "body", "salt", "record", "proof")
    proof = _SHAPES.items(found["proof"], _SHAPES.hash, most=MAX_PROOF_HASHES)
    return Leaf(
        index=_SHAPES.whole(found["index"]),
        body=_SHAPES.object(found["body"]),
        salt=_SHAPES.hash(found["salt"]),
        record=_SHAPES.object(found["record"]),
        proof=proof,
    )


def _signed(value: Any) -> Signed:
    found = _SHAPES.members(value, "document", "evidence")
    return Signed(
        document=_SHAPES.object(found["document"]), evidence=_SHAPES.object(found["evidence"])
    )


def _logged(value: Any) -> Logged:
    found = _SHAPES.members(value, "document", "evidence", "leaf")
    signed = Signed(
        document=_SHAPES.object(found["document"]), evidence=_SHAPES.object(found["evidence"])
    )
    return Logged(signed=signed, leaf=_leaf(found["leaf"]))


def _key(value: Any) -> Key:
    found = _SHAPES.members(value, "leaf", "agreement")
    agreement = None if found["agreement"] is None else _signed(found["agreement"])
    return Key(leaf=_leaf(found["leaf"]), agreement=agreement)
