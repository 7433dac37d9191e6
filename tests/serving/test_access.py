from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.access import Access, access_for
from serving.app import reading_app

OTHER = "http://192.168.0.7:8000"


@pytest.fixture
def guarded(pair: object, folder: Path) -> Iterator[TestClient]:
    app = reading_app(pair, folder, Access("secret"), "1.0")  # type: ignore[arg-type]
    with TestClient(app, base_url=OTHER, follow_redirects=False) as asking:
        yield asking


@pytest.mark.parametrize("address", ["/", "/page.js", "/api/model"])
def test_every_answer_has_the_headers(client: TestClient, address: str) -> None:
    headers = client.get(address).headers

    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"


def test_this_machine_alone_needs_no_token_and_others_a_new_one() -> None:
    assert access_for("127.0.0.1").token is None
    tokens = {access_for(host).token for host in ("0.0.0.0", "0.0.0.0", "192.168.0.7")}
    assert len(tokens) == 3
    assert all(token and len(token) >= 32 for token in tokens)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil@evil.example", "["]
)
def test_another_name_of_this_machine_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/api/model", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:9", "[::1]:8000", "LOCALHOST"])
def test_this_machines_own_names_are_not(client: TestClient, host: str) -> None:
    assert client.get("/api/model", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "http://["]
)
def test_pages_of_other_sites_may_not_ask(client: TestClient, png: bytes, origin: str) -> None:
    answer = client.post("/api/predict", content=png, headers={"origin": origin})

    assert answer.status_code == 403


def test_the_page_itself_may(client: TestClient, png: bytes) -> None:
    headers = {"origin": "http://127.0.0.1:8000"}
    assert client.post("/api/predict", content=png, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer secre"},
        {"authorization": "secret"},
        {"cookie": "mammo_token=é"},
    ],
)
def test_without_the_token_there_is_nothing(
    guarded: TestClient, png: bytes, headers: dict[str, str]
) -> None:
    raw = {name: value.encode() for name, value in headers.items()}
    assert guarded.get("/", headers=raw).status_code == 401
    assert guarded.get("/page.js", headers=raw).status_code == 401
    assert guarded.post("/api/predict", content=png, headers=raw).status_code == 401
    assert guarded.get("/?token=wrong", headers=raw).status_code == 401


def test_a_program_shows_the_token(guarded: TestClient, png: bytes) -> None:
    headers = {"authorization": "Bearer secret"}

    assert guarded.post("/api/predict", content=png, headers=headers).status_code == 200


def test_a_browser_signs_in_once_and_the_token_leaves_the_address(guarded: TestClient) -> None:
    answer = guarded.get("/?token=secret")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]
    assert guarded.get("/").status_code == 200


def test_signing_in_leads_to_no_other_site(guarded: TestClient) -> None:
    assert guarded.get(f"{OTHER}//evil.example/?token=secret").headers["location"] == "/"
