"""Releases and publications in a bundle: did those who are in the clip agree to exactly this?

Nothing here decides by itself: `consent.decide` is asked once more, with a state that is read from
the documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cameo.flows.bundle_errors import (
    DocumentError,
    EpochError,
    MissingError,
    PublicationError,
    SuperfluousError,
    TermsError,
)
from cameo.flows.bundle_form import Signed
from cameo.flows.bundle_keys import require_before
from cameo.flows.bundle_people import Agreed, Agreements, digests_of, drawn_from, parsed
from cameo.flows.bundle_records import Cited, PublishRecord, ReleaseRecord, SignedDigests
from consent.decide import Decision, decide
from consent.documents import ApprovalDocument, ConsentDocument, GrantDocument
from consent.ids import PersonId
from consent.state import ConsentState, GrantState, Request, State, Subject
from consent.vocabulary import Audience
from provenance.log.openings import Opened

_NOBODY: Final = PersonId("")


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """A person in a clip, and what it rests on."""

    cited: Cited
    consent: Agreed[ConsentDocument]
    grant: Agreed[GrantDocument] | None
    epoch: int
    """The person's epoch when it was decided."""

    @property
    def signed_epoch(self) -> int:
        """The person's epoch after the last of their documents."""
        return max(self.consent.epoch, -1 if self.grant is None else self.grant.epoch)

    @property
    def changes(self) -> int:
        """How often something of the person changed between that and the act."""
        return self.epoch - self.signed_epoch

    @property
    def by_follow(self) -> bool:
        """Whether it rests on two people following each other, which no log shows."""
        return self.consent.document.audience is Audience.MUTUALS and self.grant is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Approved:
    """A person's signed approval of a clip."""

    person: PersonId
    digests: SignedDigests


def check_release(record: ReleaseRecord, place: Opened, agreed: Agreements) -> tuple[Terms, ...]:
    """Check that everybody in a clip agreed to its release.

    Raises:
        BundleError: Of the kind that says what is wrong.
    """
    terms = tuple(_terms(cited, place, agreed) for cited in record.people)
    _require_cited(terms, place, agreed)
    _require_allowed(decide(_state(record, terms, place), _request(record, terms)), terms)
    return terms


def check_publication(
    record: PublishRecord,
    place: Opened,
    agreed: Agreements,
    approvals: Sequence[Signed],
    release: tuple[ReleaseRecord, Opened],
) -> tuple[Terms, ...]:
    """Check that everybody in a clip agreed to its publication, and approved it where they must.

    Args:
        record: What the log says of the publication.
        place: Its leaf.
        agreed: What people agreed to.
        approvals: What they signed for this clip.
        release: The release of the clip.

    Raises:
        BundleError: Of the kind that says what is wrong.
    """
    released, at = release
    if (record.clip, record.media_sha256) != (released.clip, released.media_sha256):
        raise PublicationError("another clip or another file")
    if {each.person for each in record.people} != {each.person for each in released.people}:
        raise PublicationError("other people")
    require_before(at, place, "a release and its publication")
    terms = tuple(_terms(cited, place, agreed) for cited in record.people)
    _require_cited(terms, place, agreed)
    found = [_approval(signed, released, place, agreed) for signed in approvals]
    if [each.person for each in found] != sorted(record.approvals):
        raise PublicationError("approvals of others than the log cites")
    if any(record.approvals[each.person] != each.digests for each in found):
        raise PublicationError("another approval than the log cites")
    request = _request(released, terms, approved=frozenset(each.person for each in found))
    _require_allowed(decide(_state(released, terms, place), request), terms)
    return terms


