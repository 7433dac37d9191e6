import re
from pathlib import Path

import numpy as np
from made_rows import make_dataset, make_results

from evaluation.figure_keys import LABEL_KEYS, range_key, rate_key
from evaluation.method_figures import HEADLINES, match_method, measure, read_truth
from evaluation.rows import results_by_view
from formats.coco import write_coco

SNAKE_CASE = re.compile(r"[a-z][a-z0-9_]*")


def test_keys_are_written_as_identifiers() -> None:
    assert rate_key(0.125) == "at_0_125_fp"
    assert rate_key(2.0) == "at_2_fp"
    assert range_key(0.1, 0.2) == "from_0_1_to_0_2"
    assert LABEL_KEYS == ("normal", "benign", "cancer")


def test_every_figure_of_a_method_is_keyed_by_identifiers(tmp_path: Path) -> None:
    dataset = make_dataset([("A_1", "LEFT", "Cancer"), ("A_2", "LEFT", "Normal")])
    write_coco(dataset, tmp_path / "test.json")
    results = make_results(dataset, "m", 0)
    truth = read_truth(tmp_path / "test.json")
    said = results_by_view(Path("m.json"), results.images, truth.views)
    method = match_method("m", results, said, truth)
    numbers = measure(method, np.ones((1, 2)))

    parts = {part for key in numbers for part in key} | set(HEADLINES)
    assert [part for part in parts if not SNAKE_CASE.fullmatch(part)] == []
