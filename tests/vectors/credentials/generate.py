"""Renew the committed manifests: `python tests/vectors/credentials/generate.py`.

They hold no signature and no key, so they never expire; a difference means that the format that
others read has changed.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from provenance.credentials.manifest import ClipClaim, ConsentCitation, build

HERE = Path(__file__).parent
WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def claims() -> dict[str, ClipClaim]:
    person = ConsentCitation(
        consent_id="cns_01",
        grant_id="gnt_01",
        person_ref="p-7f3a",
        document_sha256="ab" * 32,
        assurance=0,
        simulated=True,
        epoch=3,
    )
    created = ClipClaim(
        clip_id="clip_01",
        title="clip_01.mp4",
        created_at=WHEN,
        digital_source_type="http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic",
        generator_name="embedded",
        generator_version="1",
        payload="0123456789abcdef",
        fingerprint=bytes(range(48)),
        duration_ms=1000,
        consents=(person,),
        style="anime",
        label_text="AI generated",
    )
    opened = ClipClaim(
        clip_id="clip_02",
        title="stamped.mp4",
        created_at=WHEN,
        action="c2pa.opened",
        generator_name="cameo stamp",
        generator_version="1",
        payload="fedcba9876543210",
        fingerprint=b"\1\2\3",
        duration_ms=1000,
        source_sha256="cd" * 32,
    )
    return {"created": created, "opened": opened}


if __name__ == "__main__":
    for name, claim in claims().items():
        text = json.dumps(build(claim), indent=2, sort_keys=True) + "\n"
        (HERE / f"manifest_{name}.json").write_text(text)
