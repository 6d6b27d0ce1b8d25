"""Sign-in at an OpenID provider, a real one on loopback, and everything it may answer."""

import hmac
import json
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from backend.auth.limits import SignInLimits
from backend.auth.openid_attempt import is_own_path
from backend.settings import BadSettings, Settings
from kit.clock import ManualClock, SystemClock
from tests.backend.support import ADDRESS, PASSWORD, TestServer, running_server
from tests.openid_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    Key,
    OpenIdServer,
    encoded,
    openid_server,
    unsigned,
)

CALLBACK = f"{ADDRESS}/api/v1/session/openid/callback"
ME = "/api/v1/me"


@pytest.fixture
def provider() -> Generator[OpenIdServer]:
    with openid_server(CALLBACK) as running:
        yield running


@asynccontextmanager
async def server_with(
    folder: Path, provider: OpenIdServer, **chosen: Any
) -> AsyncGenerator[TestServer]:
    async with running_server(
        folder,
        public_url=ADDRESS,
        openid_issuer=provider.address,
        openid_client_id=CLIENT_ID,
        openid_client_secret=SecretStr(CLIENT_SECRET),
        openid_name="Example",
        **chosen,
    ) as running:
        yield running


@pytest.fixture
async def server(tmp_path: Path, provider: OpenIdServer) -> AsyncGenerator[TestServer]:
    async with server_with(tmp_path, provider) as running:
        yield running


