"""What the flows stand on: database, keys, vault, log, signer, models; each once, on first use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from cameo.flows.ledger import Ledger
from cameo.flows.likenesses import Likenesses
from cameo.flows.mark_epochs import FIRST_SECRET, MarkEpochs
from cameo.flows.policy import Policy
from cameo.flows.vault import Vault
from cameo.flows.workspace import Workspace
from cameo.keys.local import LocalKeyProvider, bound_of
from cameo.keys.signing import SecretStore
from cameo.media.limits import Limits
from cameo.settings import Settings
from cameo.store.database import Database
from cameo.store.files import Files
from cameo.wiring.engines import Engines
from cameo.wiring.home import Certificates
from cameo.wiring.marks import KeysDetector, KeysSoundDetector
from cameo.wiring.pool import RenderPool
from cameo.wiring.signing import CredentialSigner
from cameo.wiring.witness_client import HttpWitnesses
from consent.vocabulary import RestrictionClass
from moderation.text import Moderator
from provenance.credentials.signer import LocalSigner
from provenance.credentials.timestamps import TimestampAuthority
from provenance.credentials.trust import TrustSettings
from provenance.log.notes import NoteSigner
from provenance.log.promise import promise_key_name

if TYPE_CHECKING:
    from generator.embedded import EmbeddedGenerator

LOG_ORIGIN: Final = "cameo.local/log"


@dataclass(frozen=True)
class Foundation:
    """Everything that is no flow, over `settings.home`."""

    settings: Settings
    certificates: Certificates

    @cached_property
    def policy(self) -> Policy:
        """The operator's choices."""
        chosen = self.settings
        return Policy(
            brand=chosen.brand,
            signup=chosen.signup,
            min_assurance=chosen.min_assurance,
            max_people=chosen.max_people,
            daily_limit=chosen.daily_limit,
            challenge_ttl=timedelta(seconds=chosen.challenge_ttl),
            rp_id=chosen.rp_id,
            origins=chosen.origin_list,
            recovery=timedelta(hours=chosen.recovery_hours),
            capture_kept=timedelta(days=chosen.capture_days),
            keys_bound=bound_of(timedelta(days=chosen.key_epoch_days)),
            backups_kept=timedelta(days=chosen.backup_days),
            watermark_psnr_db=chosen.watermark_psnr_db,
            mark_algs=chosen.watermark_algs,
            limits=Limits(
                max_bytes=chosen.max_upload_bytes,
                max_seconds=float(chosen.max_media_seconds),
                max_side=chosen.max_media_side,
                timeout_s=float(chosen.decode_timeout),
            ),
        )

    @cached_property
    def db(self) -> Database:
        """The service's database."""
        return Database(self.settings.service_database_url)

    @cached_property
    def secrets(self) -> SecretStore:
        """The service's own secrets; none can sign for a person."""
        return SecretStore(self.settings.home / "keys" / "secrets")

    @cached_property
    def keys(self) -> LocalKeyProvider:
        """Keys of what is kept encrypted."""
        return LocalKeyProvider(
            self.settings.home / "keys" / "data",
            period=timedelta(days=self.settings.key_epoch_days),
        )

    @cached_property
    def vault(self) -> Vault:
        """Encrypted storage."""
        home = self.settings.home
        return Vault(
            keys=self.keys,
            files=Files(home / "media"),
            work=Workspace(home / "work"),
        )

    @cached_property
    def likenesses(self) -> Likenesses:
        """Likenesses at rest."""
        return Likenesses(vault=self.vault)

    @cached_property
    def ledger(self) -> Ledger:
        """The transparency log."""
        promiser = promise_key_name(LOG_ORIGIN)
        return Ledger(
            db=self.db,
            signer=NoteSigner(LOG_ORIGIN, self.secrets.ed25519_seed("log")),
            promiser=NoteSigner(promiser, self.secrets.ed25519_seed("promises")),
        )

    @cached_property
    def witness_client(self) -> HttpWitnesses:
        """Speaks with witnesses."""
        return HttpWitnesses()

    @cached_property
    def marks(self) -> MarkEpochs:
        """The epochs of the marks' keys."""
        return MarkEpochs(db=self.db, ledger=self.ledger, secret_of=self._mark_secret)

    def _mark_secret(self, number: int) -> bytes:
        name = "watermark-master" if number == FIRST_SECRET else f"watermark-master-{number}"
        return self.secrets.load_or_create(name)

    @cached_property
    def detector(self) -> KeysDetector:
        """Looks for marks in pictures, under every key of ours."""
        return KeysDetector(
            lambda: self.marks.keys().tried("video"),
            stills=lambda: self.marks.keys().tried("image"),
        )

    @cached_property
    def sound_detector(self) -> KeysSoundDetector:
        """Looks for marks in sound, under every key of ours."""
        return KeysSoundDetector(lambda: self.marks.keys().tried("sound"))

    @cached_property
    def trust(self) -> TrustSettings:
        """Whose credentials read as ours."""
        return TrustSettings(
            own_roots_pem=self.certificates.claims_root_pem,
            time_roots_pem=self.certificates.times_root_pem,
            soft_binding_algorithms=tuple(self.settings.watermark_algs.values()),
        )

    @cached_property
    def signer(self) -> CredentialSigner:
        """Signs content credentials."""
        return CredentialSigner(
            signer=LocalSigner(self.certificates.claims),
            times=TimestampAuthority(self.certificates.times),
            trust=self.trust,
        )

    @cached_property
    def engines(self) -> Engines:
        """Face, voice and speech models."""
        return Engines(self.settings)

    @cached_property
    def generator(self) -> EmbeddedGenerator:
        """The embedded renderer; its libraries are loaded only where something is drawn."""
        from generator.embedded import EmbeddedGenerator  # noqa: PLC0415

        return EmbeddedGenerator()

    @cached_property
    def moderator(self) -> Moderator:
        """Judges texts, and knows every restriction class that a consent can name."""
        return build_moderator()

    @cached_property
    def pool(self) -> RenderPool:
        """Render processes."""
        return RenderPool(self.settings)

    def close(self) -> None:
        """End processes and connections that were started."""
        built = self.__dict__
        if "pool" in built:
            self.pool.close()
        if "witness_client" in built:
            self.witness_client.close()
        if "vault" in built:
            self.vault.work.close()
        if "db" in built:
            self.db.close()


def build_moderator() -> Moderator:
    """A moderator that knows every restriction class that a consent can name."""
    return Moderator([str(name) for name in RestrictionClass])
