"""`mammo serve` as a process of its own, with the embedded pair."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from commands.command_line import run_command
from formats import extras
from formats.notice import SHORT_NOTICE
from formats.results import parse_results
from pipeline import load

ROOT = Path(__file__).parents[2]
FILM = ROOT / "examples" / "cancer_many.png"
PATIENCE_S = 120


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen, str]]:
    """The process and its address; its temporary files are its own."""
    folder = tmp_path_factory.mktemp("temporary")
    process = subprocess.Popen(
        [sys.executable, "-m", "commands", "serve", "--port", "0", "--device", "cpu"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    address = process.stdout.readline().strip()
    yield process, address
    process.kill()
    process.communicate()


def test_it_answers_as_infer_does_and_leaves_nothing_behind(
    served: tuple[subprocess.Popen, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    process, address = served
    answer = httpx.post(
        f"{address}api/predict?name=Meier.png", content=FILM.read_bytes(), timeout=PATIENCE_S
    )
    kept = httpx.post(f"{address}api/films", content=FILM.read_bytes(), timeout=PATIENCE_S).json()
    page = httpx.get(address).text
    process.send_signal(signal.SIGTERM)
    told = process.communicate(timeout=PATIENCE_S)[1]

    expected = load(device="cpu").predict(FILM)
    (image,) = parse_results(Path("answer"), answer.json()).images
    assert [d.bbox_xyxy for d in image.detections] == [
        pytest.approx(d.bbox_xyxy, abs=0.01) for d in expected.detections
    ]
    assert image.scores == pytest.approx(expected.scores, abs=1e-4)
    assert image.label == expected.label
    surest = kept["result"]["detections"][0]
    assert surest["score"] == pytest.approx(expected.detections[0].score, abs=1e-4)
    assert SHORT_NOTICE in page
    assert SHORT_NOTICE in told
    assert "Meier" not in told
    assert process.returncode == 128 + signal.SIGTERM
    temporary = tmp_path_factory.getbasetemp().glob("temporary*/mammo-serve-*")
    assert not list(temporary)


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)

    assert run_command("serve", []) == 1
    assert "pip install '.[web]'" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--port", "70000"], ["--host", "no.such.host.invalid"]])
def test_an_address_that_cannot_be_had_is_one_line(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command("serve", words) == 1
    assert capsys.readouterr().err.count("error: ") == 1
