"""`./dev bench export`: first exports and exports after an edit, beside one ffmpeg command, melt, MoviePy, smartcut.

Films and peers are those of `docs/design`'s benchmark: T30 is thirty shots with dissolves, titles, an inset
and ducked music; C30 the same shots with cuts only; `--quick` takes T10 and C10,
`--film` one film of them. Same ffmpeg binary and
encoder settings for all; rounds run in turn, of each row the round with the least CPU time is kept, and every
ratio is to the ffmpeg command of the same run. Media is ingested before, and measured apart. Figures are
kept after each row, so that a run that is cut short was not for nothing.
"""
