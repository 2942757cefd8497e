from __future__ import annotations

import base64

import pytest

from provenance.log.checkpoint import (
    Checkpoint,
    build_tlog_proof,
    open_checkpoint,
    parse_tlog_proof,
    sign_checkpoint,
    verify_tlog_proof,
)
from provenance.log.errors import (
    BadInclusionProof,
    BadNoteSignature,
    LogError,
    MalformedCheckpoint,
    MalformedProof,
    WrongOrigin,
)
from provenance.log.merkle import Frontier, inclusion_proof, leaf_hash
from provenance.log.notes import NoteSigner

SIGNER = NoteSigner("cameo.example/log", b"s" * 32)
ROOT = b"r" * 32
TEXT = "cameo.example/log\n1000\n" + base64.b64encode(ROOT).decode() + "\n"


def test_the_text_of_a_checkpoint():
    checkpoint = Checkpoint(origin="cameo.example/log", size=1000, root=ROOT)
    assert checkpoint.to_text() == TEXT
    assert Checkpoint.from_text(TEXT) == checkpoint


def test_the_example_of_the_specification_is_read():
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    checkpoint = Checkpoint.from_text(text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.to_text() == text


def test_extension_lines_are_kept():
    checkpoint = Checkpoint.from_text(TEXT + "more\nyet more\n")
    assert checkpoint.extensions == ("more", "yet more")
    assert checkpoint.to_text() == TEXT + "more\nyet more\n"


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("empty", ""),
        ("no_newline_at_the_end", TEXT[:-1]),
        ("no_root", "cameo.example/log\n1000\n"),
        ("no_origin", TEXT.replace("cameo.example/log", "")),
        ("size_with_leading_zero", TEXT.replace("1000", "01000")),
        ("size_negative", TEXT.replace("1000", "-1")),
        ("size_with_sign", TEXT.replace("1000", "+1000")),
        ("size_with_other_digits", TEXT.replace("1000", "１０００")),
        ("size_too_large", TEXT.replace("1000", "1" + "0" * 19)),
        ("root_short", TEXT.replace(base64.b64encode(ROOT).decode(), "AAAA")),
        ("root_not_base64", TEXT.replace("cnJy", "c!Jy")),
        ("root_other_spelling", TEXT.replace("cnI=", "cnJ=")),
        ("empty_extension", TEXT + "\n"),
    ],
)
def test_malformed_checkpoints_are_refused(fault, text):
    with pytest.raises(MalformedCheckpoint):
        Checkpoint.from_text(text)


@pytest.mark.parametrize(
    "changes",
    [{"size": -1}, {"root": b"short"}, {"origin": ""}, {"origin": "a\nb"}, {"extensions": ("",)}],
    ids=str,
)
def test_invalid_checkpoints_cannot_be_made(changes):
    fields = {"origin": "log", "size": 1, "root": ROOT}
    with pytest.raises(MalformedCheckpoint):
        Checkpoint(**{**fields, **changes})


def test_a_signed_checkpoint_is_opened_with_the_logs_key():
    checkpoint = Checkpoint(origin=SIGNER.name, size=1000, root=ROOT)
    assert open_checkpoint(sign_checkpoint(checkpoint, SIGNER), SIGNER.vkey) == checkpoint


def test_checkpoint_of_another_log_signed_by_this_key():
    other = Checkpoint(origin="other.example/log", size=1000, root=ROOT)
    with pytest.raises(WrongOrigin):
        sign_checkpoint(other, SIGNER)
    with pytest.raises(WrongOrigin):
        open_checkpoint(SIGNER.sign(other.to_text()), SIGNER.vkey)


def test_signed_text_that_is_no_checkpoint():
    with pytest.raises(MalformedCheckpoint):
        open_checkpoint(SIGNER.sign("hello\n"), SIGNER.vkey)


@pytest.fixture
def tree():
    """A log of 1,000 entries: node reader, bodies, signed checkpoint."""
    frontier, stored = Frontier(), {}
    bodies = [f'{{"i":{n}}}'.encode() for n in range(1000)]
    for body in bodies:
        stored.update({(n.level, n.number): n.hash for n in frontier.append(leaf_hash(body))})
    note = sign_checkpoint(Checkpoint(origin=SIGNER.name, size=1000, root=frontier.root()), SIGNER)
    return (lambda level, index: stored[level, index]), bodies, note


