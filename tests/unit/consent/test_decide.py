from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from consent import reasons
from consent.decide import decide
from consent.vocabulary import Approval, Audience, Purpose, RestrictionClass

BOB, CAROL = "prs_bob", "prs_carol"


def codes(state, request):
    decision = decide(state, request)
    if decision.people:
        assert decision.allowed == all(p.allowed for p in decision.people)
    assert decision.allowed == (decision.reasons == (reasons.ALLOWED,))
    return decision.reasons


def test_a_grantee_is_allowed_by_a_usable_grant(make):
    decision = decide(make.state(make.subject()), make.request())
    (person,) = decision.people
    assert decision.allowed
    assert decision.reasons == person.reasons == ("consent.allowed",)
    assert (person.person_id, person.consent_id) == ("prs_alice", "cns_01ALICE")
    assert (person.grant_id, person.epoch) == ("gnt_01", 7)


def test_the_person_needs_a_consent_but_no_grant(make):
    for audience in Audience:
        alice = make.subject(consent=make.consent_state(audience=audience), grants=())
        decision = decide(make.state(alice), make.request(requester="prs_alice"))
        assert decision.allowed
        assert decision.people[0].grant_id is None
    bare = make.subject(consent=None, grants=())
    assert codes(make.state(bare), make.request(requester="prs_alice")) == ("consent.none",)


def test_the_persons_own_terms_bind_the_person_too(make):
    request = make.request(requester="prs_alice", content_classes=frozenset({"politics"}))
    assert codes(make.state(make.subject()), request) == ("consent.restricted_content",)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"adult": False}, "consent.minor"),
        ({"frozen": True}, "consent.frozen"),
        ({"paused": True}, "consent.paused"),
        ({"blocked": frozenset({BOB})}, "consent.blocked"),
        ({"consent": None}, "consent.none"),
        ({"grants": ()}, "consent.not_granted"),
        ({"epoch": -1}, "consent.invalid_state"),
        ({"person_id": "prs_mallory"}, "consent.invalid_state"),
    ],
)
def test_what_the_person_is_denies(make, changes, expected):
    alice = make.subject(**changes)
    state = make.state(subjects={"prs_alice": alice})
    assert codes(state, make.request()) == (expected,)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"active": False}, "consent.revoked"),
        ({"expires_at": datetime(2026, 5, 1, tzinfo=UTC)}, "consent.expired"),
        ({"assurance": 0}, "consent.assurance_too_low"),
        ({"simulated": True, "assurance": 0}, "consent.assurance_too_low"),
        ({"modalities": frozenset({"voice"})}, "consent.modality"),
        ({"purposes": frozenset({Purpose.COMMERCIAL})}, "consent.purpose"),
        ({"audience": Audience.ONLY_ME}, "consent.audience"),
        ({"audience": "friends"}, "consent.audience"),
        ({"apart_from": frozenset({"prs_alice"})}, "consent.not_together"),
        ({"max_uses": 0}, "consent.used_up"),
        ({"max_uses": -1}, "consent.used_up"),
        ({"max_uses": 2, "uses_reserved": 1, "uses_consumed": 1}, "consent.used_up"),
        ({"uses_reserved": -1}, "consent.invalid_state"),
        ({"max_uses": 5, "uses_consumed": -1}, "consent.invalid_state"),
        ({"simulated": True, "assurance": 2}, "consent.invalid_state"),
        ({"assurance": 4}, "consent.invalid_state"),
        ({"max_people": 0}, "consent.invalid_state"),
        ({"expires_at": datetime(2030, 1, 1)}, "consent.invalid_state"),  # noqa: DTZ001 - fault
    ],
)
def test_what_the_consent_says_denies(make, changes, expected):
    alice = make.subject(consent=make.consent_state(**changes))
    assert codes(make.state(alice), make.request()) == (expected,)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"active": False}, "consent.grant_revoked"),
        ({"expires_at": datetime(2026, 5, 1, tzinfo=UTC)}, "consent.grant_expired"),
        ({"expires_at": datetime(2030, 1, 1)}, "consent.invalid_state"),  # noqa: DTZ001 - fault
        ({"modalities": frozenset({"voice"})}, "consent.modality"),
        ({"purposes": frozenset()}, "consent.purpose"),
        ({"max_uses": 2, "uses_consumed": 2}, "consent.grant_used_up"),
        ({"max_uses": 2, "uses_reserved": 1, "uses_consumed": 1}, "consent.grant_used_up"),
        ({"max_uses": 0}, "consent.grant_used_up"),
        ({"max_uses": -1}, "consent.grant_used_up"),
        ({"max_uses": 5, "uses_consumed": -1}, "consent.invalid_state"),
        ({"uses_reserved": -1}, "consent.invalid_state"),
        ({"consent_id": "cns_EARLIER"}, "consent.not_granted"),
        ({"grantee": CAROL}, "consent.not_granted"),
    ],
)
def test_what_the_grant_says_denies(make, changes, expected):
    alice = make.subject(grants=(make.grant_state(**changes),))
    assert codes(make.state(alice), make.request()) == (expected,)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"people": ("prs_nobody",)}, "consent.unknown_person"),
        ({"modalities": frozenset()}, "consent.invalid_request"),
        ({"modalities": frozenset({"face", "body"})}, "consent.invalid_request"),
        ({"purpose": Purpose.COMMERCIAL}, "consent.purpose"),
        ({"content_classes": frozenset({"politics", "romance"})}, "consent.restricted_content"),
        ({"content_classes": frozenset({"sports"})}, "consent.unknown_class"),
        ({"spoken": "Come and BUY\n NOW, friends"}, "consent.never_say"),
        ({"spoken": "\uff22uy\u200b now"}, "consent.never_say"),
    ],
)
def test_what_is_asked_for_denies(make, changes, expected):
    assert expected in codes(make.state(make.subject()), make.request(**changes))


