"""What an export costs in credits: plan + what is already paid for -> quote [export-X25].

Prices are thousandths of a credit per frame, by the size of the output. The server computes; a
client never sends an amount.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from timeline.plan import CopySegment, Plan

PRICE_VERSION: Final = 1
THOUSANDTHS: Final = 1000


@dataclass(frozen=True, slots=True)
class PriceTable:
    """`encoded` is (megapixels up to, thousandths per frame), ascending; above the last, per started multiple of it."""

    version: int = PRICE_VERSION
    encoded: tuple[tuple[float, int], ...] = ((1.0, 20), (2.1, 40), (3.7, 80), (8.9, 160))
    copied: int = 1

    def per_frame(self, width: int, height: int) -> int:
        """Thousandths of a credit for one encoded frame of that size."""
        megapixels = width * height / 1_000_000
        for up_to, price in self.encoded:
            if megapixels <= up_to:
                return price
        up_to, price = self.encoded[-1]
        return price * -int(-megapixels // up_to)


PRICES: Final = PriceTable()


@dataclass(frozen=True, slots=True)
class Quote:
    """An upper bound in whole credits, and why: frames of each sort."""

    credits: int
    frames_encoded: int
    frames_copied: int
    frames_reused: int
    price_version: int


def quote(plan: Plan, reusable: AbstractSet[str], prices: PriceTable = PRICES) -> Quote:
    """`reusable` are the keys that are in the cache **and** paid for by this wallet; they cost nothing."""
    copied = reused = encoded = 0
    for segment in plan.segments:
        if isinstance(segment, CopySegment):
            copied += segment.frames
        elif segment.key in reusable:
            reused += segment.frames
        else:
            encoded += segment.frames
    per_frame = prices.per_frame(plan.output.width, plan.output.height)
    total = encoded * per_frame + copied * prices.copied
    return Quote(max(1, -(-total // THOUSANDTHS)), encoded, copied, reused, prices.version)
