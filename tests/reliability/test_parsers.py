"""Whatever a file holds, it is read or refused in one way."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reliability.parsers import COCO, PARSERS, RESULTS

QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
ODD_WORDS = [b"-1", b"NaN", b"1e999", b"null", b"\n"]
EDITS = st.lists(
    st.tuples(
        st.integers(0, 10**6),
        st.integers(0, 12),
        st.one_of(
            st.binary(max_size=8), st.sampled_from([b"-1", b"NaN", b"1e999", b"null", b"\n"])
        ),
    ),
    min_size=1,
    max_size=4,
)
ODD_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
)


def edited(content: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """Replace stretches of a file by others."""
    changed = bytearray(content)
    for place, length, inserted in edits:
        start = place % (len(changed) + 1)
        changed[start : start + length] = inserted
    return bytes(changed)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to each value of a JSON document."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [path, *(way for key, inner in items for way in leaves(inner, (*path, key)))]
    return [path]


def replaced(document: Any, way: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of a JSON document with another value at the end of a way."""
    if not way:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[way[0]] = replaced(document[way[0]], way[1:], value)
    return copy


@pytest.mark.parametrize("name", PARSERS)
def test_the_good_file_is_read(name: str) -> None:
    assert PARSERS[name].accepts(PARSERS[name].good)


@pytest.mark.parametrize("name", PARSERS)
@QUICK
@given(edits=EDITS)
def test_an_edited_file_is_read_or_refused(name: str, edits: list[tuple[int, int, bytes]]) -> None:
    PARSERS[name].accepts(edited(PARSERS[name].good, edits))


@pytest.mark.parametrize("name", PARSERS)
@QUICK
@given(content=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(name: str, content: bytes) -> None:
    PARSERS[name].accepts(content)


@pytest.mark.parametrize(("name", "document"), [("coco", COCO), ("results", RESULTS)])
@settings(QUICK, max_examples=300)
@given(data=st.data(), value=ODD_VALUES)
def test_any_value_anywhere_is_read_or_refused(
    name: str, document: Any, data: st.DataObject, value: Any
) -> None:
    way = data.draw(st.sampled_from(leaves(document)))
    PARSERS[name].accepts(json.dumps(replaced(document, way, value)).encode())
