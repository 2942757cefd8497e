"""Rules about people: what they sign and withdraw, their ties, keys, likenesses and contests."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, multiple, precondition, rule

from cameo.flows.signing import Prepared
from consent.evidence import Evidence
from tests.integration.life.model import DONE
from tests.integration.life.player import PAIR, PERSON, WHICH, Player, pick
from tests.integration.life.society import RECOVERY, Contest
from tests.integration.life.stage import outcome, signed
from tests.integration.life.terms import Consent, Enrolment, Grant, Key
from tests.integration.life.wishes import Permission, Wish, mostly, permissions, wishes


@dataclass(frozen=True)
class Hoarded:
    """A consent that was prepared and signed, but not handed in; and how things stood then."""

    handle: str
    wish: Wish
    key: Key
    prepared: Prepared
    evidence: Evidence
    standing: tuple[object, ...]
    hour: int


class PeopleRules(Player):
    """Everything but clips."""

    contests: Bundle[Contest] = Bundle("contests")
    hoard: Bundle[Hoarded] = Bundle("hoard")

    @rule(handle=PERSON, wish=wishes(), which=WHICH)
    def sign_consent(self, handle: str, wish: Wish, which: int) -> None:
        person, key, now = self.life.people[handle], self.key(handle, which), self.now
        enrolment = person.enrolled
        expected = "consent.not_enrolled" if enrolment is None else person.key_fault(key, now)
        made: list[str] = []

        def act() -> None:
            prepared = self.world.permits.prepare_consent(
                self.record(handle), wish.asked(handle, now)
            )
            evidence = signed(key.private, prepared.document)
            record = self.world.permits.sign_consent(
                self.record(handle), prepared.document, evidence
            )
            made.append(record.id)

        assert outcome(act) == (expected or DONE)
        if made and enrolment is not None:
            consent = wish.agreed(made[0], handle, now, checked=enrolment.checked)
            self.life.consent_signed(handle, consent)

    @precondition(lambda self: any(p.enrolled for p in self.life.people.values()))
    @rule(target=hoard, handle=PERSON, wish=wishes(), which=WHICH)
    def sign_and_wait(self, handle: str, wish: Wish, which: int):
        """What is signed now may be handed in when the world has changed, and more than once."""
        if self.life.people[handle].enrolled is None:
            return multiple()
        key = self.key(handle, which)
        prepared = self.world.permits.prepare_consent(
            self.record(handle), wish.asked(handle, self.now)
        )
        evidence = signed(key.private, prepared.document)
        now = self.now
        return Hoarded(handle, wish, key, prepared, evidence, self._standing(handle), now.hour)

    @rule(signature=hoard)
    def hand_in(self, signature: Hoarded) -> None:
        handle, key = signature.handle, signature.key
        person, now = self.life.people[handle], self.now
        fresh = signature.standing == self._standing(handle)
        expected = person.key_fault(key, now) or (DONE if fresh else "consent.stale_document")
        made: list[str] = []

        def act() -> None:
            record = self.world.permits.sign_consent(
                self.record(handle), signature.prepared.document, signature.evidence
            )
            made.append(record.id)

        got = outcome(act)
        assert got == expected
        if made and person.enrolled is not None:
            checked = person.enrolled.checked
            consent = signature.wish.agreed(made[0], handle, now, checked=checked)
            self.life.consent_signed(handle, consent)

    def _standing(self, handle: str) -> tuple[object, ...]:
        """All that a prepared consent depends on; the clock is turned by hours only."""
        person = self.life.people[handle]
        newest = person.consent.id if person.consent else None
        enrolled = person.enrolled.id if person.enrolled else None
        return person.epoch, newest, enrolled, self.now.date(), self.now.hour

    @rule(pair=PAIR, oneself=mostly(False, False, True), which=WHICH, wish=permissions())
    def grant(self, pair: tuple[str, str], oneself: bool, which: int, wish: Permission) -> None:
        handle, other = pair[0], pair[0] if oneself else pair[1]
        person, key, now = self.life.people[handle], self.key(handle, which), self.now
        consent = person.consent
        expected = person.key_fault(key, now)
        if consent is None or consent.status != "active":
            expected = "consent.none_of_own"
        if handle == other:
            expected = "consent.self_grant"
        made: list[str] = []

        def act() -> None:
            prepared = self.world.permits.prepare_grant(
                self.record(handle), wish.asked(self.record(other), now)
            )
            evidence = signed(key.private, prepared.document)
            made.append(
                self.world.permits.sign_grant(self.record(handle), prepared.document, evidence).id
            )

        assert outcome(act) == (expected or DONE)
        if made and consent is not None:
            grant = wish.agreed(made[0], other, consent.id, now)
            self.life.grant_signed(handle, grant)

    @rule(handle=PERSON, which=WHICH, grant=st.booleans())
    def revoke(self, handle: str, which: int, grant: bool) -> None:
        person, revocations = self.life.people[handle], self.world.revocations
        if grant and person.grants:
            given: Grant = pick(person.grants, which)
            revocations.revoke_grant(self.record(handle), given.id)
            self.life.grant_revoked(handle, given)
        elif not grant and person.consents:
            agreed: Consent = pick(person.consents, which)
            revocations.revoke_consent(self.record(handle), agreed.id)
            self.life.consent_revoked(handle, agreed)

    # Ties.

    @rule(tie=st.sampled_from(["follow", "unfollow", "block", "unblock"]), pair=PAIR)
    def tie(self, tie: str, pair: tuple[str, str]) -> None:
        handle, other = pair
        getattr(self.world.ties, tie)(self.record(handle), self.record(other))
        getattr(self.life, tie)(handle, other)

    @rule(handle=PERSON, which=WHICH, resume=st.booleans())
    def pause(self, handle: str, which: int, resume: bool) -> None:
        if not resume:
            self.world.acts.pause(self.record(handle))
            self.life.pause(handle)
            return
        person, key = self.life.people[handle], self.key(handle, which)
        expected = person.key_fault(key, self.now)
        if not person.paused:
            expected = "request.invalid"

        def act() -> None:
            prepared = self.world.acts.prepare_resumption(self.record(handle))
            evidence = signed(key.private, prepared.document)
            self.world.acts.resume(self.record(handle), prepared.document, evidence)

        assert outcome(act) == (expected or DONE)
        if expected is None:
            self.life.resume(handle)

    # Keys and likenesses.

    @rule(handle=PERSON, which=WHICH, act=st.sampled_from(["add", "revoke", "recover", "recover"]))
    def change_keys(self, handle: str, which: int, act: str) -> None:
        if act == "add":
            self._add_key(handle, which)
        elif act == "recover":
            self._recover(handle)
        else:
            key = self.key(handle, which)
            self.world.keyring.revoke(self.record(handle), key.id)
            self.life.key_ended(handle, key)

    def _add_key(self, handle: str, which: int) -> None:
        person, by = self.life.people[handle], self.key(handle, which)
        if sum(not key.revoked for key in person.keys) >= 4:
            return
        private, new = self.stage.new_key()
        made: list[str] = []

        def act() -> None:
            ready = self.world.keyring.prepare(self.record(handle), new)
            evidence = signed(by.private, ready.agreement.document)
            view = self.world.keyring.add(
                self.record(handle), ready.registration, ready.agreement.document, evidence
            )
            made.append(view.record.id)

        assert outcome(act) == (person.key_fault(by, self.now) or DONE)
        if made:
            self.life.key_added(handle, Key(made[0], private, origin=by))

    def _recover(self, handle: str) -> None:
        person, now = self.life.people[handle], self.now
        if len(person.keys) >= 6:
            return
        private, new = self.stage.new_key()
        made: list[str] = []

        def act() -> None:
            made.append(self.world.keyring.recover(self.record(handle), new).record.id)

        waits = any(key.waits(now) for key in person.keys)
        assert outcome(act) == ("key.recovery_pending" if waits else DONE)
        if made:
            key = Key(made[0], private, recovered=True, effective=now + RECOVERY)
            self.life.key_added(handle, key)

    @rule(handle=PERSON, which=WHICH, checked=mostly(True, False))
    def enrol(self, handle: str, which: int, checked: bool) -> None:
        self._enrol(handle, self.key(handle, which), handle, checked=checked)

    def _enrol(self, handle: str, key: Key, face: str, *, checked: bool) -> Enrolment | None:
        now, made = self.now, []
        expected = "key.not_effective" if key.waits(now) else DONE
        if key.revoked:
            expected = "enrolment.no_key"

        def act() -> None:
            made.append(self.stage.enrol(handle, key=key.id, face=face, checked=checked).id)

        got = outcome(act)
        assert got == expected
        if not made:
            return None
        enrolment = Enrolment(made[0], face, key, now, checked)
        self.life.enrolled(handle, enrolment)
        return enrolment

    @rule(handle=PERSON, sure=mostly(False, True))
    def erase(self, handle: str, sure: bool) -> None:
        if not sure:
            return
        expected = "cameo.none" if self.life.nothing_to_erase(handle) else DONE
        erasures, record = self.stage.office.erasures, self.record(handle)
        assert outcome(lambda: erasures.erase(record, confirm=handle)) == expected
        if expected == DONE:
            self.covered()
            self.life.erased(handle, self.now)

    # Contests.

    @rule(target=contests, pair=PAIR)
    def contest(self, pair: tuple[str, str]):
        by, against = pair
        fault = self.life.contest_fault(by, against, self.now)
        now, made = self.now, []
        contests = self.stage.office.contests

        def act() -> None:
            made.append(contests.open(self.record(by), self.record(against)).id)

        assert outcome(act) == (fault or DONE)
        if not made:
            return multiple()
        self.covered()
        contest = Contest(made[0], by, against, now)
        self.life.contested(contest)
        return contest

    @rule(contest=contests, operator=st.booleans(), alike=st.booleans(), which=WHICH)
    def settle(self, contest: Contest, operator: bool, alike: bool, which: int) -> None:
        if operator:
            self._decide(contest, alike)
        else:
            self._compare(contest, alike, which)

    def _compare(self, contest: Contest, alike: bool, which: int) -> None:
        face = contest.against if alike else contest.by
        mine = self._enrol(contest.by, self.key(contest.by, which), face, checked=True)
        if mine is None:
            return
        lapsed = (self.now - contest.opened).total_seconds() >= 24 * 3600
        expected = "contest.over" if contest.status != "open" or lapsed else DONE
        judged = self.life.judged(contest, mine)
        found = []

        def act() -> None:
            done = self.stage.office.contests.compare(self.record(contest.by), contest.id, mine.id)
            found.append(done.status)

        got = outcome(act)
        assert got == expected
        if found:
            self.covered()
            assert {"doubtful": "matched"}.get(found[0], found[0]) == judged
            self.life.settled(contest, judged, self.now)

    def _decide(self, contest: Contest, right: bool) -> None:
        contests, now = self.stage.office.contests, self.now
        waits = contest.status == "matched" or (not right and contest.status in {"open", "upheld"})
        decide = contests.uphold if right else contests.dismiss
        assert outcome(lambda: decide(contest.id)) == (DONE if waits else "contest.over")
        if not waits:
            return
        self.life.settled(contest, "upheld" if right else "dismissed", now)
        if right and self.life.people[contest.against].enrolled is not None:
            self.life.erased(contest.against, now)
        self.covered()
