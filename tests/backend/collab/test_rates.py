import pytest

from backend.collab.rates import Bucket, Rates, TooFast


@pytest.mark.rule("collab-H8")
def test_a_burst_passes_then_reading_pauses() -> None:
    bucket = Bucket(rate=40, burst=200)
    assert [bucket.spend(1, 0.0) for _ in range(200)] == [0.0] * 200
    assert bucket.spend(1, 0.0) == pytest.approx(1 / 40)
    assert bucket.spend(1, 0.05) == 0.0


@pytest.mark.rule("collab-H8")
def test_who_stays_too_fast_for_two_seconds_is_told_so() -> None:
    bucket = Bucket(rate=40, burst=200)
    sent_at: list[float] = []

    def send_too_fast() -> None:
        now = 0.0
        while len(sent_at) < 10_000:
            now += bucket.spend(1, now) / 2
            sent_at.append(now)

    with pytest.raises(TooFast):
        send_too_fast()
    assert 200 < len(sent_at) < 500
    assert sent_at[-1] <= 3


@pytest.mark.rule("collab-H8")
def test_who_keeps_to_the_pauses_is_never_closed() -> None:
    bucket = Bucket(rate=40, burst=200)
    now = 0.0
    for _ in range(150):
        now += bucket.spend(1, now)
    for _ in range(2000):
        now += 1 / 40
        bucket.spend(1, now)


@pytest.mark.rule("collab-H8")
def test_bytes_and_structs_have_buckets_of_their_own() -> None:
    rates = Rates()
    assert rates.spend(size=8 * 2**20, structs=1, now=0.0) == 0.0
    with pytest.raises(TooFast):
        rates.spend(size=2**20, structs=1, now=0.1)
    with pytest.raises(TooFast):
        Rates().spend(size=1, structs=30_000, now=0.0)
