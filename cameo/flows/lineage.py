"""Whom a clip concerns: the people in it, and in everything that it was made from.

Who is in a clip, and what it was made from, are fixed with its order and never change. So they may
be read before any lock is taken, to know whose locks to take.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from cameo.flows.errors import WithdrawnError
from cameo.store.database import Database, Transaction
from cameo.store.records import CONSENT_ENDED, ClipPersonRecord, ClipRecord
from cameo.store.releasing import Lease


@contextmanager
def locked_clip(
    db: Database, clip_id: str
) -> Iterator[tuple[Transaction, ClipRecord, tuple[ClipPersonRecord, ...]]]:
    """A transaction that holds the shared locks that a clip needs; the clip, and who is in it.

    Raises:
        NotFoundError: there is no such clip.
    """
    with db.transaction() as tx:
        # Who is in a clip, and what it was made from, never change: they may be read before. What
        # they say to it does change, so all of it is read again.
        before = tx.clips.get(clip_id)
        people = tx.clips.people(clip_id)
        tx.lock(shared=concerned(tx, people, tx.clips.sources(before.remixed_from)))
        yield tx, tx.clips.get(clip_id), tx.clips.people(clip_id)


def concerned(
    tx: Transaction, people: Iterable[Lease | ClipPersonRecord], sources: Iterable[str]
) -> set[str]:
    """Whose locks a clip needs: everybody in it, and in the clips that it was made from.

    A withdrawal that ends a clip ends what was made from it; so whoever is in the source can end
    this one too, and must be waited for.
    """
    found = {person.person_id for person in people}
    for source in sources:
        found |= {person.person_id for person in tx.clips.people(source)}
    return found


def destruction_of(person_id: str) -> str:
    """The lock under which keys of clips with a person are destroyed: `release.forget` shares it.

    It is not the lock of their consent: the disk takes its time, and no withdrawal waits for a
    clip's key. Likenesses are destroyed under the person's own lock; a legal hold takes both.
    """
    return f"{person_id}/destruction"


def source_is_withdrawn(tx: Transaction, sources: Iterable[str]) -> bool:
    """Whether one of the clips that a clip was made from has lost a consent.

    What was deleted, or never finished, shows nobody any more; what was made from it still may.
    """
    line = tuple(sources)
    if not line:
        return False
    ended = any(tx.clips.get(source).withdrawn_reason in CONSENT_ENDED for source in line)
    return ended or tx.clips.have_lost_consent(line)


def require_sources(tx: Transaction, sources: Iterable[str]) -> None:
    """Nothing new is made from what was withdrawn.

    Raises:
        WithdrawnError: one of the sources has lost a consent.
    """
    if source_is_withdrawn(tx, sources):
        raise WithdrawnError
