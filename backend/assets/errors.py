"""What can be wrong with media that comes in, or with a wish for its bytes."""

from typing import Final


class AssetError(Exception):
    """Root of what this room raises."""


class NotMedia(AssetError):
    """The first bytes are of nothing that we take; `code` as ingest names it."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code: Final = code


class TooLarge(AssetError):
    """More bytes than an upload may have."""


class NotThereYet(AssetError):
    """A rendition that is still being made, or that this asset has not."""


class UploadFault(AssetError):
    """A tus request that does not fit the upload; `status` as the protocol says."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status: Final = status


class BadRange(AssetError):
    """A Range that lies outside; `size_bytes` goes into Content-Range."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"the range lies outside of {size_bytes} bytes")
        self.size_bytes: Final = size_bytes
