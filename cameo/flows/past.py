"""What lets a person prove later that they had agreed: handed to them once, and not kept.

An erasure destroys what opens the log's entries about a person, and the documents. Whoever holds
this can still show that a document was theirs, that their own key signed it, and that the log has
held it since then: their reference is the salted digest of their id, each entry commits to its
record, and each proof leads to a signed head.
"""

from __future__ import annotations

import base64
import json
from typing import Any, Final

from cameo.flows.ledger import Kind, Ledger
from cameo.flows.log_views import LogViews
from cameo.store.database import Database, Transaction
from cameo.store.records import ConsentRecord, GrantRecord, KeyRecord, PersonRecord

_KINDS: Final = frozenset({"consent", "grant", "revoke", "key", "enrol", "erase"})


def past_consent(
    db: Database, ledger: Ledger, views: LogViews, person: PersonRecord
) -> dict[str, Any]:
    """Everything that is there to prove what a person once agreed to, as JSON values."""
    with db.reading() as tx:
        person = tx.people.get(person.id)
        signed: list[ConsentRecord | GrantRecord] = [
            *tx.consents.history(person.id),
            *tx.consents.given(person.id),
        ]
        documents = [_document(tx, ledger, each) for each in signed if each.erased_at is None]
        keys = [_key(tx, ledger, record) for record in tx.people.keys(person.id)]
    mine = _entries(views, person)
    return {
        "person": person.id,
        "person_ref": mine["person_ref"],
        "salt": mine["salt"],
        "log_key": ledger.vkey,
        "documents": documents,
        "keys": keys,
        "entries": mine["entries"],
    }


def _entries(views: LogViews, person: PersonRecord) -> dict[str, Any]:
    page = views.mine(person)
    found = [entry for entry in page["entries"] if entry["kind"] in _KINDS]
    whole = page
    while page["next"] is not None:
        page = views.mine(person, page["next"])
        found += [entry for entry in page["entries"] if entry["kind"] in _KINDS]
    return {**whole, "entries": found}


def _document(
    tx: Transaction, ledger: Ledger, record: ConsentRecord | GrantRecord
) -> dict[str, Any]:
    kind: Kind = "consent" if isinstance(record, ConsentRecord) else "grant"
    return {
        "id": record.id,
        "sha256": record.sha256,
        "document": base64.b64encode(record.document).decode(),
        "evidence": json.loads(record.evidence),
        "status": record.status,
        "created_at": record.created_at.isoformat(),
        "ended_at": None if record.ended_at is None else record.ended_at.isoformat(),
        "proof": _proof(tx, ledger, kind, record.id),
    }


def _key(tx: Transaction, ledger: Ledger, record: KeyRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "registration": base64.b64encode(record.registration).decode(),
        "proof": _proof(tx, ledger, "key", record.id),
    }


def _proof(tx: Transaction, ledger: Ledger, kind: Kind, ref: str) -> str | None:
    """The C2SP tlog-proof of the entry; None while it has no index."""
    proof = ledger.prove(tx, kind=kind, ref=ref)
    return None if proof is None else proof.text
