"""The model card's figures, measured again, which takes minutes: on request."""

import configparser
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard

from commands.command_line import run_command
from pipeline.two_stage import WEIGHTS_FOLDER

PATIENTS = Path(__file__).parents[2] / "configs" / "cbis_ddsm_validation_patients.txt"
CARD = WEIGHTS_FOLDER / "MODEL_CARD.md"
# A row of the card's table, and where the report has it.
FIGURES = {
    "AP50, tumours whatever their class": "coco/tumour/ap50",
    "lesion sensitivity at 0.5 false positives a view, IoU 0.5": (
        "froc/iou50/per_view/all_lesions/at_0_5_fp"
    ),
    "lesion sensitivity at 1 false positive a view, IoU 0.5": (
        "froc/iou50/per_view/all_lesions/at_1_fp"
    ),
    "lesion sensitivity at 2 false positives a view, IoU 0.5": (
        "froc/iou50/per_view/all_lesions/at_2_fp"
    ),
    "lesion sensitivity at 1 false positive a view, by box centre": (
        "froc/box_centre/per_view/all_lesions/at_1_fp"
    ),
    "cancer against benign on the lesions found, AUC": "lesions/auc_cancer_or_benign",
    "cancer sensitivity at 1 false positive a view": "lesions/cancer_sensitivity/per_view/at_1_fp",
    "accuracy of the three labels, views": "classification/view/accuracy",
}
ROW = re.compile(r"^\| (.+?) \| ([\d.]+) \(([\d.]+) to ([\d.]+)\) \|$", re.MULTILINE)


def stated_figures() -> dict[str, list[float]]:
    """Each row's title to its value and both ends of its interval."""
    return {row[0]: [float(number) for number in row[1:]] for row in ROW.findall(CARD.read_text())}


@pytest.fixture(scope="module")
def measured(real_data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of the embedded pair on the validation part, by the card's own commands."""
    if "MAMMO_MODEL_CARD" not in os.environ:
        pytest.skip("MAMMO_MODEL_CARD is not set")
    cbis = real_data_dir / "cbis-ddsm-mass-train"
    folder = tmp_path_factory.mktemp("card")
    coco = folder / "DATA" / "val.json"
    data = ["--coco", str(coco), "--image-root", str(cbis)]
    commands = {
        "split-coco": [
            *("--coco", str(cbis / "annotations.json"), "--validation-patients", str(PATIENTS)),
            *("--output-dir", str(coco.parent)),
        ],
        "predict": [*data, "--output", str(folder / "val.json")],
        "evaluate": [
            *("--coco", str(coco), "--results", str(folder / "val.json")),
            *("--output-dir", str(folder / "report")),
        ],
    }
    for command, arguments in commands.items():
        assert run_command(command, arguments) == 0
    report: dict[str, Any] = json.loads((folder / "report" / "report.json").read_text())
    return report["methods"]["two_stage"]  # type: ignore[no-any-return]


def test_the_card_opens_with_what_hubs_of_models_read() -> None:
    _, head, _ = CARD.read_text().split("---\n", 2)
    setup = configparser.ConfigParser()
    setup.read(CARD.parents[2] / "setup.cfg")

    assert yaml.safe_load(head)["license"] == setup["metadata"]["license"].lower()
    assert yaml.safe_load(head)["pipeline_tag"] == "object-detection"


def test_hugging_face_reads_the_card() -> None:
    # It comes with timm.
    data = ModelCard.load(CARD).data

    assert data.library_name == "mammo-two-stage"
    assert data.datasets == ["CBIS-DDSM"]
    assert set(data.metrics) == {"recall", "roc_auc", "accuracy"}
    assert "mammography" in data.tags


def test_the_card_has_every_figure() -> None:
    assert stated_figures().keys() == FIGURES.keys()


@pytest.mark.parametrize("title", FIGURES)
def test_a_figure_of_the_card_is_measured_again(title: str, measured: dict[str, Any]) -> None:
    figure = measured
    for key in FIGURES[title].split("/"):
        figure = figure[key]

    # Rounded, and of another processor's rounding.
    expected = pytest.approx([figure["value"], figure["low"], figure["high"]], abs=0.006)
    assert stated_figures()[title] == expected
