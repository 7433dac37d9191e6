import pytest
import torch
from torch.utils.data import DataLoader

from training.pace import EpochTimer, as_duration


def test_waiting_for_data_is_told_from_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    # A second between looks at the clock: half the time passes while a batch is waited for.
    seconds = iter(range(1000))
    monkeypatch.setattr("time.perf_counter", lambda: float(next(seconds)))
    timer = EpochTimer(_start=float(next(seconds)))

    batches = list(timer.timed(DataLoader(torch.arange(6), batch_size=2)))  # type: ignore[arg-type]
    timer.images = 6

    assert len(batches) == 3
    assert timer.seconds_loading == 4
    assert timer.seconds == 9
    assert timer.loading_share == pytest.approx(4 / 10)
    assert timer.images_per_second == pytest.approx(6 / 11)


def test_a_duration_is_hours_minutes_and_seconds() -> None:
    assert as_duration(3723.4) == "1:02:03"