async def begun(client: httpx.AsyncClient, **body: str) -> str:
    answer = await client.post("/api/v1/session/openid", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["url"]


async def agreed(url: str) -> str:
    """What a person does at the provider; the address that it sends them back to."""
    async with httpx.AsyncClient() as browser:
        page = await browser.get(url)
        assert page.status_code == 200, page.text
        answer = await browser.get(url.replace("/authorize?", "/agree?"))
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


async def signed_in(client: httpx.AsyncClient, **body: str) -> str:
    """The page that the whole way ends at."""
    back = await client.get(await agreed(await begun(client, **body)))
    assert back.status_code == 303, back.text
    return back.headers["location"]


def forgive_failures(server: TestServer) -> None:
    """For tests that fail more often than an address may."""
    server.app.state.sign_in_limits = SignInLimits(server.parts.clock)


async def acts(server: TestServer, chain: str = "server") -> list[tuple[str, Any]]:
    async with server.parts.database.read() as session:
        found = await session.execute(
            text("select act, detail from audit_acts where chain = :chain order by seq"),
            {"chain": chain},
        )
        return [(act, json.loads(told) if isinstance(told, str) else told) for act, told in found]


@pytest.mark.rule("auth-A16")
async def test_somebody_new_gets_an_account_and_comes_back_to_the_same(server: TestServer) -> None:
    client, later = server.client(), server.client()
    assert await signed_in(client, next="/p/prj_1?x=1") == "/p/prj_1?x=1"
    me = (await client.get(ME)).json()
    assert (me["name"], me["email"], me["kind"]) == ("Asha Rao", "asha@example.com", "account")
    assert [found["role"] for found in me["workspaces"]] == ["owner"]
    assert await signed_in(later) == "/"
    assert (await later.get(ME)).json()["id"] == me["id"]
    told = [act for act, _ in await acts(server, me["workspaces"][0]["id"])]
    assert [act for act in told if not act.startswith(("credits.", "workspace."))] == [
        "openid.linked",
        "session.started",
        "session.started",
    ]
    assert "cutroom-openid" not in client.cookies


@pytest.mark.rule("auth-A16")
async def test_the_subject_is_who_somebody_is_whatever_their_email_is_now(
    server: TestServer, provider: OpenIdServer
) -> None:
    client, later = server.client(), server.client()
    await signed_in(client)
    provider.person |= {"email": "married@example.com", "email_verified": False}
    assert await signed_in(later) == "/"
    assert (await later.get(ME)).json()["id"] == (await client.get(ME)).json()["id"]


@pytest.mark.rule("auth-A16")
async def test_a_verified_email_links_the_account_and_ends_every_other_way_into_it(
    server: TestServer,
) -> None:
    """Whoever signed up with somebody else's email must not stay in what becomes theirs."""
    squatter = await server.person("asha")
    tokens = f"/api/v1/workspaces/{squatter.workspace}/tokens"
    token = (await squatter.client.post(tokens, json={"role": "owner"})).json()["token"]
    program = server.client(Authorization=f"Bearer {token}")
    assert (await program.get(ME)).status_code == 200
    client = server.client()
    assert await signed_in(client) == "/"
    assert (await client.get(ME)).json()["id"] == squatter.id
    assert (await squatter.client.get(ME)).status_code == 401
    assert (await program.get(ME)).status_code == 401
    typed = {"email": squatter.email, "password": PASSWORD}
    assert (await server.client().post("/api/v1/session", json=typed)).status_code == 401


@pytest.mark.rule("auth-A16")
async def test_a_second_subject_with_the_same_verified_email_ends_nothing(
    server: TestServer, provider: OpenIdServer
) -> None:
    client, moved = server.client(), server.client()
    await signed_in(client)
    provider.person["sub"] = "of another directory"
    assert await signed_in(moved) == "/"
    found = [(await one.get(ME)).json()["id"] for one in (client, moved)]
    assert found[0] == found[1]


@pytest.mark.rule("auth-A16")
async def test_email_and_name_may_be_told_at_the_userinfo_endpoint(
    server: TestServer, provider: OpenIdServer
) -> None:
    provider.told_at = "userinfo"
    client = server.client()
    assert await signed_in(client) == "/"
    assert (await client.get(ME)).json()["name"] == "Asha Rao"


@pytest.mark.rule("auth-A16")
async def test_userinfo_of_somebody_else_is_not_believed(
    server: TestServer, provider: OpenIdServer
) -> None:
    provider.told_at, provider.changes = "userinfo", {"sub": "another"}
    assert await signed_in(server.client()) == "/signin?problem=untrusted"


@pytest.mark.rule("auth-A16")
async def test_a_provider_that_takes_the_secret_in_the_body_only_gets_it_there(
    server: TestServer, provider: OpenIdServer
) -> None:
    provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert await signed_in(server.client()) == "/"


WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "nonce": {"nonce": "of another attempt"},
    "no nonce": {"nonce": None},
    "audience": {"aud": "another-client"},
    "audience, though we are named as responsible": {"aud": "another-client", "azp": CLIENT_ID},
    "several audiences, none of them responsible": {"aud": [CLIENT_ID, "another-client"]},
    "made for another": {"azp": "another-client"},
    "issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "expired": {"exp": 1_700_000_000},
    "no end": {"exp": None},
    "from the future": {"iat": 4_000_000_000},
    "no subject": {"sub": None},
    "empty subject": {"sub": ""},
    "endless subject": {"sub": "s" * 256},
    "subject that is a number": {"sub": 7},
    "access token of another": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.rule("auth-A16")
async def test_a_token_with_a_wrong_claim_signs_nobody_in(
    server: TestServer, provider: OpenIdServer
) -> None:
    client = server.client()
    for wrong, changes in WRONG_CLAIMS.items():
        forgive_failures(server)
        provider.changes = changes
        assert await signed_in(client) == "/signin?problem=untrusted", wrong
        assert (await client.get(ME)).status_code == 401
    told = ("sign_in.failed", {"by": "openid", "why": "untrusted"})
    assert await acts(server) == [told] * len(WRONG_CLAIMS)


def forgeries(key: Key, claims: dict[str, Any]) -> dict[str, str]:
    """Tokens that the provider has not signed."""
    head, body, signature = key.signed(claims).split(".")
    changed = encoded(json.dumps(claims | {"sub": "admin"}).encode())
    mac = unsigned({"alg": "HS256", "kid": key.kid}, claims)
    secrets = {"our public key": json.dumps(key.public()), "the client secret": CLIENT_SECRET}
    return {
        "algorithm none": unsigned({"alg": "none", "typ": "JWT"}, claims) + ".",
        "no algorithm": unsigned({"typ": "JWT"}, claims) + f".{signature}",
        **{
            f"{name} as a secret": f"{mac}.{encoded(hmac.digest(known.encode(), mac.encode(), 'sha256'))}"
            for name, known in secrets.items()
        },
        "a foreign key under the same name": Key.made(key.kid, 2).signed(claims),
        "a foreign key under its own name": Key.made("foreign").signed(claims),
        "another body under a good signature": f"{head}.{changed}.{signature}",
        "no signature": f"{head}.{body}.",
        "no token": "none",
        "empty parts": "..",
        "empty objects": "e30.e30.",
    }


@pytest.mark.rule("auth-A16")
async def test_a_token_that_the_provider_did_not_sign_signs_nobody_in(
    server: TestServer, provider: OpenIdServer
) -> None:
    client = server.client()
    for kind in forgeries(provider.key, {}):
        forgive_failures(server)
        url = await begun(client)
        nonce = parse_qs(urlsplit(url).query)["nonce"][0]
        provider.token = forgeries(provider.key, provider.claims(nonce))[kind]
        back = await client.get(await agreed(url))
        assert back.headers["location"] == "/signin?problem=untrusted", kind
        assert (await client.get(ME)).status_code == 401


@pytest.mark.rule("auth-A16")
async def test_new_keys_of_the_provider_are_fetched_but_not_all_the_time(
    tmp_path: Path, provider: OpenIdServer
) -> None:
    clock = ManualClock(SystemClock().now())
    async with server_with(tmp_path, provider, clock=clock) as server:
        assert await signed_in(server.client()) == "/"
        provider.key = Key.made("second")
        assert await signed_in(server.client()) == "/signin?problem=untrusted"
        clock.advance(61)
        assert await signed_in(server.client()) == "/"
    assert provider.asked.count("/keys") == 2


@pytest.mark.rule("auth-A16")
async def test_without_a_verified_email_nobody_new_comes_in_and_no_account_is_linked(
    server: TestServer, provider: OpenIdServer
) -> None:
    asha, person = await server.person("asha"), dict(provider.person)
    for told in (
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "false"},
        {"email": None},
        {"email": "nobody at all"},
        {"email": ["asha@example.com"]},
    ):
        provider.person = person | told
        assert await signed_in(server.client()) == "/signin?problem=email", told
    assert (await asha.client.get(ME)).status_code == 200


