"""`python -m cli.demo ADDRESS FFMPEG`: land the sample film; the token comes on standard input.

`cutroom up` starts it beside itself at low priority, so painting never delays anybody's edit.
"""

import os
import sys
from pathlib import Path
from typing import Final

import httpx

import kit
from cli.demo.landing import land_sample
from cli.errors import CommandFailed

NICENESS: Final = 10
TIMEOUT_SECONDS: Final = 120
FONTS: Final = Path(kit.__file__).parent / "fonts"


def main() -> int:
    address, ffmpeg = sys.argv[1:3]
    token = sys.stdin.readline().strip()
    os.nice(NICENESS)
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=address, headers=headers, timeout=TIMEOUT_SECONDS) as client:
        try:
            land_sample(client, ffmpeg=ffmpeg, fonts=FONTS)
        except CommandFailed as failure:
            print(f"cutroom: {failure}", file=sys.stderr)
            return failure.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
