from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provenance.credentials.values import Credentials
from provenance.verifier.ports import LogStatus
from provenance.verifier.reasons import REASONS

PAYLOAD = 0x0123456789ABCDEF
OTHER = 0x1111111111111111
DOWN = RuntimeError("down")


def foreign(**more):
    return Credentials(present=True, state="valid", codes=("x",), **more)


def marked(world, **more):
    return replace(world, mark=replace(world.mark, **more))


def judge(world):
    """Verify, check what holds for every report, and return it."""
    report = world.verify()
    found = report.to_json()
    json.dumps(found)
    assert found["verdict"] == report.verdict.value
    assert report.exit_code == report.verdict.exit_code
    assert set(report.reasons) <= set(REASONS)
    assert report.reasons
    return report


class TestAuthentic:
    def test_an_intact_clip(self, intact):
        report = judge(intact)
        assert (report.verdict, report.integrity) == ("authentic", "authentic")
        assert report.reasons == (
            "credentials.intact",
            "mark.found",
            "consents.stand",
            "log.included",
        )
        assert report.not_run == ()
        assert (report.clip_id, report.payload) == ("clip_01", PAYLOAD)

    def test_without_a_mark_it_says_so(self, intact):
        report = judge(marked(intact, found=False, payload=None))
        assert report.verdict == "authentic"
        assert "mark.not_found" in report.reasons

    def test_another_clips_mark_is_a_mismatch(self, intact):
        report = judge(marked(intact, payload=OTHER))
        assert (report.verdict, report.integrity) == ("mark_mismatch", "authentic")
        assert report.reasons[0] == "mark.payload_differs"

    def test_a_stamp_claims_no_consent(self, intact, statement, record):
        stamp = replace(statement, action="c2pa.opened", consents=())
        world = replace(
            intact,
            credentials=replace(intact.credentials, statement=stamp),
            records={"clip_01": replace(record, kind="stamp")},
            states={"clip_01": []},
        )
        report = judge(world)
        assert report.verdict == "authentic"
        assert report.consents == ()
        assert {"stamp.claims_nothing", "consents.none_needed"} <= set(report.reasons)

    def test_an_unknown_clip_with_people_gets_no_verdict(self, intact):
        report = judge(replace(intact, records={}, states={}))
        assert (report.verdict, report.integrity) == ("unreadable", "authentic")
        assert {"registry.unknown_clip", "consents.not_checked"} <= set(report.reasons)
        assert report.consents[0].state_now == "unknown"

    def test_an_unknown_clip_with_nobody_is_authentic_by_its_signature(self, intact, statement):
        alone = replace(intact.credentials, statement=replace(statement, consents=()))
        report = judge(replace(intact, credentials=alone, records={}, states={}))
        assert report.verdict == "authentic"
        assert "registry.unknown_clip" in report.reasons

    def test_a_registry_with_another_payload_is_named(self, intact, record):
        report = judge(replace(intact, records={"clip_01": replace(record, payload=OTHER)}))
        assert "registry.payload_differs" in report.reasons

    def test_a_file_that_no_decoder_reads_may_still_be_intact(self, intact):
        report = judge(replace(intact, readable=False))
        assert report.verdict == "authentic"
        assert [step.check for step in report.not_run] == ["watermark"]

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            ("missing", "log.missing"),
            ("bad_proof", "log.bad_proof"),
            ("not_checked", "log.not_checked"),
        ],
    )
    def test_the_log_is_never_silent(self, intact, status, code):
        report = judge(replace(intact, log=LogStatus(status=status)))
        assert report.verdict == "authentic"
        assert code in report.reasons


class TestExpired:
    @pytest.fixture
    def ended(self, intact):
        old = replace(intact.credentials, state="invalid", expired_only=True)
        return replace(intact, credentials=old)

    def test_the_archive_proves_that_it_signed_before(self, ended):
        report = judge(ended)
        assert report.verdict == "authentic"
        assert report.reasons[0] == "credentials.expired_but_archived"

    def test_without_the_archive_the_mark_speaks(self, ended, record):
        world = replace(
            ended,
            records={"clip_01": replace(record, manifest=b"another store")},
            archived=replace(ended.credentials, bound=False),
        )
        report = judge(world)
        assert report.verdict == "recovered"
        assert "credentials.expired" in report.reasons

    def test_without_archive_and_mark_there_is_no_verdict(self, ended, record):
        world = marked(
            replace(ended, records={"clip_01": replace(record, manifest=None)}),
            found=False,
            payload=None,
        )
        report = judge(world)
        assert (report.verdict, report.reasons) == ("unreadable", ("credentials.expired",))


