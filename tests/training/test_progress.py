from training.progress import Progress


def test_the_best_epoch_is_kept() -> None:
    progress = Progress(losses=[{"loss": 1.0}])
    was_best = []
    for epoch, value in enumerate([0.1, 0.7, 0.7, 0.2]):
        was_best.append(progress.is_best(value))
        progress.note(epoch, value)

    assert was_best == [True, True, False, False]
    assert (progress.best_epoch, progress.best_value) == (1, 0.7)
    assert (progress.next_epoch, progress.losses) == (4, [])


def test_patience_ends_after_so_many_epochs_without_a_better_one() -> None:
    progress = Progress(best_epoch=1)

    assert [progress.is_stuck(epoch, patience_epochs=2) for epoch in (2, 3, 4)] == [
        *(False, False, True)
    ]
    assert not Progress().is_stuck(99, patience_epochs=2)


def test_a_plateau_counts_from_the_best_epoch_and_again_from_the_reduction() -> None:
    progress = Progress(best_epoch=1)
    reductions = []
    for epoch in range(2, 7):
        progress.count_plateau(epoch, plateau_epochs=2)
        reductions.append(progress.reductions)

    assert reductions == [0, 1, 1, 2, 2]


def test_saved_values_come_back() -> None:
    saved = Progress(next_epoch=4, best_value=0.5, data_source={"train_coco": "a.json"})
    loaded = Progress()
    loaded.load_state_dict(saved.state_dict())

    assert loaded == saved