@pytest.mark.rule("auth-A16")
async def test_the_answer_belongs_to_the_browser_that_asked(server: TestServer) -> None:
    victim, attacker = server.client(), server.client()
    theirs = await agreed(await begun(attacker))
    assert (await victim.get(theirs)).headers["location"] == "/signin?problem=interrupted"
    await begun(victim)
    assert (await victim.get(theirs)).headers["location"] == "/signin?problem=interrupted"
    await begun(victim)
    victim.cookies.set("cutroom-openid", "e30.e30", domain="cutroom.test")
    assert (await victim.get(theirs)).headers["location"] == "/signin?problem=interrupted"
    assert (await victim.get(ME)).status_code == 401


@pytest.mark.rule("auth-A16")
async def test_a_code_works_once(server: TestServer) -> None:
    client = server.client()
    back = await agreed(await begun(client))
    cookie = client.cookies["cutroom-openid"]
    assert (await client.get(back)).headers["location"] == "/"
    thief = server.client()
    thief.cookies.set("cutroom-openid", cookie, domain="cutroom.test")
    assert (await thief.get(back)).headers["location"] == "/signin?problem=untrusted"
    assert (await thief.get(ME)).status_code == 401


@pytest.mark.rule("auth-A16")
async def test_a_code_without_our_verifier_is_worth_nothing(
    server: TestServer, provider: OpenIdServer
) -> None:
    """A code that somebody else's browser was given, brought back under one's own state."""
    victim, thief = server.client(), server.client()
    stolen = parse_qs(urlsplit(await agreed(await begun(victim))).query)["code"][0]
    state = parse_qs(urlsplit(await begun(thief)).query)["state"][0]
    told = {"code": stolen, "state": state, "iss": provider.address}
    back = await thief.get(CALLBACK, params=told)
    assert back.headers["location"] == "/signin?problem=untrusted"