def test_content_classes_may_be_words_or_members(make):
    state = make.state(make.subject())
    for name in ("politics", RestrictionClass.POLITICS):
        request = make.request(content_classes=frozenset({name}))
        assert codes(state, request) == ("consent.restricted_content",)
    assert decide(state, make.request(content_classes=frozenset({"horror"}))).allowed


def test_a_term_that_folds_to_nothing_denies(make):
    alice = make.subject(consent=make.consent_state(never_say=("\u200b",)))
    assert codes(make.state(alice), make.request()) == ("consent.never_say",)


@pytest.mark.parametrize(
    ("offset", "allowed"),
    [(timedelta(0), False), (timedelta(microseconds=1), True), (-timedelta(days=1), False)],
)
def test_the_moment_of_expiry_is_already_too_late(make, offset, allowed):
    end = make.now + offset
    by_consent = make.subject(consent=make.consent_state(expires_at=end))
    by_grant = make.subject(grants=(make.grant_state(expires_at=end),))
    assert decide(make.state(by_consent), make.request()).allowed is allowed
    assert decide(make.state(by_grant), make.request()).allowed is allowed


def test_everyone_needs_no_grant_and_takes_no_use(make):
    consent = make.consent_state(audience=Audience.EVERYONE)
    counted = make.grant_state(max_uses=1, uses_consumed=1)
    decision = decide(make.state(make.subject(consent=consent, grants=(counted,))), make.request())
    assert decision.allowed
    assert decision.people[0].grant_id is None


def test_mutuals_and_holders_of_a_grant(make):
    consent = make.consent_state(audience=Audience.MUTUALS)
    mutual = make.subject(consent=consent, grants=(), mutuals=frozenset({BOB}))
    granted = make.subject(consent=consent)
    stranger = make.subject(consent=consent, grants=())
    assert decide(make.state(mutual), make.request()).people[0].grant_id is None
    assert decide(make.state(mutual), make.request()).allowed
    assert decide(make.state(granted), make.request()).people[0].grant_id == "gnt_01"
    assert codes(make.state(stranger), make.request()) == ("consent.audience",)


def test_only_me_denies_even_with_a_grant(make):
    alice = make.subject(consent=make.consent_state(audience=Audience.ONLY_ME))
    assert codes(make.state(alice), make.request()) == ("consent.audience",)


@pytest.mark.parametrize("kept", ["uses_reserved", "uses_consumed"])
def test_a_use_of_its_own_does_not_count_against_the_clip(make, kept):
    by_grant = make.state(make.subject(grants=(make.grant_state(max_uses=1, **{kept: 1}),)))
    assert codes(by_grant, make.request()) == ("consent.grant_used_up",)
    assert decide(by_grant, make.request(own_uses=frozenset({"gnt_01"}))).allowed
    consent = make.consent_state(max_uses=1, **{kept: 1})
    by_consent = make.state(make.subject(consent=consent))
    assert codes(by_consent, make.request()) == ("consent.used_up",)
    assert decide(by_consent, make.request(own_uses=frozenset({"cns_01ALICE"}))).allowed


