"""Uses of a grant and of its consent never exceed what they allow, whatever jobs do between."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from consent.decide import decide
from consent.state import ConsentState, GrantState, Request, State, Subject
from consent.vocabulary import Approval, Audience, Purpose


class Jobs(RuleBasedStateMachine):
    """Jobs that reserve a use, then release or give up, while the person withdraws and returns."""

    def __init__(self) -> None:
        super().__init__()
        self.max_uses = self.consent_max_uses = 1
        self.consent = self.grant = True
        self.reserved: set[int] = set()
        self.released = 0
        self.jobs = 0
        self.denied_since: bool = False

    @initialize(max_uses=st.integers(1, 3), consent_max_uses=st.integers(1, 3))
    def begin(self, max_uses: int, consent_max_uses: int) -> None:
        self.max_uses, self.consent_max_uses = max_uses, consent_max_uses

    def allowed(self, *, own: bool) -> bool:
        everything = frozenset({"face", "voice"})
        alice = Subject(
            person_id="prs_a",
            handle="a",
            adult=True,
            frozen=False,
            paused=False,
            epoch=0,
            consent=ConsentState(
                consent_id="cns_1",
                audience=Audience.APPROVED,
                modalities=everything,
                purposes=frozenset(Purpose),
                restrictions=frozenset(),
                never_say=(),
                apart_from=frozenset(),
                max_people=1,
                expires_at=None,
                active=self.consent,
                assurance=1,
                simulated=False,
                approval=Approval.IF_NEEDED,
                needs_judge=False,
                max_uses=self.consent_max_uses,
                uses_reserved=len(self.reserved),
                uses_consumed=self.released,
            ),
            grants=(
                GrantState(
                    grant_id="gnt_1",
                    grantee="prs_b",
                    modalities=everything,
                    purposes=frozenset(Purpose),
                    expires_at=None,
                    active=self.grant,
                    max_uses=self.max_uses,
                    uses_reserved=len(self.reserved),
                    uses_consumed=self.released,
                ),
            ),
            blocked=frozenset(),
            mutuals=frozenset(),
        )
        state = State(
            subjects={"prs_a": alice},
            now=datetime(2026, 1, 1, tzinfo=UTC),
            min_assurance=1,
            max_people=2,
        )
        request = Request(
            requester="prs_b",
            people=("prs_a",),
            modalities=frozenset({"face"}),
            purpose=Purpose.SOCIAL,
            content_classes=frozenset(),
            own_uses=frozenset({"gnt_1", "cns_1"}) if own else frozenset(),
        )
        decision = decide(state, request)
        assert decision.people[0].counts_consent == decision.allowed
        return decision.allowed

    @rule()
    def start(self) -> None:
        if self.allowed(own=False):
            self.reserved.add(self.jobs)
            self.jobs += 1

    @precondition(lambda self: self.reserved)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(sorted(self.reserved)))
        allowed = self.allowed(own=True)
        assert not allowed or (self.consent and self.grant)
        # A job that reserved is never refused for want of uses: only a withdrawal stops it.
        assert allowed or not (self.consent and self.grant)
        self.reserved.remove(job)
        self.released += allowed

    @precondition(lambda self: self.released)
    @rule()
    def publish(self) -> None:
        # What was released keeps its use: only a withdrawal stops its publication.
        assert self.allowed(own=True) == (self.consent and self.grant)

    @precondition(lambda self: self.reserved)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        self.reserved.remove(data.draw(st.sampled_from(sorted(self.reserved))))

    @rule(what=st.sampled_from(["consent", "grant"]), on=st.booleans())
    def change_mind(self, what: str, on: bool) -> None:
        setattr(self, what, on)

    @invariant()
    def never_more_than_allowed(self) -> None:
        uses = len(self.reserved) + self.released
        assert uses <= min(self.max_uses, self.consent_max_uses)


TestJobs = Jobs.TestCase
TestJobs.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
