"""Sharing a clip: a link, the approvals that it needs, and the end of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse

from cameo.api.agreements import PreparedOut
from cameo.api.deps import PersonDep, ServiceDep
from cameo.api.schemas import SignedIn
from cameo.api.streaming import clip_response

router = APIRouter(tags=["videos"])


@router.post("/videos/{video_id}/publish")
def publish(served: ServiceDep, who: PersonDep, video_id: str) -> dict[str, Any]:
    """Give your video a link that anyone who has it can open; the gate is asked again."""
    clip = served.publications.publish(who, video_id)
    return {"id": clip.id, "path": f"/s/{clip.share_token}", "published_at": clip.published_at}


@router.delete("/videos/{video_id}/publish")
def unpublish(served: ServiceDep, who: PersonDep, video_id: str) -> dict[str, Any]:
    """End the link: whoever made the video may, and so may everybody in it."""
    served.publications.unpublish(who, video_id)
    return {"id": video_id, "published": False}


@router.post("/videos/{video_id}/approval/prepare")
def prepare_approval(
    served: ServiceDep, who: PersonDep, video_id: str, lang: Literal["en", "ja"] = "en"
) -> PreparedOut:
    """The document with which you would let a video with you in it be shared."""
    return PreparedOut.of(served.acts.prepare_approval(who, video_id, language=lang))


@router.post("/videos/{video_id}/approval", status_code=201)
def approve(served: ServiceDep, who: PersonDep, video_id: str, body: SignedIn) -> dict[str, Any]:
    """Hand in the signed approval of a video."""
    document, evidence = body.parts()
    return {"id": served.acts.approve(who, document, evidence, clip_id=video_id), "approved": True}


@router.delete("/videos/{video_id}/approval")
def decline(served: ServiceDep, who: PersonDep, video_id: str) -> dict[str, Any]:
    """Refuse to let a video with you be shared, or take your approval back. No signature."""
    served.acts.decline(who, video_id)
    return {"id": video_id, "approved": False}


@router.head("/shared/{token}/content", include_in_schema=False)
@router.get("/shared/{token}/content", response_class=StreamingResponse)
def content(
    request: Request,
    served: ServiceDep,
    token: str,
    range_: Annotated[str | None, Header(alias="Range")] = None,
) -> Response:
    """The file behind a link. 410 from the moment a consent in it ends."""
    return clip_response(served, served.publications.shared(token), request, range_)
