"""The committed log is what this version makes, byte for byte, and reads."""

from __future__ import annotations

import base64
import importlib.util
import json
from pathlib import Path

import pytest

from provenance.log.audit import audit_log
from provenance.log.checkpoint import open_checkpoint, verify_tlog_proof
from provenance.log.cosignature import verify_cosignature
from provenance.log.entries import EntryType, parse
from provenance.log.merkle import leaf_hash, verify_consistency
from provenance.log.promise import open_promise
from provenance.log.tiles import decode_bundle

HERE = Path(__file__).resolve().parents[3] / "vectors" / "log"
KNOWN = json.loads((HERE / "vectors.json").read_text("utf-8"))


def generator():
    spec = importlib.util.spec_from_file_location("log_vectors", HERE / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_file_is_what_the_generator_makes():
    assert generator().vectors() == KNOWN


def test_every_kind_of_entry_is_in_it():
    assert [parse(body.encode()).type for body in KNOWN["entries"]] == list(EntryType)


def test_the_whole_log_is_what_was_signed():
    bodies = generator().entries()
    audit = audit_log(bodies, KNOWN["notes"][-1], KNOWN["log_key"])
    assert audit.checkpoint.size == len(bodies)
    assert decode_bundle(base64.b64decode(KNOWN["last_bundle"]), 14) == bodies[256:]


@pytest.mark.parametrize("item", KNOWN["inclusions"], ids=str)
def test_inclusions_hold(item):
    verify_tlog_proof(base64.b64decode(item["body"]), item["proof"], KNOWN["log_key"])


@pytest.mark.parametrize("item", KNOWN["consistencies"], ids=str)
def test_consistencies_hold(item):
    old, new = (open_checkpoint(item[name], KNOWN["log_key"]) for name in ("old", "new"))
    hashes = [base64.b64decode(each) for each in item["hashes"]]
    verify_consistency(old.size, new.size, hashes, old.root, new.root)


def test_the_newest_head_is_cosigned():
    (note,) = KNOWN["cosigned"]
    seen = verify_cosignature(note, KNOWN["witness_key"])
    assert seen.checkpoint == open_checkpoint(KNOWN["notes"][-1], KNOWN["log_key"])


def test_the_withdrawal_was_promised():
    (note,) = KNOWN["promises"]
    promise = open_promise(note, KNOWN["promise_key"])
    assert promise.leaf_hash == leaf_hash(KNOWN["entries"][4].encode())
    assert parse(KNOWN["entries"][4].encode()).type is EntryType.REVOKE
