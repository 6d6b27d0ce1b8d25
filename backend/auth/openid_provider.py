# pyright: basic
"""An OpenID provider behind our own words: discovery, the way there, and a code turned into who somebody is.

Authlib checks the claims and joserfc the signatures. Nobody else imports them. Of what the provider answers nothing is
believed before it is verified: algorithms are public-key ones, keys come from the issuer that was configured.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import httpx
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from backend.auth.errors import OpenIdFault
from backend.auth.openid_attempt import Attempt
from backend.db.session import require_no_transaction
from backend.settings import is_confidential
from kit.clock import Clock

CONNECT_SECONDS: Final = 3.0
ANSWER_SECONDS: Final = 10.0
ANSWER_BYTES_MAX: Final = 1 << 20
CALLS_AT_ONCE_MAX: Final = 16
METADATA_SECONDS: Final = 3600.0
KEYS_SECONDS_MIN: Final = 60.0  # a token that names an unknown key is no reason to ask all the time
CLOCK_SKEW_SECONDS: Final = 60
SUBJECT_LENGTH_MAX: Final = 255  # OpenID Connect Core, section 2
ALGORITHMS: Final = (  # of public keys: a client secret signs nothing
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
METADATA_PATH: Final = "/.well-known/openid-configuration"
SCOPE: Final = "openid email profile"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is there; `email` only where the provider has verified it."""

    issuer: str
    subject: str
    email: str | None
    name: str


