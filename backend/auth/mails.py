"""The mails that people get: what they say, in the languages of the editor. Nothing in them was typed by others.

An invitation is told by the address of who invites and not by a name, which may hold any advertisement [auth-A17].
"""

import html
from dataclasses import dataclass
from typing import Final

from kit.mailer import Mail


@dataclass(frozen=True, slots=True)
class Words:
    """`{who}` stands for an address, or for `somebody`."""

    somebody: str
    invite_subject: str
    invite: str
    invite_link: str
    invite_end: str
    reset_subject: str
    reset: str
    reset_link: str
    reset_end: str


WORDS: Final = {
    "en": Words(
        somebody="Somebody",
        invite_subject="An invitation to Cutroom",
        invite="{who} invites you to cut films together in Cutroom.",
        invite_link="Accept the invitation",
        invite_end="The link works once, within 7 days. If you did not expect it, ignore this mail.",
        reset_subject="A new password for Cutroom",
        reset="Somebody, probably you, asked for a new password for your account in Cutroom.",
        reset_link="Choose a new password",
        reset_end="The link works once, within 15 minutes. If it was not you, ignore this mail: nothing changes.",
    ),
    "de": Words(
        somebody="Jemand",
        invite_subject="Eine Einladung zu Cutroom",
        invite="{who} lädt dich ein, in Cutroom zusammen Filme zu schneiden.",
        invite_link="Einladung annehmen",
        invite_end="Der Link gilt einmal, 7 Tage lang. Hast du sie nicht erwartet, beachte diese Mail nicht.",
        reset_subject="Ein neues Passwort für Cutroom",
        reset="Jemand, vermutlich du, hat ein neues Passwort für dein Konto in Cutroom angefordert.",
        reset_link="Neues Passwort wählen",
        reset_end="Der Link gilt einmal, 15 Minuten lang. Warst du es nicht, ändert sich nichts.",
    ),
}
LANGUAGE_DEFAULT: Final = "en"


def language_of(chosen: object, accepted: str) -> str:
    """What the person chose in the editor, else the first we have of what their browser asks for."""
    wanted = [chosen] if isinstance(chosen, str) else []
    wanted += [part.partition(";")[0].strip() for part in accepted.split(",")]
    known = (word.partition("-")[0].lower() for word in wanted)
    return next((word for word in known if word in WORDS), LANGUAGE_DEFAULT)


def invite_mail(*, to: str, inviter: str | None, url: str, language: str, seconds: float) -> Mail:
    words = WORDS[language]
    told = words.invite.format(who=inviter or words.somebody)
    text, page = _bodies(language, told, words.invite_link, url, words.invite_end)
    return Mail("invite", to, words.invite_subject, text, page, seconds)


def reset_mail(*, to: str, url: str, language: str, seconds: float) -> Mail:
    words = WORDS[language]
    text, page = _bodies(language, words.reset, words.reset_link, url, words.reset_end)
    return Mail("password_reset", to, words.reset_subject, text, page, seconds)


def _bodies(language: str, told: str, link: str, url: str, end: str) -> tuple[str, str]:
    """The same as plain text and as HTML; the address is told in both, so that people see where it leads."""
    text = f"{told}\n\n{link}:\n{url}\n\n{end}\n"
    told, link, address, end = (html.escape(part) for part in (told, link, url, end))
    page = (
        f'<!doctype html><html lang="{language}"><body style="font-family:sans-serif;line-height:1.5">'
        f'<p>{told}</p><p><a href="{address}">{link}</a><br>{address}</p>'
        f'<p style="color:#555">{end}</p></body></html>\n'
    )
    return text, page
