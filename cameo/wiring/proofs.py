"""Builds what auditors are given, and what they judge with when they are not here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cameo.flows.bundle import Bundles
from cameo.flows.kit import Kits, KitVerification
from cameo.flows.kit_detectors import (
    NoDetector,
    NoSoundDetector,
    PartialDetector,
    PartialSoundDetector,
)
from cameo.flows.kit_form import Kit, kit_key_name
from cameo.flows.kit_marks import KitEpoch, keys_at_hand
from cameo.media.limits import Limits
from cameo.wiring.credential_reading import ChildCredentialReader
from cameo.wiring.marks import KeysDetector, KeysSoundDetector
from provenance.credentials.trust import TrustSettings
from provenance.log.notes import NoteSigner
from provenance.verifier.ports import MarkDetector, SoundMarkDetector

if TYPE_CHECKING:
    from cameo.wiring.service import Service


@dataclass(frozen=True)
class Proofs:
    """The flows over one service, each once, on first use."""

    service: Service

    @cached_property
    def kit_signer(self) -> NoteSigner:
        """Signs kits, with a key of its own."""
        name = kit_key_name(self.service.ledger.signer.name)
        return NoteSigner(name, self.service.secrets.ed25519_seed("kits"))

    @cached_property
    def bundles(self) -> Bundles:
        """Makes bundles."""
        service = self.service
        return Bundles(
            db=service.db,
            ledger=service.ledger,
            library=service.library,
            witnesses=self._witnesses,
        )

    @cached_property
    def kits(self) -> Kits:
        """Makes kits."""
        service = self.service
        return Kits(
            db=service.db,
            ledger=service.ledger,
            signer=self.kit_signer,
            brand=service.settings.brand,
            claim_roots_pem=service.certificates.claims_root_pem,
            time_roots_pem=service.certificates.times_root_pem,
            marks=service.marks,
            witnesses=self._witnesses,
        )

    @property
    def _witnesses(self) -> tuple[str, ...]:
        return tuple(vkey for _, vkey in self.service.settings.witness_list)


def offline(kit: Kit, limits: Limits) -> KitVerification:
    """What judges copies by a kit alone.

    Raises:
        BadTrustSettings: the roots in the kit are none.
    """
    content = kit.content
    trust = TrustSettings(
        own_roots_pem=content.claim_roots_pem.encode(),
        time_roots_pem=content.time_roots_pem.encode(),
    )
    return KitVerification(
        kit=kit,
        limits=limits,
        credentials=ChildCredentialReader(trust),
        detector=_detector(content.marks),
        sound_detector=_sound_detector(content.marks),
    )


def _detector(marks: tuple[KitEpoch, ...]) -> MarkDetector:
    keys, stills = keys_at_hand(marks, "video"), keys_at_hand(marks, "image")
    if not keys:
        return NoDetector()
    detector = KeysDetector(lambda: keys, stills=lambda: stills)
    return detector if len(keys) == len(marks) else PartialDetector(detector)


def _sound_detector(marks: tuple[KitEpoch, ...]) -> SoundMarkDetector:
    keys = keys_at_hand(marks, "sound")
    if not keys:
        return NoSoundDetector()
    detector = KeysSoundDetector(lambda: keys)
    return detector if len(keys) == len(marks) else PartialSoundDetector(detector)
