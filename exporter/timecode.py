"""Embedded timecode labels, as ticks."""

import re
from typing import Final

from timeline.timing import Rate, tick

LABEL: Final = re.compile(r"(\d{2}):(\d{2}):(\d{2})([:;.,])(\d{2,3})")


def ticks_of_timecode(label: str, rate: Rate) -> int:
    """The tick that a label such as `01:00:00;00` stands for; 0 where it is none (SMPTE ST 12-1)."""
    found = LABEL.fullmatch(label.strip())
    if found is None:
        return 0
    hours, minutes, seconds, frames = (int(found[group]) for group in (1, 2, 3, 5))
    nominal = -(-rate.num // rate.den)
    number = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames
    if found[4] != ":" and rate.den == 1001 and nominal % 30 == 0:
        minutes_in_all = hours * 60 + minutes
        number -= nominal // 15 * (minutes_in_all - minutes_in_all // 10)
    return tick(number, rate)
