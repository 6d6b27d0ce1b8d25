"""Facts of media for commands that render nothing."""

from cli.errors import CommandFailed
from cli.local_export import LocalRoom
from cli.timeline_source import TimelineSource
from exporter.errors import ToolFailed
from exporter.headers import headers_of
from exporter.originals import find_known
from timeline.media import MediaFacts


def seen(room: LocalRoom, source: TimelineSource) -> dict[str, MediaFacts]:
    """Facts for a plan that renders nothing: of media never ingested, what its headers say.

    Without a rendition nothing of it can be copied, so it is planned as encoded.
    """
    media: dict[str, MediaFacts] = {}
    for asset, path in source.files.items():
        known = find_known(room.store, path)
        if known is None:
            try:
                known = headers_of(path, source.names[asset], room.shop.ffmpeg.prober)
            except ToolFailed as failed:
                raise CommandFailed(str(failed), str(path)) from failed
        media[asset] = known
    return media
