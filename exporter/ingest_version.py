"""Counted up when ingest makes other renditions or facts of the same original; older ones are made anew."""

from typing import Final

INGEST_VERSION: Final = 2
