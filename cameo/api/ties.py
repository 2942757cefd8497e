"""Follow, block, pause: a session suffices, but for ending a pause, which you sign."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter

from cameo.api.agreements import PreparedOut
from cameo.api.deps import PersonDep, ServiceDep
from cameo.api.schemas import SignedIn

router = APIRouter(tags=["people"])


@router.get("/people/me/ties")
def ties(served: ServiceDep, who: PersonDep) -> dict[str, Any]:
    """Whom you follow and block, and who follows you. Nobody else sees this."""
    mine = served.ties.mine(who)
    return {
        name: [{"handle": handle, "since": since} for handle, since in getattr(mine, name)]
        for name in ("follows", "followers", "blocked")
    }


@router.put("/people/{handle}/follow")
def follow(served: ServiceDep, who: PersonDep, handle: str) -> dict[str, Any]:
    """Follow somebody; those who follow each other are mutuals."""
    return {"following": True, "changed": served.ties.follow(who, served.accounts.find(handle))}


@router.delete("/people/{handle}/follow")
def unfollow(served: ServiceDep, who: PersonDep, handle: str) -> dict[str, Any]:
    """Follow somebody no more."""
    return {"following": False, "changed": served.ties.unfollow(who, served.accounts.find(handle))}


@router.put("/people/{handle}/block")
def block(served: ServiceDep, who: PersonDep, handle: str) -> dict[str, Any]:
    """Never appear for somebody, nor beside them. They are not told."""
    return {"blocked": True, "changed": served.ties.block(who, served.accounts.find(handle))}


@router.delete("/people/{handle}/block")
def unblock(served: ServiceDep, who: PersonDep, handle: str) -> dict[str, Any]:
    """Block somebody no more."""
    return {"blocked": False, "changed": served.ties.unblock(who, served.accounts.find(handle))}


@router.post("/cameo/pause")
def pause(served: ServiceDep, who: PersonDep) -> dict[str, Any]:
    """Allow nothing new and show nothing with you in it, until you resume."""
    return {"paused": True, "changed": served.acts.pause(who)}


@router.post("/cameo/resume/prepare")
def prepare_resumption(
    served: ServiceDep, who: PersonDep, lang: Literal["en", "ja"] = "en"
) -> PreparedOut:
    """The document with which you would end your pause."""
    return PreparedOut.of(served.acts.prepare_resumption(who, language=lang))


@router.post("/cameo/resume")
def resume(served: ServiceDep, who: PersonDep, body: SignedIn) -> dict[str, Any]:
    """Hand in the signed document that ends your pause."""
    served.acts.resume(who, *body.parts())
    return {"paused": False}
