from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from provenance.credentials.values import Credentials
from provenance.verifier.render import MAX_LINES, render

FIELDS = {
    "verdict",
    "integrity",
    "clip_id",
    "payload",
    "watermark",
    "fingerprint",
    "credentials",
    "consents",
    "log",
    "reasons",
    "checked_at",
    "checks_not_run",
}


def test_the_report_has_the_fixed_fields(intact):
    found = intact.verify().to_json()
    assert set(found) >= FIELDS
    assert {"found_in", "confidence", "geometry"} <= set(found["watermark"])
    assert {"present", "state", "codes"} <= set(found["credentials"])
    assert {"id", "state_then", "state_now", "assurance", "simulated", "ended_at"} == set(
        found["consents"][0]
    )
    assert found["payload"] == "0123456789abcdef"
    assert found["checked_at"] == "2026-05-06T07:08:09Z"
    assert found["log"]["status"] == "included"


def test_a_small_payload_keeps_its_sixteen_digits(stripped, record):
    world = replace(
        stripped,
        mark=replace(stripped.mark, payload=5),
        records={"clip_01": replace(record, payload=5)},
    )
    assert world.verify().to_json()["payload"] == "0000000000000005"


def test_the_geometry_becomes_plain_json(stripped):
    geometry_type = type(stripped.mark).__module__
    assert geometry_type
    from dataclasses import make_dataclass

    geometry = make_dataclass("Geometry", ["scale_x", "flip"])(np.float32(0.5), np.bool_(True))
    world = replace(stripped, mark=replace(stripped.mark, geometry=geometry))
    assert world.verify().to_json()["watermark"]["geometry"] == {"scale_x": 0.5, "flip": True}


def test_an_unsearched_file_says_so(nothing):
    found = replace(nothing, kind="unknown").verify().to_json()
    assert found["watermark"] == {
        "checked": False,
        "found_in": [],
        "payload": None,
        "confidence": None,
        "threshold": None,
        "geometry": None,
        "spans": [],
        "sound": {
            "checked": False,
            "payload": None,
            "short_id": None,
            "confidence": None,
            "threshold": None,
            "speed": None,
            "spans": [],
        },
    }
    assert found["sound_fingerprint"] == {"checked": False, "agrees": None}
    assert found["fingerprint"] == {"checked": False, "agrees": None}
    assert found["checks_not_run"][0]["check"] == "watermark"


def test_unchecked_credentials_are_not_called_absent(nothing):
    found = replace(nothing, credentials=RuntimeError()).verify().to_json()
    assert found["credentials"]["present"] is None
    assert found["credentials"]["state"] == "not_checked"


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_verdict_fits_one_screen(lang, intact, stripped, nothing, standing):
    ended = replace(standing, state_now="withdrawn")
    changed = replace(intact.credentials, state="invalid")
    worlds = [
        intact,
        stripped,
        nothing,
        replace(intact, credentials=changed),
        replace(stripped, agreement=replace(stripped.agreement, agrees=False)),
        replace(intact, states={"clip_01": [ended] * 9}),
        replace(nothing, readable=False, credentials=Credentials(present=False, state="none")),
    ]
    texts = [render(world.verify(), lang) for world in worlds]
    assert len({text.split("\n", maxsplit=1)[0] for text in texts}) == 7
    assert all(len(text.splitlines()) <= MAX_LINES for text in texts)


def test_the_text_names_what_was_not_checked(stripped):
    text = render(replace(stripped, log=RuntimeError()).verify())
    assert "Not checked: log" in text
    assert "simulated enrolment" in text
    assert "assurance level 0" in text


def test_the_japanese_text_holds_no_english_sentence(intact):
    text = render(intact.verify(), "ja")
    assert "真正" in text
    assert "consent" not in text.lower()
