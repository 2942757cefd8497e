"""The page's parts: all that lie there are served, nothing else is, and none runs inline."""

from __future__ import annotations

import re
from importlib.resources import files
from types import SimpleNamespace

import pytest
from starlette.exceptions import HTTPException

from cameo.web.pages import HEADERS, page, part

STATIC = files("cameo.web") / "static"
PARTS = sorted(each.name for each in STATIC.iterdir() if each.name != "index.html")


def served(brand: str = "Cameo") -> str:
    settings = SimpleNamespace(brand=brand)
    state = SimpleNamespace(service=SimpleNamespace(settings=settings))
    request = SimpleNamespace(app=SimpleNamespace(state=state))
    return bytes(page(request).body).decode()  # type: ignore[arg-type]


@pytest.mark.parametrize("name", PARTS)
def test_each_part_is_served_with_its_headers(name: str):
    answer = part(name)
    assert answer.body == (STATIC / name).read_bytes()
    assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS)


@pytest.mark.parametrize("name", ["index.html", "../pages.py", "..", "", "app.js.map", "APP.JS"])
def test_nothing_else_is_served(name: str):
    with pytest.raises(HTTPException):
        part(name)


def test_no_script_or_style_stands_in_the_page():
    text = served()
    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
    assert re.findall(r"\s(?:on\w+|style)=", text) == []
    assert re.findall(r"<style|javascript:", text) == []
    assert set(re.findall(r'(?:src|href)="([^"]+)"', text)) <= {
        *(f"/static/{name}" for name in PARTS),
        "#main",
    }


@pytest.mark.parametrize("name", [name for name in PARTS if name.endswith(".js")])
def test_scripts_make_no_markup_and_load_nothing_from_elsewhere(name: str):
    text = (STATIC / name).read_text(encoding="utf-8")
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text) == []
    assert re.findall(r"https?://|//cdn", text) == []
    for target in re.findall(r'from "([^"]+)"', text):
        assert target.removeprefix("./") in PARTS


def test_the_brand_is_text():
    assert "<title>&lt;b&gt;x&lt;/b&gt;</title>" in served("<b>x</b>")
