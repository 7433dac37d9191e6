"""The notebook of docs/ runs from its first cell to its last."""

import ast
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

NOTEBOOK = Path(__file__).parents[1] / "docs" / "python.ipynb"


def run_cell(source: str, names: dict[str, Any]) -> Any:
    """Run a cell in its notebook's names, and return what a notebook would show."""
    *statements, last = ast.parse(source).body
    exec(compile(ast.Module(statements, []), "cell", "exec"), names)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    exec(compile(ast.Module([last], []), "cell", "exec"), names)
    return None


def test_every_cell_runs_and_shows_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(NOTEBOOK.parent)
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {}

    shown = [
        run_cell("".join(cell["source"]), names) for cell in cells if cell["cell_type"] == "code"
    ]

    assert "data:image/jpeg" in shown[0]._repr_html_()
    assert isinstance(shown[1], pd.DataFrame)
    assert len(shown[1]) == len(shown[0].detections) == len(names["records"]) == 4
    assert shown[2].keys() == {"image_id", "category_id", "bbox", "score"}
    assert shown[3][0] <= shown[3][1]


def test_no_cell_was_saved_with_outputs_of_somebodys_machine() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]

    assert not [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]
