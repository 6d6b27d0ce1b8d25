"""Links that people get by mail: an invitation, a new password. Begun after the transaction that made the key."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.auth.account import RESET_AGE_MAX, new_reset_key
from backend.auth.caller import Caller
from backend.auth.mails import invite_mail, language_of, reset_mail
from backend.auth.service import INVITE_AGE_MAX
from backend.auth.tables import PreferencesRow, UserRow
from backend.db.session import Database
from kit.mailer import Mailer


def find_mailer(request: Request) -> Mailer | None:
    return request.app.state.mailer


OptionalMailerDep = Annotated[Mailer | None, Depends(find_mailer)]


def mail_invite(mailer: Mailer, caller: Caller, *, to: str, url: str, language: str) -> None:
    """In the language of who invites: of the other nothing is known yet."""
    seconds = INVITE_AGE_MAX.total_seconds()
    mailer.send(
        invite_mail(to=to, inviter=caller.email, url=url, language=language, seconds=seconds)
    )


async def mail_reset(
    database: Database, mailer: Mailer, email: str, *, address: str, accepted: str, now: datetime
) -> None:
    """A link for a new password, where somebody has this email. Who asked hears nothing of it [auth-A17]."""

    def made() -> tuple[str | None, str]:
        with database.write_in_thread() as session:
            return new_reset_key(session, email, now=now), _language(session, email, accepted)

    key, language = await asyncio.to_thread(made)
    if key is not None:
        url = f"{address}/reset#{key}"
        seconds = RESET_AGE_MAX.total_seconds()
        mailer.send(reset_mail(to=email, url=url, language=language, seconds=seconds))


def _language(session: Session, email: str, accepted: str) -> str:
    chosen = session.scalar(
        select(PreferencesRow.body)
        .join(UserRow, UserRow.id == PreferencesRow.user_id)
        .where(UserRow.email == email)
    )
    return language_of((chosen or {}).get("language"), accepted)
