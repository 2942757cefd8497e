"""Order a video: references resolved, prompt moderated, gate asked, uses reserved - in one commit.

What is promised here is handed to the workflow engine by the outbox, under the clip's id.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final, Protocol

from cameo.flows.errors import (
    ConsentRefusedError,
    DailyLimitError,
    PromptBlockedError,
    UnknownHandleError,
)
from cameo.flows.gate import Ask, ask_gate, counted_uses, handles_of, require
from cameo.flows.ledger import Ledger
from cameo.flows.lineage import concerned, require_sources
from cameo.flows.policy import Policy
from cameo.flows.signing import require_signed
from cameo.flows.vault import Vault
from cameo.store.database import Database, Transaction
from cameo.store.errors import NotFoundError
from cameo.store.ids import new_id
from cameo.store.records import ClipPersonRecord, ClipRecord, PersonRecord
from cameo.store.releasing import Candidate
from consent.decide import Decision
from consent.documents import ConsentDocument, parse
from consent.reasons import USED_UP
from consent.vocabulary import Modality, Purpose
from generator.request import Style
from moderation.decision import Decision as Moderation
from moderation.decision import Reason
from moderation.mentions import mentions

_DAY: Final = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class VideoAsk:
    """What a person wants to see.

    Attributes:
        prompt: English or Japanese; people are named by @handle.
        cameos: handles of further people in it.
        seconds: 4 to 60.
        size: width and height in pixels.
        seed: None draws one.
    """

    prompt: str
    cameos: tuple[str, ...] = ()
    seconds: float = 8.0
    size: tuple[int, int] = (1280, 720)
    fps: int = 24
    style: Style = Style.PHOTOREAL
    purpose: Purpose = Purpose.PERSONAL
    seed: int | None = None
    remixed_from: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a generator understood, before anybody's appearance is opened."""

    spoken: tuple[str, ...]
    explanation: tuple[str, ...]


class Planner(Protocol):
    """Understands prompts; sees handles only."""

    @property
    def model(self) -> str:
        """The generator's name."""
        ...

    @property
    def allows_commercial(self) -> bool:
        """Whether its licence allows what is made with it to be sold."""
        ...

    def plan(self, ask: VideoAsk, handles: Sequence[str], seed: int) -> Plan:
        """Check the form of a request and say what would be spoken. Draws nothing.

        Raises:
            GeneratorError: a subclass with a code that says what cannot be made.
        """
        ...


