"""Builds what people are owed: erasure, the retention clock, legal holds, contests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cameo.flows.comparison import Comparison
from cameo.flows.contest import Contests
from cameo.flows.erase import Erasures
from cameo.flows.erase_last import LastStep
from cameo.flows.holds import Holds
from cameo.flows.receipt import receipt_key_name
from cameo.flows.retention import Retention
from cameo.likeness.templates import FaceTemplate
from cameo.wiring.engines import Engines
from provenance.log.notes import NoteSigner

if TYPE_CHECKING:
    from cameo.wiring.service import Service


@dataclass(frozen=True)
class TemplateComparer:
    """`cameo.flows.comparison.FaceComparer` over the chosen face engine."""

    engines: Engines

    @property
    def accept(self) -> float:
        """As the engine has it."""
        return self.engines.faces.accept

    @property
    def retry(self) -> float:
        """As the engine has it."""
        return self.engines.faces.retry

    def similarity(self, one: bytes, other: bytes) -> float:
        """The median over all pairs of vectors: a few bad pictures on either side do not count.

        Raises:
            LikenessError: the templates are of different engines, or none.
        """
        engine = self.engines.faces
        first, second = FaceTemplate.from_bytes(one), FaceTemplate.from_bytes(other)
        return float(np.median([first.similarity(engine, each) for each in second.vectors]))


@dataclass(frozen=True)
class Rights:
    """The flows over one service, each once, on first use."""

    service: Service

    @cached_property
    def receipts(self) -> NoteSigner:
        """Signs receipts of erasures, with a key of its own."""
        name = receipt_key_name(self.service.ledger.signer.name)
        return NoteSigner(name, self.service.secrets.ed25519_seed("receipts"))

    @cached_property
    def erasures(self) -> Erasures:
        """Erases cameos."""
        service = self.service
        return Erasures(
            db=service.db,
            likenesses=service.likenesses,
            ledger=service.ledger,
            revocations=service.revocations,
            views=service.log_views,
            last_step=LastStep(
                likenesses=service.likenesses,
                ledger=service.ledger,
                policy=service.policy,
                signer=self.receipts,
            ),
        )

    @cached_property
    def retention(self) -> Retention:
        """Destroys what is due."""
        service = self.service
        return Retention(
            db=service.db,
            likenesses=service.likenesses,
            ledger=service.ledger,
            revocations=service.revocations,
            policy=service.policy,
        )

    @cached_property
    def holds(self) -> Holds:
        """Legal holds."""
        return Holds(db=self.service.db, erasures=self.erasures)

    @cached_property
    def contests(self) -> Contests:
        """Contests of cameos."""
        service = self.service
        return Contests(
            db=service.db,
            ledger=service.ledger,
            policy=service.policy,
            erasures=self.erasures,
            comparison=Comparison(
                likenesses=service.likenesses, faces=TemplateComparer(service.engines)
            ),
        )
