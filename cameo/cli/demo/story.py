"""The story: A and B enrol, A permits B, C is refused; clips are made, stolen and withdrawn."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cameo.cli.client import Client
from cameo.cli.demo import thief
from cameo.cli.demo.actors import Actor, answer_challenge
from cameo.cli.demo.cast import AIKO, EMRE, SIZE, Member, expect
from cameo.cli.demo.control import Control
from cameo.cli.demo.report import Report, progress
from cameo.cli.errors import ProblemError
from cameo.cli.keys import register_key, write_private
from cameo.settings import environment
from consent.evidence import new_ed25519_key


@dataclass
class Story:
    """Tells the story against a running service."""

    url: str
    out: Path
    home: Path
    report: Report
    members: dict[str, Member] = field(default_factory=dict)

    def run(self) -> None:
        """All of it, in order; every step is checked."""
        work = self.out / "work"
        work.mkdir(parents=True, exist_ok=True)
        self._join(work)
        self._permit()
        self._refuse()
        both, solo = self._make()
        self._audit(work, solo)
        control = Control(
            url=self.url,
            out=self.out,
            home=self.home,
            report=self.report,
            a=self.members["A"],
            b=self.members["B"],
        )
        control.share(both)
        self._withdraw(both)
        control.after(both)
        self._others(work)
        control.erase()

    def _join(self, work: Path) -> None:
        chiyo = Actor(handle="chiyo", display_name="Chiyo (simulated)", head="", voice="")
        for name, actor in (("A", AIKO), ("B", EMRE), ("C", chiyo)):
            with self.report.step(f"account.{name}", f"{name} opens an account", "created") as s:
                self.members[name] = self._account(actor)
                s.outcome, s.detail = "created", {"handle": self.members[name].handle}
        for name in ("A", "B"):
            self._make_key(name, self.members[name])
            self._enrol(name, self.members[name], work)
        with self.report.step(
            "enrol.replay", "A's recording is sent again for a new challenge", "refused"
        ) as step:
            member = self.members["A"]
            enrolment = self._challenge(member)
            path = f"/v1/enrolments/{enrolment['id']}/capture"
            expect(step, lambda: member.api.upload(path, "capture", _some(member.capture)))

    def _account(self, actor: Actor) -> Member:
        """An account; where an earlier demo took the handle, one with a number."""
        for number in range(1, 1000):
            handle = actor.handle if number == 1 else f"{actor.handle}{number}"
            try:
                made = self._sign_up(handle, actor.display_name)
            except ProblemError as problem:
                if problem.code != "request.taken":
                    raise
                continue
            return Member(actor=actor, handle=handle, api=Client(self.url, made["api_key"]))
        raise RuntimeError("a thousand demos were told here")

    def _sign_up(self, handle: str, name: str) -> dict[str, Any]:
        anonymous = Client(self.url)
        try:
            body = {"handle": handle, "display_name": name, "adult": True}
            return anonymous.post("/v1/people", body)
        finally:
            anonymous.close()

    def _make_key(self, name: str, member: Member) -> None:
        title = f"{name} makes a key, and registers its public half"
        with self.report.step(f"key.{name}", title, "active") as step:
            member.private_key, public = new_ed25519_key()
            (self.out / f"key-{name}.pem").unlink(missing_ok=True)  # of an earlier demo
            write_private(self.out / f"key-{name}.pem", member.private_key)
            made = register_key(member.api, public)
            step.outcome, step.detail = made["status"], made

    def _challenge(self, member: Member) -> dict[str, Any]:
        notice = member.api.get("/v1/notice")
        return member.api.post(
            "/v1/enrolments",
            {"notice_sha256": notice["sha256"], "release": True, "simulated": True},
        )

    def _enrol(self, name: str, member: Member, work: Path) -> None:
        title = f"{name} (@{member.handle}, synthetic) answers a live challenge"
        with self.report.step(f"enrol.{name}", title, "accepted") as step:
            enrolment = self._challenge(member)
            asked = enrolment["challenge"]
            progress(f"turn {', '.join(asked['turns'])}; say {asked['digits']}")
            member.capture = work / f"capture-{name}.mp4"
            answer_challenge(member.actor, asked, member.capture)
            progress("the service judges the capture")
            done = member.api.upload(
                f"/v1/enrolments/{enrolment['id']}/capture", "capture", member.capture
            )
            step.outcome = done["status"]
            step.code = f"assurance {done['assurance']}: simulated"
            step.detail = {"challenge": asked, "checks": done["report"]["checks"]}

    def _permit(self) -> None:
        a_terms = {
            "audience": "approved",
            "approval": "always",
            "wishes": ["no politics", "nothing that would embarrass my family"],
        }
        for name, terms in (("A", a_terms), ("B", {"audience": "only_me"})):
            member = self.members[name]
            title = f"{name} signs a consent with a key of their own ({terms['audience']})"
            with self.report.step(f"consent.{name}", title, "active") as step:
                signed = member.api.sign("consents", terms, member.private_key, _silent)
                member.consent_id = signed["id"]
                step.outcome = signed["status"]
                step.detail = {"id": signed["id"], "document": signed["document"]}
        with self.report.step("grant.A-B", "A permits B", "active") as step:
            a, b = self.members["A"], self.members["B"]
            signed = a.api.sign("grants", {"grantee": b.handle}, a.private_key, _silent)
            step.outcome, step.detail = signed["status"], {"id": signed["id"]}

    def _refuse(self) -> None:
        a, b, c = (self.members[name] for name in "ABC")
        with self.report.step("refuse.C", "C asks for a video with A", "refused") as step:
            prompt = f"@{a.handle} walks along the shore"
            expect(step, lambda: c.api.post("/v1/videos", {"prompt": prompt}))
        with self.report.step(
            "refuse.character", "B asks for a famous character", "refused"
        ) as step:
            prompt = f"マリオのようなキャラが @{b.handle} と街を歩く"
            expect(step, lambda: b.api.post("/v1/videos", {"prompt": prompt}))

    def _make(self) -> tuple[str, str]:
        a, b = self.members["A"], self.members["B"]
        both = self._clip(
            "clip.both",
            "B makes a clip with A and B",
            f"@{a.handle} and @{b.handle} walk through an avenue of cherry trees at dusk. "
            f'@{a.handle} says "I signed for this." @{b.handle} says "And you can take it back."',
            seconds=6,
            style="photoreal",
        )
        solo = self._clip(
            "clip.solo",
            "B makes a clip with B alone (prompt in Japanese)",
            f"雨上がりの街角で @{b.handle} が話す。カメラはゆっくり寄る。"
            f"@{b.handle}「この動画には、私の同意の記録があります。」",
            seconds=6,
            style="cinematic",
        )
        for name, clip_id in (("withdrawn", both), ("clip", solo)):
            target = self.out / f"{name}.mp4"
            b.api.download(f"/v1/videos/{clip_id}/content", target)
            self.report.files[name] = target.name
        return both, solo

    def _clip(self, name: str, title: str, prompt: str, *, seconds: int, style: str) -> str:
        api = self.members["B"].api
        with self.report.step(name, title, "completed") as step:
            body = {
                "prompt": prompt,
                "seconds": seconds,
                "size": SIZE,
                "style": style,
                "seed": 11,
            }
            ordered = api.post("/v1/videos", body)
            for job in api.watch(ordered["id"]):
                bar = "#" * (job["progress"] // 5)
                progress(f"[{bar:<20}] {job['progress']:3}% {job['step']}")
            step.outcome = job["status"]
            step.code = (job["error"] or {}).get("code")
            step.detail = {"prompt": prompt, "video": job}
        return str(ordered["id"])

    def _audit(self, work: Path, solo: str) -> None:
        clip = self.out / "clip.mp4"
        self._verify("verify.clip", "an auditor verifies the clip", clip, "authentic", solo)
        copy = work / "stripped.mp4"
        thief.strip_and_shrink(clip, copy)
        title = "... a copy at half size, CRF 28, all metadata stripped"
        self._verify("verify.stripped", title, copy, "recovered", solo)
        tampered = work / "tampered.mp4"
        thief.flip_a_byte(clip, tampered)
        title = "... a copy with one byte of the picture data changed"
        self._verify("verify.tampered", title, tampered, "tampered", None)
        foreign, pasted = work / "foreign.mp4", work / "pasted.mp4"
        thief.make_foreign(foreign, (1280, 720))
        thief.lift_and_paste(clip, foreign, pasted)
        title = "... another video, with the clip's mark lifted and pasted on"
        self._verify("verify.pasted", title, pasted, "mark_mismatch", None)
        self._verify("verify.foreign", "... that other video as it was", foreign, "not_ours", None)

    def _others(self, work: Path) -> None:
        text = work / "notes.mp4"
        text.write_text("this is a text file with another name\n")
        self._verify("verify.text", "a text file renamed .mp4", text, "unreadable", None)
        clip = self.out / "clip.mp4"
        self._verify("verify.after", "the clip with B alone still stands", clip, "authentic", None)

    def _withdraw(self, both: str) -> None:
        a, b = self.members["A"], self.members["B"]
        with self.report.step("revoke.A", "A withdraws; no signature is asked for", "ok") as step:
            done = a.api.post(f"/v1/consents/{a.consent_id}/revoke")
            (self.out / "promise.txt").write_text(done["promise"])
            step.outcome = "ok" if done["withdrawn"] == [both] else "other clips"
            step.detail = done
        with self.report.step("refuse.B", "B tries again with A", "refused") as step:
            prompt = f"@{a.handle} waves in the living room"
            expect(step, lambda: b.api.post("/v1/videos", {"prompt": prompt}))
        with self.report.step("serve.withdrawn", "the clip with A is asked for", "refused") as step:
            target = self.out / "work" / "never.mp4"
            expect(step, lambda: b.api.download(f"/v1/videos/{both}/content", target))
        old = self.out / "withdrawn.mp4"
        title = "an auditor verifies the copy that was downloaded before"
        self._verify("verify.withdrawn", title, old, "withdrawn", both)

    def _verify(
        self, name: str, title: str, path: Path, expected: str, clip_id: str | None
    ) -> None:
        with self.report.step(name, title, expected) as step:
            answer = subprocess.run(
                [sys.executable, "-m", "cameo.cli", "verify", str(path), "--json"],
                env=environment({"CAMEO_HOME": str(self.home)}),
                capture_output=True,
                check=False,
            )
            verdict = json.loads(answer.stdout)
            step.outcome = verdict["verdict"]
            if clip_id is not None and verdict["clip_id"] != clip_id:
                step.outcome = f"{verdict['verdict']} of another clip"
            step.code = f"exit {answer.returncode}: {', '.join(verdict['reasons'])}"
            step.detail = verdict


def _silent(_prepared: dict[str, Any]) -> None:
    return


def _some(path: Path | None) -> Path:
    if path is None:
        raise ValueError("no capture was made")
    return path
