"""Presets as the API tells them: what each would make of a project."""

from timeline.model import Document, Json
from timeline.presets import Preset, output_of
from timeline.resolve import resolve
from timeline.resolved import SequenceView


def main_view(document: Document) -> SequenceView | None:
    """The sequence that is exported; None where the document has none."""
    resolved = resolve(document, {})
    return resolved.sequences.get(resolved.sequence)


def preset_json(preset: Preset, sequence: SequenceView | None) -> dict[str, Json]:
    container = preset.file
    output = output_of(preset, sequence) if sequence is not None else None
    return {
        "name": preset.name,
        "title": preset.label,
        "use": preset.use,
        "extension": container.extension,
        "media_type": container.media_type,
        "has_picture": container.has_picture,
        "has_sound": container.has_sound,
        "still": preset.still,
        "seconds_max": preset.seconds_max,
        "size": [*preset.size] if preset.size else None,
        "short_side": preset.short_side,
        "scale": preset.scale,
        "width": output.width if output else None,
        "height": output.height if output else None,
        "fps_num": output.fps_num if output else None,
        "fps_den": output.fps_den if output else None,
        "reshapes": _reshapes(preset, sequence),
    }


def _reshapes(preset: Preset, sequence: SequenceView | None) -> bool:
    """Whether the picture has another shape than the project, so that it must be fitted."""
    if preset.size is None or sequence is None:
        return False
    return preset.size[0] * sequence.height != preset.size[1] * sequence.width
