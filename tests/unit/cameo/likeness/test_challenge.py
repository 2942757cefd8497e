from __future__ import annotations

import hashlib
import json
import secrets
from datetime import UTC, datetime, timedelta, timezone

import pytest

from cameo.likeness.challenge import Challenge, derived_digits, new_challenge
from cameo.likeness.errors import MalformedChallengeError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD = {
    "turns": ["left", "right", "left"],
    "digits": "493021",
    "issued_at": "2026-03-01T12:00:00+00:00",
    "expires_at": "2026-03-01T12:03:00Z",
}


def test_round_trip() -> None:
    challenge = new_challenge(NOW, digits="493021")
    assert Challenge.from_json(challenge.to_json()) == challenge
    assert set(json.loads(challenge.to_json())) == set(GOOD)


def test_reads_the_agreed_form() -> None:
    challenge = Challenge.from_json(json.dumps(GOOD).encode())
    assert challenge.turns == ("left", "right", "left")
    assert challenge.expires_at - challenge.issued_at == timedelta(minutes=3)


def test_draws_three_or_four_turns_to_both_sides_and_six_digits() -> None:
    drawn = [
        new_challenge(NOW, digits=derived_digits(b"key", secrets.token_bytes(32)), ttl_s=60)
        for _ in range(200)
    ]
    assert {len(c.turns) for c in drawn} == {3, 4}
    assert all(set(c.turns) == {"left", "right"} for c in drawn)
    assert all(len(c.digits) == 6 for c in drawn)
    assert len({(c.turns, c.digits) for c in drawn}) > 190
    assert all(c.expires_at == NOW + timedelta(seconds=60) for c in drawn)


def test_one_turn_can_be_asked_for() -> None:
    assert len(new_challenge(NOW, turns=1, digits="4930").turns) == 1


def test_digits_come_from_key_and_nonce_alone() -> None:
    nonce = bytes(range(32))
    whole = int(hashlib.sha256(b"cameo-challenge/v1\nkey" + nonce).hexdigest(), 16)
    assert derived_digits(b"key", nonce) == str(whole % 1_000_000).zfill(6)
    assert derived_digits(b"key", nonce) == derived_digits(b"key", nonce)
    others = {derived_digits(bytes([n]), nonce) for n in range(200)}
    assert len(others) > 190
    assert {len(digits) for digits in others} == {6}
    assert {digit for digits in others for digit in digits} == set("0123456789")


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_nonce_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(MalformedChallengeError):
        derived_digits(b"key", bytes(length))


def test_expiry() -> None:
    challenge = new_challenge(NOW, digits="493021", ttl_s=180)
    assert not challenge.expired(NOW + timedelta(seconds=179))
    assert challenge.expired(NOW + timedelta(seconds=180))
    assert challenge.not_yet_valid(NOW - timedelta(seconds=31))
    assert not challenge.not_yet_valid(NOW - timedelta(seconds=29))
    elsewhere = (NOW + timedelta(seconds=10)).astimezone(timezone(timedelta(hours=9)))
    assert not challenge.expired(elsewhere)


@pytest.mark.parametrize(
    "change",
    [
        {"turns": []},
        {"turns": ["up"]},
        {"turns": "left"},
        {"turns": [1]},
        {"turns": ["left"] * 9},
        {"digits": 493021},
        {"digits": "49302a"},
        {"digits": "１２３４５６"},
        {"digits": "1"},
        {"issued_at": "2026-03-01T12:00:00"},
        {"expires_at": "soon"},
        {"expires_at": None},
        {"expires_at": "2026-03-01T11:59:00Z"},
        {"nonce": "x"},
    ],
)
def test_refuses_other_values(change) -> None:
    with pytest.raises(MalformedChallengeError):
        Challenge.from_json(json.dumps(GOOD | change))


@pytest.mark.parametrize("missing", GOOD)
def test_refuses_missing_keys(missing) -> None:
    with pytest.raises(MalformedChallengeError):
        Challenge.from_json(json.dumps({k: v for k, v in GOOD.items() if k != missing}))


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 4000, " " * 5000, b"\xff"])
def test_refuses_other_texts(text) -> None:
    with pytest.raises(MalformedChallengeError):
        Challenge.from_json(text)
