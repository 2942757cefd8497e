"""A generation without a server and without people, released like any other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cameo.flows.errors import FlowError, InvalidRequestError
from cameo.flows.ledger import Ledger
from cameo.flows.order import Orders, VideoAsk, clip_context
from cameo.flows.release import Releases
from cameo.flows.render import Rendering
from cameo.flows.vault import Vault, media_name
from cameo.store.database import Database


class NotMadeError(FlowError):
    """The clip was not made."""

    code = "render.failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class DirectRender:
    """Runs the steps of a generation one after another in this process."""

    db: Database
    vault: Vault
    ledger: Ledger
    orders: Orders
    rendering: Rendering
    releases: Releases

    def render(self, ask: VideoAsk, out: Path) -> dict[str, Any]:
        """Make a clip with nobody in it and write it to `out`.

        Raises:
            InvalidRequestError: the prompt names a person; that needs an account.
            PromptBlockedError: the prompt is not allowed.
            GeneratorError: the request has a form that cannot be made.
        """
        if "@" in ask.prompt or ask.cameos:
            raise InvalidRequestError("people are cast through the service, under an account")
        clip = self.orders.order(None, ask)
        try:
            self._make(clip.id)
        except BaseException:
            self.releases.give_up(clip.id, "render.failed")
            raise
        with self.db.reading() as tx:
            clip = tx.clips.get(clip.id)
        if clip.status != "completed":
            raise NotMadeError(clip.failure_code or "")
        self._export(clip.id, clip.dek_id or "", out)
        return {
            "clip_id": clip.id,
            "payload": clip.payload,
            "seed": clip.seed,
            "explanation": list(self.orders.planner.plan(ask, (), clip.seed).explanation),
        }

    def _make(self, clip_id: str) -> None:
        count = self.rendering.start(clip_id)
        width = self.rendering.runner.width
        for first in range(0, count, width):
            self.rendering.chunks(clip_id, first, min(width, count - first), count)
        made = self.rendering.finish(clip_id, count)
        self.releases.release(clip_id, media_sha256=made.media_sha256, media_bytes=made.media_bytes)
        self.ledger.sequence()
        self.rendering.tidy(clip_id)

    def _export(self, clip_id: str, dek_id: str, out: Path) -> None:
        temporary = out.with_name(out.name + ".part")
        with (
            self.vault.open_file(dek_id, clip_context(clip_id), media_name(clip_id)) as media,
            temporary.open("wb") as file,
        ):
            for block in media.iter_range(0, media.size):
                file.write(block)
        temporary.replace(out)
