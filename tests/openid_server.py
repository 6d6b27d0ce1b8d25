"""An OpenID provider on loopback: real HTTP, real RS256 keys, as strict as the standard asks a provider to be.

It is written without the libraries that the server uses, so that the two do not share a mistake. Tests bend it by its
fields; `python -m tests.openid_server PORT CALLBACK` runs it for the browser suite.
"""

import base64
import hashlib
import json
import secrets
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLIENT_ID = "cutroom-tests"
CLIENT_SECRET = "a-secret-of-the-tests"  # noqa: S105 - of a provider that exists in tests only
PERSON = {
    "sub": "248289761001",
    "email": "asha@example.com",
    "email_verified": True,
    "name": "Asha Rao",
}


@dataclass(frozen=True, slots=True)
class Key:
    """`kid` is what the token's header calls it."""

    kid: str
    private: rsa.RSAPrivateKey

    @classmethod
    @cache  # making one takes longer than a sign-in
    def made(cls, kid: str, number: int = 0) -> "Key":
        """Another `number` is another key of the same name."""
        del number
        return cls(kid, rsa.generate_private_key(public_exponent=65537, key_size=2048))

    def public(self) -> dict[str, str]:
        numbers = self.private.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": encoded(numbers.n.to_bytes(256, "big")),
            "e": encoded(numbers.e.to_bytes(3, "big")),
        }

    def signed(self, claims: dict[str, Any]) -> str:
        text = unsigned({"alg": "RS256", "kid": self.kid, "typ": "JWT"}, claims)
        signature = self.private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{text}.{encoded(signature)}"


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(header: dict[str, str], claims: dict[str, Any]) -> str:
    return ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))


@dataclass
class OpenIdServer:
    """`person` signs in there. `changes` go over the claims of the token (None takes one away), `sign` makes it one,
    `keys` are those that it publishes; `told_at` is where email and name are told; `metadata` goes over its own
    description of itself.
    """

    address: str = ""
    callbacks: tuple[str, ...] = ()
    person: dict[str, Any] = field(default_factory=lambda: dict(PERSON))
    changes: dict[str, Any] = field(default_factory=dict[str, Any])
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    key: Key = field(default_factory=lambda: Key.made("first"))
    keys: list[Key] = field(default_factory=list[Key])
    token: str | None = None
    told_at: str = "id_token"
    is_broken: bool = False
    asked: list[str] = field(default_factory=list[str])
    _codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    _access: set[str] = field(default_factory=set[str])

    def answer(
        self, method: str, path: str, query: dict[str, str], headers: Any
    ) -> tuple[int, Any]:
        """Status and JSON, HTML as text, or an address to go to."""
        self.asked.append(path)
        if self.is_broken:
            return 503, {}
        match method, path:
            case "GET", "/.well-known/openid-configuration":
                return 200, self._described()
            case "GET", "/keys":
                return 200, {"keys": [key.public() for key in self.keys or [self.key]]}
            case "GET", "/authorize":
                return 200, _page(query)
            case "GET", "/agree":
                return self._agreed(query)
            case "POST", "/token":
                return self._redeemed(query, headers)
            case "GET", "/userinfo":
                known = headers.get("Authorization", "").removeprefix("Bearer ") in self._access
                return (200, self.person) if known else (401, {})
            case _:
                return 404, {}

    def _described(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }

    def _agreed(self, query: dict[str, str]) -> tuple[int, Any]:
        wanted = {"response_type": "code", "client_id": CLIENT_ID, "code_challenge_method": "S256"}
        if any(query.get(name) != value for name, value in wanted.items()):
            return 400, {"error": "invalid_request"}
        if query["redirect_uri"] not in self.callbacks or "openid" not in query["scope"].split():
            return 400, {"error": "invalid_request"}
        code = secrets.token_urlsafe(16)
        self._codes[code] = query
        told = {"code": code, "state": query["state"], "iss": self.address}
        return 302, f"{query['redirect_uri']}?{urlencode(told)}"

    def _redeemed(self, form: dict[str, str], headers: Any) -> tuple[int, Any]:
        ours = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        posted = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        if headers.get("Authorization") != f"Basic {ours}" and not posted:
            return 401, {"error": "invalid_client"}
        asked = self._codes.pop(form.get("code", ""), None)  # once
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        challenge = encoded(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if challenge != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        access = secrets.token_urlsafe(16)
        self._access.add(access)
        return 200, {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self.token or self.key.signed(self.claims(asked["nonce"])),
        }

    def claims(self, nonce: str) -> dict[str, Any]:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.address,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            **(self.person if self.told_at == "id_token" else {"sub": self.person["sub"]}),
            **self.changes,
        }
        return {name: value for name, value in claims.items() if value is not None}


def _page(query: dict[str, str]) -> str:
    """What people see there."""
    back = {"error": "access_denied", "state": query["state"]}
    cancel = quote(f"{query['redirect_uri']}?{urlencode(back)}", safe=":/?&=%")
    return (
        "<!doctype html><html lang=en><title>Example provider</title><h1>Example provider</h1>"
        f'<p><a href="/agree?{urlencode(query).replace("&", "&amp;")}">Agree</a>'
        f'<p><a href="{cancel.replace("&", "&amp;")}">Cancel</a>'
    )


def _handler(server: OpenIdServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _answer(self, told: str) -> None:
            query = {name: values[0] for name, values in parse_qs(told).items()}
            path = urlsplit(self.path).path
            status, found = server.answer(self.command, path, query, self.headers)
            body = found if isinstance(found, str) else json.dumps(found)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", body)
            is_page = status == 200 and isinstance(found, str)
            self.send_header("Content-Type", "text/html" if is_page else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            """Nothing: the tests' output is theirs."""

    return Handler


@contextmanager
def openid_server(*callbacks: str, port: int = 0) -> Generator[OpenIdServer]:
    """One that people are sent back from to `callbacks`."""
    server = OpenIdServer(callbacks=callbacks)
    http = ThreadingHTTPServer(("127.0.0.1", port), _handler(server))
    server.address = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


if __name__ == "__main__":
    with openid_server(*sys.argv[2:], port=int(sys.argv[1])) as running:
        print(running.address, flush=True)  # noqa: T201 - whoever started it reads this
        sys.stdin.read()
