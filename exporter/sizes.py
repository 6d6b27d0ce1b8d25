"""How much room frames take, before they are there."""

from exporter.encoders import encoding_of
from timeline.plan import Output


def estimated_bytes(frames: int, output: Output) -> int:
    """A generous guess, by what a pixel takes in the codec; nothing where there are no pictures."""
    if output.video.codec == "none":
        return 0
    return int(frames * output.width * output.height * encoding_of(output).pixel_bits / 8)
