"""Every setting of the service, in one place; the only reader of the environment.

Each field is read from ``CAMEO_<FIELD>`` and documented in ``docs/settings.md``; a test fails on
one that is not. Defaults are safe: nothing here can switch a consent check off.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_WEB = ("http://", "https://")
_ALG = r"^[a-z0-9-]{1,40}(\.[A-Za-z0-9_-]{1,40}){1,7}$"


class SettingsError(Exception):
    """A setting cannot be used."""

    code = "settings.invalid"


class Settings(BaseSettings):
    """What an operator may choose; times in seconds and sizes in bytes unless the name says."""

    model_config = SettingsConfigDict(env_prefix="CAMEO_", frozen=True, extra="ignore")

    home: Annotated[Path, Field(description="Folder of database, media, keys and registry.")] = (
        Path(".cameo")
    )
    database_url: Annotated[
        str | None, Field(description="SQLAlchemy URL of PostgreSQL; SQLite in `home` where unset.")
    ] = None
    brand: Annotated[
        str, Field(description="Product name shown to people and written into manifests.")
    ] = "Cameo"
    url: Annotated[str, Field(description="Where CLI commands find the service.")] = (
        "http://127.0.0.1:8000"
    )
    api_key: Annotated[str | None, Field(description="API key that CLI commands send.")] = None
    host: Annotated[str, Field(description="Address that `cameo serve` listens on.")] = "127.0.0.1"
    port: Annotated[
        int, Field(ge=0, le=65535, description="Port that `cameo serve` listens on.")
    ] = 8000
    signup: Annotated[
        bool, Field(description="Whether anyone may create an account over the API.")
    ] = True
    min_assurance: Annotated[
        int, Field(ge=0, le=3, description="Lowest assurance level that may appear in a clip.")
    ] = 1
    max_people: Annotated[int, Field(ge=1, le=8, description="Most people in one clip.")] = 2
    daily_limit: Annotated[
        int, Field(ge=1, description="Most generations per person in 24 hours.")
    ] = 30
    face_model: Annotated[
        str, Field(description="`dlib`, or `insightface:FOLDER` with ONNX models.")
    ] = "dlib"
    voice_model: Annotated[
        str, Field(description="`resemblyzer`, or `speechbrain:FOLDER` with an ECAPA model.")
    ] = "resemblyzer"
    key_epoch_days: Annotated[
        int, Field(ge=1, le=90, description="How long a key epoch lasts, and a key backup at most.")
    ] = 7
    capture_days: Annotated[
        int, Field(ge=0, le=365, description="Days that an enrolment's recording is kept.")
    ] = 30
    backup_days: Annotated[
        int, Field(ge=0, le=365, description="Days that backups of the database are kept.")
    ] = 30
    rp_id: Annotated[
        str,
        Field(description="Domain that passkeys are made for.", pattern=r"^[a-z0-9.-]{1,253}$"),
    ] = "localhost"
    origins: Annotated[
        str, Field(description="Origins of pages that may ask for a passkey, commas between.")
    ] = ""
    recovery_hours: Annotated[
        int, Field(ge=24, le=720, description="How long a recovered key waits before it counts.")
    ] = 72
    challenge_ttl: Annotated[
        int, Field(ge=30, le=900, description="How long a liveness challenge may be answered.")
    ] = 180
    max_upload_bytes: Annotated[
        int, Field(ge=1_000_000, description="Largest upload: captures and files to verify.")
    ] = 200_000_000
    max_media_seconds: Annotated[int, Field(ge=5, description="Longest video that is opened.")] = (
        600
    )
    max_media_side: Annotated[
        int, Field(ge=256, description="Longest side of a picture that is opened, pixels.")
    ] = 4096
    decode_timeout: Annotated[
        int, Field(ge=5, description="Time after which a decoding process is killed.")
    ] = 120
    workers: Annotated[
        int, Field(ge=0, le=64, description="Workflows that `cameo serve` runs itself; 0 for none.")
    ] = 1
    executor_id: Annotated[
        str, Field(description="Stable, unique name of this worker.", pattern=r"^[a-z0-9-]{1,40}$")
    ] = "local"
    render_processes: Annotated[
        int, Field(ge=1, le=64, description="Processes that render one clip.")
    ] = 2
    poll_interval: Annotated[
        float, Field(gt=0, le=10, description="Pause between looks at the outbox and the queue.")
    ] = 0.2
    watermark_psnr_db: Annotated[
        float, Field(ge=38, le=50, description="Strength of the mark: luma PSNR it may cost, dB.")
    ] = 43.0
    watermark_alg_video: Annotated[
        str, Field(description="Name of the picture's mark in soft bindings.", pattern=_ALG)
    ] = "org.cameo.wm.video.1"
    watermark_alg_image: Annotated[
        str, Field(description="Name of a still's mark in soft bindings.", pattern=_ALG)
    ] = "org.cameo.wm.image.1"
    watermark_alg_sound: Annotated[
        str, Field(description="Name of the sound's mark in soft bindings.", pattern=_ALG)
    ] = "org.cameo.wm.sound.1"
    witnesses: Annotated[
        str, Field(description="Witnesses of the log: `URL VKEY` pairs, separated by commas.")
    ] = ""
    log_level: Annotated[str, Field(description="`debug`, `info`, `warning` or `error`.")] = "info"

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("face_model")
    @classmethod
    def _face(cls, value: str) -> str:
        return _model_choice(value, plain="dlib", folder="insightface:")

    @field_validator("voice_model")
    @classmethod
    def _voice(cls, value: str) -> str:
        return _model_choice(value, plain="resemblyzer", folder="speechbrain:")

    @field_validator("witnesses")
    @classmethod
    def _pairs(cls, value: str) -> str:
        pairs = _witnesses(value)
        if any(len(pair) != 2 or not pair[0].startswith(_WEB) for pair in pairs):
            raise ValueError("must be `URL VKEY` pairs, separated by commas")
        return value

    @cached_property
    def witness_list(self) -> tuple[tuple[str, str], ...]:
        """Address and verifier key of each witness."""
        return tuple((url, vkey) for url, vkey in _witnesses(self.witnesses))

    @cached_property
    def watermark_algs(self) -> dict[str, str]:
        """What the marks are called in soft bindings, by modality."""
        return {
            "video": self.watermark_alg_video,
            "image": self.watermark_alg_image,
            "sound": self.watermark_alg_sound,
        }

    @model_validator(mode="after")
    def _marks(self) -> Self:
        if len(set(self.watermark_algs.values())) != len(self.watermark_algs):
            raise ValueError("CAMEO_WATERMARK_ALG_*: each mark needs a name of its own")
        return self

    @model_validator(mode="after")
    def _passkeys(self) -> Self:
        for origin in self.origin_list:
            _check_origin(origin, self.rp_id)
        return self

    @cached_property
    def origin_list(self) -> tuple[str, ...]:
        """Origins whose pages may ask for a passkey; this machine's own where none is set."""
        chosen = tuple(origin.strip() for origin in self.origins.split(",") if origin.strip())
        own = "http://localhost" if self.port == 80 else f"http://localhost:{self.port}"
        return chosen or (own,)  # without the port where it is the usual one, as browsers write it

    @cached_property
    def service_database_url(self) -> str:
        """The SQLAlchemy URL of the service's own database."""
        if self.database_url is None:
            return f"sqlite:///{self.home / 'cameo.db'}"
        return _with_driver(self.database_url)

    @cached_property
    def workflow_database_url(self) -> str:
        """The URL of the workflow engine's own tables; it never shares the service's."""
        if self.database_url is None:
            return f"sqlite:///{self.home / 'workflows.db'}"
        return _with_driver(self.database_url)


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: a value is not usable; the message names the variable and the reason.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "CAMEO_" + "_".join(str(part) for part in first["loc"]).upper()
        text = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}: {text}" if first["loc"] else text) from error