@pytest.mark.rule("auth-A16")
async def test_an_attempt_is_over_after_ten_minutes(tmp_path: Path, provider: OpenIdServer) -> None:
    clock = ManualClock(SystemClock().now())
    async with server_with(tmp_path, provider, clock=clock) as server:
        client = server.client()
        back = await agreed(await begun(client))
        clock.advance(601)
        assert (await client.get(back)).headers["location"] == "/signin?problem=interrupted"


@pytest.mark.rule("auth-A16")
async def test_an_answer_in_the_name_of_another_provider_is_refused(
    server: TestServer, provider: OpenIdServer
) -> None:
    client = server.client()
    back = await agreed(await begun(client))
    mixed = httpx.URL(back).copy_set_param("iss", "https://evil.example")
    assert (await client.get(mixed)).headers["location"] == "/signin?problem=untrusted"
    silent = httpx.URL(await agreed(await begun(client))).copy_remove_param("iss")
    assert (await client.get(silent)).headers["location"] == "/signin?problem=untrusted"
    assert "/token" not in provider.asked


@pytest.mark.rule("auth-A16")
async def test_who_does_not_agree_there_reads_so(server: TestServer) -> None:
    client = server.client()
    state = parse_qs(urlsplit(await begun(client, next="/p/prj_1")).query)["state"][0]
    told = {"error": "access_denied", "state": state}
    back = await client.get(CALLBACK, params=told)
    assert back.headers["location"] == "/signin?problem=cancelled&next=%2Fp%2Fprj_1"


@pytest.mark.rule("auth-A16")
async def test_a_provider_that_is_away_is_told_at_the_start_and_at_the_end(
    server: TestServer, provider: OpenIdServer
) -> None:
    client = server.client()
    provider.is_broken = True
    refused = await client.post("/api/v1/session/openid", json={})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert refused.json()["title"] == "Sign in unavailable"
    provider.is_broken = False
    back = await agreed(await begun(client))
    provider.is_broken = True
    assert (await client.get(back)).headers["location"] == "/signin?problem=unavailable"


@pytest.mark.rule("auth-A16")
async def test_a_provider_that_cannot_be_reached_is_a_503(tmp_path: Path) -> None:
    with openid_server() as gone:
        pass
    async with server_with(tmp_path, gone) as server:
        answer = await server.client().post("/api/v1/session/openid", json={})
        assert answer.status_code == 503


@pytest.mark.rule("auth-A16")
async def test_a_description_that_leads_elsewhere_is_not_followed(
    server: TestServer, provider: OpenIdServer
) -> None:
    for metadata in (
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": None},
        {"userinfo_endpoint": "http://evil.example/me"},
        {"filler": "x" * (1 << 20)},
    ):
        provider.metadata = metadata
        answer = await server.client().post("/api/v1/session/openid", json={})
        assert answer.status_code == 503, metadata


ELSEWHERE = (
    *("https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example"),
    *("/ /evil.example", "/\n", "javascript:alert(1)", "p/prj_1", "", "/" + "x" * 1000),
)


@pytest.mark.rule("auth-A16")
async def test_nobody_is_sent_elsewhere_after_they_signed_in(server: TestServer) -> None:
    assert [path for path in ELSEWHERE if is_own_path(path)] == []
    for path in ELSEWHERE:
        answer = await server.client().post("/api/v1/session/openid", json={"next": path})
        assert answer.status_code == 422, path


@pytest.mark.rule("auth-A16", "auth-A8")
async def test_where_accounts_come_by_invitation_a_new_person_needs_one(
    tmp_path: Path, provider: OpenIdServer
) -> None:
    async with server_with(tmp_path, provider, signup="invite") as server:
        stranger = server.client()
        assert await signed_in(stranger) == "/signin?problem=closed"
        owner = server.owner()
        workspace = (await owner.get(ME)).json()["workspaces"][0]["id"]
        invites = f"/api/v1/workspaces/{workspace}/invites"
        theirs = {"role": "editor", "email": "ravi@example.com"}
        foreign = (await owner.post(invites, json=theirs)).json()["key"]
        assert await signed_in(stranger, invite=foreign) == "/signin?problem=invitation"
        mine = {"role": "editor", "email": "asha@example.com"}
        key = (await owner.post(invites, json=mine)).json()["key"]
        assert await signed_in(stranger, invite=key) == "/"
        me = (await stranger.get(ME)).json()
        assert me["workspaces"] == [{"id": workspace, "name": "My workspace", "role": "editor"}]
        assert await signed_in(server.client()) == "/"
        assert await signed_in(server.client(), invite=key) == "/signin?problem=invitation"


