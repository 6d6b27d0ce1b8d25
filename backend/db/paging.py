"""Lists page by an opaque cursor: the sort keys of the last row that was shown."""

import base64
import binascii
import json
from typing import Annotated, Final, TypeAlias, cast

from fastapi import Query

PAGE_MAX: Final = 200
PAGE_DEFAULT: Final = 50
CURSOR_LENGTH_MAX: Final = 512


class BadCursor(Exception):
    """A cursor that is none of ours."""


Limit: TypeAlias = Annotated[int, Query(ge=1, le=PAGE_MAX)]
Cursor: TypeAlias = Annotated[str | None, Query(max_length=CURSOR_LENGTH_MAX)]


def cursor_text(*keys: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).rstrip(b"=").decode()


def cursor_keys(cursor: str, count: int) -> list[str]:
    """The sort keys in a cursor; raises BadCursor."""
    try:
        keys = cast(
            "list[object]",
            json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))),
        )
    except (ValueError, binascii.Error) as error:
        raise BadCursor from error
    if not isinstance(keys, list) or len(keys) != count:  # pyright: ignore[reportUnnecessaryIsInstance] - it came from outside
        raise BadCursor
    return [str(key) for key in keys]
