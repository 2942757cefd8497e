"""The whole service, built from settings; every part once, on first use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from cameo.flows.accounts import Accounts
from cameo.flows.acts import Acts
from cameo.flows.cast import Casting
from cameo.flows.direct import DirectRender
from cameo.flows.enrol import Enrolments
from cameo.flows.keyring import Keyring
from cameo.flows.ledger import Ledger
from cameo.flows.library import Library
from cameo.flows.likenesses import Likenesses
from cameo.flows.log_views import LogViews
from cameo.flows.order import Orders
from cameo.flows.permit import Permits
from cameo.flows.policy import Policy
from cameo.flows.publish import Publications
from cameo.flows.release import Releases
from cameo.flows.render import Rendering
from cameo.flows.revoke import Revocations
from cameo.flows.sessions import Sessions
from cameo.flows.stamp import Stamping
from cameo.flows.ties import Ties
from cameo.flows.vault import Vault
from cameo.flows.verify import Verification
from cameo.flows.witnesses import KnownWitness, Witnesses
from cameo.flows.workspace import Workspace
from cameo.keys.local import LocalKeyProvider, bound_of
from cameo.keys.signing import SecretStore
from cameo.media.limits import Limits
from cameo.settings import Settings
from cameo.store.database import Database
from cameo.store.files import Files
from cameo.wiring.credential_reading import ChildCredentialReader
from cameo.wiring.engines import EngineAssessor, Engines
from cameo.wiring.home import Certificates, certificates, migrate, prepared
from cameo.wiring.planner import EmbeddedPlanner
from cameo.wiring.pool import RenderPool
from cameo.wiring.proofs import Proofs
from cameo.wiring.rights import Rights
from cameo.wiring.signing import CredentialSigner
from cameo.wiring.witness_client import HttpWitnesses
from consent.vocabulary import RestrictionClass
from moderation.text import Moderator
from provenance.credentials.selftest import self_test
from provenance.credentials.signer import LocalSigner
from provenance.credentials.timestamps import TimestampAuthority
from provenance.credentials.trust import TrustSettings
from provenance.log.notes import NoteSigner
from provenance.log.promise import promise_key_name
from provenance.watermark.detect import Detector
from provenance.watermark.keys import epoch_key

if TYPE_CHECKING:
    from generator.embedded import EmbeddedGenerator

LOG_ORIGIN: Final = "cameo.local/log"
MARK_EPOCH: Final = 1
VERSION: Final = version("cameo")


@dataclass(frozen=True)
class Service:
    """A working service over `settings.home`; call `open_service` to get one."""

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
    def log_views(self) -> LogViews:
        """The log as it is read from outside."""
        return LogViews(db=self.db, ledger=self.ledger)

    @cached_property
    def witness_client(self) -> HttpWitnesses:
        """Speaks with witnesses."""
        return HttpWitnesses()

    @cached_property
    def witnesses(self) -> Witnesses:
        """The log's witnesses.

        Raises:
            MalformedKey: a verifier key in the settings is none.
        """
        chosen = self.settings.witness_list
        return Witnesses(
            db=self.db,
            ledger=self.ledger,
            port=self.witness_client,
            known=tuple(KnownWitness(url=url, vkey=vkey) for url, vkey in chosen),
        )

    @cached_property
    def mark_key(self) -> bytes:
        """The watermark's key of the present epoch."""
        master = self.secrets.load_or_create("watermark-master")
        return epoch_key(master, MARK_EPOCH, "video")

    @cached_property
    def trust(self) -> TrustSettings:
        """Whose credentials read as ours."""
        return TrustSettings(
            own_roots_pem=self.certificates.claims_root_pem,
            time_roots_pem=self.certificates.times_root_pem,
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
    def accounts(self) -> Accounts:
        """Who is who."""
        return Accounts(db=self.db, policy=self.policy, names=self.moderator)

    @cached_property
    def keyring(self) -> Keyring:
        """Registers people's keys."""
        return Keyring(db=self.db, ledger=self.ledger, policy=self.policy)

    @cached_property
    def sessions(self) -> Sessions:
        """Signs people in."""
        return Sessions(db=self.db, policy=self.policy)

    @cached_property
    def enrolments(self) -> Enrolments:
        """Takes likenesses."""
        from generator.speech import measure_profile  # noqa: PLC0415 - loads speech engines

        return Enrolments(
            db=self.db,
            likenesses=self.likenesses,
            ledger=self.ledger,
            policy=self.policy,
            assessor=EngineAssessor(self.engines),
            measure_voice=measure_profile,
        )

    @cached_property
    def permits(self) -> Permits:
        """Takes consents and grants."""
        return Permits(db=self.db, ledger=self.ledger, policy=self.policy)

    @cached_property
    def orders(self) -> Orders:
        """Takes orders for videos."""
        return Orders(
            db=self.db,
            vault=self.vault,
            ledger=self.ledger,
            policy=self.policy,
            planner=EmbeddedPlanner(self.generator),
            moderator=self.moderator,
        )

    @cached_property
    def pool(self) -> RenderPool:
        """Render processes."""
        return RenderPool(self.settings)

    @cached_property
    def rendering(self) -> Rendering:
        """Makes clips."""
        return Rendering(
            db=self.db,
            vault=self.vault,
            policy=self.policy,
            casting=Casting(
                db=self.db,
                likenesses=self.likenesses,
                face_threshold=self.engines.faces.accept,
                face_doubtful=self.engines.faces.retry,
            ),
            generator=self.generator,
            runner=self.pool,
            signer=self.signer,
            mark_key=self.mark_key,
            version=VERSION,
        )

    @cached_property
    def releases(self) -> Releases:
        """Lets clips out."""
        return Releases(db=self.db, vault=self.vault, ledger=self.ledger, policy=self.policy)

    @cached_property
    def direct(self) -> DirectRender:
        """Generations without a server."""
        return DirectRender(
            db=self.db,
            vault=self.vault,
            ledger=self.ledger,
            orders=self.orders,
            rendering=self.rendering,
            releases=self.releases,
        )

    @cached_property
    def revocations(self) -> Revocations:
        """Ends consents."""
        return Revocations(db=self.db, vault=self.vault, ledger=self.ledger)

    @cached_property
    def rights(self) -> Rights:
        """Erasure, retention, legal holds, contests."""
        return Rights(self)

    @cached_property
    def proofs(self) -> Proofs:
        """Bundles and kits, for auditors."""
        return Proofs(self)

    @cached_property
    def ties(self) -> Ties:
        """Who follows and blocks whom."""
        return Ties(db=self.db, ledger=self.ledger)

    @cached_property
    def acts(self) -> Acts:
        """Approvals, pauses."""
        return Acts(db=self.db, ledger=self.ledger, policy=self.policy)

    @cached_property
    def publications(self) -> Publications:
        """Shares clips."""
        return Publications(
            db=self.db,
            vault=self.vault,
            ledger=self.ledger,
            library=self.library,
            policy=self.policy,
        )

    @cached_property
    def library(self) -> Library:
        """Serves clips."""
        return Library(db=self.db, vault=self.vault, ledger=self.ledger)

    @cached_property
    def stamping(self) -> Stamping:
        """Stamps foreign videos."""
        return Stamping(
            db=self.db,
            vault=self.vault,
            ledger=self.ledger,
            policy=self.policy,
            signer=self.signer,
            mark_key=self.mark_key,
            version=VERSION,
            credentials=self.verification.credentials,
            detector=self.verification.detector,
        )

    @cached_property
    def verification(self) -> Verification:
        """Judges copies."""
        return Verification(
            db=self.db,
            ledger=self.ledger,
            policy=self.policy,
            credentials=ChildCredentialReader(self.trust),
            detector=Detector(self.mark_key),
        )

    def self_test(self) -> None:
        """Sign as ourselves and as a stranger, and demand the right judgements.

        Raises:
            SelfTestFailed: trust is not what the settings say; nothing may be signed or judged.
        """
        with self.vault.work.folder() as folder:
            self_test(self.signer.signer, self.trust, folder)

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


def open_service(settings: Settings) -> Service:
    """Prepare `settings.home` where needed, and build the service over it."""
    with prepared(settings.home):
        migrate(settings.service_database_url)
        secrets = SecretStore(settings.home / "keys" / "secrets")
        issued = certificates(secrets, settings.brand)
    return Service(settings=settings, certificates=issued)
