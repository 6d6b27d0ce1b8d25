"""The sample film: the same pictures everywhere, and sound that fits them."""

import hashlib
import io
import itertools
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import kit
from cli.demo import painting, sounding, storyboard
from cli.demo.storyboard import HANDLE_FRAMES, HEIGHT, RATE, SCENES, WIDTH

FONTS = Path(kit.__file__).parent / "fonts"


@pytest.mark.rule("cli-D1")
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.subject)
def test_a_scene_is_painted_the_same_every_time(scene: storyboard.Scene) -> None:
    def digest() -> str:
        pictures = itertools.islice(painting.frames(scene, FONTS), 0, 40, 13)
        return hashlib.sha256(b"".join(pictures)).hexdigest()

    assert digest() == digest()


@pytest.mark.rule("cli-D1")
def test_pictures_have_the_storyboards_size_and_handles() -> None:
    short = replace(SCENES[0], frames=2)
    pictures = list(painting.frames(short, FONTS))
    assert len(pictures) == 2 + HANDLE_FRAMES
    assert {len(picture) for picture in pictures} == {WIDTH * HEIGHT * 4}


@pytest.mark.rule("cli-D2")
def test_ambience_lasts_as_long_as_its_pictures_and_is_quiet() -> None:
    sound = sounding.ambience(SCENES[0], seed=1)
    assert len(sound) * RATE == (SCENES[0].frames + HANDLE_FRAMES) * sounding.SAMPLE_RATE
    assert 0.01 < np.abs(sound).max() < 0.2
    assert (sound == sounding.ambience(SCENES[0], seed=1)).all()


@pytest.mark.rule("cli-D2")
def test_music_lasts_through_the_film_and_ends_in_silence() -> None:
    with wave.open(io.BytesIO(sounding.music())) as file:
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        seconds = file.getnframes() / file.getframerate()
    assert seconds >= sum(scene.frames for scene in SCENES) / RATE
    assert np.abs(frames).max() > 3_000
    assert np.abs(frames[-100:]).max() < 50


@pytest.mark.rule("cli-D2")
def test_narration_is_a_wav_shorter_than_its_scene() -> None:
    for scene in SCENES:
        with wave.open(io.BytesIO(sounding.narration(scene))) as file:
            assert 0.5 < file.getnframes() / file.getframerate() < scene.frames / RATE
