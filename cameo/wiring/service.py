"""The whole service: every flow once, on first use, over what they stand on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Final

from cameo.flows.accounts import Accounts
from cameo.flows.acts import Acts
from cameo.flows.cast import Casting
from cameo.flows.direct import DirectRender
from cameo.flows.enrol import Enrolments
from cameo.flows.keyring import Keyring
from cameo.flows.library import Library
from cameo.flows.log_views import LogViews
from cameo.flows.order import Orders
from cameo.flows.permit import Permits
from cameo.flows.publish import Publications
from cameo.flows.release import Releases
from cameo.flows.render import Rendering
from cameo.flows.resolution import Resolution
from cameo.flows.revoke import Revocations
from cameo.flows.sessions import Sessions
from cameo.flows.stamp import Stamping
from cameo.flows.ties import Ties
from cameo.flows.verify import Verification
from cameo.flows.witnesses import KnownWitness, Witnesses
from cameo.keys.signing import SecretStore
from cameo.settings import Settings
from cameo.wiring.credential_reading import ChildCredentialReader
from cameo.wiring.engines import EngineAssessor
from cameo.wiring.foundation import Foundation
from cameo.wiring.home import certificates, migrate, prepared
from cameo.wiring.planner import EmbeddedPlanner
from cameo.wiring.proofs import Proofs
from cameo.wiring.rights import Rights
from provenance.credentials.selftest import self_test

VERSION: Final = version("cameo")


@dataclass(frozen=True)
class Service(Foundation):
    """A working service over `settings.home`; call `open_service` to get one."""

    @cached_property
    def log_views(self) -> LogViews:
        """The log as it is read from outside."""
        return LogViews(db=self.db, ledger=self.ledger)

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
            marks=self.marks,
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
        """Stamps files of others."""
        return Stamping(
            db=self.db,
            vault=self.vault,
            ledger=self.ledger,
            policy=self.policy,
            signer=self.signer,
            marks=self.marks,
            version=VERSION,
            credentials=self.verification.credentials,
            detector=self.detector,
            sound_detector=self.sound_detector,
        )

    @cached_property
    def verification(self) -> Verification:
        """Judges copies."""
        return Verification(
            db=self.db,
            ledger=self.ledger,
            policy=self.policy,
            credentials=ChildCredentialReader(self.trust),
            detector=self.detector,
            sound_detector=self.sound_detector,
        )

    @cached_property
    def resolution(self) -> Resolution:
        """From a mark or a copy to the archived manifest."""
        return Resolution(db=self.db, judge=self.verification, algs=self.settings.watermark_algs)

    def self_test(self) -> None:
        """Sign as ourselves and as a stranger, and demand the right judgements.

        Raises:
            SelfTestFailed: trust is not what the settings say; nothing may be signed or judged.
        """
        with self.vault.work.folder() as folder:
            self_test(self.signer.signer, self.trust, folder)


def open_service(settings: Settings) -> Service:
    """Prepare `settings.home` where needed, and build the service over it."""
    with prepared(settings.home):
        migrate(settings.service_database_url)
        secrets = SecretStore(settings.home / "keys" / "secrets")
        issued = certificates(secrets, settings.brand)
    return Service(settings=settings, certificates=issued)
