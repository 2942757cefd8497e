"""The library's report, read as the untrusted text that it is.

Every accessor tolerates any JSON: a file's maker chose most of it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from provenance.credentials import labels
from provenance.credentials.manifest import ConsentCitation
from provenance.credentials.trust import FOREIGN_URI, OWN_URI
from provenance.credentials.values import OwnStatement, Tristate

MAX_REPORT_CHARS: Final = 16 * 1024 * 1024
MAX_TEXT: Final = 200
TRUSTED: Final = "signingCredential.trusted"
UNTRUSTED: Final = "signingCredential.untrusted"
EXPIRED: Final = "signingCredential.expired"
HASH_MISMATCHES: Final = frozenset(
    {"assertion.bmffHash.mismatch", "assertion.dataHash.mismatch", "assertion.boxesHash.mismatch"}
)
_HARMLESS_IN_INGREDIENT: Final = frozenset({UNTRUSTED, EXPIRED, "signingCredential.ocsp.unknown"})
_PAYLOAD: Final = re.compile(r"[0-9a-f]{16}\Z")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

Json = dict[str, object]


def parse_report(text: str) -> Json | None:
    """Parse the report, or None if it is too long, too deep or no object."""
    if len(text) > MAX_REPORT_CHARS:
        return None
    try:
        report = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return report if isinstance(report, dict) else None


@dataclass(frozen=True, slots=True)
class Report:
    """Accessors over one parsed report."""

    raw: Json

    @property
    def state(self) -> str:
        """`Trusted`, `Valid` or `Invalid`, as the library says."""
        return str(self.raw.get("validation_state", ""))

    @property
    def active_label(self) -> str:
        """Label of the manifest on top."""
        return str(self.raw.get("active_manifest", ""))

    @property
    def active(self) -> Json:
        """The manifest on top."""
        return _dict(_dict(self.raw.get("manifests")).get(self.active_label))

    @property
    def failures(self) -> tuple[str, ...]:
        """Failure codes of the manifest on top, each once, in order."""
        return _codes(self._results, "failure")

    @property
    def successes(self) -> frozenset[str]:
        """Success codes of the manifest on top."""
        return frozenset(_codes(self._results, "success"))

    @property
    def notes(self) -> frozenset[str]:
        """Informational codes of the manifest on top."""
        return frozenset(_codes(self._results, "informational"))

    @property
    def _results(self) -> Json:
        return _dict(_dict(self.raw.get("validation_results")).get("activeManifest"))

    def anchored(self, uri: str) -> bool:
        """Whether the manifest on top is signed under the list of roots with this URI.

        The report's `trustListUri` is not used: measured, it names the list that an *ingredient*
        satisfied as well. The entry for the top manifest's own signature is what counts.
        """
        return self._trusted_by(uri, self.active_label, _entries(self._results, "success"))

    def _trusted_by(self, uri: str, label: str, entries: Iterator[Json]) -> bool:
        where = f"self#jumbf=/c2pa/{label}/c2pa.signature"
        return bool(label) and any(
            entry.get("code") == TRUSTED
            and entry.get("url") == where
            and f"[{uri}]" in str(entry.get("explanation"))
            for entry in entries
        )

    @property
    def anchored_anywhere(self) -> bool:
        """Whether the manifest on top is under our roots or listed foreign ones."""
        return self.anchored(OWN_URI) or self.anchored(FOREIGN_URI)

    @property
    def bears_our_labels(self) -> bool:
        """Whether the manifest on top carries our consent assertion."""
        return _bears(self.active)

    def holds_ours_inside(self) -> bool:
        """Whether a manifest below the top one is ours: our labels, under our root."""
        manifests = _dict(self.raw.get("manifests"))
        return any(
            _bears(_dict(manifest)) and self._ingredient_is_ours(label)
            for label, manifest in manifests.items()
            if label != self.active_label
        )

    def _ingredient_is_ours(self, label: str) -> bool:
        """Whether an ingredient's signer is under our root, as checked now.

        What the ingredient's recorder found is merged with what differs now. A recorded "trusted"
        counts only while no difference denies it; only our roots are trusted in this reading.
        """
        signature = f"self#jumbf=/c2pa/{label}/c2pa.signature"
        now = [
            entry.get("code")
            for entry in self._deltas(("success", "failure"))
            if entry.get("url") == signature
        ]
        if TRUSTED in now:
            return True
        recorded = any(
            entry.get("code") == TRUSTED and entry.get("url") == signature
            for ingredient in self._ingredients()
            for entry in _entries(_recorded(ingredient), "success")
        )
        return recorded and UNTRUSTED not in now

    @property
    def ingredient_failures(self) -> tuple[str, ...]:
        """Failure codes of all ingredients, recorded or found now, without mere distrust."""
        found = [str(entry.get("code")) for entry in self._deltas(("failure",))]
        for ingredient in self._ingredients():
            found += _codes(_recorded(ingredient), "failure")
            found += [str(entry.get("code")) for entry in _list(ingredient, "validation_status")]
        return tuple(code for code in dict.fromkeys(found) if code not in _HARMLESS_IN_INGREDIENT)

    def _ingredients(self) -> Iterator[Json]:
        for manifest in _dict(self.raw.get("manifests")).values():
            yield from _list(_dict(manifest), "ingredients")

    def _deltas(self, kinds: tuple[str, ...]) -> Iterator[Json]:
        for delta in _list(_dict(self.raw.get("validation_results")), "ingredientDeltas"):
            for kind in kinds:
                yield from _entries(_dict(delta.get("validationDeltas")), kind)

    @property
    def generator(self) -> str | None:
        """Name and version of the claim generator."""
        infos = _list(self.active, "claim_generator_info")
        if not infos:
            return _text(self.active.get("claim_generator"))
        name, version = (_text(infos[0].get(key)) for key in ("name", "version"))
        return " ".join(part for part in (name, version) if part) or None

    @property
    def issuer(self) -> str | None:
        """Organisation of the signing certificate."""
        return _text(_dict(self.active.get("signature_info")).get("issuer"))

    @property
    def signed_at(self) -> str | None:
        """The time stamp's time."""
        return _text(_dict(self.active.get("signature_info")).get("time"))

    @property
    def timestamp(self) -> Tristate:
        """Whether a trusted time stamp covers the signature."""
        return "yes" if "timeStamp.trusted" in self.successes | self.notes else "no"

    @property
    def revocation(self) -> Tristate:
        """Whether the signer was revoked, from an answer embedded in the file if there is one."""
        if "signingCredential.ocsp.revoked" in self.failures:
            return "yes"
        return "no" if "signingCredential.ocsp.notRevoked" in self.successes else "not_checked"

    def statement(self) -> OwnStatement | None:
        """Our assertion on top, or None if it is missing, doubled or malformed."""
        found = _assertions(self.active, labels.CONSENT)
        container = _assertions(self.active, labels.CONTAINER)
        if len(found) != 1 or len(container) > 1:
            return None
        return _statement(found[0], container[0] if container else {})