def test_a_use_of_its_own_that_is_not_on_record_gives_no_free_use(make):
    own = make.request(own_uses=frozenset({"gnt_01", "cns_01ALICE"}))
    grant = make.grant_state(max_uses=0)
    assert codes(make.state(make.subject(grants=(grant,))), own) == ("consent.grant_used_up",)
    consent = make.consent_state(max_uses=0)
    assert codes(make.state(make.subject(consent=consent)), own) == ("consent.used_up",)


def test_a_use_of_its_own_frees_one_use_only(make):
    own = make.request(own_uses=frozenset({"gnt_01", "cns_01ALICE"}))
    grant = make.grant_state(max_uses=1, uses_reserved=2)
    assert codes(make.state(make.subject(grants=(grant,))), own) == ("consent.grant_used_up",)
    consent = make.consent_state(max_uses=1, uses_reserved=1, uses_consumed=1)
    assert codes(make.state(make.subject(consent=consent)), own) == ("consent.used_up",)


def test_the_persons_own_clips_take_no_use_of_the_consent(make):
    used_up = make.subject(consent=make.consent_state(max_uses=1, uses_consumed=1))
    decision = decide(make.state(used_up), make.request(requester="prs_alice"))
    assert decision.allowed
    assert not decision.people[0].counts_consent


def test_clips_by_others_take_a_use_where_the_consent_counts(make):
    counting = make.subject(consent=make.consent_state(max_uses=2, uses_consumed=1))
    assert decide(make.state(counting), make.request()).people[0].counts_consent
    assert not decide(make.state(make.subject()), make.request()).people[0].counts_consent
    denied = decide(make.state(counting), make.request(content_classes=frozenset({"politics"})))
    assert not denied.people[0].counts_consent


def test_the_reserved_grant_is_taken_then_one_that_does_not_count(make):
    grants = (
        make.grant_state(grant_id="gnt_1", max_uses=5, uses_reserved=1),
        make.grant_state(grant_id="gnt_2"),
        make.grant_state(grant_id="gnt_3", active=False),
    )
    for order in (grants, grants[::-1]):
        state = make.state(make.subject(grants=order))
        assert decide(state, make.request()).people[0].grant_id == "gnt_2"
        own = make.request(own_uses=frozenset({"gnt_1"}))
        assert decide(state, own).people[0].grant_id == "gnt_1"


