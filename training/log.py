"""The training log: one row an epoch, as CSV for people and as TensorBoard scalars."""

import csv
import io
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from formats.whole_file import write_whole


class TrainingLog:
    """Appends epochs to `log.csv` and to TensorBoard files in a run's folder.

    On resuming, rows of epochs that are run again are dropped first.
    """

    def __init__(self, run_dir: Path, first_epoch: int) -> None:
        self._path = run_dir / "log.csv"
        self._rows = [row for row in _read_rows(self._path) if int(row["epoch"]) < first_epoch]
        self._tensorboard = SummaryWriter(run_dir / "tensorboard", purge_step=first_epoch)

    def write(self, epoch: int, values: dict[str, float]) -> None:
        """Append one epoch's figures."""
        self._rows.append({"epoch": str(epoch), **{k: f"{v:.6g}" for k, v in values.items()}})
        columns = list(dict.fromkeys(name for row in self._rows for name in row))
        table = io.StringIO()
        writer = csv.DictWriter(table, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._rows)
        write_whole(table.getvalue().encode(), self._path)
        for name, value in values.items():
            self._tensorboard.add_scalar(name, value, epoch)
        self._tensorboard.flush()

    def close(self) -> None:
        """Close the TensorBoard file."""
        self._tensorboard.close()


def _read_rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