def _statement(data: Json, container: Json) -> OwnStatement | None:
    try:
        fingerprint = base64.b64decode(str(data["fingerprint"]), validate=True)
        sound = data.get("sound_fingerprint")
        heard = None if sound is None else base64.b64decode(str(sound), validate=True)
        consents = tuple(_citation(entry) for entry in _strict_list(data["consents"]))
        payload, clip_id, action = (_strict_text(data[k]) for k in ("payload", "clip_id", "action"))
        ftyp = container.get("ftyp_sha256")
        digest = None if ftyp is None else _strict_text(ftyp)
    except (KeyError, TypeError, ValueError, binascii.Error):
        return None
    if not _PAYLOAD.match(payload) or action not in {labels.CREATED, labels.OPENED}:
        return None
    return OwnStatement(
        clip_id=clip_id,
        action=action,
        payload=payload,
        fingerprint=fingerprint,
        consents=consents,
        ftyp_sha256=digest,
        sound_fingerprint=heard,
    )


def _citation(entry: object) -> ConsentCitation:
    if not isinstance(entry, dict):
        raise TypeError("a citation is an object")
    grant, simulated = entry["grant_id"], entry["simulated"]
    assurance, epoch = entry["assurance"], entry["epoch"]
    if type(simulated) is not bool or type(assurance) is not int or type(epoch) is not int:
        raise TypeError("a citation holds a wrong type")
    return ConsentCitation(
        consent_id=_strict_text(entry["consent_id"]),
        grant_id=None if grant is None else _strict_text(grant),
        person_ref=_strict_text(entry["person_ref"]),
        document_sha256=_strict_text(entry["document_sha256"]),
        assurance=assurance,
        simulated=simulated,
        epoch=epoch,
    )


def _strict_text(value: object) -> str:
    if not isinstance(value, str) or not value or len(value) > MAX_TEXT or _CONTROL.search(value):
        raise ValueError("not a short plain text")
    return value


def _strict_list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _bears(manifest: Json) -> bool:
    return bool(_assertions(manifest, labels.CONSENT))


def _assertions(manifest: Json, label: str) -> list[Json]:
    """The data of all assertions with this label, doubles (`label__1`) included."""
    return [
        _dict(assertion.get("data"))
        for assertion in _list(manifest, "assertions")
        if str(assertion.get("label")).split("__")[0] == label
    ]


def _recorded(ingredient: Json) -> Json:
    return _dict(_dict(ingredient.get("validation_results")).get("activeManifest"))


def _entries(results: Json, kind: str) -> Iterator[Json]:
    yield from _list(results, kind)


def _codes(results: Json, kind: str) -> tuple[str, ...]:
    codes = (_text(entry.get("code")) for entry in _entries(results, kind))
    return tuple(dict.fromkeys(code for code in codes if code))


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(holder: Json, key: str) -> list[Json]:
    value = holder.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    """A short text without control or direction characters, fit for a terminal."""
    return _CONTROL.sub("", value)[:MAX_TEXT] or None if isinstance(value, str) else None