def test_the_grant_that_comes_nearest_explains_the_denial(make):
    old = make.grant_state(
        grant_id="gnt_1", active=False, expires_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    new = make.grant_state(grant_id="gnt_2", max_uses=1, uses_consumed=1)
    for order in ((old, new), (new, old)):
        state = make.state(make.subject(grants=order))
        assert codes(state, make.request()) == ("consent.grant_used_up",)


def test_two_records_of_one_grant_that_disagree_deny(make):
    grants = (make.grant_state(), make.grant_state(active=False))
    for order in (grants, grants[::-1]):
        assert codes(make.state(make.subject(grants=order)), make.request()) == (
            "consent.grant_revoked",
        )


def test_one_denial_denies_the_clip_but_not_the_other_person(make):
    alice, carol = make.subject(), make.subject("carol", frozen=True)
    decision = decide(make.state(alice, carol), make.request("prs_alice", CAROL))
    assert not decision.allowed
    assert [p.allowed for p in decision.people] == [True, False]
    assert decision.reasons == ("consent.frozen",)


def test_a_block_counts_against_everybody_in_the_clip(make):
    alice, carol = make.subject(blocked=frozenset({CAROL})), make.subject("carol")
    together = decide(make.state(alice, carol), make.request("prs_alice", CAROL))
    assert not together.allowed
    assert together.people[0].reasons == ("consent.blocked",)
    assert decide(make.state(alice, carol), make.request("prs_alice")).allowed


def test_people_are_counted_once_each(make):
    alice = make.subject(consent=make.consent_state(max_people=1))
    twice = decide(make.state(alice, max_people=1), make.request("prs_alice", "prs_alice"))
    assert twice.allowed
    assert len(twice.people) == 1


def test_too_many_people_by_the_service_or_by_the_person(make):
    alice = make.subject(consent=make.consent_state(max_people=1))
    carol = make.subject("carol")
    request = make.request("prs_alice", CAROL)
    by_person = decide(make.state(alice, carol), request)
    assert [p.reasons for p in by_person.people] == [
        ("consent.too_many_people",),
        ("consent.allowed",),
    ]
    by_service = decide(make.state(make.subject(), carol, max_people=1), request)
    assert {p.reasons for p in by_service.people} == {("consent.too_many_people",)}


def test_a_clip_with_nobody_in_it_needs_nobodys_consent(make):
    request = dataclasses.replace(make.request(), people=(), modalities=frozenset())
    decision = decide(make.state(), request)
    assert decision.allowed
    assert decision.people == ()
    assert decide(make.state(max_people=0), request).allowed


@pytest.mark.parametrize(
    "changes",
    [
        {"now": datetime(2026, 6, 1)},  # noqa: DTZ001 - the fault under test
        {"min_assurance": -1},
        {"min_assurance": 4},
        {"max_people": -1},
    ],
    ids=str,
)
@pytest.mark.parametrize("people", [(), ("prs_alice",), ("prs_nobody",)])
def test_rules_that_contradict_themselves_deny(make, changes, people):
    request = dataclasses.replace(make.request(), people=people)
    assert "consent.invalid_state" in codes(make.state(make.subject(), **changes), request)


def test_simulated_enrolments_pass_only_where_level_0_is_accepted(make):
    alice = make.subject(consent=make.consent_state(simulated=True, assurance=0))
    assert decide(make.state(alice, min_assurance=0), make.request()).allowed
    assert not decide(make.state(alice), make.request()).allowed


def test_an_unknown_person_has_no_epoch(make):
    (person,) = decide(make.state(), make.request()).people
    assert (person.epoch, person.consent_id, person.grant_id) == (-1, None, None)


def test_all_reasons_of_a_person_are_told(make):
    alice = make.subject(frozen=True, adult=False, consent=make.consent_state(active=False))
    assert codes(make.state(alice), make.request()) == (
        "consent.minor",
        "consent.frozen",
        "consent.revoked",
    )


def test_a_pause_holds_against_the_person_too(make):
    paused = make.state(make.subject(paused=True))
    assert codes(paused, make.request(requester="prs_alice")) == ("consent.paused",)


def test_not_together_counts_against_those_in_the_clip_alone(make):
    alice = make.subject(
        consent=make.consent_state(apart_from=frozenset({CAROL, BOB})), grants=(make.grant_state(),)
    )
    carol = make.subject("carol")
    state = make.state(alice, carol, make.subject("bob"))
    together = decide(state, make.request("prs_alice", CAROL))
    assert [p.reasons for p in together.people] == [
        ("consent.not_together",),
        ("consent.allowed",),
    ]
    assert decide(state, make.request("prs_alice")).allowed
    own = make.request("prs_alice", CAROL, requester="prs_alice")
    assert "consent.not_together" in decide(state, own).people[0].reasons


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({}, False),
        ({"needs_judge": True}, True),
        ({"approval": Approval.ALWAYS}, True),
        ({"approval": "sometimes"}, True),
    ],
)
def test_a_clip_by_somebody_else_is_published_with_approval(make, changes, needed):
    state = make.state(make.subject(consent=make.consent_state(**changes)))
    draft = decide(state, make.request())
    assert draft.allowed
    assert draft.people[0].needs_approval is needed
    published = decide(state, make.request(publishing=True))
    assert published.allowed is not needed
    if needed:
        assert published.reasons == ("consent.needs_approval",)
    approved = decide(
        state, make.request(publishing=True, approved=frozenset({"prs_alice", "prs_x"}))
    )
    assert approved.allowed
    assert approved.people[0].needs_approval is needed
    others = make.request(publishing=True, approved=frozenset({BOB}))
    assert decide(state, others).allowed is not needed


def test_ones_own_clip_needs_no_approval(make):
    state = make.state(make.subject(consent=make.consent_state(approval=Approval.ALWAYS)))
    decision = decide(state, make.request(requester="prs_alice", publishing=True))
    assert decision.allowed
    assert not decision.people[0].needs_approval


def test_an_approval_opens_nothing_else(make):
    state = make.state(make.subject(consent=make.consent_state(active=False)))
    approved = make.request(publishing=True, approved=frozenset({"prs_alice"}))
    assert codes(state, approved) == ("consent.revoked",)


