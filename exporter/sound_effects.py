"""Effects on one stream of sound as ffmpeg filter chains: numbers only, each filter keeps time to the sample."""

from collections.abc import Sequence

from timeline.sound_plan import SoundEffect


def effect_chain(effects: Sequence[SoundEffect], sample_rate: int) -> str:
    """The filters of at least one effect, in order."""
    return ",".join(part for effect in effects for part in _parts(effect, sample_rate)) or "anull"


def _parts(effect: SoundEffect, sample_rate: int) -> list[str]:
    match effect.kind:
        case "eq":
            highest = sample_rate / 2 - 1
            return [
                f"equalizer=f={min(hz, highest)}:t=q:w={q}:g={gain_db}"
                for hz, gain_db, q in effect.rows
            ]
        case "compressor":
            threshold_db, ratio, attack_ms, release_ms, makeup_db = effect.rows[0]
            threshold = min(1.0, max(0.000976563, _factor(threshold_db)))
            makeup = min(64.0, max(1.0, _factor(makeup_db)))
            times = f"attack={min(2000.0, max(0.01, attack_ms))}:release={min(9000.0, max(0.01, release_ms))}"
            return [
                f"acompressor=threshold={threshold}:ratio={min(20.0, max(1.0, ratio))}:{times}:makeup={makeup}"
            ]
        case "limiter":
            return [limiter(_factor(effect.rows[0][0]), sample_rate)]


def _factor(decibels: float) -> float:
    return round(10 ** (decibels / 20), 9)


def limiter(ceiling: float, sample_rate: int) -> str:
    """True peaks: four times oversampled, gains come 5 ms ahead and the delay is taken back."""
    limit = f"alimiter=limit={min(1.0, max(0.0625, ceiling))}:attack=5:release=50:level=0:latency=1"
    return f"aresample={4 * sample_rate},{limit},aresample={sample_rate}"