class OpenIdProvider:
    """One issuer. Its description is kept for an hour, its keys until a token names another."""

    def __init__(self, *, issuer: str, client_id: str, client_secret: str, clock: Clock) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._metadata: Mapping[str, Any] = {}
        self._metadata_at = float("-inf")
        self._keys: KeySet | None = None
        self._keys_at = float("-inf")
        self._log = structlog.stdlib.get_logger()
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=CALLS_AT_ONCE_MAX),
            trust_env=False,
            follow_redirects=False,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def address_for(self, attempt: Attempt, *, callback: str) -> str:
        """Where to send the browser; raises OpenIdFault `unavailable`."""
        metadata = await self._described()
        return prepare_grant_uri(
            metadata["authorization_endpoint"],
            client_id=self._client_id,
            response_type="code",
            redirect_uri=callback,
            scope=SCOPE,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )

    async def identity(
        self, code: str, attempt: Attempt, *, callback: str, answered_by: str | None
    ) -> Identity:
        """Who came back with that code; raises OpenIdFault `unavailable` or `untrusted`.

        `answered_by` is the issuer that the answer names (RFC 9207), None where it names none.
        """
        metadata = await self._described()
        named = metadata.get("authorization_response_iss_parameter_supported") is True
        if answered_by != metadata["issuer"] and (answered_by is not None or named):
            raise self._distrust("the answer is of another issuer")
        tokens = await self._redeemed(metadata, code, attempt.verifier, callback)
        claims = await self._verified(metadata, tokens, attempt.nonce)
        told = await self._told(metadata, claims, tokens.get("access_token"))
        return _identity(metadata["issuer"], claims["sub"], told)

    async def _described(self) -> Mapping[str, Any]:
        """The metadata of OpenID Connect Discovery."""
        now = self._clock.monotonic()
        if not self._metadata or now - self._metadata_at > METADATA_SECONDS:
            status, found = await self._get(self._issuer.rstrip("/") + METADATA_PATH)
            wrong = _wrong_metadata(found, self._issuer) if status == HTTPStatus.OK else "status"
            if wrong:
                self._log.error("openid.metadata_refused", wrong=wrong, status=status)
                raise OpenIdFault("unavailable")
            self._metadata, self._metadata_at = found, now
        return self._metadata

    async def _redeemed(
        self, metadata: Mapping[str, Any], code: str, verifier: str, callback: str
    ) -> Mapping[str, Any]:
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": callback,
            "code_verifier": verifier,
        }
        ways = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        auth = httpx.USE_CLIENT_DEFAULT
        if "client_secret_basic" in ways:
            auth = httpx.BasicAuth(self._client_id, self._client_secret)
        else:
            body |= {"client_id": self._client_id, "client_secret": self._client_secret}
        status, answer = await self._call("POST", metadata["token_endpoint"], data=body, auth=auth)
        if status != HTTPStatus.OK:
            raise self._distrust(f"token endpoint: {status} {str(answer.get('error'))[:80]}")
        return answer

    async def _verified(
        self, metadata: Mapping[str, Any], tokens: Mapping[str, Any], nonce: str
    ) -> Mapping[str, Any]:
        """The claims of the id_token, once signature, issuer, audience, times and nonce are right."""
        try:
            token = await self._decoded(metadata, str(tokens.get("id_token", "")))
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": metadata["issuer"]},
                    "aud": {"essential": True, "value": self._client_id},
                    "sub": {"essential": True},
                },
                params={
                    "nonce": nonce,
                    "client_id": self._client_id,
                    "access_token": tokens.get("access_token"),
                },
            )
            claims.validate(now=int(self._clock.now().timestamp()), leeway=CLOCK_SKEW_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise self._distrust(f"{type(error).__name__}: {error}") from error
        if len(claims["sub"]) > SUBJECT_LENGTH_MAX:
            raise self._distrust("the subject is too long")
        return claims

    async def _decoded(self, metadata: Mapping[str, Any], id_token: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        keys = self._keys or await self._fetched_keys(metadata)
        try:
            return jwt.decode(id_token, keys, registry=registry)
        except InvalidKeyIdError:  # the provider has changed its keys since we asked
            if self._clock.monotonic() - self._keys_at < KEYS_SECONDS_MIN:
                raise
            return jwt.decode(id_token, await self._fetched_keys(metadata), registry=registry)

    async def _fetched_keys(self, metadata: Mapping[str, Any]) -> KeySet:
        status, found = await self._get(metadata["jwks_uri"])
        if status != HTTPStatus.OK:
            raise OpenIdFault("unavailable")
        self._keys = KeySet.import_key_set(found)  # pyright: ignore[reportArgumentType] - it checks
        self._keys_at = self._clock.monotonic()
        return self._keys

    async def _told(
        self, metadata: Mapping[str, Any], claims: Mapping[str, Any], access_token: Any
    ) -> Mapping[str, Any]:
        """The claims with email and name; many providers tell these at the userinfo endpoint only."""
        endpoint = metadata.get("userinfo_endpoint")
        if "email_verified" in claims or not endpoint or not access_token:
            return claims
        status, told = await self._get(
            endpoint, headers={"Authorization": f"Bearer {access_token}"}
        )
        if status != HTTPStatus.OK or told.get("sub") != claims["sub"]:
            raise self._distrust("userinfo is of somebody else, or of nobody")
        return told

    async def _get(self, address: str, **options: Any) -> tuple[int, Mapping[str, Any]]:
        return await self._call("GET", address, **options)

    async def _call(
        self, method: str, address: str, **options: Any
    ) -> tuple[int, Mapping[str, Any]]:
        """Status and JSON object of an answer, an empty one where it is none."""
        require_no_transaction()
        body = bytearray()
        try:
            async with self._http.stream(method, address, **options) as answer:
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > ANSWER_BYTES_MAX:
                        raise self._distrust("an answer too large to be one")
        except httpx.HTTPError as error:
            self._log.warning("openid.unavailable", error=type(error).__name__)
            raise OpenIdFault("unavailable") from error
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._log.warning("openid.unavailable", status=answer.status_code)
            raise OpenIdFault("unavailable")
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        return answer.status_code, found if isinstance(found, dict) else {}

    def _distrust(self, why: str) -> OpenIdFault:
        """People read that it failed; whoever runs this reads why."""
        self._log.warning("openid.refused", why=why)
        return OpenIdFault("untrusted")


def _wrong_metadata(found: Mapping[str, Any], issuer: str) -> str:
    """Which part of the provider's description cannot be used; empty where all can."""
    if str(found.get("issuer")).rstrip("/") != issuer.rstrip("/"):
        return "issuer"
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not is_confidential(str(found.get(name))):
            return name
    told = found.get("userinfo_endpoint")
    return "" if told is None or is_confidential(str(told)) else "userinfo_endpoint"


def _identity(issuer: str, subject: str, told: Mapping[str, Any]) -> Identity:
    email = told.get("email")
    is_verified = told.get("email_verified") in (True, "true")  # some send the word
    name = told.get("name") or told.get("preferred_username") or ""
    return Identity(
        issuer=issuer,
        subject=subject,
        email=email if is_verified and isinstance(email, str) else None,
        name=name if isinstance(name, str) else "",
    )
