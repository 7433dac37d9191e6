import re

import pytest
from starlette.testclient import TestClient

from formats.labels import LABEL_COLOURS
from formats.notice import NOTICE
from serving.page_files import FOLDER, MEDIA_TYPES


@pytest.mark.parametrize("name", ["", *MEDIA_TYPES])
def test_every_file_is_sent_as_what_it_is(client: TestClient, name: str) -> None:
    answer = client.get(f"/{name}")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(MEDIA_TYPES[name or "page.html"])


def test_every_file_of_the_folder_is_known() -> None:
    assert {path.name for path in FOLDER.iterdir()} == MEDIA_TYPES.keys() - {"colours.css"}


@pytest.mark.parametrize(
    "address",
    [
        *("/app.py", "/..%2fapp.py", "/../app.py", "/page/page.js", "/%2e%2e/%2e%2e/setup.cfg"),
        *("/C:%5cwindows", "/page.js%00", "//etc/passwd", "/api", "/api/films/../../app.py"),
    ],
)
def test_nothing_else_can_be_asked_for(client: TestClient, address: str) -> None:
    assert client.get(address).status_code in (404, 405)


def test_the_notice_is_on_the_page_and_stays_in_sight(client: TestClient) -> None:
    page = client.get("/").text

    assert f'<p id="notice" role="note">{NOTICE}</p>' in page
    assert "{{" not in page
    assert "position: sticky" in client.get("/page.css").text


def test_the_page_loads_nothing_from_elsewhere(client: TestClient) -> None:
    for name in MEDIA_TYPES:
        text = client.get(f"/{name}").text
        assert not re.search(r"https?:|url\(|@import|<script(?! type=\"module\" src=\"/page)", text)
        assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|\beval\b", text)


def test_every_question_mark_has_its_answer(client: TestClient) -> None:
    page = client.get("/").text

    asked = set(re.findall(r'popovertarget="([\w-]+)"', page))
    assert asked == set(re.findall(r'id="([\w-]+)" popover>', page))
    assert {"about-score", "about-probability", "about-size", "about-label"} <= asked


def test_colours_are_those_of_everything_else(client: TestClient) -> None:
    colours = client.get("/colours.css").text

    for label, colour in LABEL_COLOURS.items():
        assert f"--label-{label.lower()}: {colour};" in colours
    used = set(re.findall(r"var\(--([\w-]+)\)", client.get("/page.css").text))
    assert used <= set(re.findall(r"--([\w-]+):", colours))
