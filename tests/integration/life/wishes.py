"""What people want to agree to in an example, and what that must come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import strategies as st

from cameo.flows.permit import ConsentWish, GrantWish
from cameo.store.records import PersonRecord
from consent.vocabulary import Approval, Audience, Modality, Purpose, RestrictionClass
from tests.integration.life.stage import HANDLES
from tests.integration.life.terms import Consent, Grant

FACE_ONLY: frozenset[Modality] = frozenset({"face"})
BOTH: frozenset[Modality] = frozenset({"face", "voice"})
PURPOSES = (frozenset({Purpose.PERSONAL}), frozenset({Purpose.PERSONAL, Purpose.SOCIAL}))
SAID = "I like my banana"

NO_DRINKS = "no alcohol"
NOT_THE_WORD = 'never say "banana"'
FOR_A_JUDGE = "nothing that would upset my grandmother"


@dataclass(frozen=True)
class Wish:
    """A consent as a person would ask for it."""

    audience: Audience = Audience.EVERYONE
    modalities: frozenset[Modality] = BOTH
    purposes: frozenset[Purpose] = PURPOSES[0]
    no_drinks: bool = False
    never_say: bool = False
    apart: str | None = None
    max_people: int = 2
    max_uses: int | None = None
    approval: Approval = Approval.IF_NEEDED
    words: frozenset[str] = field(default_factory=frozenset)
    hours: int | None = None
    """How long it is to hold."""

    def expires(self, now: datetime) -> datetime | None:
        return ends(now, self.hours)

    def asked(self, handle: str, now: datetime) -> ConsentWish:
        """As the flow is asked."""
        drinks = frozenset({RestrictionClass.ALCOHOL}) if self.no_drinks else frozenset()
        apart = () if self.apart in {None, handle} else (str(self.apart),)
        return ConsentWish(
            audience=self.audience,
            modalities=self.modalities,
            purposes=self.purposes,
            restrictions=drinks,
            never_say=("banana",) if self.never_say else (),
            apart_from=apart,
            max_people=self.max_people,
            max_uses=self.max_uses,
            approval=self.approval,
            wishes=tuple(sorted(self.words)),
            expires_at=self.expires(now),
        )

    def agreed(self, consent_id: str, handle: str, now: datetime, *, checked: bool) -> Consent:
        """What it must come to once it is signed."""
        drinks = self.no_drinks or NO_DRINKS in self.words
        word = self.never_say or NOT_THE_WORD in self.words
        return Consent(
            id=consent_id,
            expires=self.expires(now),
            max_uses=self.max_uses,
            audience=self.audience,
            modalities=frozenset(map(str, self.modalities)),
            purposes=self.purposes,
            restrictions=frozenset({RestrictionClass.ALCOHOL}) if drinks else frozenset(),
            never_say=("banana",) if word else (),
            apart=frozenset({self.apart}) - {handle} if self.apart else frozenset(),
            max_people=self.max_people,
            approval=self.approval,
            judged=FOR_A_JUDGE in self.words,
            checked=checked,
        )


@dataclass(frozen=True)
class Permission:
    """What somebody is granted."""

    modalities: frozenset[Modality] = BOTH
    purposes: frozenset[Purpose] = PURPOSES[0]
    max_uses: int | None = None
    hours: int | None = None

    def asked(self, grantee: PersonRecord, now: datetime) -> GrantWish:
        """As the flow is asked."""
        return GrantWish(
            grantee=grantee,
            modalities=self.modalities,
            purposes=self.purposes,
            max_uses=self.max_uses,
            expires_at=ends(now, self.hours),
        )

    def agreed(self, grant_id: str, grantee: str, consent_id: str, now: datetime) -> Grant:
        """What it must come to once it is signed."""
        return Grant(
            grant_id,
            expires=ends(now, self.hours),
            max_uses=self.max_uses,
            grantee=grantee,
            consent=consent_id,
            modalities=frozenset(map(str, self.modalities)),
            purposes=self.purposes,
        )


def ends(now: datetime, hours: int | None) -> datetime | None:
    """Half an hour past the full hours by which the clock is turned: nothing is a near thing."""
    return None if hours is None else now + timedelta(hours=hours, minutes=30)


def mostly(usual: object, *others: object) -> st.SearchStrategy:
    return st.sampled_from([usual, usual, usual, *others])


def expiries() -> st.SearchStrategy[int | None]:
    return mostly(None, 0, 1, 3, 30)


def permissions() -> st.SearchStrategy[Permission]:
    return st.builds(
        Permission,
        modalities=mostly(BOTH, FACE_ONLY),
        purposes=st.sampled_from(PURPOSES),
        max_uses=mostly(None, 1, 2),
        hours=expiries(),
    )


def wishes() -> st.SearchStrategy[Wish]:
    open_house = st.builds(
        Wish,
        audience=st.sampled_from([Audience.EVERYONE, Audience.APPROVED, Audience.MUTUALS]),
    )
    choosy = st.builds(
        Wish,
        audience=st.sampled_from(list(Audience)),
        modalities=mostly(BOTH, FACE_ONLY),
        purposes=st.sampled_from(PURPOSES),
        no_drinks=mostly(False, True),
        never_say=mostly(False, True),
        apart=st.sampled_from([None, None, None, *HANDLES]),
        max_people=mostly(2, 1),
        max_uses=mostly(None, 1, 2),
        approval=st.sampled_from(list(Approval)),
        words=st.frozensets(st.sampled_from([NO_DRINKS, NOT_THE_WORD, FOR_A_JUDGE]), max_size=2),
        hours=expiries(),
    )
    return open_house | choosy