def test_commercial_use_needs_consent_and_licence(make):
    both = frozenset({Purpose.SOCIAL, Purpose.COMMERCIAL})
    alice = make.subject(
        consent=make.consent_state(purposes=both), grants=(make.grant_state(purposes=both),)
    )
    commercial = make.request(purpose=Purpose.COMMERCIAL)
    assert decide(make.state(alice), commercial).allowed
    barred = dataclasses.replace(commercial, model_allows_commercial=False)
    assert codes(make.state(alice), barred) == ("consent.licence",)
    assert codes(make.state(make.subject()), commercial) == ("consent.purpose",)
    assert decide(make.state(alice), make.request(model_allows_commercial=False)).allowed
    nobody = dataclasses.replace(barred, people=(), modalities=frozenset())
    assert codes(make.state(), nobody) == ("consent.licence",)


def test_friendship_is_not_passed_on(make):
    """Alice and Bob are mutuals, Bob and Carol, Carol and Dora, Dora and Alice: a circle."""
    consent = make.consent_state(audience=Audience.MUTUALS)
    circle = ["alice", "bob", "carol", "dora"]
    people = [
        make.subject(
            name,
            consent=consent,
            grants=(),
            mutuals=frozenset({f"prs_{circle[n - 1]}", f"prs_{circle[(n + 1) % 4]}"}),
        )
        for n, name in enumerate(circle)
    ]
    state = make.state(*people)
    for n, name in enumerate(circle):
        for other in (-1, 0, 1):
            asked = make.request(f"prs_{circle[(n + other) % 4]}", requester=f"prs_{name}")
            assert decide(state, asked).allowed
        across = make.request(f"prs_{circle[(n + 2) % 4]}", requester=f"prs_{name}")
        assert codes(state, across) == ("consent.audience",)


def test_following_oneself_or_granting_oneself_opens_nothing(make):
    grant = make.grant_state(grantee="prs_alice")
    alice = make.subject(
        consent=make.consent_state(audience=Audience.MUTUALS),
        grants=(grant,),
        mutuals=frozenset({"prs_alice"}),
    )
    assert codes(make.state(alice), make.request()) == ("consent.audience",)
    own = decide(make.state(alice), make.request(requester="prs_alice"))
    assert own.allowed
    assert own.people[0].grant_id is None


def test_five_hundred_people_are_too_many_whether_they_are_read_or_not(make):
    names = [f"p{n}" for n in range(500)]
    everybody = frozenset(f"prs_{name}" for name in names)
    crowd = {
        f"prs_{name}": make.subject(
            name, blocked=everybody, consent=make.consent_state(apart_from=everybody)
        )
        for name in names
    }
    request = make.request(*crowd, "prs_p0", spoken="well " * 1000)
    for subjects in (crowd, {}):
        decision = decide(make.state(subjects=subjects), request)
        assert decision.reasons == ("consent.too_many_people",)
        assert len(decision.people) == 500
        assert {p.reasons for p in decision.people} == {("consent.too_many_people",)}
        assert {p.epoch for p in decision.people} == ({7} if subjects else {-1})


class Counted(str):
    """A name that counts how often it is looked up."""

    looked_up = 0

    def __hash__(self):
        Counted.looked_up += 1
        return super().__hash__()


def test_the_work_for_a_large_scene_grows_with_the_people_alone(make):
    """Where the service allows so many, nobody is compared with each other person one by one."""
    names = [f"p{n}" for n in range(500)]
    blocked = frozenset({"prs_x", "prs_y"})
    subjects = {f"prs_{name}": make.subject(name, blocked=blocked) for name in names}
    asked = make.request(*(Counted(f"prs_{name}") for name in names))
    Counted.looked_up = 0
    decision = decide(make.state(subjects=subjects, max_people=500), asked)
    assert decision.reasons == ("consent.too_many_people",)
    assert 0 < Counted.looked_up <= 10 * len(names)


def test_a_denial_never_says_what_only_others_are_told(make):
    alice = make.subject(
        frozen=True,
        paused=True,
        blocked=frozenset({BOB}),
        consent=make.consent_state(apart_from=frozenset({"prs_alice"})),
    )
    told = codes(make.state(alice), make.request())
    assert not set(told) & set(reasons.PUBLIC.values())
    assert reasons.public(told) == ("consent.unavailable",)
