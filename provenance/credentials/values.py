"""What reading a file's credentials yields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from provenance.credentials.manifest import ConsentCitation

State = Literal["none", "trusted", "valid", "invalid", "unreadable"]
Tristate = Literal["yes", "no", "not_checked"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnStatement:
    """The contents of our assertion. Believe them only as far as the state of the credentials goes.

    Attributes:
        clip_id: Id in the registry of whoever signed.
        action: `c2pa.created` or `c2pa.opened`.
        payload: 16 hex digits.
        fingerprint: The content fingerprint at release.
        consents: The people cited.
        ftyp_sha256: Signed digest of the `ftyp` box, or None.
        sound_fingerprint: The sound's fingerprint at release, or None.
    """

    clip_id: str
    action: str
    payload: str
    fingerprint: bytes
    consents: tuple[ConsentCitation, ...]
    ftyp_sha256: str | None = None
    sound_fingerprint: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """A file's credentials, judged.

    Attributes:
        present: Whether the file carries a manifest at all, readable or not.
        state: `trusted`: intact and under a trusted root; `valid`: intact, signer unknown;
            `invalid`: something was changed; `unreadable`: no judgement could be made; `none`.
        ours: Under our root, or bearing our labels although broken. An intact file with our
            labels under another root is another installation's and not ours.
        ours_inside: A manifest of ours lies inside the foreign one that is on top.
        laundered: An ingredient failed its own validation, or `ours_inside`.
        expired_only: It bears our labels, the bytes are intact, and the one fault is that the
            certificate has ended and no trusted time stamp says when it signed. Under which root
            it stood can no longer be said; only an archived copy of the manifest can prove it.
        imitation: Intact, with our labels, under a root that is not ours.
        bound: False for an archived manifest, which cannot vouch for the bytes of any file.
        codes: Failures, ours (`container.*`, `credentials.*`) and C2PA's own codes.
        statement: Our assertion, if there is a well-formed one on top.
        generator: Name and version of the claim generator, as it says.
        issuer: Organisation of the signing certificate.
        signed_at: Time from the time stamp, ISO 8601, or None.
        timestamp: Whether a trusted time stamp is there.
        revocation: Whether the certificate was revoked; never asked over a network.
        store: The manifest store's bytes where the container shows them (MP4), else empty.
        summary: Lines for people, in English.
    """

    present: bool
    state: State
    ours: bool = False
    ours_inside: bool = False
    laundered: bool = False
    expired_only: bool = False
    imitation: bool = False
    bound: bool = True
    codes: tuple[str, ...] = ()
    statement: OwnStatement | None = None
    generator: str | None = None
    issuer: str | None = None
    signed_at: str | None = None
    timestamp: Tristate = "no"
    revocation: Tristate = "not_checked"
    store: bytes = field(default=b"", repr=False)
    summary: tuple[str, ...] = ()

    @property
    def clip_id(self) -> str | None:
        """The clip id that our assertion names."""
        return self.statement.clip_id if self.statement else None

    @property
    def payload(self) -> str | None:
        """The payload that our assertion names, 16 hex digits."""
        return self.statement.payload if self.statement else None

    @property
    def fingerprint(self) -> bytes | None:
        """The fingerprint that our assertion carries."""
        return self.statement.fingerprint if self.statement else None

    @property
    def consents(self) -> tuple[ConsentCitation, ...]:
        """The consents that our assertion cites."""
        return self.statement.consents if self.statement else ()
