import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from blobs import BlobData

from classifier.whole_image.config import WholeImageConfig, WholeImageInput
from classifier.whole_image.model import build_whole_image_classifier, save_whole_image_classifier
from classifier.whole_image.questions import SINGLE
from commands.command_line import run_command
from formats.results import read_results

main = partial(run_command, "predict")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def single_checkpoint(tmp_path: Path) -> Path:
    config = WholeImageConfig(input=WholeImageInput(height_px=64, width_px=64))
    path = tmp_path / "single.safetensors"
    model = build_whole_image_classifier(config.model, 3)
    views = {f"train_views_{name}": "1" for name in SINGLE.class_names}
    save_whole_image_classifier(model, config, SINGLE, path, views, {})
    return path


def arguments(blob_data: BlobData, output: Path) -> list[str]:
    return [
        "--coco", str(blob_data.coco_path), "--image-root", str(blob_data.root),
        "--output", str(output), "--device", "cpu", "--method", "single",
    ]  # fmt: skip


def test_results_are_written_and_their_path_printed(
    blob_data: BlobData,
    single_checkpoint: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "out" / "results.json"
    code = main([*arguments(blob_data, output), "--classifier", str(single_checkpoint)])

    assert code == 0
    assert capsys.readouterr().out == f"{output}\n"
    results = read_results(output)
    assert results.method == "single"
    assert len(results.images) == 9
    assert (tmp_path / "out" / "results.coco.json").read_text() == "[]\n"


def test_a_wrong_image_root_leaves_the_results_that_stand(
    blob_data: BlobData,
    single_checkpoint: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output, empty = tmp_path / "results.json", tmp_path / "empty"
    empty.mkdir()
    words = [*arguments(blob_data, output), "--classifier", str(single_checkpoint)]
    main(words)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("results*")}
    capsys.readouterr()

    assert main([*words, "--image-root", str(empty)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith(f"no film could be read; {output} was not written\n")
    assert {path.name: path.read_bytes() for path in tmp_path.glob("results*")} == before


@pytest.mark.parametrize("output", ["data.coco.json", "data.json"])
def test_the_data_set_is_not_written_over(
    blob_data: BlobData, tmp_path: Path, capsys: pytest.CaptureFixture[str], output: str
) -> None:
    coco = tmp_path / "data.coco.json"
    coco.write_bytes(blob_data.coco_path.read_bytes())

    assert main([*arguments(blob_data, tmp_path / output), "--coco", str(coco)]) == 1
    assert "data.coco.json: is read and would be written over" in capsys.readouterr().err
    assert coco.read_bytes() == blob_data.coco_path.read_bytes()


def test_missing_checkpoint_is_one_line_on_stderr(
    blob_data: BlobData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(blob_data, tmp_path / "results.json")) == 1

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: --method single: give --classifier")
    assert captured.err.count("\n") == 1


def test_actors_write_the_bytes_of_one_process(
    blob_data: BlobData,
    single_checkpoint: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("ray")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    one, many = tmp_path / "one.json", tmp_path / "many.json"
    classifier = ["--classifier", str(single_checkpoint)]
    main([*arguments(blob_data, one), *classifier])
    capsys.readouterr()

    assert main([*arguments(blob_data, many), *classifier, "--ray-actors", "1"]) == 0
    assert capsys.readouterr().out == f"{many}\n"
    assert many.read_bytes() == one.read_bytes()
    assert {path.name for path in tmp_path.glob("many*")} == {"many.json", "many.coco.json"}


def test_without_ray_it_is_said_what_to_install(
    blob_data: BlobData,
    single_checkpoint: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    words = [*arguments(blob_data, tmp_path / "r.json"), "--classifier", str(single_checkpoint)]

    assert main([*words, "--ray-actors", "2"]) == 1
    assert "pip install 'mammo-two-stage[ray]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["0"], "'0': give a whole"),
        (["x"], "'x': give a whole"),
        (["2", "--shard", "1/2"], "leave --shard out"),
    ],
)
def test_actors_that_cannot_be_are_wrong_usage(
    blob_data: BlobData,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    told: str,
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*arguments(blob_data, tmp_path / "r.json"), "--ray-actors", *words])

    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_the_tasks_of_a_slurm_array_write_parts_that_merge_to_one_run(
    blob_data: BlobData, single_checkpoint: Path, tmp_path: Path
) -> None:
    program = tmp_path / "bin" / "mammo"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m commands "$@"\n')
    program.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "SLURM_ARRAY_TASK_COUNT": "2",
    }
    output = tmp_path / "out" / "results.json"
    words = [*arguments(blob_data, output), "--classifier", str(single_checkpoint)]
    script = ["bash", str(ROOT / "docs" / "slurm.sh"), *words]
    for task in ("1", "2"):
        subprocess.run(script, env={**environment, "SLURM_ARRAY_TASK_ID": task}, check=True)

    # Two blobs each claim to be the same view.
    assert run_command("merge", [str(output.parent)]) == 3
    merged = output.read_bytes()
    assert main([*words, "--output", str(tmp_path / "one.json")]) == 0
    assert merged == (tmp_path / "one.json").read_bytes()
