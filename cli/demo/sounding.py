"""Sound of the sample film: speech where espeak-ng is present, else a spoken-like tone; music; room.

Everything is arithmetic on seeded noise and sines, so it needs no file and no network.
"""

import io
import shutil
import subprocess
import wave
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cli.demo.storyboard import HANDLE_FRAMES, MUSIC_SECONDS, RATE, Scene

Samples = NDArray[np.float64]
SAMPLE_RATE: Final = 48_000
SPEECH_SECONDS_MAX: Final = 30
# Am F C G in equal temperament, as semitones from A3; two seconds and a half each
CHORDS: Final = ((0, 3, 7, 12), (-4, 0, 3, 8), (-9, -5, -2, 3), (-2, 2, 5, 10))
CHORD_SECONDS: Final = 2.5
MELODY: Final = (12, 15, 19, 15, 12, 8, 12, 15, 15, 19, 22, 19, 17, 14, 10, 14)


def narration(scene: Scene) -> bytes:
    """A mono WAV that says the scene's sentence."""
    voice = shutil.which("espeak-ng")
    if voice is not None:
        spoken = subprocess.run(
            [voice, "-v", "en-gb", "-s", "150", "-p", "42", "--stdout", scene.narration],
            capture_output=True,
            timeout=SPEECH_SECONDS_MAX,
            check=False,
        )
        if spoken.returncode == 0 and spoken.stdout.startswith(b"RIFF"):
            return _measured(spoken.stdout)
    return _wav(_hummed(scene.narration)[:, None])


def ambience(scene: Scene, seed: int) -> Samples:
    """The scene's own room: wind and far traffic, as long as its pictures; shape (samples, 2)."""
    count = (scene.frames + HANDLE_FRAMES) * SAMPLE_RATE // RATE
    chance = np.random.default_rng(seed)
    noise = chance.standard_normal((count, 2))
    spectrum = np.fft.rfft(noise, axis=0)
    pitch = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)[:, None]
    spectrum *= 1 / np.maximum(pitch, 40) ** 1.1 * (pitch < 2_500)
    room = np.fft.irfft(spectrum, count, axis=0)
    swell = 0.75 + 0.25 * np.sin(np.linspace(0, 2.2 * np.pi, count))[:, None]
    edge = np.minimum(1, np.arange(count) / 4_800) * np.minimum(1, np.arange(count)[::-1] / 4_800)
    return room / np.abs(room).max() * 0.12 * swell * edge[:, None]


def music() -> bytes:
    """A stereo WAV of soft chords and a plucked line, MUSIC_SECONDS long."""
    count = MUSIC_SECONDS * SAMPLE_RATE
    mix = np.zeros((count, 2))
    chords = int(np.ceil(MUSIC_SECONDS / CHORD_SECONDS))
    for index in range(chords):
        for voice, note in enumerate(CHORDS[index % 4]):
            pad = _pad(_pitch(note), CHORD_SECONDS * 1.5)
            _add(mix, pad * 0.055, index * CHORD_SECONDS, pan=(voice - 1.5) / 2.4)
        _add(
            mix,
            _pad(_pitch(CHORDS[index % 4][0] - 12), CHORD_SECONDS * 1.3) * 0.10,
            index * CHORD_SECONDS,
            pan=0,
        )
    for index in range(chords * 4 - 8):
        note = MELODY[index % len(MELODY)]
        if index % 8 != 7:
            _add(
                mix,
                _pluck(_pitch(note)) * 0.12,
                5.0 + index * CHORD_SECONDS / 4,
                pan=0.3 * (-1) ** index,
            )
    fade = int(3.5 * SAMPLE_RATE)
    mix[-fade:] *= np.linspace(1, 0, fade)[:, None] ** 2
    return _wav(mix / max(1.0, np.abs(mix).max() / 0.8))


def _measured(streamed: bytes) -> bytes:
    """The same WAV with true lengths: a voice that writes to a pipe cannot know them beforehand."""
    whole = io.BytesIO()
    with wave.open(io.BytesIO(streamed)) as voice, wave.open(whole, "wb") as file:
        file.setparams(voice.getparams()._replace(nframes=0))
        file.writeframes(voice.readframes(len(streamed)))
    return whole.getvalue()


def wav(samples: Samples) -> bytes:
    """16-bit PCM at SAMPLE_RATE of (samples, channels) in -1..1."""
    return _wav(samples)


def _wav(samples: Samples) -> bytes:
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32_767).round().astype("<i2").tobytes())
    return whole.getvalue()


def _hummed(sentence: str) -> Samples:
    """One soft syllable a vowel group, at the pitch of a calm voice falling towards the end."""
    words = sentence.split()
    parts: list[Samples] = []
    for number, word in enumerate(words):
        syllables = max(1, sum(letter in "aeiouy" for letter in word.lower()))
        for syllable in range(syllables):
            pitch = 150 - 28 * number / len(words) + 14 * ((syllable + len(word)) % 3)
            parts.append(_syllable(pitch, 0.15))
        parts.append(np.zeros(int((0.24 if word[-1] in ",.:" else 0.05) * SAMPLE_RATE)))
    return np.concatenate(parts)


def _syllable(pitch: float, seconds: float) -> Samples:
    at = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    voice = sum(np.sin(2 * np.pi * pitch * order * at) / order**1.6 for order in range(1, 9))
    return np.asarray(voice) * 0.18 * np.sin(np.pi * at / seconds) ** 0.7


def _pad(pitch: float, seconds: float) -> Samples:
    at = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tone = sum(
        np.sin(2 * np.pi * pitch * detune * order * at) / order**2
        for order in (1, 2, 3)
        for detune in (0.997, 1.003)
    )
    return np.asarray(tone) * np.sin(np.pi * np.minimum(1, at / seconds)) ** 0.8


def _pluck(pitch: float) -> Samples:
    at = np.arange(int(1.4 * SAMPLE_RATE)) / SAMPLE_RATE
    tone = sum(
        np.sin(2 * np.pi * pitch * order * at) / order**1.5 * np.exp(-at * (2.6 + order))
        for order in (1, 2, 3, 4)
    )
    return np.asarray(tone) * np.minimum(1, at / 0.004)


def _pitch(semitones: int) -> float:
    return 220.0 * 2 ** (semitones / 12)


def _add(mix: Samples, voice: Samples, at_seconds: float, *, pan: float) -> None:
    start = round(at_seconds * SAMPLE_RATE)
    voice = voice[: max(0, len(mix) - start)]
    mix[start : start + len(voice), 0] += voice * min(1.0, 1 - pan)
    mix[start : start + len(voice), 1] += voice * min(1.0, 1 + pan)
