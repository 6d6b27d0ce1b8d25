"""The only reader of the environment in this room. A wrong value stops the start with its name."""

from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from fastapi import Depends, Request
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET_BYTES_MIN: Final = 32


class BadSettings(Exception):
    """A setting that cannot be used; `name` is the variable."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name}: {detail}")
        self.name: Final = name
        self.detail: Final = detail


class Settings(BaseSettings):
    """What the server is told from outside (`contract.md`, section 5)."""

    model_config = SettingsConfigDict(
        env_prefix="CUTROOM_", frozen=True, extra="ignore", populate_by_name=True
    )

    data_dir: Path = Path("data")
    database_url: str = ""
    redis_url: str = ""
    secret_key: SecretStr = SecretStr("")
    public_url: str = ""
    bootstrap_token: SecretStr = SecretStr("")
    metrics_token: SecretStr = SecretStr("")
    signup: Literal["open", "invite"] = "open"
    log_format: Literal["console", "json"] = "console"
    trusted_proxies: str = ""
    slots: int | None = Field(default=None, ge=1, le=256)
    web_dir: Path | None = None

    @field_validator("public_url")
    @classmethod
    def _a_web_address(cls, value: str) -> str:
        if value and (
            urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc
        ):
            raise ValueError("must be an http or https address")
        return value.rstrip("/")

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        keys = [key.strip() for key in value.get_secret_value().split(",")]
        if value.get_secret_value() and any(len(key.encode()) < SECRET_BYTES_MIN for key in keys):
            raise ValueError(f"each key needs at least {SECRET_BYTES_MIN} bytes")
        return value

    @classmethod
    def read(cls, **chosen: object) -> Self:
        """The environment, overruled by what the command line chose; raises BadSettings."""
        try:
            return cls(**{key: value for key, value in chosen.items() if value is not None})  # pyright: ignore[reportArgumentType] - pydantic checks each
        except ValidationError as error:
            first = error.errors()[0]
            name = "CUTROOM_" + "_".join(str(part) for part in first["loc"]).upper()
            raise BadSettings(name, first["msg"].removeprefix("Value error, ")) from error

    @property
    def sqlalchemy_url(self) -> str:
        """Where the tables are; SQLite under the data folder by default."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir.absolute() / 'cutroom.db'}"
        scheme, _, rest = self.database_url.partition("://")
        return (
            f"postgresql+psycopg://{rest}"
            if scheme in {"postgres", "postgresql"}
            else self.database_url
        )

    @property
    def secret_keys(self) -> tuple[bytes, ...]:
        """The first signs, all verify."""
        return tuple(
            key.strip().encode()
            for key in self.secret_key.get_secret_value().split(",")
            if key.strip()
        )

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")


def read_settings(request: Request) -> Settings:
    return request.app.state.settings


SettingsDep = Annotated[Settings, Depends(read_settings)]
