import asyncio
import csv
import io
import logging
from pathlib import Path

import cv2
import httpx2 as httpx
import numpy as np
import pydicom
import pytest
from dicom_files import PLANTED, dicom_film, save_dicom
from starlette.applications import Starlette
from starlette.testclient import TestClient

from formats.results import parse_results
from serving.app import reading_app
from serving.limits import MOST_UPLOADS_AT_ONCE

TWENTY = 20


@pytest.fixture
def dicom(film: np.ndarray, tmp_path: Path) -> bytes:
    made = dicom_film(film, ImagerPixelSpacing=[0.1, 0.1], ImageLaterality="L", ViewPosition="CC")
    return save_dicom(tmp_path / "film.dcm", made).read_bytes()


def add(client: TestClient, content: bytes, name: str = "film.png") -> dict:
    answer = client.post("/api/films", params={"name": name}, content=content)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_posted_film_is_answered_with_a_results_file(
    client: TestClient, png: bytes, folder: Path
) -> None:
    answer = client.post("/api/predict?name=film.png", content=png)

    (image,) = parse_results(Path("answer"), answer.json()).images
    assert (image.file_name, image.width, image.height, image.label) == (
        "film.png",
        64,
        90,
        "Cancer",
    )
    assert [d.score for d in image.detections] == [0.9, 0.6]
    assert answer.json()["lowest_score"] == 0.5
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    ("asked", "count"), [("score=0.7", 1), ("operating_point=sensitive", 3), ("score=0.95", 0)]
)
def test_a_program_chooses_the_lowest_score(
    client: TestClient, png: bytes, asked: str, count: int
) -> None:
    (image,) = client.post(f"/api/predict?{asked}", content=png).json()["images"]

    assert len(image["detections"]) == count
    assert image["label"] == ("Cancer" if count else "Normal")
    assert image["scores"]["Normal"] == pytest.approx(0.1 if count else 1)


@pytest.mark.parametrize("asked", ["score=nan", "score=2", "score=-1", "score=a", "score=0.001"])
def test_an_impossible_score_is_refused(client: TestClient, png: bytes, asked: str) -> None:
    answer = client.post(f"/api/predict?{asked}", content=png)

    assert answer.status_code == 400
    assert "from 0.1000 to 1" in answer.json()["error"]


def test_an_unknown_operating_point_is_named(client: TestClient, png: bytes) -> None:
    answer = client.post("/api/predict?operating_point=certain", content=png)

    assert answer.status_code == 422
    assert "'certain'" in answer.json()["error"]


def test_a_shown_film_comes_with_every_box_and_its_grey_levels(
    client: TestClient, png: bytes, film: np.ndarray
) -> None:
    kept = add(client, png)
    levels = client.get(f"/api/films/{kept['key']}/pixels").content

    assert [d["score"] for d in kept["result"]["detections"]] == [0.9, 0.6, 0.2]
    assert (kept["bits"], kept["has_report"]) == (16, False)
    assert film.min() <= kept["window"][0] < kept["window"][1] <= film.max()
    np.testing.assert_array_equal(np.frombuffer(levels, "<u2").reshape(90, 64), film)


def test_what_is_saved_has_the_boxes_that_are_shown(client: TestClient, png: bytes) -> None:
    keys = [add(client, png, name)["key"] for name in ("one.png", "two.png")]
    asked = {"film": keys, "score": 0.7}

    document = client.get("/api/results.json", params=asked).json()
    table = list(csv.DictReader(io.StringIO(client.get("/api/results.csv", params=asked).text)))

    assert [len(image["detections"]) for image in document["images"]] == [1, 1]
    assert [row["file_name"] for row in table] == ["one.png", "two.png"]


def test_saved_results_have_the_breasts_and_cases_of_the_shown_boxes(
    client: TestClient, film: np.ndarray, tmp_path: Path
) -> None:
    keys = []
    for view in ("CC", "MLO"):
        made = dicom_film(film, ImageLaterality="L", ViewPosition=view, StudyInstanceUID="1.2.3")
        path = save_dicom(tmp_path / f"{view}.dcm", made)
        keys.append(add(client, path.read_bytes(), path.name)["key"])

    fitted, highest = (
        client.get("/api/results.json", params={"film": keys, "score": score}).json()
        for score in (0.5, 0.7)
    )

    (breast,) = highest["breasts"]
    assert (breast["case_id"], breast["side"], breast["views"]) == ("1.2.3", "LEFT", ["CC", "MLO"])
    assert breast["scores"]["Normal"] == pytest.approx(0.1)
    assert [case["label"] for case in highest["cases"]] == ["Cancer"]
    # Only at an operating point it is known how two views are one.
    assert [d["fusion"]["tumour"]["method"] for d in (fitted, highest)] == ["fitted", "maximum"]
    assert fitted["breasts"][0]["scores"]["Normal"] == pytest.approx(0.0916, abs=1e-3)
    assert all(d["depth"] is not None for image in fitted["images"] for d in image["detections"])


def test_an_annotated_film_is_drawn_at_the_asked_score(client: TestClient, png: bytes) -> None:
    key = add(client, png, "mine.png")["key"]

    many, none = (client.get(f"/api/films/{key}/annotated.png?score={score}") for score in (0.5, 1))

    assert "filename*=UTF-8''mine_annotated.png" in many.headers["content-disposition"]
    pictures = [cv2.imdecode(np.frombuffer(a.content, np.uint8), 1) for a in (many, none)]
    assert pictures[0].shape == (90, 64, 3)
    assert [bool(np.ptp(p, axis=2).max() > 50) for p in pictures] == [True, False]