class TextModerator(Protocol):
    """Judges what may be asked for."""

    def moderate(
        self, text: str, *, consented_names: frozenset[str] = ..., handles: frozenset[str] = ...
    ) -> Moderation:
        """One decision for one text; never raises for any text."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Orders:
    """Takes orders."""

    db: Database
    vault: Vault
    ledger: Ledger
    policy: Policy
    planner: Planner
    moderator: TextModerator

    def order(self, maker: PersonRecord | None, ask: VideoAsk) -> ClipRecord:
        """Order a video; when this returns, its generation is promised durably.

        Without a maker (the operator's own command line) nobody is charged, nobody may be in it,
        and it is not handed to the workflow engine: the caller runs the steps.

        Raises:
            UnknownHandleError: a handle belongs to nobody.
            GeneratorError: the request has a form that cannot be made.
            PromptBlockedError: the prompt or a spoken line is not allowed.
            ConsentRefusedError: somebody in it has not agreed.
            DailyLimitError: the maker's daily limit is used up.
        """
        cast = self._cast(ask)
        seed = secrets.randbits(31) if ask.seed is None else ask.seed
        plan = self.planner.plan(ask, [person.handle for person in cast], seed)
        moderation = self._moderate(ask.prompt, plan.spoken, cast)
        gate = Ask(
            requester=maker.id if maker else "",
            people=tuple(person.id for person in cast),
            modalities=_modalities(plan),
            purpose=ask.purpose,
            content_classes=moderation.classes,
            spoken="\n".join(plan.spoken),
            licensed=self.planner.allows_commercial,
        )
        clip_id = new_id("clip")
        dek_id, request = self._seal(clip_id, ask, gate)
        try:
            return self._commit(maker, ask, gate, _Draft(clip_id, dek_id, request, seed))
        except BaseException:
            self.vault.destroy(dek_id)
            raise

    def _cast(self, ask: VideoAsk) -> list[PersonRecord]:
        handles = [name for _span, name in mentions(ask.prompt)]
        handles += [handle.strip().removeprefix("@").casefold() for handle in ask.cameos]
        cast = []
        with self.db.reading() as tx:
            for handle in dict.fromkeys(handles):
                person = tx.people.find_handle(handle)
                if person is None:
                    raise UnknownHandleError(f"nobody here has the handle @{handle[:40]}")
                cast.append(person)
        return cast

    def _moderate(
        self, prompt: str, spoken: Sequence[str], cast: Sequence[PersonRecord]
    ) -> Moderation:
        names = frozenset(person.display_name for person in cast)
        handles = frozenset(person.handle for person in cast)
        judge = partial(self.moderator.moderate, consented_names=names, handles=handles)
        decisions = [judge(prompt)]
        # A line that stands in the prompt has its place there already.
        extra = [line for line in spoken if line not in prompt]
        decisions += [judge(line) for line in extra]
        refused = [decision for decision in decisions if decision.decision != "allow"]
        if refused:
            # "review" is refused too: there is nobody yet who reviews.
            raise PromptBlockedError(extra=_refusal(refused))
        return Moderation(
            decision="allow",
            reasons=(),
            classes=frozenset().union(*(decision.classes for decision in decisions)),
        )

    def _seal(self, clip_id: str, ask: VideoAsk, gate: Ask) -> tuple[str, bytes]:
        body = {
            "prompt": ask.prompt,
            "purpose": str(ask.purpose),
            "modalities": sorted(gate.modalities),
            "classes": sorted(gate.content_classes),
            "spoken": gate.spoken,
            "people": list(gate.people),
            "licensed": gate.licensed,
        }
        dek_id = self.vault.new_key(clip_context(clip_id))
        sealed = self.vault.seal(
            dek_id, clip_context(clip_id), "request", json.dumps(body).encode()
        )
        return dek_id, sealed

    def _commit(
        self, maker: PersonRecord | None, ask: VideoAsk, gate: Ask, draft: _Draft
    ) -> ClipRecord:
        quota = [f"quota:{maker.id}"] if maker else []
        with self.db.transaction() as tx:
            sources = tx.clips.sources(ask.remixed_from)
            others = concerned(tx, (), sources)
            tx.lock(shared={*gate.people, *others}, exclusive=quota)
            require_sources(tx, sources)
            handles = handles_of(tx, gate.people)
            answer = ask_gate(tx, gate, self.policy)
            decision, now = require(answer.decision, handles), answer.now
            if maker and tx.clips.charged_since(maker.id, now - _DAY) >= self.policy.daily_limit:
                raise DailyLimitError
            record = ClipRecord(
                id=draft.clip_id,
                maker_id=maker.id if maker else None,
                kind="generated",
                status="queued",
                step="queued",
                progress=0,
                seconds=ask.seconds,
                width=ask.size[0],
                height=ask.size[1],
                fps=ask.fps,
                style=str(ask.style),
                model=self.planner.model,
                seed=draft.seed,
                payload=new_payload(tx),
                request=draft.request,
                dek_id=draft.dek_id,
                remixed_from=ask.remixed_from,
                failure_code=None,
                failure_detail=None,
                withdrawn_reason=None,
                media_bytes=None,
                created_at=now,
                started_at=None,
                completed_at=None,
                withdrawn_at=None,
                mark_epoch=tx.marks.present(),
            )
            tx.clips.add(record, self._leases(tx, record, decision))
            if not tx.consents.reserve(counted_uses(decision)):
                # Somebody else took the last use since the decision read the count.
                raise ConsentRefusedError((USED_UP,), ())
            if maker:
                tx.clips.charge(record.id, maker.id, now)
                tx.clips.promise("render", record.id, now)
            self.ledger.record(
                tx,
                kind="lease",
                ref=record.id,
                private={"clip": record.id, "maker": gate.requester, "people": list(gate.people)},
                at=now,
                people=answer.people,
            )
        return record

    def _leases(
        self, tx: Transaction, clip: ClipRecord, decision: Decision
    ) -> list[ClipPersonRecord]:
        leases = []
        for person in decision.people:
            if person.consent_id is None:
                raise NotFoundError("an allowing decision cites a consent")
            consent = tx.consents.get(person.consent_id)
            require_signed(tx, consent)
            if person.grant_id is not None:
                require_signed(tx, tx.consents.get_grant(person.grant_id))
            document = parse(consent.document)
            if not isinstance(document, ConsentDocument):
                raise NotFoundError("an allowing decision cites a consent")
            leases.append(
                ClipPersonRecord(
                    clip_id=clip.id,
                    person_id=person.person_id,
                    consent_id=person.consent_id,
                    grant_id=person.grant_id,
                    epoch=person.epoch,
                    assurance=document.assurance,
                    simulated=document.simulated,
                    lease_expires_at=clip.created_at + self.policy.lease,
                    use="reserved",
                    counts_consent=person.counts_consent,
                    approval="needed" if person.needs_approval else "none",
                    released_at=None,
                )
            )
        return leases


@dataclass(frozen=True, slots=True)
class _Draft:
    clip_id: str
    dek_id: str
    request: bytes
    seed: int


def clip_context(clip_id: str) -> str:
    """What a clip's key is bound to."""
    return f"clip:{clip_id}"


def open_request(vault: Vault, clip: ClipRecord | Candidate) -> dict[str, Any]:
    """The order's text, decrypted: prompt, purpose, modalities, classes, spoken, people in order.

    Raises:
        KeyDestroyed: the clip's key is gone, and the prompt with it.
    """
    if clip.request is None or clip.dek_id is None:
        raise NotFoundError("the prompt of this clip is gone")
    opened = vault.unseal(clip.dek_id, clip_context(clip.id), "request", clip.request)
    body: dict[str, Any] = json.loads(opened)
    return body


def _modalities(plan: Plan) -> frozenset[Modality]:
    # Whoever is seen lends a face; a voice is lent only where something is said.
    return frozenset({"face", "voice"}) if plan.spoken else frozenset({"face"})


def _refusal(refused: Sequence[Moderation]) -> Mapping[str, Any]:
    return {
        "decision": "block" if any(d.decision == "block" for d in refused) else "review",
        "reasons": [_reason(reason) for decision in refused for reason in decision.reasons],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "span": None if reason.span is None else list(reason.span),
        "detail": reason.detail,
    }


def new_payload(tx: Transaction) -> str:
    """64 random bits, whose first half is unique too: it is the short id for sound."""
    while True:
        payload = secrets.token_hex(8)
        if payload.strip("0") and not tx.clips.payload_taken(payload):
            return payload
