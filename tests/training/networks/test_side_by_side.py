import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest
import torch

from training.networks import side_by_side
from training.networks.side_by_side import begin


def test_calls_run_on_one_core_each_and_leave_the_caller_its_own() -> None:
    before = torch.get_num_threads()
    begun = [begin(torch.get_num_threads) for _ in range(4)]

    assert [call.result() for call in begun] == [1] * 4
    assert torch.get_num_threads() == before


def test_a_call_runs_in_another_thread() -> None:
    assert begin(threading.get_ident).result() != threading.get_ident()


def test_an_error_is_raised_where_it_is_waited_for() -> None:
    call = begin(lambda: torch.zeros(2) @ torch.zeros(3))
    with pytest.raises(RuntimeError):
        call.result()


def test_threads_that_come_first_together_share_one_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    built = []
    slow = threading.Event()

    def build() -> object:
        if not built:
            built.append(ThreadPoolExecutor(1))
            slow.wait(0.2)
        return built[0]

    made = cache(lambda: [build(), built.append(None)][0])
    monkeypatch.setattr(side_by_side, "_pool", made)
    with ThreadPoolExecutor(4) as callers:
        begun = list(callers.map(lambda _: begin(int), range(4)))

    assert [call.result() for call in begun] == [0] * 4
    # One pool, built once.
    assert len(built) == 2
