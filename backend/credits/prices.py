"""What credits cost, and who gets some for nothing; what an export costs is `timeline/quote.py`.

A number never changes under an old version: orders keep the version that they were made with.
"""

from dataclasses import dataclass
from typing import Final

PACKS_VERSION: Final = 1
CURRENCY: Final = "INR"
# Each account once: some thirty films of two minutes at 720p, to look around before paying.
WELCOME_CREDITS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Pack:
    """So many credits for so much money, in minor units (paise)."""

    id: str
    credits: int
    amount_minor: int


PACKS: Final[dict[str, Pack]] = {
    pack.id: pack
    for pack in (
        Pack("starter", 500, 49_900),
        Pack("studio", 2_500, 199_900),
        Pack("film", 12_000, 799_900),
    )
}
