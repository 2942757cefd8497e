"""Bundles before two verifiers that share no code: what holds, what does not, and every byte."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cameo.flows import jcs
from cameo.flows.bundle_check import verify_bundle
from cameo.flows.bundle_errors import (
    BundleError,
    BundleTooLargeError,
    MalformedBundleError,
    MediaDiffersError,
    OtherLogError,
)
from cameo.flows.bundle_form import MAX_BYTES, read, write
from cameo.flows.bundle_report import NOT_SHOWN, render_bundle
from provenance.log.notes import NoteSigner
from tests.bundles import MEDIA, MEDIA_SHA256
from tests.smalllog import LOG, WITNESS
from tests.vectors.bundle import stories
from tests.vectors.bundle.generate import HERE, files

ROOT = Path(__file__).parents[4]
SCRIPT = ROOT / "docs" / "verify_bundle.py"
OTHER_LOG = NoteSigner("cameo.example/log", bytes(range(4, 36)))
GOOD: dict[str, str] = json.loads((HERE / "good.json").read_bytes())
REFUSED: dict[str, str] = json.loads((HERE / "refused.json").read_bytes())

Verifier = Callable[[bytes], bool]


def _independent() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_bundle", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


independent = _independent()


def ours(data: bytes) -> bool:
    """Whether the product takes it; anything but a named refusal gets out."""
    try:
        verify_bundle(data, LOG.vkey)
    except BundleError:
        return False
    return True


def theirs(data: bytes) -> bool:
    """Whether the independent verifier takes it."""
    try:
        independent.check(data, LOG.vkey)
    except independent.Refused:
        return False
    return True


BOTH = pytest.mark.parametrize("holds", [ours, theirs])


def good(name: str) -> bytes:
    return (HERE / "good" / f"{name}.json").read_bytes()


# -- vectors ---------------------------------------------------------------------------------------


def test_the_files_are_what_the_generator_makes():
    made = files()
    there = {str(path.relative_to(HERE)) for path in HERE.rglob("*.json")}
    assert there == set(made)
    assert not [name for name, data in made.items() if (HERE / name).read_bytes() != data]


@BOTH
@pytest.mark.parametrize("name", GOOD)
def test_what_holds(name: str, holds: Verifier):
    assert holds(good(name))


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_what_does_not(name: str, code: str):
    data = (HERE / "refused" / f"{name}.json").read_bytes()
    with pytest.raises(BundleError) as caught:
        verify_bundle(data, LOG.vkey)
    assert caught.value.code == code
    assert not theirs(data)


def test_every_code_of_a_refusal_has_a_vector():
    def descendants(root: type[BundleError]) -> Iterator[type[BundleError]]:
        for child in root.__subclasses__():
            yield child
            yield from descendants(child)

    elsewhere = {"bundle.too_large", "bundle.other_log", "bundle.media"}
    assert {each.code for each in descendants(BundleError)} - elsewhere == set(REFUSED.values())


def test_another_log_another_film_and_too_much():
    data = good("passkey")
    with pytest.raises(OtherLogError):
        verify_bundle(data, OTHER_LOG.vkey)
    with pytest.raises(independent.Refused):
        independent.check(data, OTHER_LOG.vkey)
    with pytest.raises(MediaDiffersError):
        verify_bundle(data, LOG.vkey, media_sha256="0" * 64)
    with pytest.raises(independent.Refused):
        independent.check(data, LOG.vkey, b"another film")
    assert verify_bundle(data, LOG.vkey, media_sha256=MEDIA_SHA256).media_checked
    assert independent.check(data, LOG.vkey, MEDIA)
    with pytest.raises(BundleTooLargeError):
        verify_bundle(data + b" " * MAX_BYTES, LOG.vkey)


# -- every byte ------------------------------------------------------------------------------------


def flipped(data: bytes, at: int, pattern: int) -> bytes:
    return data[:at] + bytes([data[at] ^ pattern]) + data[at + 1 :]


@BOTH
@pytest.mark.parametrize("name", ["passkey", "key_file"])
def test_flipping_any_byte_of_a_bundle_fails(name: str, holds: Verifier):
    data = good(name)
    standing = [at for at in range(len(data)) if holds(flipped(data, at, 1 << at % 8)) or at < 0]
    assert not standing


@BOTH
def test_flipping_more_bits_of_a_sample_of_bytes_fails(holds: Verifier):
    data = good("published")
    patterns = (0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x5F, 0xFF)
    for at in range(0, len(data), 83):
        for pattern in patterns:
            assert not holds(flipped(data, at, pattern)), (at, pattern)


@BOTH
def test_flipped_and_written_canonically_again_fails(holds: Verifier):
    """Whoever changes a byte may repair the form of the file; nothing else of it can be."""
    data = good("passkey")
    repaired = 0
    for at in range(0, len(data), 5):
        try:
            content = json.loads(flipped(data, at, 0x04))
            again = jcs.dump(content)
        except ValueError:
            continue
        if again != data:
            repaired += 1
            assert not holds(again), at
    assert repaired > 500


def variants(value: Any) -> Iterator[Any]:
    """Every value that differs from this one in one place."""
    if isinstance(value, dict):
        yield from ({k: v for k, v in value.items() if k != name} for name in value)
        yield from ({**value, "x" + name: inner} for name, inner in value.items())
        for name, inner in value.items():
            yield from ({**value, name: changed} for changed in variants(inner))
    elif isinstance(value, list):
        yield [*value, *value[:1]] if value else ["x"]
        for at, inner in enumerate(value):
            yield value[:at] + value[at + 1 :]
            yield from ([*value[:at], changed, *value[at + 1 :]] for changed in variants(inner))
    elif isinstance(value, str):
        yield from (value + "A", value[1:] + "x", value[:-1] if value else "x")
    else:
        yield value + 1 if type(value) is int else not value


@BOTH
@pytest.mark.parametrize("name", ["followed", "nobody"])
def test_no_part_of_a_bundle_is_free(name: str, holds: Verifier):
    """Each member, element and value that is changed, added or left out is noticed."""
    count = 0
    for changed in variants(json.loads(good(name))):
        count += 1
        assert not holds(jcs.dump(changed)), changed
    assert count > 100


@BOTH
@pytest.mark.parametrize(
    "spelled",
    [
        lambda data: data + b"\n",
        lambda data: b" " + data,
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b":", b": ", 1),
        lambda data: data.replace(b'"format"', b'"form\\u0061t"'),
        lambda data: data.replace(b"\\n", b"\\u000a", 1),
        lambda data: data.replace(b"\xe2\x80\x94", b"\\u2014"),
        lambda data: data[:-1] + b',"format":"cameo-bundle/v1"}',
        lambda data: data.replace(b'"approvals":[]', b'"approvals":[],"approvals":[]'),
        lambda data: data.replace(b'"index":4', b'"index":4.0'),
        lambda data: data.replace(b'"index":4', b'"index":4e0'),
        lambda data: data + data,
        lambda data: data + b"\0",
        lambda data: data.decode().encode("utf-16"),
    ],
)
def test_the_same_said_in_other_bytes_is_refused(
    spelled: Callable[[bytes], bytes], holds: Verifier
):
    data = good("passkey")
    assert spelled(data) != data
    assert not holds(spelled(data))


# -- what is reported ------------------------------------------------------------------------------


def test_a_report_says_who_agreed_and_with_what():
    report = verify_bundle(good("published"), LOG.vkey, media_sha256=MEDIA_SHA256)
    assert report.publication is not None
    alice, carol = report.publication.people
    assert (alice.handle, alice.approved, alice.consent.id) == ("alice", True, "cns_03")
    assert (carol.handle, carol.approved, carol.changes) == ("carol", False, 0)
    assert [each.consent.evidence for each in report.release.people] == ["webauthn", "ed25519"]
    assert alice.consent.evidence == "ed25519"  # by the key that she added
    text = render_bundle(report)
    assert "approved this very file" in text
    assert "RECOVERED" not in text
    shown = json.loads(json.dumps(report.to_json()))
    assert shown["holds"] is True
    assert shown["media_checked"] is True
    assert set(shown["explanations"]) == set(report.not_shown) <= set(NOT_SHOWN)


def test_a_recovered_key_is_said_to_be_one():
    report = verify_bundle(good("recovered"), LOG.vkey)
    (alice,) = report.release.people
    assert alice.consent.recovered
    assert alice.grant is not None
    assert alice.grant.recovered
    assert "RECOVERED" in render_bundle(report)
    assert any("recovered" in line for line in independent.check(good("recovered"), LOG.vkey))


def test_what_is_left_open_is_said():
    followed = verify_bundle(good("followed"), LOG.vkey)
    assert "bundle.follows" in followed.not_shown
    assert {"bundle.later_withdrawal", "bundle.whose_key"} < set(followed.not_shown)
    nobody = verify_bundle(good("nobody"), LOG.vkey)
    assert "bundle.later_withdrawal" not in nobody.not_shown
    assert "nobody's consent" in render_bundle(nobody)


def test_a_simulated_enrolment_is_said_to_be_one():
    story = stories.simple(
        enrol={"simulated": True, "assurance": 0}, consent={"simulated": True, "assurance": 0}
    )
    data = story.bundle()
    assert "simulated enrolment" in render_bundle(verify_bundle(data, LOG.vkey))
    assert any("simulated" in line for line in independent.check(data, LOG.vkey))


def test_changes_between_signing_and_release_are_counted():
    story = stories.Story()
    alice, bob = story.person("alice"), story.person("bob")
    story.key(alice)
    story.enrol(alice)
    consent = story.consent(alice, audience=stories.Audience.EVERYONE)
    alice.epoch = 2
    story.release(bob, (alice, consent, None))
    data = story.bundle()
    report = verify_bundle(data, LOG.vkey)
    assert report.release.people[0].changes == 2
    assert "2 changes" in render_bundle(report)
    assert theirs(data)


def test_only_a_witness_that_the_reader_named_is_trusted():
    data = good("passkey")
    (unknown,) = verify_bundle(data, LOG.vkey).witnesses
    (known,) = verify_bundle(data, LOG.vkey, witnesses=(WITNESS.vkey,)).witnesses
    assert (unknown.trusted, known.trusted) == (False, True)
    assert "bundle.not_witnessed" in verify_bundle(data, LOG.vkey).not_shown
    trusted = verify_bundle(data, LOG.vkey, witnesses=(WITNESS.vkey,))
    assert "bundle.not_witnessed" not in trusted.not_shown


def test_another_wording_is_said_to_be_one():
    story = stories.simple(consent={"rendering_sha256": "0" * 64})
    # The generator puts the digest of this version's text in its place, as any service would.
    assert verify_bundle(story.bundle(), LOG.vkey).release.people[0].consent.text_known


def test_a_bundle_is_read_as_it_was_written():
    for name in GOOD:
        bundle = read(good(name))
        assert write(bundle) == good(name)
    bundle = read(good("passkey"))
    with pytest.raises(MalformedBundleError):
        write(replace(bundle, release=replace(bundle.release, record=b'{"a": 1}')))


# -- the independent verifier as it is used --------------------------------------------------------

_ALONE = """
import importlib.abc, runpy, sys
class Only(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names | {"cryptography", "cffi", "_cffi_backend"}:
            raise ImportError(f"not allowed: {name}")
sys.meta_path.insert(0, Only())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", _ALONE, str(SCRIPT), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_runs_with_nothing_but_cryptography(tmp_path: Path):
    film, wrong = tmp_path / "film", tmp_path / "wrong"
    film.write_bytes(MEDIA)
    wrong.write_bytes(b"another film")
    file = HERE / "good" / "published.json"
    done = run(file, LOG.vkey, film)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("HOLDS\n")
    assert "prs_carol" in done.stdout
    for arguments in [(file, OTHER_LOG.vkey), (file, LOG.vkey, wrong), (film, LOG.vkey)]:
        refused = run(*arguments)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.startswith("DOES NOT HOLD:")
    assert run(file).returncode == 1
    assert run(tmp_path / "missing", LOG.vkey).returncode == 1


def test_it_shares_no_code_with_the_product():
    source = SCRIPT.read_text()
    for core in ("cameo", "consent", "provenance"):
        assert f"import {core}" not in source
        assert f"from {core}" not in source


def test_every_code_is_documented():
    page = (ROOT / "docs" / "bundle.md").read_text()
    codes = {*REFUSED.values(), *NOT_SHOWN, "bundle.other_log", "bundle.media", "bundle.too_large"}
    assert not [code for code in codes if f"`{code}`" not in page]
