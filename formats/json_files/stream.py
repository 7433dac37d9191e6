"""JSON files of which one list is too long to be held: its items are read one after another."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from formats.json_files.whole import json_faults_named

PIECE_CHARACTERS = 2**20
WITHIN_NUMBERS = frozenset("0123456789+-.eE")
WHITE_SPACE = re.compile(r"[ \t\n\r]*")


def read_json_without(path: Path, list_key: str) -> Any:
    """Read a JSON file; of its object the list under a key is read, but comes back empty.

    Raises:
        InputError: the file is missing or no JSON.
    """
    with _opened(path) as text:
        if text.next_character() != "{":
            return text.rest()
        members = _members(text, list_key)
        return {key: [] if is_item else value for key, is_item, value in members}


def json_items(path: Path, list_key: str) -> Iterator[Any]:
    """Yield the items of the list that stands under a key of a JSON file's object.

    Raises:
        InputError: the file is missing or no JSON.
    """
    with _opened(path) as text:
        if text.next_character() == "{":
            for _, is_item, value in _members(text, list_key):
                if is_item:
                    yield value


class _Text:
    """A JSON text, of which only what has not been read yet is held."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._held = ""
        self._place = 0
        self._characters_before = 0
        self._decoder = json.JSONDecoder()

    def next_character(self) -> str:
        """Return what stands after white space, without reading it; nothing at the end."""
        while True:
            white = WHITE_SPACE.match(self._held, self._place)
            self._place = white.end() if white else self._place
            if self._place < len(self._held) or not self._read_on():
                return self._held[self._place : self._place + 1]

    def take(self, characters: str) -> str:
        """Read one of these characters, after white space."""
        found = self.next_character()
        if not found or found not in characters:
            raise self.fault(f"Expecting {' or '.join(map(repr, characters))}")
        self._place += 1
        return found

    def value(self) -> Any:
        """Read a value, after white space."""
        self.next_character()
        while True:
            begin = self._place
            try:
                value, end = self._decoder.raw_decode(self._held, begin)
            except json.JSONDecodeError as error:
                position = self._characters_before + error.pos
                if not self._read_on():
                    raise json.JSONDecodeError(error.msg, "", position) from error
                continue
            # A number may go on behind what is held, in which "1." and "1e+" are read as 1.
            is_whole = end < len(self._held) and self._held[end] not in WITHIN_NUMBERS
            if is_whole or not self._read_on():
                # From where the value begins now: what stands before it may have been let go.
                self._place += end - begin
                return value

    def key(self) -> str:
        """Read an object's next key and the colon behind it."""
        if self.next_character() != '"':
            raise self.fault("Expecting property name enclosed in double quotes")
        key: str = self.value()
        self.take(":")
        return key

    def rest(self) -> Any:
        """Read all that is left, one value."""
        self._held += self._file.read()
        value = self.value()
        self.end()
        return value

    def end(self) -> None:
        """Refuse whatever else follows."""
        if self.next_character():
            raise self.fault("Extra data")

    def fault(self, what: str) -> json.JSONDecodeError:
        """Return an error that names what is wrong here."""
        return json.JSONDecodeError(what, "", self._characters_before + self._place)

    def _read_on(self) -> bool:
        # As much again as is held, so that a long value is not begun too often.
        more = self._file.read(max(PIECE_CHARACTERS, len(self._held) - self._place))
        self._characters_before += self._place
        self._held = self._held[self._place :] + more
        self._place = 0
        return bool(more)


def _members(text: _Text, list_key: str) -> Iterator[tuple[str, bool, Any]]:
    """Yield an object's keys and values, but for the list under a key each of its items.

    Each comes with whether it is such an item; the list comes as it is where it has none.
    """
    text.take("{")
    if text.next_character() == "}":
        text.take("}")
    else:
        end = ","
        is_read = False
        while end != "}":
            key = text.key()
            if key == list_key and is_read:
                # Other readers would take the last, and here the first are handed on already.
                raise text.fault(f"Key '{key}' stands twice")
            is_read |= key == list_key
            if key == list_key and text.next_character() == "[":
                yield from ((key, is_item, value) for is_item, value in _items(text))
            else:
                yield key, False, text.value()
            end = text.take(",}")
    text.end()


def _items(text: _Text) -> Iterator[tuple[bool, Any]]:
    text.take("[")
    if text.next_character() == "]":
        text.take("]")
        yield False, []
        return
    end = ","
    while end != "]":
        yield True, text.value()
        end = text.take(",]")


@contextmanager
def _opened(path: Path) -> Iterator[_Text]:
    with json_faults_named(path), path.open(encoding="utf-8-sig") as file:
        yield _Text(file)
