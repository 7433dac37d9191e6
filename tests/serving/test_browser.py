"""The page in a real browser, headless, at the widths of a desk and of a telephone.

Skipped where Playwright or Chromium is missing.
"""

import base64
import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import uvicorn
from dicom_files import dicom_film, save_dicom

from formats.results import ImageResult
from serving.access import Access
from serving.address import listen, page_address
from serving.app import reading_app

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
PATIENCE_MS = 60_000
WIDTHS_PX = (1280, 400)


@pytest.fixture
def address(pair: object, folder: Path) -> Iterator[str]:
    app = reading_app(pair, folder, Access(None), "1.0")  # type: ignore[arg-type]
    with listen("127.0.0.1", 0) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield page_address(listening, Access(None))
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator["playwright.Browser"]:
    with playwright.sync_playwright() as started:
        # Chromium's own sandbox refuses to run as root.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        opened = started.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@pytest.fixture(params=WIDTHS_PX)
def page(
    browser: "playwright.Browser", address: str, request: pytest.FixtureRequest
) -> Iterator["playwright.Page"]:
    opened = browser.new_page(viewport={"width": request.param, "height": 800})
    opened.set_default_timeout(PATIENCE_MS)
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    opened.goto(address)
    yield opened
    opened.close()
    assert not [fault for fault in faults if "422" not in fault]


@pytest.fixture
def films(film: np.ndarray, tmp_path: Path) -> list[str]:
    """A DICOM film, and a picture with a name that would be run if it were not escaped."""
    large = cv2.resize(film, (640, 900), interpolation=cv2.INTER_CUBIC)
    dicom = dicom_film(large, ImagerPixelSpacing=[0.1, 0.1])
    picture = tmp_path / "<img src=x onerror=alert(1)>.png"
    cv2.imwrite(str(picture), large)
    return [str(save_dicom(tmp_path / "film.dcm", dicom)), str(picture)]


def pixels(page: "playwright.Page", place: int = 0) -> np.ndarray:
    """What a film's canvas shows."""
    address = page.locator(".view").nth(place).evaluate("canvas => canvas.toDataURL()")
    shown = base64.b64decode(address.partition(",")[2])
    return cv2.imdecode(np.frombuffer(shown, np.uint8), cv2.IMREAD_COLOR)


def coloured(picture: np.ndarray) -> int:
    return int((np.ptp(picture, axis=2) > 60).sum())


def test_films_stand_side_by_side_with_boxes_that_can_be_switched(
    page: "playwright.Page", films: list[str]
) -> None:
    page.set_input_files("#files", films)
    page.locator(".film").nth(1).wait_for()

    assert page.locator(".film h2").all_inner_texts() == [
        "film.dcm",
        Path(films[1]).name.rpartition("/")[2],
    ]
    assert page.locator(".film").first.locator(".found li").count() == 2
    assert "0.8 x 2.0 mm" in page.locator(".film").first.inner_text()
    said = page.locator(".label").first.inner_text()
    assert "2 boxes; Normal 10 %, Benign 22 %, Cancer 68 %" in said
    assert "8 x 20 px" in page.locator(".film").nth(1).inner_text()
    boxed = pixels(page)
    page.keyboard.press("b")
    assert coloured(boxed) > 50 > coloured(pixels(page))
    assert page.locator("#notice").is_visible()
    is_wider = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not is_wider


def test_a_films_percentages_are_of_the_shown_boxes(
    page: "playwright.Page", pair: object, films: list[str]
) -> None:
    find = pair.predict  # type: ignore[attr-defined]

    def find_surer_cancer_below(*arguments: object) -> ImageResult:
        found = find(*arguments)
        best, *others = found.detections
        doubtful = replace(best, label_scores={"Benign": 0.6, "Cancer": 0.4})
        return replace(found, detections=[doubtful, *others])

    pair.predict = find_surer_cancer_below  # type: ignore[attr-defined]
    page.set_input_files("#files", films[1])
    page.locator(".film").wait_for()
    page.locator("#score").fill("0")

    said = page.locator(".label").first.inner_text()
    assert "1 box; Normal 10 %, Benign 54 %, Cancer 36 %" in said


def test_the_score_moves_what_is_found_and_what_was_measured(
    page: "playwright.Page", films: list[str]
) -> None:
    page.set_input_files("#files", films[1])
    page.locator(".film").wait_for()
    texts, counts = [], []
    for step in range(3):
        page.locator("#score").fill(str(step))
        texts.append(page.locator("#measured").inner_text())
        counts.append(page.locator(".found li").count())

    assert counts == [1, 2, 3]
    assert "sensitivity 40 % at 0.10 false boxes a view" in texts[0]
    assert "sensitivity 80 % at 1.00 false boxes a view" in texts[2]
    page.get_by_role("button", name="balanced").click()
    assert page.locator("#score-value").inner_text() == "0.50"
    page.locator("#score").fill("0")
    with page.expect_download() as saving:
        page.locator("#save-csv").click()
    assert saving.value.path().read_text().count("Cancer") == 1


def test_a_film_that_is_given_before_the_server_answers_is_read(
    page: "playwright.Page", films: list[str]
) -> None:
    held: list[playwright.Route] = []
    page.route("**/api/model", lambda route: held.append(route))
    page.reload()
    page.set_input_files("#files", films[1])
    held[0].continue_()

    page.locator(".film").wait_for()


def test_windowing_and_magnifying_change_what_is_seen(
    page: "playwright.Page", films: list[str]
) -> None:
    page.set_input_files("#files", films[1])
    page.locator(".film").wait_for()
    before = pixels(page)
    page.locator("#level").fill("-60")
    brighter = pixels(page)
    page.locator("#level").fill("0")
    np.testing.assert_array_equal(pixels(page), before)
    page.locator(".larger").click()
    larger = pixels(page)
    page.keyboard.press("0")

    assert brighter.mean() > before.mean() + 20
    assert np.abs(larger.astype(int) - before).mean() > 5
    np.testing.assert_array_equal(pixels(page), before)


def test_keys_go_from_film_to_film_and_question_marks_answer(
    page: "playwright.Page", films: list[str]
) -> None:
    page.set_input_files("#files", films)
    page.locator(".film").nth(1).wait_for()
    page.locator(".film").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".film.chosen h2").inner_text() == Path(films[1]).name
    page.keyboard.press("ArrowRight")
    assert page.locator(".film.chosen h2").inner_text() == "film.dcm"
    page.locator('[popovertarget="about-size"]').first.click()
    assert "not of the tumour" in page.locator("#about-size").inner_text()


def test_a_bad_file_is_named_and_the_good_one_is_shown(
    page: "playwright.Page", films: list[str], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"\x89PNG cut")
    page.set_input_files("#files", [str(bad), films[0]])
    page.locator(".film").wait_for()
    page.locator("#status.wrong").wait_for()

    assert "bad.png" in page.locator("#status").inner_text()
    page.get_by_role("button", name="Close all").click()
    assert page.locator(".film").count() == 0
