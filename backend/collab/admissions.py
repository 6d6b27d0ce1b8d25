"""Who is let in, asked for together: what comes while one question is out shares the next."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from backend.collab.access import AccessDenied, RoomAccess
from backend.collab.handshake import Handshake
from backend.collab.socket import Admission
from kit.background import Background

ASKED_AT_ONCE_MAX: Final = 300  # names in one query; databases take about a thousand


@dataclass(frozen=True, slots=True)
class _Question:
    handshake: Handshake
    answer: "asyncio.Future[Admission]"


class Admissions:
    def __init__(self, access: RoomAccess, background: Background) -> None:
        self._access = access
        self._background = background
        self._waiting: list[_Question] = []
        self._is_asking = False

    async def admit(self, handshake: Handshake) -> Admission:
        """Who this is, as of now; raises AccessDenied, DatabaseAway."""
        answer: asyncio.Future[Admission] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Question(handshake, answer))
        if not self._is_asking:
            self._is_asking = True
            self._background.start("collab.admit", self._ask_all())
        return await answer

    async def _ask_all(self) -> None:
        try:
            while self._waiting:
                questions = self._waiting[:ASKED_AT_ONCE_MAX]
                del self._waiting[:ASKED_AT_ONCE_MAX]
                await self._ask(questions)
        finally:
            self._is_asking = False

    async def _ask(self, questions: Sequence[_Question]) -> None:
        try:
            answers = await self._access.admit_all([one.handshake for one in questions])
        except Exception as error:  # noqa: BLE001 - whoever asked is told, whatever it is
            answers = [error] * len(questions)
        for question, answer in zip(questions, answers, strict=True):
            if question.answer.done():
                continue
            if isinstance(answer, AccessDenied | Exception):
                question.answer.set_exception(answer)
            else:
                question.answer.set_result(answer)
