"""From an annotation tool's COCO file to a report: train, calibrate, predict, evaluate."""

import json
import shutil
from pathlib import Path

import pytest
from blobs import BlobData
from made_rows import make_results
from tool_coco import TOOLS, export_with

from commands.command_line import run_command
from converters.conversion import Settings, convert
from evaluation.method_figures import read_truth
from formats.coco import CocoDataset, read_coco, read_json, write_coco
from formats.results import read_results, write_results

CONFIGS = Path(__file__).parents[2] / "configs"
CONFIG = str(CONFIGS / "detector_names_class.yaml")
CLASSIFIER = str(CONFIGS / "classifier_crops.yaml")
FILMS_OF_LABEL = 4


@pytest.fixture(scope="module")
def flat_phantoms(phantom_root: Path, tmp_path_factory: pytest.TempPathFactory) -> BlobData:
    """Some phantoms of each label as tools take films: in one folder, each with its own name."""
    folder = tmp_path_factory.mktemp("flat")
    convert(phantom_root, [], folder / "converted", Settings())
    whole = read_coco(folder / "converted" / "all.json")
    chosen = {
        label: [i for i in whole.images if i["label"] == label][:FILMS_OF_LABEL]
        for label in ("Benign", "Cancer", "Normal")
    }
    part = whole.subset(image for images in chosen.values() for image in images)
    films = folder / "films"
    films.mkdir()
    for image in part.images:
        name = image["file_name"].replace("/", "_")
        shutil.copy(phantom_root / image["file_name"], films / name)
        image["file_name"] = name
    number_of = {image["id"]: number for number, image in enumerate(part.images, start=1)}
    for number, lesion in enumerate(part.annotations, start=1):
        lesion |= {"id": number, "image_id": number_of[lesion["image_id"]]}
    images = [{**image, "id": number_of[image["id"]]} for image in part.images]
    dataset = CocoDataset(images=images, annotations=part.annotations)  # type: ignore[arg-type]
    write_coco(dataset, folder / "flat.json")
    return BlobData(root=films, coco_path=folder / "flat.json", coco=dataset)


def train(coco: Path, root: Path, run: Path, *overrides: str) -> int:
    return run_command(
        "train-detector",
        [
            *("--config", CONFIG, "--output-dir", str(run), "--device", "cpu", "--allow-leak"),
            *(f"data.train_coco={coco}", f"data.val_coco={coco}", f"data.image_root={root}"),
            *("input.side_px=96", "optimisation.epochs=1", *overrides),
        ],
    )


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tools_file_trains_calibrates_predicts_and_evaluates(
    flat_phantoms: BlobData, tmp_path: Path, tool: str
) -> None:
    coco, root = export_with(tool, flat_phantoms.coco, flat_phantoms.root, tmp_path / "set")
    data = ["--coco", str(coco), "--image-root", str(root)]
    results = tmp_path / "results.json"

    assert train(coco, root, tmp_path / "run") == 0
    detector = str(tmp_path / "run" / "best.safetensors")
    finished = tmp_path / "finished"
    assert (
        run_command("calibrate", [*data, "--detector", detector, "--output-dir", str(finished)])
        == 0
    )
    assert (
        run_command(
            "predict",
            [
                *(*data, "--method", "detector", "--device", "cpu", "--output", str(results)),
                *("--detector", str(finished / "detector.safetensors")),
            ],
        )
        == 0
    )
    report = tmp_path / "report"
    assert (
        run_command(
            "evaluate",
            [
                *("--coco", str(coco), "--results", str(results), "--output-dir", str(report)),
                *("--image-root", str(root), "--resamples", "5"),
            ],
        )
        == 0
    )
    truth = read_truth(coco, root)
    assert len(read_results(results).images) == truth.views.count == 3 * FILMS_OF_LABEL
    assert len(truth.lesions.view) == len(flat_phantoms.coco.annotations)
    assert (report / "report.html").is_file()


def test_lesions_without_pathology_train_a_detector_of_tumours_and_evaluate(
    flat_phantoms: BlobData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = read_json(flat_phantoms.coco_path)
    document["categories"] = [{"id": 1, "name": "mass"}, {"id": 2, "name": "lesion"}]
    document["images"] = [{k: v for k, v in i.items() if k != "label"} for i in document["images"]]
    coco, root, run = tmp_path / "masses.json", flat_phantoms.root, tmp_path / "run"
    coco.write_text(json.dumps(document))
    data = [f"data.train_coco={coco}", f"data.val_coco={coco}", f"data.image_root={root}"]
    classifier = ["--config", CLASSIFIER, "--output-dir", str(tmp_path / "crops"), *data]

    assert train(coco, root, tmp_path / "refused") == 1
    assert "lesions are of unknown pathology" in capsys.readouterr().err
    assert run_command("train-classifier", classifier) == 1
    assert "a network that names Benign and Cancer cannot" in capsys.readouterr().err
    assert train(coco, root, run, "data.class_names=[Tumour]") == 0
    results = make_results(read_coco(coco), "two_stage", 0)
    write_results(results, tmp_path / "results.json")
    report = ["--output-dir", str(tmp_path / "report"), "--resamples", "5"]
    said = ["--coco", str(coco), "--results", str(tmp_path / "results.json"), *report]
    assert run_command("evaluate", said) == 0
    assert "figures of tumours hold" in capsys.readouterr().err
