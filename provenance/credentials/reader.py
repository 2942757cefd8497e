"""Reading the credentials of a file that anyone may have made.

    credentials = CredentialReader(trust).read(path)
    credentials.state, credentials.ours, credentials.codes

Reading never calls out, never raises for what a file contains, and never takes a library's word
for more than it checked: see `bmff` for the bytes that no hash covers and `store` for how a
signer is attributed.
"""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import BinaryIO, Final

import c2pa

from provenance.credentials import labels
from provenance.credentials.bmff import Container, scan
from provenance.credentials.store import (
    EXPIRED,
    HASH_MISMATCHES,
    UNTRUSTED,
    Report,
    parse_report,
)
from provenance.credentials.summary import summarise
from provenance.credentials.trust import OWN_URI, TrustSettings, context
from provenance.credentials.values import Credentials, State

NOT_BOUND: Final = "credentials.not_byte_bound"
_SCAN_BYTES: Final = 64 * 1024 * 1024
_CHUNK: Final = 1024 * 1024
_STORE_MARK: Final = b"jumdc2pa"
_EXPIRY: Final = frozenset({EXPIRED, UNTRUSTED})


class CredentialReader:
    """Reads credentials under fixed trust settings. Safe to use from threads and after a fork."""

    def __init__(self, trust: TrustSettings) -> None:
        """Keep the settings; no context is made before the first read in a process."""
        self._trust = trust

    def read(self, path: Path) -> Credentials:
        """Judge the credentials of a file.

        Args:
            path: The file; it may be hostile, cut, of any kind, or missing.

        Returns:
            What it carries. `unreadable` where the library or the bounds gave up, with a code.

        Raises:
            BadTrustSettings: If the trust settings are refused: no file could be judged.
        """
        try:
            container = scan(path)
            if container is not None and container.store_too_large:
                return _finish(_unreadable("container.manifest_too_large", present=True))
            with path.open("rb") as file:
                outcome = self._report(file, None)
            if isinstance(outcome, str):
                return _finish(_no_report(outcome, path, container))
        except OSError:
            return _finish(_unreadable("credentials.no_file", present=False))
        return _finish(self._judge(outcome, container, path))

    def read_manifest_bytes(self, manifest: bytes) -> Credentials:
        """Judge an archived manifest, found through a mark, away from the file that it signed.

        Args:
            manifest: The store's bytes, as `sign_file` returned them.

        Returns:
            Its contents with `bound` False and the code `credentials.not_byte_bound`. The state is
            `valid` if signature and assertions hold, never `trusted`: it vouches for no bytes.

        Raises:
            BadTrustSettings: If the trust settings are refused.
        """
        outcome = self._report(io.BytesIO(manifest), "application/c2pa")
        if isinstance(outcome, str):
            return _finish(dataclasses.replace(_unreadable(outcome, present=True), bound=False))
        codes = tuple(code for code in outcome.failures if code not in HASH_MISMATCHES)
        ours = outcome.anchored(OWN_URI)
        found = _describe(outcome, "invalid" if codes else "valid", (NOT_BOUND, *codes))
        return _finish(dataclasses.replace(found, bound=False, ours=ours, store=manifest))

    def _report(self, file: BinaryIO, kind: str | None, *, foreign: bool = False) -> Report | str:
        """The library's report, or a code for why there is none."""
        native = context(self._trust, foreign=foreign)
        try:
            with c2pa.Reader(kind, file, context=native) as reader:
                parsed = parse_report(reader.json())
        except c2pa.C2paError.ManifestNotFound:
            return "credentials.none"
        except c2pa.C2paError as error:
            return "credentials.remote" if "emote" in str(error)[:40] else "credentials.unparsable"
        except Exception:  # noqa: BLE001 - a hostile file must not take the verifier down
            return "credentials.unparsable"
        return "credentials.report_too_large" if parsed is None else Report(parsed)

    def _judge(self, report: Report, container: Container | None, path: Path) -> Credentials:
        if report.anchored(OWN_URI) or _claims_to_be_ours(report):
            return _judge_ours(report, container)
        inside = report.holds_ours_inside()
        failures = report.ingredient_failures
        seen = self._with_foreign_roots(report, path)
        state: State = "trusted" if seen.anchored_anywhere else "valid"
        if seen.state not in {"Trusted", "Valid"} or (container and container.anomalies):
            state = "invalid"
        anomalies = container.anomalies if container else ()
        # "Trusted" under no list of claim signers: under one for time stamps, which is no vouching.
        odd = seen.state == "Trusted" and not seen.anchored_anywhere
        codes = (
            *anomalies,
            *seen.failures,
            *(("credentials.wrong_trust_list",) if odd else ()),
            *_laundering(failures, inside=inside),
        )
        return dataclasses.replace(
            _describe(seen, state, codes),
            laundered=bool(failures) or inside,
            ours_inside=inside,
            imitation=report.bears_our_labels,
            store=container.store if container else b"",
        )

    def _with_foreign_roots(self, report: Report, path: Path) -> Report:
        """A second look that may trust foreign roots; it never decides whether a file is ours."""
        if not self._trust.foreign_roots_pem:
            return report
        with path.open("rb") as file:
            again = self._report(file, None, foreign=True)
        return report if isinstance(again, str) else again


