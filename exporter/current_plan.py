"""The plan of a job by what is known of its media now: what was withdrawn since is made anew [export-X21]."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from exporter.errors import MediaUnusable
from exporter.film_plan import PlanningRoom, planned_film
from exporter.masters import Masters
from exporter.shop import Workshop
from exporter.withdrawn import withdrawn_originals
from timeline.jobs import AssetJob, ExportJob
from timeline.media import AssetFacts, MediaDiagnostic, MediaFacts
from timeline.media_json import media_from_json, media_json
from timeline.plan import Plan


def current_plan(
    shop: Workshop, job: ExportJob, cancelled: Callable[[], bool], scratch: Path
) -> Plan:
    """The film's plan, with a mezzanine in the place of each withdrawn original. ExportRefused, Cancelled."""
    withdrawn = withdrawn_originals(shop.store)
    assets = dict(job.assets)
    for asset, value in job.assets.items():
        media = media_from_json(value, f"assets/{asset}")
        picture = media.picture
        if picture is not None and picture.adopted and picture.hash in withdrawn:
            original = AssetJob(asset, picture.key, media.name)
            assets[asset] = media_json(_ingested_anew(shop, original, cancelled, scratch))
    masters = Masters(shop.ffmpeg, shop.store, scratch, cancelled)
    room = PlanningRoom(shop.store, shop.ffmpeg.build_id, cancelled, masters.make)
    return planned_film(replace(job, assets=assets), room)


def _ingested_anew(
    shop: Workshop, job: AssetJob, cancelled: Callable[[], bool], scratch: Path
) -> MediaFacts:
    from exporter.ingest import ingest  # noqa: PLC0415 - see the head of pipeline.py

    folder = Path(tempfile.mkdtemp(prefix="anew-", dir=scratch))
    try:
        return ingest(
            job,
            shop.store,
            folder,
            ffmpeg=shop.ffmpeg,
            cancelled=cancelled,
            on_progress=lambda _done, _total: None,
        )
    except MediaUnusable as unusable:
        reason = MediaDiagnostic(unusable.code, unusable.detail)
        nothing = AssetFacts(state="failed", duration=None, has_video=False)
        return MediaFacts(nothing, name=job.name, diagnostics=(reason,))
