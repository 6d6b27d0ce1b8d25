"""Everything that is odd in a document, all of its sequences included."""

from timeline.diagnostics import Findings
from timeline.gathered import gather
from timeline.media import AssetTable
from timeline.model import Document
from timeline.on_frames import on_frames
from timeline.resolve import SequenceViews, report_film, resolve
from timeline.resolved import Diagnostic


def validate(document: Document, assets: AssetTable) -> tuple[Diagnostic, ...]:
    """The diagnostics of the main sequence as a film at its own rate, and of the other sequences.

    Sorted by (id, code), at most one of each. `fatal` ones speak of the main sequence only.
    """
    findings = Findings()
    gathered = gather(document, findings)
    views = SequenceViews(gathered, assets, findings)
    for sequence in sorted(gathered.sequences):
        views.get(sequence)
    if gathered.main is None:
        findings.add("no_sequence", "")
        return findings.diagnostics()
    main = views.get(gathered.main)
    report_film(main, views.views, findings)
    film = on_frames(resolve(document, assets), main.fps_num, main.fps_den)
    findings.keep(film.resolved.diagnostics)
    return findings.diagnostics()
