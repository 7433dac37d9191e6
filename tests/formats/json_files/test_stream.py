import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formats.errors import InputError
from formats.json_files import stream
from formats.json_files.stream import json_items, read_json_without
from formats.json_files.whole import read_json

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
)
VALUES = st.recursive(SCALARS, lambda part: st.lists(part) | st.dictionaries(st.text(), part))


@given(
    document=st.dictionaries(st.sampled_from(["images", "a", "b"]), VALUES) | VALUES,
    piece_characters=st.integers(1, 40),
    indent=st.sampled_from([None, 1]),
    is_ascii=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_halves_make_the_whole(
    document: Any,
    piece_characters: int,
    indent: int | None,
    is_ascii: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream, "PIECE_CHARACTERS", piece_characters)
    path = tmp_path / "document.json"
    text = json.dumps(document, indent=indent, ensure_ascii=is_ascii)
    path.write_text(f" {text}\n", encoding="utf-8-sig", errors="backslashreplace")

    whole = read_json(path)
    items = whole.get("images") if isinstance(whole, dict) else None
    has_items = isinstance(items, list)

    assert list(json_items(path, "images")) == (items if has_items else [])
    assert read_json_without(path, "images") == ({**whole, "images": []} if has_items else whole)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Expecting value"),
        ('{"a": 1', "Expecting ',' or '}' at character 7"),
        ('{"a": 1}]', "Extra data at character 8"),
        ('{"a": 1,}', "Expecting property name enclosed in double quotes at character 8"),
        ('{"a" 1}', "Expecting ':' at character 5"),
        ('{"images": [{"b": 1}, {"c": }]}', "Expecting value at character 28"),
        ('{"images": [{"b": 1} {"c": 2}]}', "Expecting ',' or ']' at character 21"),
        ('{"images": [1,', "Expecting value at character 14"),
        ("[1] 2", "Extra data"),
        ("  1-5", "Extra data"),
        ('{"": 1.xxx}', "Expecting ',' or '}' at character 6"),
        ('{"a": 01, "b": 1}', "Expecting ',' or '}' at character 7"),
        ('{"images": [1.]}', "Expecting ',' or ']' at character 13"),
        ("[" * 100_000, "nested too deep"),
        ('{"a": ' + "1" * 5000 + "}", "4300 digits"),
        ('{"images": [' + "1" * 5000 + "]}", "4300 digits"),
    ],
)
@pytest.mark.parametrize("piece_characters", [1, 2**20])
def test_what_is_no_json_is_named(
    text: str,
    says: str,
    piece_characters: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream, "PIECE_CHARACTERS", piece_characters)
    path = tmp_path / "document.json"
    path.write_text(text)

    with pytest.raises(InputError) as without:
        read_json_without(path, "images")
    with pytest.raises(InputError) as whole:
        read_json(path)

    assert str(path) in str(without.value)
    assert says in str(without.value)
    assert str(path) in str(whole.value)


def test_a_missing_file_and_other_encodings_are_named(tmp_path: Path) -> None:
    path = tmp_path / "document.json"
    with pytest.raises(InputError, match="No such file"):
        list(json_items(path, "images"))

    path.write_bytes(b'{"images": [{"a": "\xff"}]}')
    with pytest.raises(InputError, match="not JSON"):
        list(json_items(path, "images"))


@pytest.mark.parametrize("first", ["[1]", "[]", "2"])
def test_a_list_that_stands_twice_is_refused(tmp_path: Path, first: str) -> None:
    path = tmp_path / "document.json"
    path.write_text(f'{{"images": {first}, "a": 1, "images": [3]}}')

    with pytest.raises(InputError, match="Key 'images' stands twice"):
        list(json_items(path, "images"))
    with pytest.raises(InputError, match="Key 'images' stands twice"):
        read_json_without(path, "images")
