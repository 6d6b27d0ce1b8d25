"""What a registry or `/metrics` shows, as values by series."""

from kit.metrics import Metrics


def numbers(told: Metrics | str) -> dict[str, float]:
    """`name{label="value"}` -> its value."""
    text = told if isinstance(told, str) else told.text().decode()
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}