def test_a_proof_text_proves_its_entry(tree):
    get_node, bodies, note = tree
    text = build_tlog_proof(613, inclusion_proof(get_node, 613, 1000), note)
    lines = text.split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 613"]
    assert text.endswith("\n\n" + note)
    assert len(lines[2 : lines.index("")]) == 10
    index, checkpoint = verify_tlog_proof(bodies[613], text, SIGNER.vkey)
    assert (index, checkpoint.size) == (613, 1000)


def test_a_proof_of_the_only_entry_has_no_hashes():
    body = b"only"
    checkpoint = Checkpoint(origin=SIGNER.name, size=1, root=leaf_hash(body))
    text = build_tlog_proof(0, [], sign_checkpoint(checkpoint, SIGNER))
    assert verify_tlog_proof(body, text, SIGNER.vkey) == (0, checkpoint)


def test_an_extra_line_is_read_over(tree):
    get_node, bodies, note = tree
    text = build_tlog_proof(5, inclusion_proof(get_node, 5, 1000), note)
    extra = text.replace("\nindex", "\nextra aGVsbG8=\nindex", 1)
    assert parse_tlog_proof(extra) == parse_tlog_proof(text)
    assert verify_tlog_proof(bodies[5], extra, SIGNER.vkey)[0] == 5


def test_proof_of_another_entry_index_or_log(tree):
    get_node, bodies, note = tree
    text = build_tlog_proof(5, inclusion_proof(get_node, 5, 1000), note)
    with pytest.raises(BadInclusionProof):
        verify_tlog_proof(bodies[6], text, SIGNER.vkey)
    with pytest.raises(BadInclusionProof):
        verify_tlog_proof(bodies[5], text.replace("index 5", "index 4"), SIGNER.vkey)
    with pytest.raises(BadInclusionProof):
        verify_tlog_proof(bodies[5], text.replace("index 5", "index 1005"), SIGNER.vkey)
    with pytest.raises(BadNoteSignature):
        verify_tlog_proof(bodies[5], text, NoteSigner(SIGNER.name, b"o" * 32).vkey)


def test_no_changed_byte_of_a_proof_is_accepted_for_another_meaning(tree):
    get_node, bodies, note = tree
    text = build_tlog_proof(5, inclusion_proof(get_node, 5, 1000), note)
    accepted = 0
    for at in range(len(text)):
        changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
        try:
            verify_tlog_proof(bodies[5], changed, SIGNER.vkey)
        except LogError:
            continue
        accepted += 1
    assert accepted == 0


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("empty", lambda _: ""),
        ("other_version", lambda t: t.replace("@v1", "@v2")),
        ("no_blank_line", lambda t: t.replace("\n\n", "\n")),
        ("no_index", lambda t: t.replace("index 5\n", "")),
        ("index_with_leading_zero", lambda t: t.replace("index 5", "index 05")),
        ("index_negative", lambda t: t.replace("index 5", "index -5")),
        (
            "index_after_hashes",
            lambda t: t.replace("index 5\n", "").replace("\n\n", "\nindex 5\n\n", 1),
        ),
        ("extra_after_index", lambda t: t.replace("index 5\n", "index 5\nextra aGVsbG8=\n")),
        ("two_extra_lines", lambda t: t.replace("\nindex", "\nextra aa==\nextra aa==\nindex", 1)),
        ("hash_short", lambda t: t.replace("\n\n", "\nAAAA\n\n", 1)),
        (
            "too_many_hashes",
            lambda t: t.replace(
                "\n\n", "\n" + "A" * 43 + "=" + ("\n" + "A" * 43 + "=") * 60 + "\n\n", 1
            ),
        ),
    ],
)
def test_malformed_proofs_are_refused(tree, fault, change):
    get_node, bodies, note = tree
    text = build_tlog_proof(5, inclusion_proof(get_node, 5, 1000), note)
    with pytest.raises(MalformedProof):
        verify_tlog_proof(bodies[5], change(text), SIGNER.vkey)