def _model_choice(value: str, *, plain: str, folder: str) -> str:
    if value == plain or (value.startswith(folder) and len(value) > len(folder)):
        return value
    raise ValueError(f"must be {plain!r} or {folder!r} followed by a folder")


def _witnesses(value: str) -> list[list[str]]:
    return [pair.split() for pair in value.split(",") if pair.strip()]


def _check_origin(origin: str, rp_id: str) -> None:
    # What a browser would refuse anyway (WebAuthn Level 3, section 5.1.3), found at the start.
    parts = urlsplit(origin)
    host = parts.hostname or ""
    plain = f"{parts.scheme}://{parts.netloc}".lower()
    if origin != plain or not host or parts.username is not None:
        raise ValueError(f"CAMEO_ORIGINS: {origin!r} is no origin, such as https://cameo.example")
    if parts.scheme != "https" and not (parts.scheme == "http" and host == "localhost"):
        raise ValueError(f"CAMEO_ORIGINS: {origin!r} must be https (http for localhost only)")
    if host != rp_id and not host.endswith("." + rp_id):
        raise ValueError(f"CAMEO_ORIGINS: {origin!r} does not lie in CAMEO_RP_ID {rp_id!r}")


def _with_driver(url: str) -> str:
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def environment(changes: dict[str, str]) -> dict[str, str]:
    """This process's environment with changes, for a child that runs the service itself."""
    return {**os.environ, **changes}  # noqa: TID251 - this module is where it is read