def test_a_dicom_film_has_millimetres_and_a_report_without_a_person(
    client: TestClient, dicom: bytes
) -> None:
    kept = add(client, dicom, "film.dcm")
    answer = client.get("/api/report.dcm", params={"film": kept["key"], "score": 0.5})
    report = pydicom.dcmread(io.BytesIO(answer.content))

    assert kept["has_report"]
    assert kept["result"]["detections"][0]["size_mm"] == [0.8, 2.0]
    assert report.SOPClassUID == pydicom.uid.ComprehensiveSRStorage
    everything = answer.content + str(kept).encode()
    assert not [word for word in PLANTED if word.encode() in everything]


def test_no_report_of_films_that_are_no_study(client: TestClient, png: bytes, dicom: bytes) -> None:
    keys = [add(client, content)["key"] for content in (png, dicom)]

    answer = client.get("/api/report.dcm", params={"film": keys})

    assert answer.status_code == 400
    assert "DICOM films of one study" in answer.json()["error"]


def test_examples_are_four_views(client: TestClient, folder: Path) -> None:
    films = client.post("/api/examples").json()

    assert [film["result"]["file_name"] for film in films] == [
        *("synthetic RIGHT CC", "synthetic LEFT CC", "synthetic RIGHT MLO", "synthetic LEFT MLO")
    ]
    assert not list(folder.iterdir())


def test_a_film_that_was_closed_is_gone(client: TestClient, png: bytes) -> None:
    key = add(client, png)["key"]

    assert client.delete(f"/api/films/{key}").status_code == 204
    for address in (f"/api/films/{key}/pixels", f"/api/results.json?film={key}"):
        assert client.get(address).status_code == 404


def test_the_page_says_what_scores_mean(client: TestClient) -> None:
    said = client.get("/api/model").json()

    assert said["operating_points"] == {"balanced": 0.5, "sensitive": 0.1}
    assert said["operating_curve"][1] == {
        **{"score": 0.5, "sensitivity": 0.6, "false_positives_per_image": 0.5}
    }


@pytest.mark.parametrize("count", [0, 17])
def test_tables_are_of_some_films_and_not_of_endless_many(client: TestClient, count: int) -> None:
    answer = client.get("/api/results.csv", params={"film": ["x"] * count})

    assert answer.status_code == 400


def test_bad_files_are_refused_by_their_name_and_leave_nothing(
    client: TestClient, folder: Path
) -> None:
    for content in (b"", b"\x89PNG cut", b"GIF89a"):
        answer = client.post("/api/predict?name=bad.png", content=content)
        assert answer.status_code in (400, 422)
        assert str(folder) not in answer.text
    assert "bad.png" in answer.json()["error"]
    assert not list(folder.iterdir())


def test_logs_have_no_names_and_nobody(
    client: TestClient, dicom: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    add(client, dicom, "Meier_Anna.dcm")
    client.post("/api/predict?name=Meier_Anna.dcm", content=dicom[:3000])

    # What the test's own client says of its requests is not the server's.
    own = [r.getMessage() for r in caplog.records if not r.name.startswith("httpx")]
    assert not [line for line in own if "Meier" in line]
    assert not [line for line in own if any(word in line for word in PLANTED)]


def test_a_failure_says_where_it_was_and_not_what_it_quotes(
    app: Starlette, png: bytes, pair: object, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*arguments: object) -> None:
        raise ValueError("PLANTEDNAME")

    pair.predict = fail  # type: ignore[attr-defined]
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        answer = client.post("/api/films", content=png)

    assert answer.status_code == 500
    assert "PLANTED" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    own = [r.getMessage() for r in caplog.records if r.name.startswith("serving")]
    assert own == ["error: a request failed: ValueError in test_app.py, fail"]


def test_twenty_at_once_wait_and_every_good_one_is_answered(
    app: Starlette, png: bytes, folder: Path
) -> None:
    bad = [b"", png[:200], b"\x89PNG\r\n\x1a\n" + bytes(5000), b"<script>", bytes(100)]
    contents = [png if place % 2 else bad[place // 2 % len(bad)] for place in range(TWENTY)]

    async def post_all() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            posts = [
                client.post(f"/api/predict?name={place}.png", content=content)
                for place, content in enumerate(contents)
            ]
            return await asyncio.gather(*posts)

    answers = asyncio.run(post_all())

    assert [a.status_code == 200 for a in answers] == [bool(n % 2) for n in range(TWENTY)]
    assert {a.status_code for a in answers} <= {200, 400, 422}
    assert [a.json()["images"][0]["file_name"] for a in answers[1::2]] == [
        f"{place}.png" for place in range(1, TWENTY, 2)
    ]
    assert not list(folder.iterdir())


def test_more_than_there_is_room_for_are_asked_to_come_again(
    app: Starlette, png: bytes, folder: Path
) -> None:
    async def post_all() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            posts = [
                client.post("/api/predict", content=png) for _ in range(MOST_UPLOADS_AT_ONCE + 9)
            ]
            return await asyncio.gather(*posts)

    answers = asyncio.run(post_all())

    assert sum(a.status_code == 200 for a in answers) == MOST_UPLOADS_AT_ONCE
    assert {a.headers.get("retry-after") for a in answers if a.status_code == 503} == {"5"}
    assert not list(folder.iterdir())


def test_a_pair_that_was_not_calibrated_is_refused(pair: object, folder: Path) -> None:
    from formats.errors import InputError
    from pipeline.operating_points import operating_score
    from serving.access import Access

    pair.operating_score = lambda name: operating_score({}, name)  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="mammo calibrate"):
        reading_app(pair, folder, Access(None), "1.0")  # type: ignore[arg-type]
