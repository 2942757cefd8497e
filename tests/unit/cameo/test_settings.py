"""Settings: one place, all documented, none that switches a check off."""

from __future__ import annotations

from pathlib import Path

import pytest

from cameo.settings import Settings, SettingsError, load_settings

DOCS = Path(__file__).resolve().parents[3] / "docs" / "settings.md"


def test_every_setting_is_documented_and_nothing_else_is():
    documented = {
        line.split("`")[1] for line in DOCS.read_text().splitlines() if line.startswith("| `")
    }
    assert documented == {f"CAMEO_{name.upper()}" for name in Settings.model_fields}


def test_every_setting_describes_itself():
    assert all(field.description for field in Settings.model_fields.values())


def test_safe_defaults():
    settings = Settings()
    assert settings.min_assurance == 1
    assert settings.host == "127.0.0.1"
    assert settings.api_key is None


def test_no_setting_switches_consent_off():
    words = ("bypass", "disable", "skip", "unsafe", "force", "trust_all")
    assert not [name for name in Settings.model_fields if any(word in name for word in words)]


def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CAMEO_MIN_ASSURANCE", "9")
    with pytest.raises(SettingsError, match="CAMEO_MIN_ASSURANCE"):
        load_settings()


def test_models_are_named_or_a_folder(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CAMEO_FACE_MODEL", "insightface:")
    with pytest.raises(SettingsError, match="CAMEO_FACE_MODEL"):
        load_settings()
    monkeypatch.setenv("CAMEO_FACE_MODEL", "insightface:/models/buffalo")
    assert load_settings().face_model == "insightface:/models/buffalo"


def test_passkeys_are_for_this_machine_by_default():
    settings = Settings(port=9000)
    assert (settings.rp_id, settings.origin_list) == ("localhost", ("http://localhost:9000",))
    assert Settings(port=80).origin_list == ("http://localhost",)
    assert settings.recovery_hours == 72


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CAMEO_RP_ID", "cameo.example")
    monkeypatch.setenv("CAMEO_ORIGINS", "https://cameo.example, https://app.cameo.example:8443")
    assert load_settings().origin_list == (
        "https://cameo.example",
        "https://app.cameo.example:8443",
    )


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://cameo.example.evil.example",
        "https://notcameo.example",
        "http://cameo.example",
        "https://cameo.example/",
        "https://cameo.example/page",
        "https://user@cameo.example",
        "https://Cameo.example",
        "cameo.example",
        "https://",
        "*",
    ],
)
def test_an_origin_that_cannot_be_one(monkeypatch: pytest.MonkeyPatch, origin: str):
    monkeypatch.setenv("CAMEO_RP_ID", "cameo.example")
    monkeypatch.setenv("CAMEO_ORIGINS", origin)
    with pytest.raises(SettingsError, match=r"^CAMEO_ORIGINS"):
        load_settings()


def test_a_recovery_waits_a_day_at_least(monkeypatch: pytest.MonkeyPatch):
    for hours in ("23", "721"):
        monkeypatch.setenv("CAMEO_RECOVERY_HOURS", hours)
        with pytest.raises(SettingsError, match="CAMEO_RECOVERY_HOURS"):
            load_settings()


@pytest.mark.parametrize("url", ["postgres://u@h/d", "postgresql://u@h/d"])
def test_postgres_urls_get_their_driver(url: str):
    assert Settings(database_url=url).service_database_url == "postgresql+psycopg://u@h/d"
    assert Settings(database_url=url).workflow_database_url == "postgresql+psycopg://u@h/d"