class TestTampered:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"state": "invalid"}, "credentials.changed"),
            ({"state": "valid"}, "credentials.changed"),
            ({"state": "unreadable", "statement": None}, "credentials.broken"),
            ({"laundered": True}, "credentials.laundered"),
            ({"store": b"not the archived store"}, "credentials.differs_from_archive"),
            ({"statement": None}, "credentials.no_clip_id"),
        ],
    )
    @pytest.mark.parametrize("readable", [True, False])
    def test_our_credentials_with_a_fault(self, intact, change, reason, readable):
        credentials = replace(intact.credentials, **change)
        report = judge(replace(intact, credentials=credentials, readable=readable))
        assert (report.verdict, report.integrity) == ("tampered", "tampered")
        assert report.reasons == (reason,)
        assert report.consents == ()

    def test_ours_inside_a_foreign_one(self, intact, statement):
        inside = foreign(ours_inside=True, laundered=True, statement=statement)
        report = judge(replace(intact, credentials=inside))
        assert (report.verdict, report.reasons) == (
            "tampered",
            ("credentials.ours_inside_foreign",),
        )
        assert report.clip_id is None


class TestRecovered:
    def test_mark_and_content_agree(self, stripped):
        report = judge(stripped)
        assert (report.verdict, report.integrity) == ("recovered", "recovered")
        assert (report.clip_id, report.payload) == ("clip_01", PAYLOAD)
        assert report.reasons[:2] == ("fingerprint.agrees", "mark.found")
        assert report.archived is not None
        assert not report.archived.bound

    def test_under_foreign_credentials_they_are_named(self, stripped):
        report = judge(replace(stripped, credentials=foreign(imitation=True)))
        assert report.verdict == "recovered"
        assert {"credentials.foreign", "credentials.imitation"} <= set(report.reasons)

    def test_without_an_archive_the_ledger_speaks(self, stripped, record):
        world = replace(stripped, records={"clip_01": replace(record, manifest=None)})
        report = judge(world)
        assert (report.verdict, report.archived) == ("recovered", None)
        assert [consent.id for consent in report.consents] == ["cns_01"]

    def test_a_foreign_archive_cites_nobody(self, stripped):
        world = replace(stripped, archived=replace(stripped.archived, ours=False))
        assert len(judge(world).consents) == 1


class TestMismatch:
    def test_other_content_with_our_mark(self, stripped):
        report = judge(replace(stripped, agreement=replace(stripped.agreement, agrees=False)))
        assert (report.verdict, report.integrity) == ("mark_mismatch", "none")
        assert report.reasons[0] == "fingerprint.differs"

    def test_too_little_to_compare_is_no_agreement(self, stripped):
        little = "fingerprint.too_little_information"
        agreement = replace(stripped.agreement, agrees=False, reason=little)
        report = judge(replace(stripped, agreement=agreement))
        assert (report.verdict, report.reasons[0]) == ("mark_mismatch", little)

    def test_an_unknown_payload(self, stripped):
        report = judge(marked(stripped, payload=OTHER))
        assert (report.verdict, report.reasons[0]) == ("mark_mismatch", "mark.unknown_payload")
        assert report.payload == OTHER
        assert report.clip_id is None

    def test_a_mark_without_a_payload(self, stripped):
        report = judge(marked(stripped, payload=None))
        assert (report.verdict, report.reasons[0]) == ("mark_mismatch", "mark.no_payload")

    @pytest.mark.parametrize("reference", [None, b""])
    def test_a_mark_alone_proves_nothing(self, stripped, record, reference):
        world = replace(stripped, records={"clip_01": replace(record, fingerprint=reference)})
        report = judge(world)
        assert (report.verdict, report.reasons[0]) == (
            "mark_mismatch",
            "fingerprint.no_reference",
        )


class TestWithdrawn:
    @pytest.mark.parametrize("now", ["withdrawn", "ended", "expired", "erased"])
    @pytest.mark.parametrize("name", ["intact", "stripped"])
    def test_a_consent_that_ended_since(self, request, standing, name, now):
        world = request.getfixturevalue(name)
        ended = replace(standing, state_now=now, ended_at=datetime(2026, 4, 1, tzinfo=UTC))
        report = judge(replace(world, states={"clip_01": [standing, ended]}))
        assert report.verdict == "withdrawn"
        assert report.integrity == ("authentic" if name == "intact" else "recovered")
        assert report.reasons[0] == "consents.withdrawn"
        assert report.to_json()["consents"][1] == {
            "id": "cns_01",
            "state_then": "active",
            "state_now": now,
            "assurance": 0,
            "simulated": True,
            "ended_at": "2026-04-01T00:00:00Z",
        }

    def test_a_consent_that_never_stood(self, intact, standing):
        world = replace(intact, states={"clip_01": [replace(standing, state_then="withdrawn")]})
        report = judge(world)
        assert report.verdict == "withdrawn"
        assert report.reasons[0] == "consents.not_standing_at_release"

    def test_an_ended_one_outweighs_an_unknown_one(self, intact, standing):
        states = [replace(standing, state_now="unknown"), replace(standing, state_now="ended")]
        assert judge(replace(intact, states={"clip_01": states})).verdict == "withdrawn"


