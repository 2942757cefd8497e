"""The Videos API's shape: create, get, list, content, remix, delete; `cameos` added."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from starlette.concurrency import run_in_threadpool

from cameo.api.deps import PersonDep, ServiceDep
from cameo.api.schemas import Handle, video_json
from cameo.api.streaming import clip_response
from cameo.flows.errors import InvalidRequestError
from cameo.flows.order import VideoAsk
from cameo.store.records import ClipRecord
from cameo.wiring.service import Service
from consent.vocabulary import Purpose
from generator.request import Style

router = APIRouter(prefix="/videos", tags=["videos"])

_LIST: Final = ("cameos", "cameos[]")


class VideoIn(BaseModel):
    """A video to make. As JSON, or as a form, where `cameos` may repeat or be a JSON array."""

    model_config = ConfigDict(extra="forbid")

    prompt: str
    model: str | None = None
    seconds: Annotated[float, Field(allow_inf_nan=False)] = 8.0
    size: Annotated[str, Field(pattern=r"^\d{2,5}x\d{2,5}$")] = "1280x720"
    style: Style = Style.PHOTOREAL
    purpose: Purpose = Purpose.PERSONAL
    seed: Annotated[int | None, Field(ge=0, lt=2**31)] = None
    cameos: Annotated[list[Handle], Field(max_length=16)] = []

    @field_validator("cameos", mode="before")
    @classmethod
    def _array(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = [value]
        if isinstance(value, list) and len(value) == 1 and str(value[0]).lstrip().startswith("["):
            return json.loads(value[0])
        return value

    def ask(self) -> VideoAsk:
        """As the flow takes it."""
        width, height = (int(side) for side in self.size.split("x"))
        return VideoAsk(
            prompt=self.prompt,
            cameos=tuple(self.cameos),
            seconds=self.seconds,
            size=(width, height),
            style=self.style,
            purpose=self.purpose,
            seed=self.seed,
        )


class RemixIn(BaseModel):
    """A new prompt for an earlier video's people and format."""

    model_config = ConfigDict(extra="forbid")

    prompt: str


@router.post("", status_code=202)
async def create(served: ServiceDep, who: PersonDep, request: Request) -> dict[str, Any]:
    """Order a video. The answer is its job; poll it, then fetch its content."""
    wanted = await _body(request)
    _require_model(served, wanted.model)
    clip = await run_in_threadpool(served.orders.order, who, wanted.ask())
    return await run_in_threadpool(_video, served, clip)


@router.get("")
def videos(
    served: ServiceDep,
    who: PersonDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: str | None = None,
) -> dict[str, Any]:
    """Videos that you made or are in, other people's drafts too; newest first."""
    found = served.library.list(who, limit=limit + 1, after=after)
    shown = found[:limit]
    return {
        "object": "list",
        "data": [_video(served, clip) for clip in shown],
        "first_id": shown[0].id if shown else None,
        "last_id": shown[-1].id if shown else None,
        "has_more": len(found) > limit,
    }


@router.get("/{video_id}")
def get(served: ServiceDep, who: PersonDep, video_id: str) -> dict[str, Any]:
    """A video's status, step and progress."""
    return _video(served, served.library.get(who, video_id))


@router.head("/{video_id}/content", include_in_schema=False)
@router.get("/{video_id}/content", response_class=StreamingResponse)
def content(
    request: Request,
    served: ServiceDep,
    who: PersonDep,
    video_id: str,
    range_: Annotated[str | None, Header(alias="Range")] = None,
) -> Response:
    """The finished file, whole or a range. 410 from the moment a consent in it ends."""
    clip = served.library.require_served(who, video_id)
    return clip_response(served, clip, request, range_)


@router.post("/{video_id}/remix", status_code=202)
def remix(served: ServiceDep, who: PersonDep, video_id: str, body: RemixIn) -> dict[str, Any]:
    """The same people and format with a new prompt; it passes the same gate as any order."""
    clip = served.library.get(who, video_id)
    people = served.library.people(clip.id)
    ask = VideoAsk(
        prompt=body.prompt,
        cameos=tuple(handle for _person, handle in people),
        seconds=clip.seconds,
        size=(clip.width, clip.height),
        fps=clip.fps,
        style=Style(clip.style),
        seed=clip.seed,
        remixed_from=clip.id,
    )
    return _video(served, served.orders.order(who, ask))


@router.delete("/{video_id}")
def delete(served: ServiceDep, who: PersonDep, video_id: str) -> dict[str, Any]:
    """Delete a video: its maker may, and so may everybody who is in it."""
    served.library.delete(who, video_id)
    return {"id": video_id, "object": "video.deleted", "deleted": True}


def _video(served: Service, clip: ClipRecord) -> dict[str, Any]:
    return video_json(clip, served.library.people(clip.id))


async def _body(request: Request) -> VideoIn:
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    try:
        if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
            return VideoIn.model_validate(await _form(request))
        return VideoIn.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidRequestError(f"{field}: {first['msg']}".lstrip(": ")) from error
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("the body cannot be read") from error


async def _form(request: Request) -> dict[str, Any]:
    form = await request.form(max_files=0, max_fields=50)
    values: dict[str, Any] = {}
    for name in form:
        values[name.removesuffix("[]")] = form.getlist(name) if name in _LIST else form[name]
    return values


def _require_model(served: Service, model: str | None) -> None:
    if model is not None and model != served.generator.card.name:
        raise InvalidRequestError(
            f"model: this service runs {served.generator.card.name!r}; leave it out or name that"
        )
