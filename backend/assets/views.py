"""An asset as the API tells it: facts, state, where its renditions are."""

from dataclasses import replace
from typing import Final

from backend.assets.tables import AssetRow
from backend.db.metadata import iso
from timeline.media import MediaFacts
from timeline.media_json import media_from_json
from timeline.model import Json

API: Final = "/api/v1/assets"


def media_of(row: AssetRow) -> MediaFacts | None:
    """What exports need of a ready asset; None while it is not."""
    if row.media is None:
        return None
    return replace(media_from_json(row.media), original=row.original_key)


def asset_json(row: AssetRow) -> dict[str, Json]:
    """`progress`, 0 to 1, is that of what is being made: first what exports need, then what the editor shows."""
    media = media_of(row)
    views = row.views or {}
    ready = {"content": True, "proxy": bool(views.get("proxy")), "peaks": bool(views.get("peaks"))}
    ready["thumbnails"] = bool(views.get("thumbnails"))
    urls: dict[str, Json] = {
        name: f"{API}/{row.id}/{name}" if there else None for name, there in ready.items()
    }
    diagnostics: list[Json] = [
        {"code": item.code, "detail": item.detail} for item in (media.diagnostics if media else ())
    ]
    is_settled = row.state == "failed" or (row.state == "ready" and row.views_state != "pending")
    return {
        "id": row.id,
        "workspace": row.workspace_id,
        "project": row.project_id,
        "name": row.name,
        "kind": row.kind,
        "media_type": row.media_type,
        "size_bytes": row.size_bytes,
        "state": row.state,
        "progress": 1.0 if is_settled else round(row.progress, 3),
        "problem": row.problem,
        "facts": facts_view(media) if media else None,
        "proxy": row.views_state,
        "urls": urls,
        "diagnostics": diagnostics,
        "created_at": iso(row.created_at),
    }


def facts_view(media: MediaFacts) -> dict[str, Json]:
    """The facts in one flat object; the size is the picture's or the still's."""
    facts, seen = media.facts, media.picture or media.still
    return {
        "duration": facts.duration,
        "fps_num": facts.fps_num,
        "fps_den": facts.fps_den,
        "width": seen.width if seen else None,
        "height": seen.height if seen else None,
        "has_video": facts.has_video,
        "has_audio": facts.has_audio,
        "start_tc": facts.start_tc,
        "channels": media.sound.channels if media.sound else None,
        "sample_rate": media.sound.sample_rate if media.sound else None,
    }