def _claims_to_be_ours(report: Report) -> bool:
    """Our labels, not under our root, on a manifest that no coherent other signer stands behind.

    A file with our labels, an intact signature and an unknown root comes from another
    installation; without an intact signature nobody else answers for it, and it is judged as a
    broken one of ours.
    """
    answered = "claimSignature.validated" in report.successes
    return report.bears_our_labels and (_expired(report) or not answered)


def _expired(report: Report) -> bool:
    """Whether nothing but the signer's certificate is at fault, and that because it has ended.

    The library no longer says under which root an ended certificate stood, so such a file is
    only taken to claim to be ours; an archived copy of the manifest can prove it.
    """
    failures = set(report.failures)
    signed = "claimSignature.validated" in report.successes
    return signed and EXPIRED in failures and failures <= _EXPIRY


def _judge_ours(report: Report, container: Container | None) -> Credentials:
    statement = report.statement()
    codes = [*report.failures]
    if container is not None:
        codes += container.anomalies
        signed = statement.ftyp_sha256 if statement else None
        if signed is not None and signed != container.ftyp_sha256:
            codes.append("container.ftyp_changed")
    if statement is None:
        codes.append("credentials.malformed_statement")
    if not report.anchored(OWN_URI) and not codes:
        codes.append("credentials.not_under_our_root")
    failures = report.ingredient_failures
    state: State = "invalid" if codes or report.state != "Trusted" else "trusted"
    found = _describe(report, state, (*codes, *_laundering(failures, inside=False)))
    return dataclasses.replace(
        found,
        ours=True,
        laundered=bool(failures),
        expired_only=_expired(report) and set(codes) <= _EXPIRY and not failures,
        store=container.store if container else b"",
    )


def _describe(report: Report, state: State, codes: tuple[str, ...]) -> Credentials:
    return Credentials(
        present=True,
        state=state,
        codes=tuple(dict.fromkeys(codes)),
        statement=report.statement(),
        generator=report.generator,
        issuer=report.issuer,
        signed_at=report.signed_at,
        timestamp=report.timestamp,
        revocation=report.revocation,
    )


def _laundering(failures: tuple[str, ...], *, inside: bool) -> tuple[str, ...]:
    codes = [f"ingredient:{code}" for code in failures[:8]]
    if failures:
        codes.insert(0, "credentials.ingredient_failed")
    if inside:
        codes.insert(0, "credentials.ours_inside_foreign")
    return tuple(codes)


def _unreadable(code: str, *, present: bool, ours: bool = False) -> Credentials:
    return Credentials(present=present, state="unreadable", ours=ours, codes=(code,))


def _no_report(code: str, path: Path, container: Container | None) -> Credentials:
    """No report: is there a manifest all the same, and does it bear our label?

    A cut or flipped store often cannot be parsed. Calling such a file "without credentials" would
    let a change hide itself.
    """
    label = labels.CONSENT.encode()
    store = container.store if container else b""
    whole = container is not None and container.complete
    if store or (whole and code == "credentials.none"):
        present, ours = bool(store), label in store
    else:
        present, ours = _search(path, _STORE_MARK), _search(path, label)
    if code == "credentials.none" and not present:
        return Credentials(present=False, state="none")
    if code == "credentials.none":
        code = "credentials.unparsable"
    present = present or code == "credentials.remote"
    found = _unreadable(code, present=present, ours=present and ours)
    return dataclasses.replace(found, store=store)


def _search(path: Path, needle: bytes) -> bool:
    tail = b""
    with path.open("rb") as file:
        for _ in range(_SCAN_BYTES // _CHUNK):
            chunk = file.read(_CHUNK)
            if needle in tail + chunk:
                return True
            if not chunk:
                return False
            tail = chunk[-len(needle) :]
    return False


def _finish(credentials: Credentials) -> Credentials:
    return dataclasses.replace(credentials, summary=summarise(credentials))
