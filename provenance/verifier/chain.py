"""From a file to a verdict.

    verifier = Verifier(credentials=CredentialReader(trust), detector=..., registry=..., ...)
    report = verifier.verify(subject, checked_at=now)

The order: the credentials, then the mark, the registry, the content, and at last the consents and
the log. The rules stand in `basis` (what is proven) and `standing` (do the consents stand).

Decisions that are not obvious:

- A check that raised is reported as not run. No verdict rests on it: `authentic` needs the
  credentials and the consents, `recovered` needs credentials, mark, registry, fingerprint and
  consents, `not_ours` needs the credentials and a search of all there is, picture and sound.
  Otherwise the verdict is `unreadable`, which here says "no verdict was reached", with the reason
  and with `integrity` kept.
- A clip that is intact under our signature but that the registry does not know is `authentic` by
  its signature with the reason `registry.unknown_clip`, if nobody is cited in it. If people are
  cited, the ledger does not know their consents either, and the verdict is `unreadable`.
- The mark is also looked for in an intact clip. If that search does not run the verdict stands:
  the signature covers every byte. If another clip's payload is found, it is `mark_mismatch`.
- A mark in the sound proves a film only where its *picture* agrees as well: sound is easily put
  under other pictures. A film whose picture was recovered says what became of its sound. The rules
  stand in `sound_basis`.
- The log never changes a verdict; a missing or bad proof is always among the reasons.
"""

from __future__ import annotations

from datetime import datetime

from provenance.credentials.manifest import ConsentCitation
from provenance.credentials.values import Credentials
from provenance.verifier.basis import Basis, Searched, from_own_credentials
from provenance.verifier.evidence import Gatherer
from provenance.verifier.marked import Marked
from provenance.verifier.ports import (
    ConsentAtRelease,
    ConsentLedger,
    CredentialSource,
    Fingerprinter,
    LogEvidence,
    LogStatus,
    MarkDetector,
    MediaUnderTest,
    Registry,
    RegistryRecord,
    SoundMarkDetector,
)
from provenance.verifier.report import VerifyReport
from provenance.verifier.standing import merge, settle
from provenance.verifier.verdicts import Verdict


class Verifier:
    """Judges copies of clips. It holds no state, so threads may share it if the ports allow."""

    def __init__(
        self,
        *,
        credentials: CredentialSource,
        detector: MarkDetector,
        sound_detector: SoundMarkDetector,
        registry: Registry,
        consents: ConsentLedger,
        log: LogEvidence,
        fingerprinter: Fingerprinter,
    ) -> None:
        """Keep the ports."""
        self._credentials = credentials
        self._detector = detector
        self._sound_detector = sound_detector
        self._registry = registry
        self._consents = consents
        self._log = log
        self._fingerprinter = fingerprinter

    def verify(self, subject: MediaUnderTest, *, checked_at: datetime) -> VerifyReport:
        """Judge one file.

        Args:
            subject: The copy.
            checked_at: The present time, aware; the report says "as of" it.

        Returns:
            The report. Nothing that the file holds and nothing that a port raises gets out of
            here as an exception.

        Raises:
            ValueError: If `checked_at` is naive.
        """
        if checked_at.tzinfo is None:
            raise ValueError("checked_at must be aware")
        gatherer = Gatherer(
            subject,
            credentials=self._credentials,
            detector=self._detector,
            sound_detector=self._sound_detector,
            registry=self._registry,
            consents=self._consents,
            log=self._log,
            fingerprinter=self._fingerprinter,
        )
        return _Chain(subject, gatherer).run(checked_at)


class _Chain:
    """One pass over one file."""

    def __init__(self, subject: MediaUnderTest, gatherer: Gatherer) -> None:
        self._gatherer = gatherer
        self._subject = subject
        self._record: RegistryRecord | None = None

    def run(self, checked_at: datetime) -> VerifyReport:
        credentials = self._gatherer.credentials()
        marked = Marked(self._subject, self._gatherer)
        basis = self._own(credentials, marked.searched)
        if basis is None:
            basis = marked.basis(credentials)
            self._record = marked.record
        archived: Credentials | None = None
        consents: tuple[ConsentAtRelease, ...] = ()
        log = LogStatus(status="not_checked")
        verdict, reasons = basis.verdict, basis.reasons
        if verdict in {Verdict.AUTHENTIC, Verdict.RECOVERED} and basis.clip_id is not None:
            archived = self._archived(basis)
            consents, verdict, codes = self._stand(basis, credentials, archived)
            log = self._gatherer.log(basis.clip_id)
            reasons = _ordered(verdict, basis, codes, f"log.{log.status}")
        return VerifyReport(
            verdict=verdict,
            integrity=basis.integrity,
            clip_id=basis.clip_id,
            payload=basis.payload,
            mark=marked.searched.mark,
            agreement=marked.agreement,
            credentials=credentials,
            archived=archived,
            consents=consents,
            log=log,
            reasons=reasons,
            clips=marked.clips(),
            sound=marked.searched.sound,
            sound_agreement=marked.sound_agreement,
            not_run=self._gatherer.not_run,
            checked_at=checked_at,
        )

    def _own(self, credentials: Credentials | None, searched: Searched) -> Basis | None:
        """The verdict of our own credentials, if the file bears any."""
        if credentials is None:
            return None
        if credentials.ours:
            self._record = self._gatherer.by_clip(credentials.clip_id)
        asked = not self._gatherer.failed("registry")
        return from_own_credentials(credentials, self._record, searched, registry_asked=asked)

    def _archived(self, basis: Basis) -> Credentials | None:
        """The archived credentials of a recovered clip."""
        if basis.verdict is not Verdict.RECOVERED:
            return None
        return self._gatherer.archived(self._record)

    def _stand(
        self, basis: Basis, credentials: Credentials | None, archived: Credentials | None
    ) -> tuple[tuple[ConsentAtRelease, ...], Verdict, tuple[str, ...]]:
        """The consents then and now, and the verdict that they leave."""
        signed = credentials if basis.verdict is Verdict.AUTHENTIC else archived
        cited: tuple[ConsentCitation, ...] = signed.consents if signed and signed.ours else ()
        known = self._gatherer.consents(basis.clip_id or "")
        consents = merge(cited, known)
        # An intact signature that cites nobody settles the question without the ledger.
        nobody = basis.verdict is Verdict.AUTHENTIC and not cited
        asked = nobody or not self._gatherer.failed("consents")
        verdict, codes = settle(basis.verdict, consents, asked=asked)
        return consents, verdict, codes


def _ordered(
    verdict: Verdict, basis: Basis, consents: tuple[str, ...], log: str
) -> tuple[str, ...]:
    """What changed the verdict comes first."""
    if verdict is basis.verdict:
        return (*basis.reasons, *consents, log)
    return (*consents, *basis.reasons, log)
