"""Passwords: argon2id at the library's defaults, at most four at once [auth-A2]."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

LENGTH_MIN: Final = 10
LENGTH_MAX: Final = 256
HASHES_AT_ONCE_MAX: Final = 4  # 64 MiB each

# The ten-character-and-longer ones that head every published list of leaked passwords.
COMMON: Final = frozenset(
    (
        *("1234567890", "12345678910", "0123456789", "9876543210", "0987654321", "1111111111"),
        *("qwertyuiop", "1q2w3e4r5t", "1q2w3e4r5t6y", "qwerty12345", "qwerty123456"),
        *("password12", "password123", "password1234", "passwordpassword", "iloveyou123"),
        *("administrator", "letmein1234", "welcome1234", "welcome123", "abcdefghij"),
        *("abc1234567", "asdfghjkl1", "asdfghjkl;", "zxcvbnm123", "changeme123"),
        "correcthorsebatterystaple",
    )
)


class PasswordChecker:
    """Hashes and compares in threads; an unknown person takes as long as a known one."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(HASHES_AT_ONCE_MAX)
        self._nobody: str | None = None

    async def hashed(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one; None stands for a person who is not there."""
        if self._nobody is None:
            self._nobody = await self.hashed("nobody has this one")
        async with self._turns:
            right = await asyncio.to_thread(self._verified, stored or self._nobody, password)
        return right and stored is not None

    def is_outdated(self, stored: str) -> bool:
        return self._hasher.check_needs_rehash(stored)

    def _verified(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (Argon2Error, InvalidHashError):
            return False
