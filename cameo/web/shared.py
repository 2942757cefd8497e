"""The page behind a link: the clip and who agreed, or why it is not shown. It runs no script."""

from __future__ import annotations

import html
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from cameo.flows.errors import FlowError, HeldError, NotReadyError, WithdrawnError
from cameo.store.errors import NotFoundError
from cameo.store.records import ClipRecord
from cameo.web.pages import HEADERS
from cameo.wiring.service import Service

router = APIRouter(include_in_schema=False)

Lang = Literal["en", "ja"]

_CSP: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = MappingProxyType(
    # A withdrawn clip must not live on in a cache, nor a link in a search engine.
    {
        **HEADERS,
        "Content-Security-Policy": _CSP,
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
    }
)
_WORDS: Final[Mapping[str, Mapping[Lang, str]]] = MappingProxyType(
    {
        "title": {"en": "A generated video", "ja": "生成された動画"},
        "generated": {
            "en": "This video was generated. It is no record of anything that happened.",
            "ja": "この動画は生成されたものです。実際の出来事の記録ではありません。",
        },
        "who": {"en": "People in it", "ja": "出演者"},
        "nobody": {"en": "No real person is in it.", "ja": "実在の人物は出演していません。"},
        "agreed": {"en": "agreed, signed", "ja": "署名により同意"},
        "simulated": {"en": "simulated person", "ja": "模擬の人物"},
        "check": {
            "en": "Who holds a copy can check it: cameo verify FILE",
            "ja": "複製を確かめるには:cameo verify FILE",
        },
        "withdrawn": {"en": "This video was withdrawn", "ja": "この動画は撤回されました"},
        "withdrawn_text": {
            "en": "Somebody in it has taken back their consent, or it has ended. It is shown no "
            "more, and its key is destroyed. If you have a copy, please delete it.",
            "ja": "出演者が同意を撤回したか、同意の期限が切れました。動画は表示されず、鍵は"
            "破棄されます。複製をお持ちの場合は削除してください。",
        },
        "held": {"en": "This video is held back", "ja": "この動画は保留されています"},
        "held_text": {
            "en": "Somebody in it has paused. It may be shown again later.",
            "ja": "出演者が一時停止しています。後で再び表示されることがあります。",
        },
        "missing": {"en": "There is nothing here", "ja": "何もありません"},
        "missing_text": {
            "en": "This link does not exist, or it was ended.",
            "ja": "このリンクは存在しないか、終了しました。",
        },
        "waiting": {"en": "Not yet", "ja": "まだ表示できません"},
        "waiting_text": {
            "en": "The log does not show this video's release yet. Try again in a moment.",
            "ja": "この動画の公開がまだ記録に載っていません。しばらくしてからお試しください。",
        },
    }
)
_REFUSALS: Final[tuple[tuple[type[Exception], str, int], ...]] = (
    (WithdrawnError, "withdrawn", 410),
    (HeldError, "held", 423),
    (NotReadyError, "waiting", 503),
    (FlowError, "missing", 410),
    (NotFoundError, "missing", 404),
)


@router.head("/s/{token}")
@router.get("/s/{token}")
def shared(request: Request, token: str, lang: Lang | None = None) -> Response:
    """The clip behind a link; 410 from the moment a consent in it ends."""
    served: Service = request.app.state.service
    chosen = lang or _preferred(request.headers.get("accept-language", ""))
    try:
        clip = served.publications.shared(token)
    except (FlowError, NotFoundError) as error:
        name, status = next((n, s) for kind, n, s in _REFUSALS if isinstance(error, kind))
        body = f"<h1>{_say(name, chosen)}</h1><p class=lead>{_say(name + '_text', chosen)}</p>"
        return _page(served.settings.brand, _say(name, chosen), body, chosen, status)
    body = _clip(served, clip, token, chosen)
    return _page(served.settings.brand, _say("title", chosen), body, chosen, 200)


def _clip(served: Service, clip: ClipRecord, token: str, lang: Lang) -> str:
    source = f"/v1/shared/{html.escape(token, quote=True)}/content"
    people = "".join(
        f"<li><p><b>@{html.escape(handle)}</b> <span class=tag>{_say('agreed', lang)}</span>"
        + (f"<span class='tag warn'>{_say('simulated', lang)}</span>" if person.simulated else "")
        + "</p></li>"
        for person, handle in served.library.people(clip.id)
    )
    who = (
        f"<h2>{_say('who', lang)}</h2><ul class=rows>{people}</ul>"
        if people
        else f"<p>{_say('nobody', lang)}</p>"
    )
    return (
        f"<h1>{_say('title', lang)}</h1>"
        f"<video class=clip controls playsinline preload=metadata width={clip.width} "
        f"height={clip.height} src='{source}'></video>"
        f"<p class=lead>{_say('generated', lang)}</p>{who}"
        f"<p class=hint>{_say('check', lang)}</p>"
    )


def _page(brand: str, title: str, body: str, lang: Lang, status: int) -> Response:
    other, name = ("ja", "日本語") if lang == "en" else ("en", "English")
    brand = html.escape(brand)
    text = (
        f"<!doctype html><html lang={lang}><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width, initial-scale=1'>"
        "<meta name=color-scheme content='light dark'>"
        f"<title>{title} - {brand}</title>"
        "<link rel=icon href='/static/icon.svg' type='image/svg+xml'>"
        "<link rel=stylesheet href='/static/style.css'></head><body>"
        "<header><p class=brand><img src='/static/icon.svg' alt='' width=28 height=28> "
        f"{brand}</p><a href='?lang={other}' lang={other}>{name}</a></header>"
        f"<main>{body}</main></body></html>"
    )
    return Response(text, status, media_type="text/html; charset=utf-8", headers=dict(_HEADERS))


def _preferred(header: str) -> Lang:
    """The language that comes first in an `Accept-Language` header (RFC 9110, 12.5.4)."""
    first = header.split(",", 1)[0].strip().casefold()
    return "ja" if first.startswith("ja") else "en"


def _say(word: str, lang: Lang) -> str:
    return html.escape(_WORDS[word][lang])
