"""PUBLISH: a finished clip gets a link that anyone who has it can open.

It passes the gate again, under the same locks as a release, and needs the signed approval of
everybody who asked to see each clip first. The link ends at once with any consent in the clip.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cameo.flows.errors import ApprovalNeededError, NotReadyError
from cameo.flows.gate import Answer, Ask, ask_gate, handles_of, held_uses, require
from cameo.flows.ledger import Ledger
from cameo.flows.library import Library
from cameo.flows.lineage import locked_clip, require_sources
from cameo.flows.order import open_request
from cameo.flows.policy import Policy
from cameo.flows.vault import Vault
from cameo.store.database import Database, Transaction
from cameo.store.errors import NotFoundError
from cameo.store.records import ClipPersonRecord, ClipRecord, PersonRecord
from consent.documents import digest
from consent.reasons import NEEDS_APPROVAL
from consent.vocabulary import Purpose

_TOKEN_BYTES: Final = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Publications:
    """Shares clips, and stops sharing them."""

    db: Database
    vault: Vault
    ledger: Ledger
    library: Library
    policy: Policy

    def publish(self, maker: PersonRecord, clip_id: str) -> ClipRecord:
        """Give a clip of one's own a link; publishing twice keeps the first.

        Raises:
            NotFoundError: it is not a clip that this person made.
            NotReadyError, VideoFailedError, WithdrawnError, HeldError: it is not served.
            ApprovalNeededError: people in it have not approved it yet; they are told.
            ConsentRefusedError: somebody in it does not agree to it any more.
        """
        self.library.require_served(maker, clip_id)
        with locked_clip(self.db, clip_id) as (tx, clip, people):
            if clip.maker_id != maker.id:
                raise NotFoundError(f"{clip_id} is not a video that you made")
            if clip.status != "completed" or clip.media_sha256 is None:
                raise NotReadyError
            if clip.share_token is not None:
                return clip
            require_sources(tx, tx.clips.sources(clip.remixed_from))
            answer = self._answer(tx, clip, people)
            waiting = _waiting(answer, clip, people)
            if waiting is None:
                require(answer.decision, handles_of(tx, [p.person_id for p in people]))
                self._share(tx, clip, people, answer)
                return tx.clips.get(clip_id)
            self._ask_for(tx, clip, waiting, answer.now)
            handles = sorted(handles_of(tx, waiting).values())
        raise ApprovalNeededError(extra={"waiting_for": handles})

    def unpublish(self, person: PersonRecord, clip_id: str) -> None:
        """End a clip's link: its maker may, and so may everybody who is in it.

        Raises:
            NotFoundError: it is neither theirs nor shows them.
        """
        self.library.get(person, clip_id)
        with locked_clip(self.db, clip_id) as (tx, _clip, _people):
            tx.clips.change(clip_id, share_token=None, published_at=None)

    def shared(self, token: str) -> ClipRecord:
        """The clip behind a link, if it may be shown at this moment.

        Raises:
            NotFoundError: there is no such link, or it was ended.
            WithdrawnError: a consent in the clip has ended.
        """
        with self.db.reading() as tx:
            clip = tx.clips.by_share_token(token)
        if clip is None:
            raise NotFoundError("this link does not exist, or was ended")
        self.library.require_shown(clip)
        return clip

    def _answer(
        self, tx: Transaction, clip: ClipRecord, people: tuple[ClipPersonRecord, ...]
    ) -> Answer:
        request = open_request(self.vault, clip)
        ask = Ask(
            requester=clip.maker_id or "",
            people=tuple(person.person_id for person in people),
            modalities=frozenset(request["modalities"]),
            purpose=Purpose(request["purpose"]),
            content_classes=frozenset(request["classes"]),
            spoken=request["spoken"],
            held=frozenset(held_uses(people)),
            publishing=True,
            approved=frozenset(p.person_id for p in people if p.approval == "approved"),
            licensed=request["licensed"],
        )
        return ask_gate(tx, ask, self.policy)

    def _ask_for(
        self, tx: Transaction, clip: ClipRecord, waiting: list[str], now: datetime
    ) -> None:
        for person in waiting:
            if tx.clips.approve(clip.id, person, "asked", only=("none", "needed")):
                tx.clips.notify(person, "clip.approval_wanted", clip.id, now)

    def _share(
        self,
        tx: Transaction,
        clip: ClipRecord,
        people: tuple[ClipPersonRecord, ...],
        answer: Answer,
    ) -> None:
        if not tx.clips.change(
            clip.id,
            only=("completed",),
            share_token=secrets.token_urlsafe(_TOKEN_BYTES),
            published_at=answer.now,
        ):
            raise NotReadyError("the video was deleted in this moment")
        self.ledger.record(
            tx,
            kind="publish",
            ref=clip.id,
            private={
                "clip": clip.id,
                "media_sha256": clip.media_sha256,
                "people": [
                    {
                        "person": person.person_id,
                        "consent": person.consent_id,
                        "grant": person.grant_id,
                        "epoch": person.epoch,
                    }
                    for person in answer.decision.people
                ],
                "approvals": {
                    p.person_id: {
                        "sha256": digest(p.approval_document),
                        "evidence_sha256": digest((p.approval_evidence or "").encode()),
                    }
                    for p in people
                    if p.approval == "approved" and p.approval_document is not None
                },
            },
            at=answer.now,
            people=answer.people,
        )
        others = [p.person_id for p in people if p.person_id != clip.maker_id]
        tx.clips.notify(others, "clip.published", clip.id, answer.now)


def _waiting(
    answer: Answer, clip: ClipRecord, people: Iterable[ClipPersonRecord]
) -> list[str] | None:
    """Whose approval alone is missing; None where nothing is, or something else is too.

    Whoever declined is asked again, even where the clip could do without their approval.
    """
    denials = [person for person in answer.decision.people if not person.allowed]
    if any(set(person.reasons) != {NEEDS_APPROVAL} for person in denials):
        return None
    declined = {p.person_id for p in people if p.approval == "declined"} - {clip.maker_id}
    return sorted({str(person.person_id) for person in denials} | declined) or None
