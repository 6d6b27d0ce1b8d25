"""Invitations and reset links by mail, over a real SMTP server on loopback."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from backend.auth.limits import SignInLimits
from backend.auth.mails import language_of
from backend.settings import BadSettings, Settings
from kit.background import Background
from kit.mailer import Mail, Mailer, MailServer
from tests.backend.support import ADDRESS, TestServer, running_server
from tests.smtp_server import Postbox, link_in, smtp_server

NEW = "another-otter-18"
RESETS = "/api/v1/password-resets"
SENDER = "Cutroom <cutroom@example.com>"
QUICK = (0.02,) * 500


@asynccontextmanager
async def mailing_server(folder: Path, box: Postbox) -> AsyncGenerator[TestServer]:
    async with running_server(
        folder, public_url=ADDRESS, smtp_url=SecretStr(box.url), mail_from=SENDER
    ) as server:
        state = server.app.state
        state.mailer = Mailer(
            MailServer.of(box.url), sender=SENDER, background=state.background, pauses=QUICK
        )
        yield server


async def asked(server: TestServer, email: str, **headers: str) -> int:
    return (await server.client(**headers).post(RESETS, json={"email": email})).status_code


async def quiet() -> None:
    """Until nothing of mail runs beside the requests any more."""
    names = ("mail.send", "password_reset.mail")
    while found := [task for task in asyncio.all_tasks() if task.get_name() in names]:
        await asyncio.wait(found)


async def until_postponed(logs: Sequence[Any]) -> None:
    """Until both mails have met a server that is away."""
    while sum(entry["event"] == "mail.postponed" for entry in logs) < 2:  # noqa: ASYNC110 - a log has no event
        await asyncio.sleep(0)


@pytest.mark.rule("auth-A17")
async def test_an_invitation_goes_to_whom_it_names_and_its_link_works(tmp_path: Path) -> None:
    box = Postbox()
    with smtp_server(box):
        async with mailing_server(tmp_path, box) as server:
            asha = await server.person("asha")
            invites = f"/api/v1/workspaces/{asha.workspace}/invites"
            body = {"role": "editor", "email": "ravi@example.com"}
            made = (await asha.client.post(invites, json=body)).json()
            assert made["mailed"] is True
            mail = await box.next()
            assert (mail["To"], mail["From"]) == ("ravi@example.com", SENDER)
            assert mail["Subject"] == "An invitation to Cutroom"
            assert link_in(mail) == made["url"]
            plain = mail.get_body(("plain",))
            assert plain is not None
            assert "asha@example.com invites you" in plain.get_content()
            key = link_in(mail).partition("#")[2]
            joined = await server.client().post(
                "/api/v1/session", json={"invite": key, "name": "Ravi"}
            )
            assert joined.status_code == 200
            nameless = (await asha.client.post(invites, json={"role": "viewer"})).json()
            assert nameless["mailed"] is False
            await quiet()
            assert box.is_empty


@pytest.mark.rule("auth-A17", "auth-A13")
async def test_a_new_password_is_set_by_the_link_of_a_mail(tmp_path: Path) -> None:
    box = Postbox()
    with smtp_server(box):
        async with mailing_server(tmp_path, box) as server:
            asha = await server.person("asha")
            assert await asked(server, " Asha@Example.com") == 202
            key = link_in(await box.next()).removeprefix(f"{ADDRESS}/reset#")
            body = {"key": key, "password": NEW}
            client = server.client()
            assert (await client.post(f"{RESETS}/redeem", json=body)).status_code == 204
            typed = {"email": asha.email, "password": NEW}
            assert (await client.post("/api/v1/session", json=typed)).status_code == 200


@pytest.mark.rule("auth-A17")
async def test_who_asks_does_not_hear_whether_somebody_has_an_account(tmp_path: Path) -> None:
    box = Postbox()
    with smtp_server(box):
        async with mailing_server(tmp_path, box) as server:
            await server.person("asha")
            known, unknown = [
                await server.client().post(RESETS, json={"email": email})
                for email in ("asha@example.com", "nobody@example.com")
            ]
            assert known.status_code == unknown.status_code == 202
            assert known.content == unknown.content
            assert (await box.next())["To"] == "asha@example.com"
            await quiet()
            assert box.seen == 1


@pytest.mark.rule("auth-A17", "auth-A10")
async def test_mail_has_limits(tmp_path: Path) -> None:
    box = Postbox()
    with smtp_server(box):
        async with mailing_server(tmp_path, box) as server:
            clock = server.parts.clock
            for email in ("asha@example.com", "nobody@example.com"):
                told = [await asked(server, email) for _ in range(4)]
                assert told == [202, 202, 202, 429], email
            server.app.state.sign_in_limits = SignInLimits(clock)
            told = [await asked(server, f"p{number}@example.com") for number in range(11)]
            assert told == [202] * 10 + [429]
            asha = await server.person("asha")
            invites = f"/api/v1/workspaces/{asha.workspace}/invites"
            statuses = [
                (
                    await asha.client.post(
                        invites, json={"role": "viewer", "email": f"p{number}@example.com"}
                    )
                ).status_code
                for number in range(21)
            ]
            assert statuses == [201] * 20 + [429]
            assert (await asha.client.post(invites, json={"role": "viewer"})).status_code == 201
            await quiet()


@pytest.mark.rule("auth-A17")
async def test_mail_waits_for_a_server_that_is_away_and_requests_do_not(tmp_path: Path) -> None:
    box = Postbox()
    async with mailing_server(tmp_path, box) as server:
        asha = await server.person("asha")
        with capture_logs() as logs:
            assert await asked(server, asha.email) == 202
            invites = f"/api/v1/workspaces/{asha.workspace}/invites"
            body = {"role": "viewer", "email": "ravi@example.com"}
            made = (await asha.client.post(invites, json=body)).json()
            assert made["url"].endswith(made["key"])  # to be sent by hand
            await until_postponed(logs)
            box.replies = ["451 try again"]
            with smtp_server(box):
                came = {(await box.next())["To"] for _ in range(2)}
        assert came == {"asha@example.com", "ravi@example.com"}
        assert box.seen == 3
        assert "@" not in str([entry for entry in logs if entry["event"].startswith("mail.")])


@pytest.mark.rule("auth-A17")
async def test_a_mail_that_is_refused_for_good_is_told_and_not_tried_again() -> None:
    box, background = Postbox(), Background()
    box.replies = ["550 no such box for ravi@example.com"] * 9
    mail = Mail("invite", "ravi@example.com", "S", "T", "<p>T", 60)
    with smtp_server(box), capture_logs() as logs:
        mailer = Mailer(MailServer.of(box.url), sender=SENDER, background=background, pauses=(0.0,))
        mailer.send(mail)
        await asyncio.gather(*(t for t in asyncio.all_tasks() if t.get_name() == "mail.send"))
    assert box.seen == 1
    assert [(entry["event"], entry.get("error")) for entry in logs] == [
        ("mail.given_up", "SMTPDataError 550")
    ]


@pytest.mark.rule("auth-A17")
async def test_a_mail_is_given_up_when_its_link_is_over() -> None:
    box, background = Postbox(), Background()
    box.replies = ["451 later"] * 9
    with smtp_server(box), capture_logs() as logs:
        mailer = Mailer(
            MailServer.of(box.url), sender=SENDER, background=background, pauses=(0.01, 0.01, 60.0)
        )
        mailer.send(Mail("password_reset", "a@example.com", "S", "T", "<p>T", 30))
        await asyncio.gather(*(t for t in asyncio.all_tasks() if t.get_name() == "mail.send"))
    assert box.seen == 3
    assert logs[-1]["event"] == "mail.given_up"


@pytest.mark.rule("auth-A17")
async def test_nothing_is_said_to_a_server_that_cannot_keep_it_secret() -> None:
    box, background = Postbox(), Background()
    with smtp_server(box), capture_logs() as logs:
        open_line = MailServer("127.0.0.1", box.port, "starttls", "user", "password")
        mailer = Mailer(open_line, sender=SENDER, background=background, pauses=(0.0,))
        mailer.send(Mail("invite", "a@example.com", "S", "T", "<p>T", 60))
        await asyncio.gather(*(t for t in asyncio.all_tasks() if t.get_name() == "mail.send"))
    assert (box.seen, logs[-1]["error"]) == (0, "SMTPNotSupportedError")


@pytest.mark.rule("auth-A17")
async def test_mail_is_in_the_language_of_the_person_else_of_their_browser(tmp_path: Path) -> None:
    box = Postbox()
    with smtp_server(box):
        async with mailing_server(tmp_path, box) as server:
            asha = await server.person("asha")
            german = {"Accept-Language": "fr, de-AT;q=0.8"}
            await asked(server, asha.email, **german)
            assert (await box.next())["Subject"] == "Ein neues Passwort für Cutroom"
            chosen = {"values": {"language": "en"}}
            await asha.client.patch("/api/v1/me/preferences", json=chosen)
            await asked(server, asha.email, **german)
            assert (await box.next())["Subject"] == "A new password for Cutroom"
    assert [language_of(None, ""), language_of(7, "*"), language_of("de", "en")] == [
        "en",
        "en",
        "de",
    ]


@pytest.mark.rule("auth-A17")
async def test_without_a_mail_server_links_are_copied_as_before(server: TestServer) -> None:
    asha = await server.person("asha")
    assert await without(server.client()) == 404
    invites = f"/api/v1/workspaces/{asha.workspace}/invites"
    body = {"role": "viewer", "email": "ravi@example.com"}
    assert (await asha.client.post(invites, json=body)).json()["mailed"] is False
    assert (await asha.client.get("/api/v1/session/ways")).json()["reset_by_mail"] is False


async def without(client: httpx.AsyncClient) -> int:
    return (await client.post(RESETS, json={"email": "asha@example.com"})).status_code


MAIL: dict[str, Any] = {
    "smtp_url": "smtps://cutroom:p%40ss@mail.example.com",
    "mail_from": SENDER,
    "public_url": "https://cut.example.com",
}


@pytest.mark.rule("auth-A17")
def test_a_mail_server_is_named_in_full_and_gets_passwords_over_tls_only() -> None:
    assert MailServer.of(MAIL["smtp_url"]) == MailServer(
        "mail.example.com", 465, "tls", "cutroom", "p@ss"
    )
    assert Settings.read(**MAIL).mail_from == SENDER
    for changed, named in (
        ({"mail_from": ""}, "CUTROOM_MAIL_FROM"),
        ({"mail_from": "nobody"}, "CUTROOM_MAIL_FROM"),
        ({"mail_from": "a@b.example\nBcc: c@d.example"}, "CUTROOM_MAIL_FROM"),
        ({"public_url": ""}, "CUTROOM_PUBLIC_URL"),
        ({"smtp_url": "mail.example.com:25"}, "CUTROOM_SMTP_URL"),
        ({"smtp_url": "smtp+plain://user:word@mail.example.com"}, "CUTROOM_SMTP_URL"),
        ({"smtp_url": "smtps://mail.example.com:port"}, "CUTROOM_SMTP_URL"),
        ({"smtp_url": ""}, "CUTROOM_SMTP_URL"),
    ):
        with pytest.raises(BadSettings) as bad:
            Settings.read(**{**MAIL, **changed})
        assert bad.value.name == named, changed
        assert "p@ss" not in str(bad.value)
