"""The C2PA signer that flows are given: our chain, our time stamps, read back before use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cameo.wiring.home import clock
from provenance.credentials.signer import ClaimSigner, sign_file
from provenance.credentials.timestamp_server import loopback
from provenance.credentials.timestamps import TimestampAuthority
from provenance.credentials.trust import TrustSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialSigner:
    """`cameo.flows.render.FileSigner` over a claim signer and a time-stamp authority."""

    signer: ClaimSigner
    times: TimestampAuthority
    trust: TrustSettings

    def sign(
        self,
        source: Path,
        target: Path,
        manifest: dict[str, object],
        *,
        parent: Path | None = None,
    ) -> bytes:
        """Sign a copy of `source` as `target`, with a time stamp; without one nothing is signed."""
        with loopback(self.times, clock) as url:
            return sign_file(
                source,
                target,
                manifest,
                self.signer,
                self.trust,
                parent=parent,
                timestamp_url=url,
            )
