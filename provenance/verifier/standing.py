"""Whether the consents that a clip rests on still stand. Pure rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from provenance.credentials.manifest import ConsentCitation
from provenance.verifier.ports import ConsentAtRelease
from provenance.verifier.verdicts import Verdict

# A pause or an open dispute holds a clip back while it lasts; the consent itself has not ended.
_STANDING: Final = frozenset({"active", "paused", "frozen"})
_ENDED: Final = frozenset({"withdrawn", "ended", "expired", "erased"})


def merge(
    cited: Sequence[ConsentCitation], known: Sequence[ConsentAtRelease]
) -> tuple[ConsentAtRelease, ...]:
    """Join what a signed manifest cites with what the ledger knows.

    A cited consent that the ledger does not know appears with the state `unknown`: a ledger that
    lacks an entry must not make a consent vanish from the report.
    """
    ids = {consent.id for consent in known}
    missing = tuple(
        ConsentAtRelease(
            id=citation.consent_id,
            state_then="cited",
            state_now="unknown",
            assurance=citation.assurance,
            simulated=citation.simulated,
        )
        for citation in cited
        if citation.consent_id not in ids
    )
    return (*known, *missing)


def settle(
    verdict: Verdict, consents: Sequence[ConsentAtRelease], *, asked: bool
) -> tuple[Verdict, tuple[str, ...]]:
    """Turn a verdict that depends on consents into the final one.

    It fails closed. A consent that has ended gives `withdrawn`. If a consent's state is unknown,
    or the ledger did not answer while any consent may be behind the clip, neither `authentic`
    ("consents stand") nor `withdrawn` ("one has ended") may be said, so the verdict is
    `unreadable`: not zero, no claim, with `integrity` still saying what the bytes prove.

    Args:
        verdict: `authentic` or `recovered`.
        consents: The merged consents.
        asked: Whether the ledger answered, or signed credentials prove that nobody is cited.

    Returns:
        The verdict and the reasons for it.
    """
    before = any(consent.state_then not in {"active", "cited"} for consent in consents)
    ended = any(consent.state_now in _ENDED for consent in consents)
    if before or ended:
        codes = ("consents.not_standing_at_release",) if before else ()
        return Verdict.WITHDRAWN, (*codes, *(("consents.withdrawn",) if ended else ()))
    if not asked or any(consent.state_now not in _STANDING for consent in consents):
        return Verdict.UNREADABLE, ("consents.not_checked",)
    return verdict, ("consents.stand" if consents else "consents.none_needed",)