class TestNotOurs:
    def test_a_file_of_nobody(self, nothing):
        report = judge(nothing)
        assert (report.verdict, report.reasons) == ("not_ours", ("mark.not_found",))

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({}, "credentials.foreign"),
            ({"laundered": True}, "credentials.foreign_laundered"),
            ({"imitation": True}, "credentials.imitation"),
        ],
    )
    def test_foreign_credentials_are_explained(self, nothing, change, reason):
        report = judge(replace(nothing, credentials=foreign(**change)))
        assert report.verdict == "not_ours"
        assert reason in report.reasons
        assert report.to_json()["credentials"]["codes"] == ["x"]

    def test_foreign_credentials_on_a_file_that_no_decoder_reads(self, nothing):
        report = judge(replace(nothing, credentials=foreign(), readable=False))
        assert report.verdict == "not_ours"
        assert report.not_run[0].code == "media.unreadable"

    def test_what_holds_neither_picture_nor_sound_is_said_to_be_unsearched(self, nothing):
        report = judge(replace(nothing, kind="unknown"))
        assert (report.verdict, report.reasons) == ("not_ours", ("media.no_picture",))
        assert report.not_run[0].check == "watermark"


class TestUnreadable:
    @pytest.mark.parametrize("state", ["none", "unreadable"])
    def test_no_media_and_no_credentials(self, nothing, state):
        world = replace(
            nothing, readable=False, credentials=Credentials(present=False, state=state)
        )
        report = judge(world)
        assert (report.verdict, report.reasons) == ("unreadable", ("media.unreadable",))


class TestFailingPorts:
    """A port that raises never leads to a better verdict, and is always named."""

    @pytest.mark.parametrize(
        ("world_name", "port", "verdict", "code"),
        [
            ("intact", "credentials", "unreadable", "credentials.not_checked"),
            ("stripped", "credentials", "unreadable", "credentials.not_checked"),
            ("nothing", "credentials", "unreadable", "credentials.not_checked"),
            ("stripped", "mark", "unreadable", "mark.not_checked"),
            ("nothing", "mark", "unreadable", "mark.not_checked"),
            ("intact", "mark", "authentic", "mark.not_checked"),
            ("stripped", "records", "unreadable", "registry.not_checked"),
            ("intact", "records", "authentic", "registry.not_checked"),
            ("stripped", "agreement", "unreadable", "fingerprint.not_checked"),
            ("intact", "states", "unreadable", "consents.not_checked"),
            ("stripped", "states", "unreadable", "consents.not_checked"),
            ("intact", "log", "authentic", "log.not_checked"),
            ("stripped", "log", "recovered", "log.not_checked"),
        ],
    )
    def test_one_port_down(self, request, world_name, port, verdict, code):
        report = judge(replace(request.getfixturevalue(world_name), **{port: DOWN}))
        assert report.verdict == verdict
        assert code in report.reasons
        assert any(step.code == code and step.detail == "RuntimeError" for step in report.not_run)

    def test_an_unchecked_consent_keeps_the_integrity(self, intact):
        report = judge(replace(intact, states=DOWN))
        assert report.integrity == "authentic"
        assert report.consents[0].state_then == "cited"

    def test_without_anybody_cited_the_ledger_is_not_needed(self, intact, statement):
        alone = replace(intact.credentials, statement=replace(statement, consents=()))
        report = judge(replace(intact, credentials=alone, states=DOWN))
        assert report.verdict == "authentic"
        assert report.not_run[0].check == "consents"

    def test_a_broken_archive_leaves_the_ledger(self, stripped):
        report = judge(replace(stripped, archived=DOWN))
        assert report.verdict == "recovered"
        assert report.not_run[0].check == "archive"

    def test_everything_down(self, intact):
        world = replace(intact, credentials=DOWN, mark=DOWN, records=DOWN, states=DOWN, log=DOWN)
        assert judge(world).verdict == "unreadable"

    @pytest.mark.parametrize("port", ["mark", "records", "agreement", "states", "log"])
    def test_no_failure_excuses_a_change(self, intact, port):
        changed = replace(intact.credentials, state="invalid")
        world = replace(intact, credentials=changed, **{port: DOWN})
        assert judge(world).verdict == "tampered"


def test_a_cited_consent_that_the_ledger_lacks_does_not_vanish(intact, standing):
    report = judge(replace(intact, states={"clip_01": [replace(standing, id="cns_99")]}))
    assert report.verdict == "unreadable"
    assert [consent.id for consent in report.consents] == ["cns_99", "cns_01"]


def test_a_naive_time_is_refused(intact):
    from pathlib import Path

    from provenance.verifier.chain import Verifier
    from provenance.verifier.ports import MediaUnderTest

    subject = MediaUnderTest(
        path=Path("x"), luma_frames=lambda: [], fps=1, seconds=1, readable=True, kind="video"
    )
    verifier = Verifier(
        credentials=None,
        detector=None,
        sound_detector=None,
        registry=None,
        consents=None,
        log=None,
        fingerprinter=None,
    )
    with pytest.raises(ValueError, match="aware"):
        verifier.verify(subject, checked_at=datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None))
