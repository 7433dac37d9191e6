import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
from made_rows import make_dataset, make_results

from evaluation.comparison import compare
from formats.coco import CocoDataset, write_coco
from formats.notice import NOTICE
from formats.results import ImageResult, ModelFile, Results, write_results
from reports.evaluation.report import write_report

CASES = [
    (f"{s}_{n}", "LEFT", label)
    for s in "AB"
    for n, label in enumerate(["Normal", "Benign", "Cancer"])
]
VOID_TAGS = {"meta", "img", "br"}


def report_on(folder: Path, dataset: CocoDataset, *methods: Results) -> Path:
    write_coco(dataset, folder / "test.json")
    paths = []
    for results in methods:
        paths.append(folder / f"{results.method}.json")
        write_results(results, paths[-1])
    comparison = compare(folder / "test.json", paths, None, folder, resamples=20, seed=0)
    write_report(comparison, folder / "report")
    return folder / "report"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("report")
    dataset = make_dataset(CASES)
    for image in dataset.images:
        film = np.random.default_rng(image["id"]).integers(0, 255, (120, 100), dtype=np.uint8)
        cv2.imwrite(str(folder / image["file_name"]), film)
    named = make_results(dataset, "<b>two</b>", 0)
    return report_on(folder, dataset, named, make_results(dataset, "single", 1))


