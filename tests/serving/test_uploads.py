from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving import uploads


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("film.png", "film.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\left.dcm", "left.dcm"),
        ("/", "film"),
        ("..", "film"),
        ("", "film"),
        ("a\nb\r\x00c\u202egnp.png", "abcgnp.png"),
        ("<script>alert(1)</script>.png", "script>.png"),
        ("=cmd|' '!A1.png", "=cmd|' '!A1.png"),
        ("ü" * 300 + ".png", "ü" * 116 + ".png"),
    ],
)
def test_names_are_shown_without_folders_on_one_line(
    client: TestClient, png: bytes, given: str, shown: str
) -> None:
    answer = client.post("/api/predict", params={"name": given}, content=png)

    assert answer.json()["images"][0]["file_name"] == shown


def test_a_name_never_becomes_a_path(
    client: TestClient, png: bytes, tmp_path: Path, folder: Path
) -> None:
    before = set(tmp_path.rglob("*"))
    for name in (f"{tmp_path}/taken.png", "../taken.png", "..%2ftaken.png", "..\\taken.png"):
        assert client.post(f"/api/predict?name={name}", content=png).status_code == 200

    assert set(tmp_path.rglob("*")) == before


def test_a_formula_is_no_formula_in_the_table(client: TestClient, png: bytes) -> None:
    key = client.post("/api/films", params={"name": "=cmd.png"}, content=png).json()["key"]

    assert "\n./=cmd.png," in client.get(f"/api/results.csv?film={key}").text


@pytest.mark.parametrize("is_announced", [True, False])
def test_a_file_that_is_too_large_is_given_up(
    client: TestClient,
    folder: Path,
    pair: object,
    monkeypatch: pytest.MonkeyPatch,
    is_announced: bool,
) -> None:
    monkeypatch.setattr(uploads, "MOST_FILE_BYTES", 1000)
    parts = iter([bytes(600)] * 5)

    content = bytes(3000) if is_announced else parts
    answer = client.post("/api/predict", content=content)

    assert answer.status_code == 413
    assert not list(folder.iterdir())
    assert not pair.names  # type: ignore[attr-defined]
    if not is_announced:
        # It was not read to its end.
        assert client.get("/api/model").status_code == 200


def test_a_stalled_file_is_given_up(
    client: TestClient, folder: Path, png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "UPLOAD_SECONDS", -1)

    assert client.post("/api/predict", content=png).status_code == 408
    assert not list(folder.iterdir())


def test_a_full_disk_is_said(
    client: TestClient, folder: Path, png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fill(*arguments: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads, "_write", fill)
    answer = client.post("/api/predict", content=png)

    assert (answer.status_code, answer.json()["error"]) == (
        507,
        "cannot be stored: No space left on device",
    )
    assert not list(folder.iterdir())