@pytest.mark.rule("auth-A16", "auth-A10")
async def test_failures_from_one_address_are_slowed_down(server: TestServer) -> None:
    client = server.client()
    told = [
        (await client.get(CALLBACK, params={"state": "guess"})).headers["location"]
        for _ in range(11)
    ]
    assert told == ["/signin?problem=interrupted"] * 10 + ["/signin?problem=limited"]
    assert (await client.post("/api/v1/session/openid", json={})).status_code == 429


@pytest.mark.rule("auth-A16")
async def test_who_deletes_their_account_is_nobody_at_the_provider_either(
    server: TestServer,
) -> None:
    client = server.client()
    await signed_in(client)
    me = (await client.get(ME)).json()
    archive = (await client.get(f"{ME}/data")).json()["tables"]
    assert [row["subject"] for row in archive["identities"]] == ["248289761001"]
    gone = await client.post(f"{ME}/deletion", json={})
    assert gone.status_code == 204, gone.text
    assert await signed_in(client) == "/"
    assert (await client.get(ME)).json()["id"] != me["id"]


@pytest.mark.rule("auth-A16")
async def test_the_page_hears_which_ways_in_there_are(server: TestServer, tmp_path: Path) -> None:
    ways = "/api/v1/session/ways"
    told = (await server.client().get(ways)).json()
    assert told == {"signup": "open", "openid": {"name": "Example"}, "reset_by_mail": False}
    async with running_server(tmp_path / "plain", signup="invite") as plain:
        client = plain.client()
        told = (await client.get(ways)).json()
        assert told == {"signup": "invite", "openid": None, "reset_by_mail": False}
        assert (await client.post("/api/v1/session/openid", json={})).status_code == 404
        assert (await client.get(CALLBACK)).status_code == 404


@pytest.mark.rule("auth-A16")
async def test_cookies_are_closed_to_scripts_and_bound_to_the_host_on_https(
    tmp_path: Path, provider: OpenIdServer
) -> None:
    async with server_with(tmp_path, provider) as server:
        header = (await server.client().post("/api/v1/session/openid", json={})).headers
    kept = header["set-cookie"].lower()
    assert all(word in kept for word in ("httponly", "samesite=lax", "max-age=600", "path=/"))


OPENID = {
    "openid_issuer": "https://id.example.com",
    "openid_client_id": CLIENT_ID,
    "openid_client_secret": CLIENT_SECRET,
    "public_url": "https://cut.example.com",
}


@pytest.mark.rule("auth-A16")
@pytest.mark.parametrize(
    ("without", "named"),
    [
        ("openid_issuer", "CUTROOM_OPENID_ISSUER"),
        ("openid_client_id", "CUTROOM_OPENID_CLIENT_ID"),
        ("openid_client_secret", "CUTROOM_OPENID_CLIENT_SECRET"),
        ("public_url", "CUTROOM_PUBLIC_URL"),
    ],
)
def test_a_provider_that_is_half_configured_stops_the_start(without: str, named: str) -> None:
    assert Settings.read(**OPENID).openid_label == "id.example.com"
    with pytest.raises(BadSettings) as bad:
        Settings.read(**{**OPENID, without: ""})
    assert bad.value.name == named


@pytest.mark.rule("auth-A16")
def test_a_provider_over_plain_http_is_believed_on_this_machine_only() -> None:
    assert Settings.read(**{**OPENID, "openid_issuer": "http://127.0.0.1:9000"})
    with pytest.raises(BadSettings, match="CUTROOM_OPENID_ISSUER"):
        Settings.read(**{**OPENID, "openid_issuer": "http://id.example.com"})
