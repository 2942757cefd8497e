"""`CAMEO_HOME` initialises itself on first use: folders, database, secrets, certificates."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config

from cameo.keys.errors import UnknownSecret
from cameo.keys.signing import PemMaterial, SecretStore
from provenance.credentials.pki import (
    Authority,
    SignerMaterial,
    create_authority,
    issue_claim_signer,
    issue_time_signer,
    needs_renewal,
)

_MIGRATIONS: Final = Path(__file__).resolve().parents[2] / "alembic"
_COUNTRY: Final = "JP"


@dataclass(frozen=True, kw_only=True, slots=True)
class Certificates:
    """Who signs claims and who stamps times; two roots, which no list may mix."""

    claims: SignerMaterial
    claims_root_pem: bytes
    times: SignerMaterial
    times_root_pem: bytes


@contextmanager
def prepared(home: Path) -> Iterator[None]:
    """The folder, private, with one process at a time inside this block."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)


def migrate(url: str) -> None:
    """Bring the database to the newest migration; a new one gets all of them."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    command.upgrade(config, "head")


def clock() -> datetime:
    """The machine's time, for certificates and time stamps; nothing else is judged by it."""
    return datetime.now(UTC)  # noqa: TID251


def certificates(secrets: SecretStore, brand: str) -> Certificates:
    """Claim signer and time-stamp authority; made, or renewed, where needed."""
    claims, times = (_authority(secrets, name, brand) for name in ("c2pa", "tsa"))
    now = clock()
    return Certificates(
        claims=_leaf(
            secrets,
            "c2pa-claim-signer",
            lambda: issue_claim_signer(claims, now, common_name=f"{brand} Generator"[:64]),
        ),
        claims_root_pem=claims.root_pem,
        times=_leaf(
            secrets,
            "tsa-signer",
            lambda: issue_time_signer(times, now, common_name=f"{brand} Time"[:64]),
        ),
        times_root_pem=times.root_pem,
    )


def _leaf(secrets: SecretStore, name: str, issue: Callable[[], SignerMaterial]) -> SignerMaterial:
    kept = _kept(secrets, name)
    if kept is None or needs_renewal(kept.chain_pem, clock()):
        issued = issue()
        kept = PemMaterial(private_key_pem=issued.private_key_pem, chain_pem=issued.chain_pem)
        secrets.save_pem(name, kept)
    return SignerMaterial(chain_pem=kept.chain_pem, private_key_pem=kept.private_key_pem)


def _authority(secrets: SecretStore, name: str, brand: str) -> Authority:
    root, intermediate = _kept(secrets, f"{name}-root"), _kept(secrets, f"{name}-intermediate")
    if root is not None and intermediate is not None:
        return Authority(
            organisation=brand,
            country=_COUNTRY,
            root_pem=root.chain_pem,
            root_key_pem=root.private_key_pem,
            intermediate_pem=intermediate.chain_pem,
            intermediate_key_pem=intermediate.private_key_pem,
        )
    made = create_authority(
        clock(), organisation=brand[:64], country=_COUNTRY, common_name=f"{brand} {name}"[:64]
    )
    # The root is written last: where it stands, the intermediate under it does too.
    for part, key, chain in (
        ("intermediate", made.intermediate_key_pem, made.intermediate_pem),
        ("root", made.root_key_pem, made.root_pem),
    ):
        material = PemMaterial(private_key_pem=key, chain_pem=chain)
        secrets.save_pem(f"{name}-{part}", material)
    return made


def _kept(secrets: SecretStore, name: str) -> PemMaterial | None:
    try:
        return secrets.load_pem(name)
    except UnknownSecret:
        return None
