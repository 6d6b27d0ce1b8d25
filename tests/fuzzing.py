"""How hypothesis runs here: the same examples in each check, fresh ones at night, never by the clock."""

from hypothesis import HealthCheck, settings

# A busy machine is no defect: what is slow belongs in bench/, not in a test.
BY_THE_CLOCK = (HealthCheck.too_slow,)


def load_profile(*, nightly: bool) -> None:
    """In a check, examples follow from the test alone; at night they are new and a failure prints its seed."""
    settings.register_profile(
        "check", deadline=None, derandomize=True, suppress_health_check=BY_THE_CLOCK
    )
    settings.register_profile(
        "nightly", deadline=None, print_blob=True, suppress_health_check=BY_THE_CLOCK
    )
    settings.load_profile("nightly" if nightly else "check")
