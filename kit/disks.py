"""What this machine says of a disk that takes no more."""

import errno
from typing import Final

FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def is_full(error: OSError) -> bool:
    """Whether there was no room, on the disk or in the user's share of it."""
    return error.errno in FULL
