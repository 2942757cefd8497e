"""Erase one's cameo, contest somebody else's; for operators: decide contests, set legal holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import click

from cameo.cli.common import as_json, client, plain_id, service, show
from cameo.cli.keys import write_private
from cameo.flows.receipt import in_words, open_receipt

_NEW: Final = click.Path(dir_okay=False, path_type=Path)
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--confirm", metavar="HANDLE", help="Your own handle: erase it now.")
@click.option("--proof", type=_NEW, help="Where to keep what proves your past consent.")
@click.option("--check", type=_FILE, help="Check a receipt; needs --key and no service.")
@click.option("--key", "vkey", help="The VKEY that receipts are signed with (/v1/log/keys).")
@as_json
def erase(
    confirm: str | None, proof: Path | None, check: Path | None, vkey: str | None, as_json: bool
) -> None:
    """Erase your cameo. Without --confirm: show what is held of you, and until when.

    Everything you agreed to ends at once and all of it is destroyed; the account stays. What proves
    your past consent is written to a file that you keep: nobody else has it afterwards.
    """
    if check is not None:
        _check(check, vkey, as_json)
        return
    if confirm is None:
        with client() as api:
            found = api.get("/v1/cameo")
        show(found) if as_json else click.echo(_schedule(found))
        return
    if proof is None and not as_json:
        proof = Path(f"past-consent-{confirm.removeprefix('@')}.json")
    done = _erase(confirm, proof)
    show(done) if as_json else click.echo(_erased(done, proof))


def _erase(confirm: str, proof: Path | None) -> dict[str, Any]:
    if proof is not None:
        # Made before anything is erased: what the answer holds is nowhere else afterwards.
        if proof.exists() or not proof.parent.is_dir():
            raise click.UsageError(f"{proof} exists, or its folder does not: choose --proof FILE")
        write_private(proof, b"")
    try:
        with client() as api:
            done = api.delete("/v1/cameo", {"confirm": confirm})
    except BaseException:
        if proof is not None:
            proof.unlink()
        raise
    if proof is not None:
        past = json.dumps(done["past_consent"], indent=1)
        try:
            proof.write_text(past, "utf-8")
        except OSError:
            click.echo(past)  # it is nowhere else any more
            raise
    return done


def _check(path: Path, vkey: str | None, as_json: bool) -> None:
    if vkey is None:
        raise click.UsageError("--check needs --key VKEY")
    receipt = open_receipt(path.read_text("utf-8"), vkey)
    if as_json:
        show(json.loads(receipt.to_text().partition("\n")[2]))
    else:
        click.echo("\n".join(in_words(receipt)))


def _schedule(found: dict[str, Any]) -> str:
    lines = [f"@{found['handle']}"]
    if found["legal_hold"]:
        lines.append("  the law makes destruction wait / 法律により破棄を見合わせています")
    if found["frozen"]:
        lines.append("  frozen: somebody contests it / 凍結中:申し立てがあります")
    for kept in found["kept"]:
        until = kept["until"] or "your consent ends / 同意が終わるまで"
        lines.append(f"  {kept['enrolment_id']}: {', '.join(kept['parts']) or '-'}")
        lines.append(f"    since / 開始 {kept['since']}, until / 期限 {until}")
        if kept["recording_until"]:
            lines.append(f"    recording until / 録画の期限 {kept['recording_until']}")
    for erasure in found["erasures"]:
        lines.append(f"  {erasure['id']}: {_STATES[erasure['state']]}")
        if erasure["receipt"]:
            lines += [erasure["receipt_en"], erasure["receipt_ja"]]
    if not found["kept"]:
        lines.append("  nothing is held / 何も保管されていません")
    else:
        lines.append(
            f"To erase all of it / すべて消去するには: cameo erase --confirm {found['handle']}"
        )
    return "\n".join(lines)


def _erased(done: dict[str, Any], proof: Path | None) -> str:
    erasure = done["erasure"]
    lines = [f"{erasure['id']}: {_STATES[erasure['state']]}"]
    if erasure["receipt"]:
        lines += ["", erasure["receipt_en"], erasure["receipt_ja"], erasure["receipt"]]
    withdrawal = done["withdrawal"] or {"withdrawn": [], "stopped": [], "promise": None}
    for clip in (*withdrawal["withdrawn"], *withdrawal["stopped"]):
        lines.append(f"  {clip} is no longer served / は配信されません")
    if withdrawal["promise"]:
        lines += ["The log will show the end of your consent / 撤回はログに載ります:"]
        lines.append(withdrawal["promise"])
    if proof is not None:
        lines.append(f"{proof}: keep it, nobody else can / 大切に保管してください")
    return "\n".join(lines)


_STATES: Final = {
    "done": "erased / 消去しました",
    "waiting": "consent ended, destruction under way / 同意は終了、破棄を進めています",
    "held": "consent ended, the law makes destruction wait / 同意は終了、法律により破棄は延期",
}


@click.group()
def contest() -> None:
    """This is my face, and I did not enrol it. list, uphold, dismiss are for operators."""


@contest.command("open")
@click.argument("handle")
@as_json
def contest_open(handle: str, as_json: bool) -> None:
    """Contest a cameo: it is frozen at once. Then enrol anew and compare, within 24 hours."""
    with client() as api:
        made = api.post("/v1/contests", {"handle": handle})
    _print_contest(made, as_json)


@contest.command("compare")
@click.argument("contest_id", type=plain_id)
@click.option("--enrolment", required=True, help="An enrolment that you began afterwards.")
@as_json
def contest_compare(contest_id: str, enrolment: str, as_json: bool) -> None:
    """Compare your new capture with the contested cameo."""
    with client() as api:
        made = api.post(f"/v1/contests/{contest_id}/compare", {"enrolment_id": enrolment})
    _print_contest(made, as_json)


@contest.command("mine")
@as_json
def contest_mine(as_json: bool) -> None:
    """Contests that you began or that are about your cameo."""
    with client() as api:
        found = api.get("/v1/contests")
    if as_json:
        show(found)
        return
    for each in found["data"]:
        _print_contest(each, as_json=False)


@contest.command("list")
@as_json
def contest_list(as_json: bool) -> None:
    """For the operator: contests that are open or wait for a decision."""
    with service() as opened:
        found = [
            {
                "id": each.id,
                "status": each.status,
                "contestant": contestant,
                "contested": contested,
                "enrolment_id": each.enrolment_id,
                "similarity": each.similarity,
                "created_at": each.created_at,
                "expires_at": each.expires_at,
            }
            for each, contestant, contested in opened.rights.contests.waiting()
        ]
    if as_json:
        show(found)
        return
    for row in found:
        alike = "-" if row["similarity"] is None else f"{row['similarity']:.3f}"
        click.echo(
            f"{row['id']}  {row['status']:8}  @{row['contestant']} contests @{row['contested']}"
            f"  similarity {alike}"
        )


@contest.command("uphold")
@click.argument("contest_id")
@as_json
def contest_uphold(contest_id: str, as_json: bool) -> None:
    """For the operator: erase the contested cameo; that account stays frozen."""
    with service() as opened:
        done = opened.rights.contests.uphold(contest_id)
    _print_decided(done.id, done.status, as_json)


@contest.command("dismiss")
@click.argument("contest_id")
@as_json
def contest_dismiss(contest_id: str, as_json: bool) -> None:
    """For the operator: thaw the contested cameo."""
    with service() as opened:
        done = opened.rights.contests.dismiss(contest_id)
    _print_decided(done.id, done.status, as_json)


@click.group()
def hold() -> None:
    """For operators: legal holds. They stop destruction and never enable use."""


@hold.command("set")
@click.argument("handle")
@click.option("--reason", required=True, help="Which order or duty; shown to operators only.")
@as_json
def hold_set(handle: str, reason: str, as_json: bool) -> None:
    """Destroy nothing of this person until it is lifted."""
    with service() as opened:
        opened.rights.holds.set(opened.accounts.find(handle), reason)
    _print_hold({"handle": handle, "held": True}, as_json)


@hold.command("lift")
@click.argument("handle")
@as_json
def hold_lift(handle: str, as_json: bool) -> None:
    """End a hold; erasures that waited are finished now."""
    with service() as opened:
        waited = opened.rights.holds.lift(opened.accounts.find(handle))
    _print_hold({"handle": handle, "held": False, "erasures_finished": waited}, as_json)


@hold.command("list")
@as_json
def hold_list(as_json: bool) -> None:
    """Every hold."""
    with service() as opened:
        found = [
            {"handle": handle, "reason": reason, "since": since}
            for handle, reason, since in opened.rights.holds.all()
        ]
    if as_json:
        show(found)
        return
    for each in found:
        click.echo(f"@{each['handle']} since {each['since']}: {each['reason']}")


def _print_contest(made: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show(made)
        return
    about = "you contest" if made["mine"] else "about your cameo"
    click.echo(f"{made['id']}: {made['status']} ({about}), begun {made['created_at']}")
    words = _MEANING.get(made["status"])
    if words:
        click.echo(f"  {words}")
    if made["mine"] and made["status"] == "open":
        click.echo(
            f"  cameo enrol, then: cameo contest compare {made['id']} --enrolment ENROLMENT\n"
            f"  until / 期限 {made['expires_at']}"
        )


_MEANING: Final = {
    "open": "the cameo is frozen / カメオは凍結されています",
    "matched": "the faces match; the operator decides / 顔が一致。運営者が判断します",
    "doubtful": "the faces may match; the operator decides / 判定は確実でなく、運営者が判断します",
    "not_matched": "the faces differ; the cameo is free again / 顔は不一致。凍結は解除されました",
    "lapsed": "no capture came in time, or the cameo was erased / 期限切れ、またはカメオは消去済み",
    "upheld": "the contested cameo was erased / 申し立てられたカメオは消去されました",
    "dismissed": "the operator dismissed it / 運営者が却下しました",
}


def _print_decided(contest_id: str, status: str, as_json: bool) -> None:
    if as_json:
        show({"id": contest_id, "status": status})
    else:
        click.echo(f"{contest_id}: {status}")


def _print_hold(done: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show(done)
        return
    state = "held: nothing is destroyed" if done["held"] else "no longer held"
    click.echo(f"@{str(done['handle']).removeprefix('@')}: {state}")


COMMANDS = (erase, contest, hold)
