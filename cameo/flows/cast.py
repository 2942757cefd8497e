"""Who is in a clip, opened: appearances, voices and face templates, for as long as a step runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cameo.flows.errors import FlowError
from cameo.flows.likenesses import Likenesses
from cameo.likeness.appearance import Appearance
from cameo.likeness.templates import FaceTemplate
from cameo.store.database import Database
from generator.request import Appearance as SceneAppearance
from generator.request import CastMember, VoiceProfile
from moderation.output import AllowedFace


class CastUnavailableError(FlowError):
    """The likeness of a person in this clip cannot be opened."""

    code = "render.cast_unavailable"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class OpenCast:
    """The people of one clip, decrypted."""

    members: tuple[CastMember, ...]
    allowed: tuple[AllowedFace, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Casting:
    """Opens likenesses, and only for a clip that is being made under a standing lease."""

    db: Database
    likenesses: Likenesses
    face_threshold: float
    face_doubtful: float

    def open(self, clip_id: str, order: Sequence[str]) -> OpenCast:
        """Decrypt what a generation needs.

        Args:
            clip_id: which generation.
            order: person ids in the order of the request: who speaks a line depends on it.

        Raises:
            CastUnavailableError: the clip is not being made, a lease is over, or a key is gone.
        """
        with self.db.reading() as tx:
            clip, people = tx.clips.get(clip_id), tx.clips.people(clip_id)
            now = tx.now()
            if clip.status != "in_progress" or any(now >= p.lease_expires_at for p in people):
                raise CastUnavailableError("no standing lease")
            found = [
                (
                    tx.people.get(person.person_id),
                    tx.enrolments.get(tx.consents.get(person.consent_id).enrolment_id),
                )
                for person in sorted(people, key=lambda person: order.index(person.person_id))
            ]
        members, allowed = [], []
        for person, enrolment in found:
            look = Appearance.from_bytes(self.likenesses.part(enrolment, "appearance"))
            voice = _profile(self.likenesses.part(enrolment, "voice-profile"))
            face = FaceTemplate.from_bytes(self.likenesses.part(enrolment, "face"))
            members.append(
                CastMember(
                    handle=person.handle,
                    appearance=SceneAppearance(
                        image=look.image, landmarks5=look.points5, box=look.box
                    ),
                    voice=voice,
                )
            )
            allowed.append(
                AllowedFace(
                    person_id=person.id,
                    templates=tuple(np.asarray(face.vectors, dtype=np.float32)),
                    threshold=self.face_threshold,
                    doubtful=self.face_doubtful,
                )
            )
        return OpenCast(members=tuple(members), allowed=tuple(allowed))


def profile_to_bytes(profile: VoiceProfile) -> bytes:
    """A voice profile as JSON, for sealing."""
    envelope = None if profile.envelope is None else [float(v) for v in profile.envelope]
    body = {"f0_hz": profile.f0_hz, "f0_spread": profile.f0_spread, "envelope": envelope}
    return json.dumps(body).encode()


def _profile(data: bytes) -> VoiceProfile:
    body = json.loads(data)
    envelope = body["envelope"]
    return VoiceProfile(
        f0_hz=body["f0_hz"],
        f0_spread=body["f0_spread"],
        envelope=None if envelope is None else np.asarray(envelope, dtype=np.float32),
    )