def _terms(cited: Cited, place: Opened, agreed: Agreements) -> Terms:
    consent = agreed.consents.get(cited.consent)
    grant = None if cited.grant is None else agreed.grants.get(cited.grant)
    if consent is None or (grant is None) != (cited.grant is None):
        raise MissingError("a consent or a grant")
    agreed.used.update({cited.consent, *([] if cited.grant is None else [cited.grant])})
    if consent.document.subject != cited.person:
        raise DocumentError("a consent of somebody else")
    if grant is not None and grant.document.consent_id != cited.consent:
        raise DocumentError("a grant under another consent")
    for agreement in (consent, grant):
        if agreement is not None:
            require_before(agreement.place, place, "a consent or a grant and what rests on it")
    ref = agreed.references.by_person[cited.person]
    epochs = {each.ref: each.epoch for each in place.entry.epochs}
    if ref not in epochs:
        raise EpochError("somebody in the clip whom the entry does not cite")
    terms = Terms(cited=cited, consent=consent, grant=grant, epoch=epochs[ref])
    if not terms.signed_epoch <= cited.epoch <= terms.epoch:
        raise EpochError("an epoch before the documents, or after the act")
    return terms


def _require_cited(terms: Sequence[Terms], place: Opened, agreed: Agreements) -> None:
    refs = {agreed.references.by_person[each.cited.person] for each in terms}
    if refs != {each.ref for each in place.entry.epochs}:
        raise EpochError("somebody is cited who is not in the clip")


def _require_allowed(decision: Decision, terms: Sequence[Terms]) -> None:
    if not decision.allowed:
        raise TermsError(", ".join(decision.reasons))
    decided = [(each.person_id, each.consent_id, each.grant_id) for each in decision.people]
    if decided != [(each.cited.person, each.cited.consent, each.cited.grant) for each in terms]:
        raise TermsError("it rests on another document than it should")


def _state(record: ReleaseRecord, terms: Sequence[Terms], place: Opened) -> State:
    """What the documents say about the people, at the moment of the act.

    What no document says is taken as the service must have found it: nobody blocked, paused or
    frozen, every use still there. The log shows each of these to whoever reads all of it.
    """
    maker = record.maker or _NOBODY
    return State(
        subjects={
            each.cited.person: Subject(
                person_id=each.cited.person,
                handle=each.consent.document.subject_handle,
                adult=True,
                frozen=False,
                paused=False,
                epoch=each.epoch,
                consent=ConsentState.of(
                    each.consent.document, active=True, uses_reserved=0, uses_consumed=0
                ),
                grants=() if each.grant is None else (_grant_state(each.grant.document),),
                blocked=frozenset(),
                mutuals=frozenset({maker} if each.by_follow else ()),
            )
            for each in terms
        },
        now=place.entry.at,
        min_assurance=0,
        max_people=len(terms),
    )


def _grant_state(document: GrantDocument) -> GrantState:
    return GrantState.of(document, active=True, uses_reserved=0, uses_consumed=0)


def _request(
    record: ReleaseRecord, terms: Sequence[Terms], approved: frozenset[PersonId] | None = None
) -> Request:
    return Request(
        requester=record.maker or _NOBODY,
        people=tuple(each.cited.person for each in terms),
        modalities=record.modalities,
        purpose=record.purpose,
        content_classes=record.classes,
        publishing=approved is not None,
        approved=approved or frozenset(),
    )


def _approval(
    signed: Signed, released: ReleaseRecord, place: Opened, agreed: Agreements
) -> Approved:
    document = parsed(signed)
    if not isinstance(document, ApprovalDocument):
        raise DocumentError("no approval")
    consents = {each.person: each.consent for each in released.people}
    if document.subject not in consents:
        raise SuperfluousError("an approval of somebody who is not in the clip")
    consent_id = consents[document.subject]
    said = (document.clip_id, document.media_sha256, document.consent_id)
    if said != (released.clip, released.media_sha256, consent_id):
        raise PublicationError("an approval of something else")
    enrolled = agreed.enrolled(agreed.consents[consent_id])
    agreed.ring.check(signed, place, drawn_from(enrolled))
    epochs = {each.ref: each.epoch for each in place.entry.epochs}
    if document.subject_epoch > epochs[agreed.references.by_person[document.subject]]:
        raise EpochError("an approval after the publication")
    return Approved(person=document.subject, digests=digests_of(signed))
