"""What an export costs in credits: plan + what is already paid for -> quote [export-X25].

Prices are thousandths of a credit per frame, by the size of the output. The server computes; a
client never sends an amount.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from timeline.jobs import ExportReport
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
PRICE_TABLES: Final[Mapping[int, PriceTable]] = {PRICES.version: PRICES}
"""Every table there ever was: a quote is honoured with the prices that it was made with."""


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
    size = (plan.output.width, plan.output.height)
    return Quote(_total(encoded, copied, size, prices), encoded, copied, reused, prices.version)


def price_of_film(
    report: ExportReport, paid: AbstractSet[str], prices: PriceTable = PRICES
) -> int | None:
    """What a film costs now that it is made; `paid` are the keys that this wallet has paid for.

    A segment from the cache that it never paid for is priced as new work: else a film cancelled at
    its end would be free the second time, and the price would tell what others rendered. None for a
    report that does not say what each frame was made of.
    """
    copied = encoded = reused = 0
    for segment in report.made:
        if segment.kind == "copied":
            copied += segment.frames
        elif segment.kind == "reused" and segment.key in paid:
            reused += segment.frames
        else:
            encoded += segment.frames
    if encoded + copied + reused != report.frames or min(report.size) < 1:
        return None
    return _total(encoded, copied, report.size, prices)


def _total(encoded: int, copied: int, size: tuple[int, int], prices: PriceTable) -> int:
    """Whole credits, rounded up, at least one."""
    thousandths = encoded * prices.per_frame(*size) + copied * prices.copied
    return max(1, -(-thousandths // THOUSANDTHS))
