"""The only reader of the environment in this room. A wrong value stops the start with its name."""

import re
from pathlib import Path
from typing import Annotated, Final, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from fastapi import Depends, Request
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kit.mailer import MailServer

SECRET_BYTES_MIN: Final = 32
PORT_MAX: Final = 65_535
RAZORPAY_URL: Final = "https://api.razorpay.com"
RAZORPAY_KEY: Final = re.compile(r"rzp_(test|live)_[A-Za-z0-9]+")
MAIL_FROM: Final = re.compile(r"[^<>@\s]+@[^<>@\s]+|[^<>@\r\n\"]+ <[^<>@\s]+@[^<>@\s]+>")
LOOPBACK: Final = frozenset(("127.0.0.1", "localhost", "::1"))

PaymentMode: TypeAlias = Literal["sandbox", "test", "live"]


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
    s3_bucket: str = ""
    s3_endpoint_url: str = ""
    secret_key: SecretStr = SecretStr("")
    public_url: str = ""
    bootstrap_token: SecretStr = SecretStr("")
    metrics_token: SecretStr = SecretStr("")
    metrics_address: str = ""
    signup: Literal["open", "invite"] = "open"
    log_format: Literal["console", "json"] = "console"
    trusted_proxies: str = ""
    razorpay_key_id: str = ""
    razorpay_key_secret: SecretStr = SecretStr("")
    razorpay_webhook_secrets: SecretStr = SecretStr("")
    razorpay_base_url: str = RAZORPAY_URL
    openid_issuer: str = ""
    openid_client_id: str = ""
    openid_client_secret: SecretStr = SecretStr("")
    openid_name: str = Field(default="", max_length=40)
    smtp_url: SecretStr = SecretStr("")
    mail_from: str = ""
    lease_seconds: float = Field(default=30.0, ge=3, le=300)
    slots: int | None = Field(default=None, ge=1, le=256)
    web_dir: Path | None = None
    node_address: str = ""

    @field_validator("public_url", "s3_endpoint_url", "node_address")
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

    @field_validator("metrics_address")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if value and not (host and port.isdecimal() and int(port) <= PORT_MAX):
            raise ValueError("must be HOST:PORT")
        return value

    @classmethod
    def read(cls, **chosen: object) -> Self:
        """The environment, overruled by what the command line chose; raises BadSettings."""
        try:
            settings = cls(**{key: value for key, value in chosen.items() if value is not None})  # pyright: ignore[reportArgumentType] - pydantic checks each
        except ValidationError as error:
            raise _bad_setting(error, "CUTROOM_") from error
        settings.check_payments()
        settings.check_openid()
        settings.check_mail()
        return settings

    def check_payments(self) -> None:
        """Money is never half configured; raises BadSettings with the variable that is wrong."""
        key_id, secret = self.razorpay_key_id, self.razorpay_key_secret.get_secret_value()
        webhook_secrets = self.razorpay_secrets
        if not (key_id or secret or self.razorpay_webhook_secrets.get_secret_value()):
            if self.razorpay_base_url != RAZORPAY_URL:
                raise BadSettings("CUTROOM_RAZORPAY_KEY_ID", "must be set with a base URL")
            return
        if not key_id:
            raise BadSettings("CUTROOM_RAZORPAY_KEY_ID", "must be set with the others")
        if not RAZORPAY_KEY.fullmatch(key_id):
            raise BadSettings("CUTROOM_RAZORPAY_KEY_ID", "must begin with rzp_test_ or rzp_live_")
        if not secret:
            raise BadSettings("CUTROOM_RAZORPAY_KEY_SECRET", "must be set with the others")
        address = urlsplit(self.razorpay_base_url)
        if self.razorpay_base_url != RAZORPAY_URL and (
            address.hostname not in LOOPBACK or self.payment_mode == "live"
        ):
            raise BadSettings(
                "CUTROOM_RAZORPAY_BASE_URL", "only a loopback address, and only with a test key"
            )
        if self.payment_mode == "live" and not webhook_secrets:
            raise BadSettings("CUTROOM_RAZORPAY_WEBHOOK_SECRETS", "must be set with a live key")
        if self.payment_mode == "live" and not self.is_https:
            raise BadSettings("CUTROOM_PUBLIC_URL", "must be https with a live Razorpay key")

    def check_openid(self) -> None:
        """Whom we believe who people are is named in full and out of reach of others; raises BadSettings."""
        values = {
            "CUTROOM_OPENID_ISSUER": self.openid_issuer,
            "CUTROOM_OPENID_CLIENT_ID": self.openid_client_id,
            "CUTROOM_OPENID_CLIENT_SECRET": self.openid_client_secret.get_secret_value(),
        }
        if not any(values.values()):
            return
        for name, value in values.items():
            if not value:
                raise BadSettings(name, "must be set with the others")
        if not is_confidential(self.openid_issuer):
            raise BadSettings("CUTROOM_OPENID_ISSUER", "must be an https address")
        if not self.public_url:  # what the provider sends people back to is registered there
            raise BadSettings("CUTROOM_PUBLIC_URL", "must be set with CUTROOM_OPENID_ISSUER")

    def check_mail(self) -> None:
        """Mail has a sender, and its links an address that no request can choose; raises BadSettings."""
        url = self.smtp_url.get_secret_value()
        if not (url or self.mail_from):
            return
        try:
            MailServer.of(url)
        except (
            ValueError
        ) as error:  # of ours, or of a port that is none: the URL itself is a secret
            detail = (
                "must be smtps://, smtp:// or smtp+plain:// (without a password), HOST or HOST:PORT"
            )
            raise BadSettings("CUTROOM_SMTP_URL", detail) from error
        if not MAIL_FROM.fullmatch(self.mail_from):
            raise BadSettings("CUTROOM_MAIL_FROM", "must be ADDRESS or NAME <ADDRESS>")
        if not self.public_url:
            raise BadSettings("CUTROOM_PUBLIC_URL", "must be set with CUTROOM_SMTP_URL")

    @property
    def openid_label(self) -> str:
        """What people read on the button: "Sign in with ..."."""
        return self.openid_name or urlsplit(self.openid_issuer).hostname or ""

    @property
    def payment_mode(self) -> PaymentMode:
        """Whose credits these are: of real money, of Razorpay's test money, or of the sandbox."""
        if not self.razorpay_key_id:
            return "sandbox"
        return "live" if self.razorpay_key_id.startswith("rzp_live_") else "test"

    @property
    def razorpay_secrets(self) -> tuple[str, ...]:
        """Secrets of webhooks: the first is the current one, all are believed; blanks are none."""
        parts = self.razorpay_webhook_secrets.get_secret_value().split(",")
        return tuple(part.strip() for part in parts if part.strip())

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


