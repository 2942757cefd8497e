"""Verify a bundle: bytes and a trusted log key in, a report or a named error out.

    report = verify_bundle(data, log_vkey, media_sha256=digest, witnesses=(witness_vkey,))

No network, no database, no clock: the answer to the same bytes is always the same. Everything in a
bundle is signed, hashed, or compared with something that is, and nothing in it is without use, so
another byte anywhere makes another answer. ``docs/verify_bundle.py`` does the same without a line
of this.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from cameo.flows.bundle_acts import Terms, check_publication, check_release
from cameo.flows.bundle_errors import (
    HeadError,
    LeafError,
    MediaDiffersError,
    OtherLogError,
    SuperfluousError,
)
from cameo.flows.bundle_form import Bundle, read
from cameo.flows.bundle_keys import Ring
from cameo.flows.bundle_people import Agreed, Agreements, require_order
from cameo.flows.bundle_records import PublishRecord, ReleaseRecord
from cameo.flows.bundle_report import (
    ActShown,
    BundleReport,
    DocumentShown,
    PersonShown,
    WitnessShown,
)
from consent.describe import rendering_sha256
from consent.documents import ConsentDocument, GrantDocument
from consent.ids import PersonId
from provenance.log.checkpoint import Checkpoint
from provenance.log.entries import EntryType
from provenance.log.errors import LogError
from provenance.log.openings import Leaf, Opened, ReadHead, open_leaf, read_head


def verify_bundle(
    data: bytes,
    vkey: str,
    *,
    media_sha256: str | None = None,
    witnesses: Collection[str] = (),
) -> BundleReport:
    """Check everything that a bundle says.

    Args:
        data: The file.
        vkey: The verifier key of the log that is trusted, got from somewhere else than the file.
        media_sha256: The digest of a file that is said to be the clip, as 64 hex digits.
        witnesses: Verifier keys of witnesses that the reader trusts.

    Returns:
        What it shows, and what it leaves open.

    Raises:
        BundleError: Of the kind that says what does not hold.
    """
    bundle = read(data)
    if bundle.log_key != vkey:
        raise OtherLogError
    head = _head(bundle)
    release = _opened(bundle.release, head.checkpoint, EntryType.RELEASE)
    record = ReleaseRecord.of(release.record)
    agreed = _agreements(bundle, head.checkpoint)
    released = check_release(record, release, agreed)
    publication = _publication(bundle, head.checkpoint, agreed, (record, release))
    agreed.require_all_used()
    if media_sha256 not in {None, record.media_sha256}:
        raise MediaDiffersError
    seen = tuple(
        WitnessShown(
            name=each.name,
            key=each.vkey,
            at=_seconds(each.timestamp),
            trusted=each.vkey in witnesses,
        )
        for each in head.cosigners
    )
    return BundleReport(
        clip_id=record.clip,
        payload=record.payload,
        media_sha256=record.media_sha256,
        media_checked=media_sha256 is not None,
        maker=record.maker,
        modalities=tuple(sorted(record.modalities)),
        purpose=record.purpose,
        classes=tuple(sorted(record.classes)),
        log=head.checkpoint.origin,
        tree_size=head.checkpoint.size,
        root=head.checkpoint.root.hex(),
        witnesses=seen,
        release=_act(release, released, agreed, frozenset()),
        publication=publication,
        not_shown=_not_shown(released, publication, seen, media_given=media_sha256 is not None),
    )


def _head(bundle: Bundle) -> ReadHead:
    try:
        return read_head(bundle.checkpoint, bundle.log_key, bundle.witnesses)
    except LogError as cause:
        raise HeadError(cause.code) from cause


def _opened(leaf: Leaf, checkpoint: Checkpoint, kind: EntryType) -> Opened:
    try:
        opened = open_leaf(leaf, checkpoint)
    except LogError as cause:
        raise LeafError(cause.code) from cause
    if opened.entry.type is not kind:
        raise LeafError(f"no {kind}")
    return opened


def _agreements(bundle: Bundle, checkpoint: Checkpoint) -> Agreements:
    """Everything that people agreed to; each part rests on those taken before it."""
    ring = Ring()
    keys = [_opened(key.leaf, checkpoint, EntryType.KEY) for key in bundle.keys]
    enrolments = [_opened(leaf, checkpoint, EntryType.ENROL) for leaf in bundle.enrolments]
    consents = [_opened(each.leaf, checkpoint, EntryType.CONSENT) for each in bundle.consents]
    grants = [_opened(each.leaf, checkpoint, EntryType.GRANT) for each in bundle.grants]
    for places in (keys, enrolments, consents, grants):
        require_order(places)
    for key, place in zip(bundle.keys, keys, strict=True):
        ring.add(key, place)
    agreed = Agreements(ring=ring)
    for place in enrolments:
        agreed.enrolment(place)
    for logged, place in zip(bundle.consents, consents, strict=True):
        agreed.consent(logged, place)
    for logged, place in zip(bundle.grants, grants, strict=True):
        agreed.grant(logged, place)
    for held in ring.leaves():
        agreed.references.note(held.registration.person, held.place)
    return agreed


def _publication(
    bundle: Bundle,
    checkpoint: Checkpoint,
    agreed: Agreements,
    release: tuple[ReleaseRecord, Opened],
) -> ActShown | None:
    if bundle.publish is None:
        if bundle.approvals:
            raise SuperfluousError("approvals of nothing")
        return None
    place = _opened(bundle.publish, checkpoint, EntryType.PUBLISH)
    record = PublishRecord.of(place.record)
    terms = check_publication(record, place, agreed, bundle.approvals, release)
    return _act(place, terms, agreed, frozenset(record.approvals))


def _act(
    place: Opened,
    terms: tuple[Terms, ...],
    agreed: Agreements,
    approved: frozenset[PersonId],
) -> ActShown:
    people = tuple(
        PersonShown(
            person=each.cited.person,
            handle=each.consent.document.subject_handle,
            reference=agreed.references.by_person[each.cited.person],
            consent=_document(each.consent),
            grant=None if each.grant is None else _document(each.grant),
            assurance=each.consent.document.assurance,
            simulated=each.consent.document.simulated,
            enrolled_by_recovery=agreed.enrolled(each.consent).key.recovered,
            epoch=each.epoch,
            changes=each.changes,
            approved=each.cited.person in approved,
        )
        for each in terms
    )
    return ActShown(index=place.index, at=place.entry.at, people=people)


def _document(agreed: Agreed[ConsentDocument] | Agreed[GrantDocument]) -> DocumentShown:
    document = agreed.document
    return DocumentShown(
        id=document.document_id,
        sha256=agreed.digests.sha256,
        index=agreed.place.index,
        at=agreed.place.entry.at,
        key_id=agreed.key.registration.key_id,
        evidence=agreed.key.registration.type,
        recovered=agreed.key.recovered,
        text_known=rendering_sha256(document) == document.rendering_sha256,
    )


def _not_shown(
    released: tuple[Terms, ...],
    publication: ActShown | None,
    seen: tuple[WitnessShown, ...],
    *,
    media_given: bool,
) -> tuple[str, ...]:
    counted = any(
        document.max_uses is not None
        for each in released
        for document in (each.consent.document, each.grant.document if each.grant else None)
        if document is not None
    )
    holds = {
        "bundle.later_withdrawal": bool(released),
        "bundle.whose_key": bool(released),
        "bundle.words": bool(released),
        "bundle.uses": counted,
        "bundle.follows": any(each.by_follow for each in released),
        "bundle.media_not_given": not media_given,
        "bundle.not_witnessed": not any(each.trusted for each in seen),
        "bundle.not_published": publication is None,
    }
    return tuple(code for code, holding in holds.items() if holding)


def _seconds(timestamp: int) -> datetime:
    # A witness's clock may say anything; what no calendar holds is shown as its end.
    return datetime.fromtimestamp(min(timestamp, 253402300799), UTC)
