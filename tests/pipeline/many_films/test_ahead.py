import threading
from collections.abc import Iterator

import pytest

from pipeline.many_films.ahead import computed_ahead


def test_results_come_in_order_whichever_is_ready_first() -> None:
    second_is_done = threading.Event()

    def compute(item: int) -> int:
        if item == 0:
            assert second_is_done.wait(timeout=10)
        else:
            second_is_done.set()
        return item * item

    assert list(computed_ahead(range(5), compute, at_once=2)) == [(n, n * n) for n in range(5)]


def test_items_are_taken_in_the_callers_thread_while_others_are_computed() -> None:
    takers, next_is_taken = set(), threading.Event()

    def items() -> Iterator[int]:
        for item in range(2):
            takers.add(threading.get_ident())
            if item == 1:
                next_is_taken.set()
            yield item

    def compute(item: int) -> bool:
        return next_is_taken.wait(timeout=10)

    assert list(computed_ahead(items(), compute, at_once=1)) == [(0, True), (1, True)]
    assert takers == {threading.get_ident()}


def test_so_many_items_are_taken_ahead_and_no_more() -> None:
    taken: list[int] = []
    release = threading.Event()

    def items() -> Iterator[int]:
        for item in range(10):
            taken.append(item)
            if item == 2:
                release.set()
            yield item

    results = computed_ahead(items(), lambda item: release.wait(timeout=10), at_once=2)
    next(results)
    results.close()
    assert taken == [0, 1, 2]


def test_what_was_begun_comes_before_what_ends_the_items() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise KeyboardInterrupt

    results = computed_ahead(items(), str, at_once=2)
    assert [next(results), next(results)] == [(1, "1"), (2, "2")]
    with pytest.raises(KeyboardInterrupt):
        next(results)


@pytest.mark.parametrize("failing", [0, 3])
def test_an_error_in_computing_ends_it(failing: int) -> None:
    def compute(item: int) -> int:
        if item == failing:
            raise ValueError("no such film")
        return item

    finished = []
    with pytest.raises(ValueError, match="no such film"):
        finished.extend(item for item, _ in computed_ahead(range(9), compute, at_once=2))