class Page(HTMLParser):
    """Checks that tags close in order, and collects what is loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID_TAGS:
            self.open.append(tag)
        self.loaded += [value or "" for name, value in attrs if name == "src"]
        assert tag not in {"script", "link"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_needs_nothing_else(report: Path) -> None:
    page = Page()
    text = (report / "report.html").read_text(encoding="utf-8")
    page.feed(text)

    assert page.open == []
    assert len(page.loaded) > 20
    assert all(address.startswith("data:image/") for address in page.loaded)
    assert NOTICE in text
    assert "data:image/jpeg" in text
    # A method's name is text, not markup.
    assert "<b>two</b>" not in text


def test_every_link_within_the_page_leads_to_a_part_of_it(report: Path) -> None:
    text = (report / "report.html").read_text(encoding="utf-8")
    links, ids = re.findall(r'href="#([^"]+)"', text), re.findall(r'id="([^"]+)"', text)

    assert set(ids) == set(links)
    assert len(ids) == len(set(ids))


def test_the_page_names_each_checkpoint_and_operating_point(tmp_path: Path) -> None:
    dataset = make_dataset(CASES)
    models = [ModelFile(name="best.safetensors", sha256="ab12" * 16)]
    write_coco(dataset, tmp_path / "test.json")
    named = replace(make_results(dataset, "m", 0), models=models, operating_point="sensitive")
    write_results(named, tmp_path / "m.json")
    write_report(
        compare(tmp_path / "test.json", [tmp_path / "m.json"], None, None, resamples=5, seed=0),
        tmp_path,
    )

    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "ab12" * 16 in text
    assert "labels called at the operating point <code>sensitive</code>" in text


def test_without_pictures_the_checklist_refers_to_none(report: Path, tmp_path: Path) -> None:
    dataset = make_dataset(CASES)
    write_coco(dataset, tmp_path / "test.json")
    write_results(make_results(dataset, "single", 0), tmp_path / "single.json")
    comparison = compare(
        tmp_path / "test.json", [tmp_path / "single.json"], None, None, resamples=5, seed=0
    )
    write_report(comparison, tmp_path / "report")
    without = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")

    assert '<a href="#errors">' in (report / "report.html").read_text(encoding="utf-8")
    assert '<a href="#errors">' not in without


def test_the_summary_has_whole_tables(report: Path) -> None:
    text = (report / "summary.md").read_text(encoding="utf-8")
    lines = text.splitlines()
    places = [place for place, line in enumerate(lines) if line.startswith("| ---")]

    assert NOTICE in text
    assert len(places) >= 3
    for place in places:
        columns = lines[place].count("|")
        assert lines[place - 1].count("|") == columns
        assert lines[place + 1].count("|") == columns


def test_the_json_holds_every_number_with_its_interval(report: Path) -> None:
    document = json.loads((report / "report.json").read_text(encoding="utf-8"))
    single = document["methods"]["single"]

    assert set(single["coco"]["tumour"]["ap50"]) == {"value", "low", "high"}
    assert single["froc"]["box_centre"]["per_breast"]["mass"]["at_0_5_fp"]["value"] is not None
    assert single["classification"]["patient"]["auc"]["cancer"]["value"] is not None
    assert np.sum(single["confusion_counts"]["view"]) == 12
    assert single["coco"]["tumour"]["ap_large"]["value"] is None
    (difference,) = document["differences"]
    assert (difference["method"], difference["minus"]) == ("<b>two</b>", "single")
    assert "low" in difference["figures"]["coco"]["tumour"]["ap50"]
    assert list(document["audit"]["within_site"]) == ["A", "B"]


def test_same_input_same_bytes(tmp_path: Path) -> None:
    dataset = make_dataset(CASES)
    for image in dataset.images:
        cv2.imwrite(
            str(tmp_path / image["file_name"]),
            np.tile(np.arange(90, 100, dtype=np.uint8), (120, 10)),
        )
    first, second = (
        {
            path.name: path.read_bytes()
            for path in report_on(tmp_path, dataset, make_results(dataset, "m", 0)).iterdir()
        }
        for _ in range(2)
    )

    assert set(first) == {"report.html", "summary.md", "report.json"}
    assert first == second


def test_no_truth_and_no_boxes_read_as_na_and_0(tmp_path: Path) -> None:
    lesions_only = make_dataset([("P_1", "LEFT", "Cancer"), ("P_2", "LEFT", "Cancer")])
    write_coco(lesions_only, tmp_path / "test.json")
    boxless = make_results(lesions_only, "single", 0)
    for image in boxless.images:
        image.detections.clear()
    write_results(boxless, tmp_path / "single.json")
    comparison = compare(
        tmp_path / "test.json", [tmp_path / "single.json"], None, None, resamples=5, seed=0
    )
    write_report(comparison, tmp_path / "report")
    document = json.loads((tmp_path / "report" / "report.json").read_text())
    text = (tmp_path / "report" / "report.html").read_text()

    assert document["methods"]["single"]["coco"]["tumour"]["ap"]["value"] == 0
    assert document["methods"]["single"]["coco"]["benign"]["ap"]["value"] is None
    assert "views with lesions only" in document["notes"][0]
    assert "lists no boxes" in document["notes"][1]
    assert "n/a: the patients' names tell no site" in text
    assert not re.search(r"-1\.0", text)


def test_what_pycocotools_cannot_hold_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluation.method_figures.MOST_DETECTIONS", 3)
    dataset = make_dataset(CASES)
    write_coco(dataset, tmp_path / "test.json")
    write_results(make_results(dataset, "single", 0), tmp_path / "single.json")
    comparison = compare(
        tmp_path / "test.json", [tmp_path / "single.json"], None, None, resamples=5, seed=0
    )
    write_report(comparison, tmp_path / "report")
    document = json.loads((tmp_path / "report" / "report.json").read_text())

    said = [note for note in document["notes"] if "pycocotools needs gigabytes" in note]
    page = (tmp_path / "report" / "report.html").read_text()
    assert len(said) == 1
    assert "As pycocotools prints it" not in page
    assert "pycocotools' own" not in page
    assert document["methods"]["single"]["coco"]["tumour"]["ap"]["value"] > 0


def test_reports_need_no_torch() -> None:
    command = "import sys, reports.evaluation.report; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0


def summary_of(folder: Path, results: Results) -> str:
    report_on(folder, make_dataset(CASES), results)
    return (folder / "report" / "summary.md").read_text()


@pytest.fixture
def found(tmp_path: Path) -> Results:
    dataset = make_dataset(CASES)
    for image in dataset.images:
        cv2.imwrite(
            str(tmp_path / image["file_name"]),
            np.tile(np.arange(90, 100, dtype=np.uint8), (120, 10)),
        )
    return make_results(dataset, "two_stage", 0)


def test_boxes_that_are_drawn_otherwise_than_the_truth_are_warned_of(
    found: Results, tmp_path: Path
) -> None:
    def around(image: ImageResult) -> ImageResult:
        # The lesion at 20, 20 is 20x20; this box has its middle and half its width.
        box = replace(image.detections[0], bbox_xyxy=(25.0, 20.0, 35.0, 40.0))
        return replace(image, detections=[box])

    narrow = replace(found, images=[around(image) for image in found.images])
    summary = summary_of(tmp_path, replace(narrow, box_convention="narrow"))

    assert "0.500 (0.500 to 0.500) times as wide and 1.000 (1.000 to 1.000) times as" in summary
    assert "drawn by the convention narrow" in summary
    assert "times as wide" not in summary_of(tmp_path, found)


def test_a_list_from_an_operating_point_on_is_said_and_its_ap_is_not_given(
    found: Results, tmp_path: Path
) -> None:
    summary = summary_of(tmp_path, replace(found, lowest_score=0.2))

    assert "two_stage lists boxes from score 0.200 on alone" in summary
    assert "| AP50, tumours | n/a |" in summary
    assert "Lesion sensitivity at 1 FP a view, by box centre" in summary
