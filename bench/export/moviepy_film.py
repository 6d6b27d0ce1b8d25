"""`python moviepy_film.py FILM.json OUT.mp4`, run in the peers' own environment: a film by MoviePy 2."""

import json
import sys
from pathlib import Path

from moviepy import (
    AudioFileClip,
    CompositeAudioClip,
    CompositeVideoClip,
    TextClip,
    VideoFileClip,
    afx,
    vfx,
)

film = json.loads(Path(sys.argv[1]).read_text())
width, height = film["size"]
layers = []
for shot in film["shots"]:
    clip = VideoFileClip(shot["path"]).subclipped(shot["first"], shot["end"])
    if shot["fade"]:
        clip = clip.with_effects([vfx.CrossFadeIn(shot["fade"]), afx.AudioFadeIn(shot["fade"])])
    layers.append(clip.with_start(shot["start"]))
if film["inset"]:
    inset = film["inset"]
    x, y, inset_width, inset_height = inset["box"]
    clip = VideoFileClip(inset["path"], audio=False).subclipped(inset["first"], inset["end"])
    clip = clip.resized((inset_width, inset_height)).with_position((x, y))
    layers.append(clip.with_start(inset["start"]))
for title in film["titles"]:
    text = TextClip(
        font=film["font"],
        text=title["text"],
        font_size=title["size"],
        color="white",
        stroke_color="black",
        stroke_width=title["outline"],
        margin=(20, 20),
        duration=title["duration"],
    )
    fades = [vfx.CrossFadeIn(title["fade"]), vfx.CrossFadeOut(title["fade"])]
    place = ("center", height * 3 // 4 - text.h // 2)
    layers.append(text.with_position(place).with_effects(fades).with_start(title["start"]))
whole = CompositeVideoClip(layers, size=(width, height)).with_duration(film["duration"])
if film["music"]:
    music = AudioFileClip(film["music"]["path"]).subclipped(0, film["duration"])
    music = music.with_effects([afx.MultiplyVolume(film["music"]["gain"])])
    whole = whole.with_audio(CompositeAudioClip([whole.audio, music]))
whole.write_videofile(
    sys.argv[2],
    fps=film["fps"],
    preset="veryfast",
    audio_codec="aac",
    audio_bitrate="192k",
    ffmpeg_params=["-crf", "20", "-g", "60"],
    logger=None,
)
