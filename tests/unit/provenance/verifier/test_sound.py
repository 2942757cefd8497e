"""What a mark in the sound proves, with and without a picture, and what is said beside one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.verifier.render import render
from tests.unit.provenance.verifier.conftest import OTHER, PAYLOAD, Agrees, Found, Heard, Span

FULL = Heard(True, short_id=PAYLOAD >> 32, payload=PAYLOAD, confidence=20.0, spans=((0.5, 4.0),))
SHORT = replace(FULL, payload=None, confidence=12.0)
NO_MARK = Found(False)
DIFFERS = Agrees(False, score=0.4, reason="fingerprint.differs")
LITTLE = Agrees(False, score=1.0, reason="fingerprint.too_little_information")
DOWN = RuntimeError("down")


@pytest.fixture
def film(stripped, record):
    """A stripped copy of a film with sound, both marks found."""
    known = replace(record, marks=("video", "sound"), sound_fingerprint=b"s")
    return replace(stripped, audible=True, sound=FULL, records={"clip_01": known}, compared=[])


@pytest.fixture
def heard(film):
    """The same without a mark in its picture."""
    return replace(film, mark=NO_MARK)


@pytest.fixture
def song(film):
    """The sound alone."""
    return replace(film, kind="audio", mark=DOWN)


def judged(world):
    report = world.verify()
    return report.verdict, report.reasons


class TestUnderAPicture:
    @pytest.mark.parametrize("sound", [FULL, SHORT])
    def test_the_picture_must_agree_as_well(self, heard, sound):
        report = replace(heard, sound=sound).verify()
        assert (report.verdict, report.integrity) == ("recovered", "recovered")
        assert report.reasons[:3] == ("fingerprint.agrees", "sound.found", "mark.not_found")
        assert (report.clip_id, report.payload) == ("clip_01", PAYLOAD)
        found = report.to_json()["watermark"]
        assert found["found_in"] == ["sound"]
        assert found["sound"]["short_id"] == "01234567"
        assert found["sound"]["payload"] == (None if sound is SHORT else "0123456789abcdef")

    @pytest.mark.parametrize("sound", [FULL, SHORT])
    def test_under_another_picture_it_is_a_mismatch(self, heard, sound):
        verdict, reasons = judged(replace(heard, sound=sound, agreement=DIFFERS))
        assert verdict == "mark_mismatch"
        assert reasons[:2] == ("sound.on_other_picture", "sound.found")

    def test_sound_that_never_had_a_picture(self, heard, record):
        alone = replace(record, fingerprint=b"", marks=("sound",), sound_fingerprint=b"s")
        verdict, reasons = judged(replace(heard, records={"clip_01": alone}))
        assert (verdict, reasons[0]) == ("mark_mismatch", "sound.on_other_picture")

    def test_a_picture_of_too_little_is_not_called_another(self, heard):
        verdict, reasons = judged(replace(heard, agreement=LITTLE))
        assert (verdict, reasons[0]) == ("mark_mismatch", LITTLE.reason)

    def test_a_picture_that_was_not_searched_is_not_called_another(self, heard):
        verdict, reasons = judged(replace(heard, mark=DOWN, agreement=DIFFERS))
        assert (verdict, reasons[0]) == ("unreadable", "mark.not_checked")
        verdict, reasons = judged(replace(heard, mark=DOWN))
        assert (verdict, reasons[:3]) == (
            "recovered",
            ("fingerprint.agrees", "sound.found", "mark.not_checked"),
        )

    def test_the_sound_itself_may_have_been_replaced(self, heard):
        verdict, reasons = judged(replace(heard, sound_agreement=DIFFERS))
        assert verdict == "recovered"
        assert "sound.differs" in reasons

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"records": DOWN}, "registry.not_checked"),
            ({"agreement": DOWN}, "fingerprint.not_checked"),
        ],
    )
    def test_without_a_check_there_is_no_verdict(self, heard, change, code):
        verdict, reasons = judged(replace(heard, **change))
        assert (verdict, reasons[0]) == ("unreadable", code)

    def test_a_number_that_nobody_knows(self, heard):
        for sound in (FULL, SHORT):
            report = replace(heard, sound=sound, records={}).verify()
            assert (report.verdict, report.reasons[0]) == (
                "mark_mismatch",
                "sound.unknown_payload",
            )
            assert report.payload == sound.payload


class TestAlone:
    @pytest.mark.parametrize("sound", [FULL, SHORT])
    def test_mark_and_sound_agree(self, song, sound):
        report = replace(song, sound=sound).verify()
        assert (report.verdict, report.clip_id) == ("recovered", "clip_01")
        assert report.reasons[:2] == ("fingerprint.agrees", "sound.found")
        assert report.not_run == ()
        assert report.to_json()["sound_fingerprint"]["agrees"] is True

    def test_a_mark_on_other_sound_is_a_mismatch(self, song):
        verdict, reasons = judged(replace(song, sound_agreement=DIFFERS))
        assert (verdict, reasons[0]) == ("mark_mismatch", "sound.differs")
        verdict, reasons = judged(replace(song, sound_agreement=LITTLE))
        assert (verdict, reasons[0]) == ("mark_mismatch", LITTLE.reason)

    def test_a_mark_alone_proves_nothing(self, song, record):
        verdict, reasons = judged(replace(song, records={"clip_01": record}))
        assert (verdict, reasons[0]) == ("mark_mismatch", "fingerprint.no_reference")

    def test_a_comparison_that_did_not_run(self, song):
        verdict, reasons = judged(replace(song, sound_agreement=DOWN))
        assert (verdict, reasons[0]) == ("unreadable", "fingerprint.not_checked")

    def test_its_speed_is_told_to_the_comparison(self, song):
        replace(song, sound=replace(FULL, speed=1.05)).verify()
        assert song.compared == [(10.0, 1.05)]

    def test_a_consent_that_ended(self, song, standing):
        ended = replace(standing, state_now="withdrawn")
        report = replace(song, states={"clip_01": [ended]}).verify()
        assert (report.verdict, report.integrity) == ("withdrawn", "recovered")

    def test_without_a_mark_it_is_not_ours(self, nothing):
        verdict, reasons = judged(replace(nothing, kind="audio", audible=True, mark=DOWN))
        assert (verdict, reasons) == ("not_ours", ("sound.not_found",))


class TestBesideARecoveredPicture:
    @pytest.mark.parametrize(
        ("change", "codes"),
        [
            ({}, ("sound.found",)),
            ({"sound": SHORT}, ("sound.found",)),
            ({"sound": Heard(False)}, ("sound.not_found",)),
            ({"sound": Heard(False), "sound_agreement": LITTLE}, ("sound.not_found",)),
            (
                {"sound": Heard(False), "sound_agreement": DIFFERS},
                ("sound.differs", "sound.not_found"),
            ),
            ({"sound_agreement": DIFFERS}, ("sound.differs", "sound.found")),
            (
                {"sound": replace(FULL, payload=OTHER, short_id=OTHER >> 32)},
                ("sound.differs", "sound.found"),
            ),
            ({"sound": DOWN}, ("sound.not_checked",)),
            ({"audible": False}, ("sound.missing",)),
        ],
    )
    def test_what_became_of_the_sound_is_said(self, film, change, codes):
        report = replace(film, **change).verify()
        assert report.verdict == "recovered"
        assert tuple(code for code in report.reasons if code.startswith("sound.")) == codes

    def test_a_clip_without_sound_misses_none(self, film, record):
        report = replace(film, audible=False, records={"clip_01": record}).verify()
        assert not [code for code in report.reasons if code.startswith("sound.")]

    def test_the_sound_of_the_marked_stretch_is_compared(self, film):
        spans = (Span(0.0, 2.0, OTHER), Span(2.0, 6.0, PAYLOAD, speed=1.25))
        world = replace(film, sound=Heard(False), mark=replace(film.mark, spans=spans))
        world.verify()
        assert film.compared == [(4.0, 1.25)]


class TestIntact:
    @pytest.fixture
    def whole(self, intact, film):
        return replace(film, credentials=intact.credentials)

    def test_both_marks_are_named(self, whole):
        report = whole.verify()
        assert report.verdict == "authentic"
        assert report.reasons[:3] == ("credentials.intact", "mark.found", "sound.found")
        assert report.to_json()["watermark"]["found_in"] == ["picture", "sound"]

    def test_the_mark_of_another_clip_in_the_sound(self, whole):
        other = replace(FULL, payload=OTHER, short_id=OTHER >> 32)
        verdict, reasons = judged(replace(whole, sound=other))
        assert (verdict, reasons[0]) == ("mark_mismatch", "sound.payload_differs")

    def test_sound_alone_lacks_no_picture(self, whole):
        verdict, reasons = judged(replace(whole, kind="audio", mark=DOWN))
        assert verdict == "authentic"
        assert not [code for code in reasons if code.startswith("mark.")]

    def test_a_search_that_did_not_run_is_named(self, whole):
        report = replace(whole, sound=DOWN).verify()
        assert (report.verdict, "sound.not_checked" in report.reasons) == ("authentic", True)
        assert [step.check for step in report.not_run] == ["sound"]


@pytest.mark.parametrize(
    ("change", "verdict", "reasons"),
    [
        ({}, "not_ours", ("mark.not_found", "sound.not_found")),
        ({"sound": DOWN}, "unreadable", ("sound.not_checked",)),
        ({"mark": DOWN}, "unreadable", ("mark.not_checked",)),
        ({"mark": DOWN, "sound": DOWN}, "unreadable", ("mark.not_checked", "sound.not_checked")),
    ],
)
def test_not_ours_needs_both_searches(nothing, change, verdict, reasons):
    assert judged(replace(nothing, audible=True, **change)) == (verdict, reasons)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_clips_that_were_cut_together_are_named(film, record, lang):
    spans = (Span(0.0, 3.0, PAYLOAD), Span(3.0, 5.0, OTHER), Span(5.0, 7.0, 77))
    records = film.records | {"clip_02": replace(record, clip_id="clip_02", payload=OTHER)}
    world = replace(film, mark=replace(film.mark, spans=spans), records=records)
    report = world.verify()
    assert "mark.several_clips" in report.reasons
    shown = report.to_json()["watermark"]["spans"]
    assert [span["clip_id"] for span in shown] == ["clip_01", "clip_02", None]
    text = render(report, lang)
    assert "3-5 s: clip_02" in text
    assert "000000000000004d" in text
