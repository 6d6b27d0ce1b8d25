"""Text of strangers."""

from typing import Final

UNSAYABLE: Final = str.maketrans(
    {"\0": "\ufffd", **{chr(code): "\ufffd" for code in range(0xD800, 0xE000)}}
)


def storable(text: str) -> str:
    """The text with U+FFFD for what Postgres refuses to keep: NUL, and halves of surrogate pairs."""
    return text.translate(UNSAYABLE)
