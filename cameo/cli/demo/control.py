"""What A can do about a clip that B made, and what an auditor can check without the service."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from cameo.cli.demo.cast import Member, expect
from cameo.cli.demo.report import Report
from cameo.settings import environment


@dataclass
class Control:
    """Approval, pause, link, bundle, monitor, erasure."""

    url: str
    out: Path
    home: Path
    report: Report
    a: Member
    b: Member
    link: str = ""

    def share(self, clip_id: str) -> None:
        """B shares the clip, once A has approved it; a pause of A holds it back."""
        with self.report.step(
            "share.asked", "B shares the clip; A wanted to see it first", "refused"
        ) as step:
            expect(step, lambda: self.b.api.post(f"/v1/videos/{clip_id}/publish"))
        with self.report.step("share.approved", "A approves it with a signature", "ok") as step:
            signed = self.a.api.sign(
                f"videos/{clip_id}/approval", {}, self.a.private_key, lambda _prepared: None
            )
            step.outcome = "ok" if signed["approved"] else "not approved"
        with self.report.step("share.link", "B shares it: the link opens", "200") as step:
            done = self.b.api.post(f"/v1/videos/{clip_id}/publish")
            self.link = done["path"]
            step.outcome, step.detail = self._open(), done
        with self.report.step("pause.A", "A pauses; the link is held back", "423") as step:
            self.a.api.post("/v1/cameo/pause")
            step.outcome = self._open()
        with self.report.step("resume.A", "A resumes with a signature", "200") as step:
            self.a.api.sign("cameo/resume", {}, self.a.private_key, lambda _prepared: None)
            step.outcome = self._open()
        with self.report.step(
            "bundle", "an auditor checks the clip's bundle, without the service", "holds"
        ) as step:
            bundle = self.out / "bundle.json"
            bundle.unlink(missing_ok=True)
            self._command("bundle", clip_id, str(bundle))
            self.report.files["bundle"] = bundle.name
            keys = self.a.api.get("/v1/log/keys")
            # In a home of its own that holds nothing: all that is trusted is the log's key.
            answer = self._command(
                "verify", str(bundle), "--log-key", keys["log"], "--json", home=self.out / "work"
            )
            step.outcome = "holds" if answer.returncode == 0 else "does not hold"
            step.detail = json.loads(answer.stdout)

    def after(self, clip_id: str) -> None:
        """The clip was withdrawn: its link is gone, and the log shows the withdrawal."""
        del clip_id
        with self.report.step("link.withdrawn", "the link after the withdrawal", "410") as step:
            step.outcome = self._open()
        with self.report.step(
            "monitor.A", "A looks who used the key, and for the withdrawal", "nothing wrong"
        ) as step:
            state = self.out / "work" / "monitor.json"
            state.unlink(missing_ok=True)
            answer = self._command(*self._monitor(state), api_key=self.a.api.api_key)
            step.outcome = {0: "nothing wrong", 1: "something found"}.get(
                answer.returncode, "unreadable"
            )
            step.detail = json.loads(answer.stdout or "{}")

    def erase(self) -> None:
        """A's cameo is erased; the account stays."""
        with self.report.step("erase.A", "A erases the cameo and gets a receipt", "done") as step:
            done = self.a.api.delete("/v1/cameo", {"confirm": self.a.handle})
            step.outcome = done["erasure"]["state"]
            (self.out / "receipt.txt").write_text(done["erasure"]["receipt"] or "")
            self.report.files["receipt"] = "receipt.txt"
            step.detail = {"receipt": done["erasure"]["receipt_en"]}

    def _open(self) -> str:
        return str(httpx.get(self.url + self.link).status_code)

    def _monitor(self, state: Path) -> list[str]:
        keys: dict[str, Any] = self.a.api.get("/v1/log/keys")
        known = [key["id"] for key in self.a.api.get("/v1/keys")["data"]]
        return [
            "log",
            "monitor",
            self.url,
            "--key",
            keys["log"],
            "--state",
            str(state),
            "--mine",
            "--promise",
            str(self.out / "promise.txt"),
            "--promise-key",
            keys["promises"],
            *(part for key in known for part in ("--known-key", key)),
            "--json",
        ]

    def _command(
        self, *words: str, api_key: str | None = None, home: Path | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        changes = {"CAMEO_HOME": str(home or self.home), "CAMEO_URL": self.url}
        if api_key is not None:
            changes["CAMEO_API_KEY"] = api_key
        return subprocess.run(
            [sys.executable, "-m", "cameo.cli", *words],
            env=environment(changes),
            capture_output=True,
            check=False,
        )