class TraceSettings(BaseSettings):
    """Whether spans are wanted, in OpenTelemetry's own words; the rest of OTEL_ its SDK reads itself."""

    model_config = SettingsConfigDict(env_prefix="OTEL_", frozen=True, extra="ignore")

    sdk_disabled: bool = False
    service_name: str = ""
    traces_exporter: Literal["", "none", "otlp", "console"] = ""
    exporter_otlp_endpoint: str = ""
    exporter_otlp_traces_endpoint: str = ""
    exporter_otlp_protocol: Literal["", "http/protobuf"] = ""
    exporter_otlp_traces_protocol: Literal["", "http/protobuf"] = ""

    @classmethod
    def read(cls) -> Self:
        """The environment; raises BadSettings."""
        try:
            return cls()
        except ValidationError as error:
            raise _bad_setting(error, "OTEL_") from error

    @property
    def is_on(self) -> bool:
        """An exporter or where to send to was named, and nobody said no."""
        if self.sdk_disabled or self.traces_exporter == "none":
            return False
        return bool(
            self.traces_exporter
            or self.exporter_otlp_endpoint
            or self.exporter_otlp_traces_endpoint
        )


def _bad_setting(error: ValidationError, prefix: str) -> BadSettings:
    first = error.errors()[0]
    name = prefix + "_".join(str(part) for part in first["loc"]).upper()
    return BadSettings(name, first["msg"].removeprefix("Value error, "))


def is_confidential(address: str) -> bool:
    """Whether what is said to that address stays between the two: https, or this very machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    )


def read_settings(request: Request) -> Settings:
    return request.app.state.settings


SettingsDep = Annotated[Settings, Depends(read_settings)]
