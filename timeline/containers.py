"""The kinds of file that an export can be, as data: what each is called and what it can carry."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Container:
    """`extension` with its dot. `has_text`: a caption track and chapters stand in the file itself."""

    name: str
    extension: str
    media_type: str
    has_picture: bool = True
    has_sound: bool = True
    has_text: bool = False


CONTAINERS: Final[dict[str, Container]] = {
    container.name: container
    for container in (
        Container("mp4", ".mp4", "video/mp4", has_text=True),
        Container("mov", ".mov", "video/quicktime", has_text=True),
        Container("webm", ".webm", "video/webm"),
        Container("m4a", ".m4a", "audio/mp4", has_picture=False),
        Container("wav", ".wav", "audio/wav", has_picture=False),
        Container("gif", ".gif", "image/gif", has_sound=False),
        Container("png", ".png", "image/png", has_sound=False),
    )
}
