"""A table before it is HTML or Markdown."""

from dataclasses import dataclass

from evaluation.bootstrap import Estimate

Cell = Estimate | str


@dataclass(frozen=True, kw_only=True)
class ReportTable:
    """Rows of cells under columns; the first column names the rows."""

    caption: str
    columns: list[str]
    rows: list[tuple[str, list[Cell]]]
