from pathlib import Path

from training.log import TrainingLog


def test_rows_are_appended_and_columns_may_grow(tmp_path: Path) -> None:
    log = TrainingLog(tmp_path, first_epoch=0)
    log.write(0, {"loss": 2.0})
    log.write(1, {"loss": 1.0, "val/ap50": 0.5})
    log.close()

    assert (tmp_path / "log.csv").read_text() == "epoch,loss,val/ap50\n0,2,\n1,1,0.5\n"
    assert list((tmp_path / "tensorboard").iterdir())


def test_resuming_drops_the_epochs_that_run_again(tmp_path: Path) -> None:
    first = TrainingLog(tmp_path, first_epoch=0)
    for epoch in range(3):
        first.write(epoch, {"loss": float(epoch)})
    first.close()

    second = TrainingLog(tmp_path, first_epoch=2)
    second.write(2, {"loss": 9.0})
    second.close()

    assert (tmp_path / "log.csv").read_text() == "epoch,loss\n0,0\n1,1\n2,9\n"
