"""Every error that can reach a client has a stable code of its own and one status."""

from __future__ import annotations

import re
from collections import Counter

import pytest

import provenance.credentials.errors
import provenance.fingerprint.errors
import provenance.log.errors
import provenance.watermark.errors  # noqa: F401
from cameo.api.problems import STATUS, status_of
from cameo.flows import (  # noqa: F401
    bundle_errors,
    cast,
    contest,
    direct,
    erase_last,
    kit_errors,
    mark_errors,
    receipt,
    render,
    resolution,
)
from cameo.flows.errors import FlowError
from cameo.keys.errors import KeysError
from cameo.likeness.errors import LikenessError
from cameo.media.errors import MediaError
from cameo.store.errors import StoreError
from consent.errors import ConsentError
from generator.errors import GeneratorError
from provenance.errors import ProvenanceError

ROOTS = (
    FlowError,
    StoreError,
    MediaError,
    LikenessError,
    KeysError,
    ConsentError,
    GeneratorError,
    ProvenanceError,
)


def descendants(root: type) -> list[type]:
    found = [root]
    for child in root.__subclasses__():
        found += descendants(child)
    return found


ALL = [cls for root in ROOTS for cls in descendants(root)]


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_each_has_a_code_and_a_message(cls: type):
    assert re.fullmatch(r"[a-z0-9]+(\.[a-z0-9_]+)+", cls.code)
    assert (cls.__doc__ or "").strip()
    assert 400 <= status_of(cls.code) < 600


def test_codes_are_not_shared_within_a_package():
    for root in ROOTS:
        codes = Counter(cls.code for cls in descendants(root))
        assert not [code for code, count in codes.items() if count > 1], codes


def test_the_table_names_no_code_that_does_not_exist():
    known = {cls.code for cls in ALL} | {
        "challenge.expired",
        "request.too_large",
    }
    assert set(STATUS) <= known
