import pytest
import torch
from torch import Tensor

from training.config import OptimisationConfig
from training.examples.example_order import DrawnExamples, ExampleOrder
from training.loop import training_loader


class Noise:
    """Examples that are their number and a random number."""

    def __len__(self) -> int:
        return 11

    def __getitem__(self, index: int) -> Tensor:
        return torch.stack([torch.tensor(float(index)), torch.rand(())])


def drawn(epoch: int, skip: int = 0, workers: int = 0) -> Tensor:
    settings = OptimisationConfig(batch_size=2, loader_workers=workers)
    loader = training_loader(Noise(), settings)
    loader.sampler.begin_epoch(epoch, skip)
    return torch.cat(list(loader))


def test_every_example_is_drawn_once_in_another_order_each_epoch() -> None:
    order = ExampleOrder(50, seed=3)
    epochs = []
    for epoch in range(2):
        order.begin_epoch(epoch)
        epochs.append([draw.example for draw in order])

    assert [sorted(epoch) for epoch in epochs] == [list(range(50))] * 2
    assert epochs[0] != epochs[1]
    assert epochs[0] != sorted(epochs[0])
    assert len(order) == 50


def test_loading_processes_change_no_random_number() -> None:
    assert torch.equal(drawn(4), drawn(4, workers=2))
    assert not torch.equal(drawn(4)[:, 1].sort().values, drawn(5)[:, 1].sort().values)


@pytest.mark.parametrize("workers", [0, 1])
def test_going_on_in_the_middle_draws_what_was_left(workers: int) -> None:
    assert torch.equal(drawn(1, skip=6, workers=workers), drawn(1)[6:])


def test_the_process_own_random_numbers_stay() -> None:
    torch.manual_seed(5)
    undisturbed = torch.rand(3)
    torch.manual_seed(5)
    order = ExampleOrder(11, seed=0)
    [DrawnExamples(Noise())[draw] for draw in order]

    assert torch.equal(torch.rand(3), undisturbed)


def test_positions_are_told_by_their_examples() -> None:
    order = ExampleOrder(9, seed=1)
    order.begin_epoch(2, skip=4)

    assert order.indices(4, 9) == [draw.example for draw in order]
