"""Consents and grants over the wire: what a person wants, what they sign, and what stands."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from cameo.api.schemas import Handle, aware
from cameo.flows.permit import ConsentWish, GrantWish
from cameo.flows.signing import Prepared
from cameo.store.records import ConsentRecord, GrantRecord, PersonRecord
from consent.vocabulary import Approval, Audience, Lang, Modality, Purpose, RestrictionClass
from consent.wishes import Reading

Uses = Annotated[int | None, Field(ge=1, le=1_000_000)]
Wish = Annotated[str, StringConstraints(min_length=1, max_length=400)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ConsentWishIn(_In):
    """What a person wants to agree to; the defaults are the safe ones."""

    audience: Audience = Audience.ONLY_ME
    modalities: Annotated[list[Modality], Field(min_length=1, max_length=2)] = ["face", "voice"]
    purposes: Annotated[list[Purpose], Field(min_length=1, max_length=8)] = [Purpose.PERSONAL]
    restrictions: Annotated[list[RestrictionClass], Field(max_length=32)] = [
        RestrictionClass.NUDITY
    ]
    never_say: Annotated[list[str], Field(max_length=50)] = []
    wishes: Annotated[
        list[Wish], Field(max_length=10, description="Limits in your own words, en or ja.")
    ] = []
    apart_from: Annotated[
        list[Handle], Field(max_length=20, description="Handles of people not to appear with.")
    ] = []
    max_people: Annotated[int, Field(ge=1, le=8)] = 2
    max_uses: Annotated[Uses, Field(description="Clips by others, in all.")] = None
    approval: Annotated[
        Approval, Field(description="When you are asked before a clip by others is published.")
    ] = Approval.IF_NEEDED
    expires_at: datetime | None = None
    retention_days: Annotated[
        int, Field(ge=1, le=3650, description="Likeness kept so long after the consent ended.")
    ] = 90
    language: Lang = "en"

    def wish(self) -> ConsentWish:
        """As the flow takes it."""
        return ConsentWish(
            audience=self.audience,
            modalities=frozenset(self.modalities),
            purposes=frozenset(self.purposes),
            restrictions=frozenset(self.restrictions),
            never_say=tuple(self.never_say),
            wishes=tuple(self.wishes),
            apart_from=tuple(self.apart_from),
            max_people=self.max_people,
            max_uses=self.max_uses,
            approval=self.approval,
            expires_at=aware(self.expires_at),
            retention_days=self.retention_days,
            language=self.language,
        )


class GrantWishIn(_In):
    """What a person wants to permit somebody."""

    grantee: Handle
    modalities: Annotated[list[Modality], Field(min_length=1, max_length=2)] = ["face", "voice"]
    purposes: Annotated[list[Purpose], Field(min_length=1, max_length=8)] = [Purpose.PERSONAL]
    expires_at: datetime | None = None
    max_uses: Uses = None
    language: Lang = "en"

    def wish(self, grantee: PersonRecord) -> GrantWish:
        """As the flow takes it."""
        return GrantWish(
            grantee=grantee,
            modalities=frozenset(self.modalities),
            purposes=frozenset(self.purposes),
            expires_at=aware(self.expires_at),
            max_uses=self.max_uses,
            language=self.language,
        )


class CompiledOut(BaseModel):
    """A wish that a machine checks, and what it became."""

    wish: str
    restrictions: list[str]
    never_say: list[str]
    apart_from: list[str]

    @classmethod
    def of(cls, reading: Reading) -> Self:
        """From the core's value."""
        return cls(
            wish=reading.wish,
            restrictions=sorted(reading.classes),
            never_say=list(reading.never_say),
            apart_from=list(reading.apart_from_handles),
        )


class PreparedOut(BaseModel):
    """A document to sign: the exact bytes, and what they say."""

    document: str = Field(description="canonical JSON (RFC 8785), base64")
    text_en: str
    text_ja: str
    checked_by_machine: list[CompiledOut]
    needs_judge: list[str] = Field(description="wishes for which each clip by others is shown you")

    @classmethod
    def of(cls, prepared: Prepared) -> Self:
        """From the flow's value."""
        rules = prepared.rules
        return cls(
            document=base64.b64encode(prepared.document).decode(),
            text_en=prepared.text_en,
            text_ja=prepared.text_ja,
            checked_by_machine=[CompiledOut.of(each) for each in rules.compiled] if rules else [],
            needs_judge=list(rules.judge) if rules else [],
        )


class ConsentOut(BaseModel):
    """A signed consent or grant; of an erased one its digest is left."""

    id: str
    status: str
    sha256: str
    created_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    erased_at: datetime | None
    document: dict[str, Any] | None
    evidence: dict[str, Any] | None
    max_uses: int | None
    uses_reserved: int
    uses_consumed: int

    @classmethod
    def of(cls, record: ConsentRecord | GrantRecord) -> Self:
        """From the store's record."""
        there = record.erased_at is None
        return cls(
            id=record.id,
            status=record.status,
            sha256=record.sha256,
            created_at=record.created_at,
            expires_at=record.expires_at,
            ended_at=record.ended_at,
            erased_at=record.erased_at,
            document=json.loads(record.document) if there else None,
            evidence=json.loads(record.evidence) if there else None,
            max_uses=record.max_uses,
            uses_reserved=record.uses_reserved,
            uses_consumed=record.uses_consumed,
        )


class CheckIn(_In):
    """A preflight: would the gate allow this?"""

    cameos: Annotated[list[Handle], Field(min_length=1, max_length=1000)]
    modalities: list[Modality] = ["face", "voice"]
    purpose: Purpose = Purpose.PERSONAL
    prompt: Annotated[str, StringConstraints(max_length=4000)] = ""
