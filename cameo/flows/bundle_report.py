"""What a bundle shows, for programs and in plain words, and what no bundle can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

NOT_SHOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bundle.later_withdrawal": "Whether anything was withdrawn, paused or blocked after this, "
        "or a key revoked before it: read the whole log (`cameo log monitor`), or ask the service.",
        "bundle.whose_key": "That a key is the person's own: the person sees every key registered "
        "in their name (`cameo log monitor --mine`), nobody else can tell.",
        "bundle.words": "What is said and seen in the clip: limits of words and wishes were "
        "checked by the service, and approved by the person where no machine can.",
        "bundle.uses": "How many clips were made under a consent or a grant that counts them.",
        "bundle.follows": "That two people followed each other, on which this clip rests: that is "
        "the service's word, in no log.",
        "bundle.media_not_given": "Whether a file is the released one: none was given.",
        "bundle.not_witnessed": "That everybody is shown the same log: no witness that you trust "
        "has cosigned this head.",
        "bundle.not_published": "Whether the clip was shared: the bundle shows its release only.",
    }
)
"""What is said about what a bundle leaves open, by code."""

_WITH_PEOPLE: Final = "HOLDS - a key of everybody in this clip signed for it, and the log shows it."
_WITH_NOBODY: Final = "HOLDS - the log shows this release; it cites nobody's consent."


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentShown:
    """A consent or a grant that holds."""

    id: str
    sha256: str
    index: int
    """Where the log has it."""
    at: datetime
    """When the service took it, by its database's clock."""
    key_id: str
    evidence: str
    """``webauthn`` or ``ed25519``."""
    recovered: bool
    """Whether the key goes back to a recovery: the word of a session, after a delay."""
    text_known: bool
    """Whether the text that was shown is the one that this version shows for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonShown:
    """A person in the clip."""

    person: str
    handle: str
    """At the time of signing."""
    reference: str
    """Under which all entries about the person stand in the log."""
    consent: DocumentShown
    grant: DocumentShown | None
    assurance: int
    simulated: bool
    enrolled_by_recovery: bool
    """Whether the likeness was enrolled with a key that goes back to a recovery."""
    epoch: int
    changes: int
    """How many times something changed for the person between signing and this act."""
    approved: bool
    """Whether the person signed that this very file may be shared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ActShown:
    """A release or a publication."""

    index: int
    at: datetime
    people: tuple[PersonShown, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class WitnessShown:
    """Somebody who cosigned the head."""

    name: str
    key: str
    at: datetime
    trusted: bool
    """Whether the reader named this key. Any other may be the service's own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleReport:
    """A bundle that holds."""

    clip_id: str
    payload: str
    media_sha256: str
    media_checked: bool
    maker: str | None
    modalities: tuple[str, ...]
    purpose: str
    classes: tuple[str, ...]
    log: str
    tree_size: int
    root: str
    witnesses: tuple[WitnessShown, ...]
    release: ActShown
    publication: ActShown | None
    not_shown: tuple[str, ...]
    """Codes of `NOT_SHOWN`."""

    def to_json(self) -> dict[str, Any]:
        """The report as JSON-ready values."""
        return {"holds": True, **_plain(asdict(self)), "explanations": self.explanations()}

    def explanations(self) -> dict[str, str]:
        """What the bundle leaves open, in words."""
        return {code: NOT_SHOWN[code] for code in self.not_shown}


def render_bundle(report: BundleReport) -> str:
    """The report as text: what holds first, then what is left open."""
    asked = f"for {report.maker}" if report.maker else "for the operator"
    lines = [
        _WITH_PEOPLE if report.release.people else _WITH_NOBODY,
        f"Clip: {report.clip_id} (payload {report.payload}), made {asked}",
        f"Use: {' and '.join(report.modalities) or 'nobody shown'}, {report.purpose}",
        f"File: SHA-256 {report.media_sha256}"
        + (", which is the file given" if report.media_checked else ""),
        f"Log: {report.log}, {report.tree_size} entries, root {report.root}",
    ]
    lines += [_witness(each) for each in report.witnesses]
    lines += _act("Released", report.release)
    if report.publication is not None:
        lines += _act("Shared", report.publication)
    lines.append("What a bundle cannot show:")
    lines += [f"- {text}" for text in report.explanations().values()]
    return "\n".join(lines)


def _witness(witness: WitnessShown) -> str:
    whose = "whom you named" if witness.trusted else "whom you did not name"
    return f"  cosigned {_when(witness.at)} by {witness.name}, {whose}"


def _act(name: str, act: ActShown) -> list[str]:
    lines = [f"{name}: {_when(act.at)}, entry {act.index}"]
    return lines + [line for person in act.people for line in _person(person)]


def _person(person: PersonShown) -> list[str]:
    level = "simulated enrolment" if person.simulated else f"assurance {person.assurance}"
    if person.enrolled_by_recovery:
        level += ", enrolled with a RECOVERED key"
    lines = [
        f"  @{person.handle} ({person.person}), {level}, reference {person.reference}",
        f"    consent {_document(person.consent)}",
    ]
    if person.grant is not None:
        lines.append(f"    grant {_document(person.grant)}")
    if person.changes:
        lines.append(f"    {person.changes} changes of theirs lie between signing and this")
    if person.approved:
        lines.append("    approved this very file")
    return lines


def _document(document: DocumentShown) -> str:
    how = "passkey" if document.evidence == "webauthn" else "key file"
    notes = [
        *(["RECOVERED key"] if document.recovered else []),
        *([] if document.text_known else ["shown in the words of another version"]),
    ]
    return ", ".join(
        [f"{document.id}, entry {document.index} of {_when(document.at)}", f"by {how}", *notes]
    )


def _when(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S %Z")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value
