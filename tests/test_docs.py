"""What the texts say can be found, and every command in them can be given."""

import ast
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from test_layering import MAY_IMPORT

from classifier.crops.config import CropClassifierConfig
from classifier.whole_image.config import WholeImageConfig
from commands.command_line import COMMANDS, command_module, command_parser
from detector.config import DetectorConfig
from formats.results import read_results
from training.config import load_config, read_yaml

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
TEXTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "pipeline" / "weights" / "MODEL_CARD.md",
]
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
OPTIONS_OF_BENCHMARKS = {
    option
    for path in (ROOT / "benchmarks").glob("*.py")
    for option in OPTION.findall(path.read_text(encoding="utf-8"))
}
MOST_WORDS_IN_README = 1000
# The one calls the commands, the other holds no code.
NOT_DRAWN = ("tools", "configs")
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
COMMAND_NAME = re.compile(r"\bmammo ([a-z][a-z0-9-]*)")
FOLDERS = "|".join([*MAY_IMPORT, "configs", "benchmarks", "tests"])
OWN_FILE = re.compile(rf"(?:{FOLDERS})/[\w/]+\.(?:py|yaml|txt|md)")
README_SECTION = re.compile(r"README's section '([^']+)'")
DOCS_PAGE = re.compile(r"docs/[\w./-]*(?:#[\w-]+)?")


class Named(NamedTuple):
    """A row of a table: names that are to be found in files."""

    files: list[str]
    names: list[str]


def by_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(text: str) -> str:
    return FENCE.sub("", text)


def anchors(path: Path) -> set[str]:
    """The names that GitHub gives a page's headings."""
    headings = HEADING.findall(prose(read(path)))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def command_lines(text: str) -> Iterator[list[str]]:
    """The words of every `mammo` command in the code blocks of a text, `mammo` left out."""
    for _, code in FENCE.findall(text):
        for line in code.replace("\\\n", " ").splitlines():
            words = shlex.split(line.strip().removeprefix("$ "))
            if words[:1] == ["mammo"]:
                yield words[1:]


def table_rows(text: str) -> Iterator[Named]:
    """The rows of every table that has a column of files and one of names."""
    columns: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            columns = []
        elif not columns:
            columns = cells
        elif "file" in columns and "names" in columns and not set(line) <= set("|-: "):
            row = dict(zip(columns, cells, strict=True))
            yield Named(INLINE_CODE.findall(row["file"]), INLINE_CODE.findall(row["names"]))


def defined_names(path: Path) -> set[str]:
    """Functions, classes, constants and fields; what is imported or used is elsewhere's."""
    names = set()
    for node in ast.walk(ast.parse(read(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.Module | ast.ClassDef):
            names |= {name for statement in node.body for name in assigned_names(statement)}
    return names


def assigned_names(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.AnnAssign):
        targets: list[ast.expr] = [statement.target]
    else:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def string_literals(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(read(path))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


ALL_COMMANDS = [
    pytest.param(words, id=f"{by_name(path)}: {' '.join(words)[:60]}")
    for path in TEXTS
    for words in command_lines(read(path))
]
TRAININGS = [given for given in ALL_COMMANDS if str(given.values[0][0]).startswith("train-")]


def test_readme_can_be_read_at_one_sitting() -> None:
    """Code blocks do not count; tables, links and inline code do."""
    assert len(prose(read(README)).split()) <= MOST_WORDS_IN_README


@pytest.mark.parametrize("path", TEXTS, ids=by_name)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in LINK.findall(prose(read(path))):
        if target.startswith(("http:", "https:")):
            continue
        file, _, anchor = target.partition("#")
        page = (path.parent / file).resolve() if file else path
        assert page.exists(), target
        assert page.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(page), target


def test_every_page_is_found_from_readme() -> None:
    linked = {(ROOT / target.partition("#")[0]).resolve() for target in LINK.findall(read(README))}
    assert {path for path in TEXTS if path != README} <= linked


@pytest.mark.parametrize("path", TEXTS, ids=by_name)
def test_every_file_that_a_text_names_is_there(path: Path) -> None:
    missing = [name for name in OWN_FILE.findall(read(path)) if not (ROOT / name).exists()]
    assert not missing


def test_texts_show_every_command() -> None:
    shown = {name for path in TEXTS for name in COMMAND_NAME.findall(read(path))}
    assert shown == set(COMMANDS)


@pytest.mark.parametrize("words", ALL_COMMANDS)
def test_every_command_can_be_given(words: list[str]) -> None:
    # Unknown options and missing ones end the process.
    command_parser(command_module(words[0])).parse_intermixed_args(words[1:])


@pytest.mark.parametrize("path", TEXTS, ids=by_name)
def test_every_option_that_a_text_names_is_one(path: Path) -> None:
    helps = [command_parser(command_module(name)).format_help() for name in COMMANDS]
    known = set(OPTION.findall("\n".join(helps))) | OPTIONS_OF_BENCHMARKS
    # Options of other programs stand with the program's name.
    for code in INLINE_CODE.findall(prose(read(path))):
        if code.startswith(("mammo ", "--", "python benchmarks/")):
            assert set(OPTION.findall(code)) <= known, code


@pytest.mark.parametrize("words", TRAININGS)
def test_every_training_has_a_config_that_knows_its_settings(words: list[str]) -> None:
    config = ROOT / "configs" / f"{words[words.index('--config') + 1]}.yaml"
    overrides = [word for word in words if re.match(r"[a-z_.0-9]+=", word)]
    if words[0] == "train-detector":
        schema: type = DetectorConfig
    elif str(read_yaml(config).get("task", "")).startswith("whole_image"):
        schema = WholeImageConfig
    else:
        schema = CropClassifierConfig
    load_config(schema, config, overrides)


@pytest.mark.parametrize("path", [*TEXTS, *CONFIGS], ids=by_name)
def test_every_command_that_a_text_names_exists(path: Path) -> None:
    assert set(COMMAND_NAME.findall(read(path))) <= set(COMMANDS)


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_messages_cite_what_exists(room: str) -> None:
    sections = set(HEADING.findall(prose(read(README))))
    for path in (ROOT / room).rglob("*.py"):
        for text in string_literals(path):
            cited = README_SECTION.findall(text)
            assert text.count("README") == len(cited), f"{path}: of which section? {text}"
            assert set(cited) <= sections, path
            assert set(COMMAND_NAME.findall(text)) <= set(COMMANDS), path
            for page in DOCS_PAGE.findall(text):
                name, _, anchor = page.rstrip(".").partition("#")
                assert (ROOT / name).is_file(), f"{path}: {page}"
                assert not anchor or anchor in anchors(ROOT / name), f"{path}: {page}"


def test_only_what_a_file_defines_counts_as_its_own(tmp_path: Path) -> None:
    file = tmp_path / "moved.py"
    file.write_text(
        "from elsewhere import moved\nLIMIT: int = 3\nclass Box:\n    side_px: int = 0\n"
        "    def draw(self):\n        local = moved()\n        return local\n"
    )

    assert defined_names(file) == {"LIMIT", "Box", "side_px", "draw"}


def test_what_architecture_names_is_defined_in_its_files() -> None:
    rows = list(table_rows(read(ARCHITECTURE)))
    assert len(rows) > 40
    for files, names in rows:
        assert files, names
        assert names, files
        defined = [defined_names(ROOT / file) for file in files]
        lost = [name for name in names if not any(name in here for here in defined)]
        assert not lost, f"{lost} not in {files}"
        empty = [file for file, here in zip(files, defined, strict=True) if not here & set(names)]
        assert not empty, f"none of {names} in {empty}"


def test_architecture_draws_the_rooms_as_they_are() -> None:
    arrows = re.findall(r"^ +(\w+) --> (\w+)$", read(ARCHITECTURE), re.MULTILINE)
    reached = {room: {end for start, end in arrows if start == room} for room in MAY_IMPORT}
    for _ in MAY_IMPORT:
        for ends in reached.values():
            ends |= {further for end in set(ends) for further in reached[end]}
    drawn = {room: ends for room, ends in reached.items() if room not in NOT_DRAWN}
    assert drawn == {room: may for room, may in MAY_IMPORT.items() if room not in NOT_DRAWN}


def test_contributing_gives_the_rooms_rules() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", read(ROOT / "CONTRIBUTING.md"), re.MULTILINE)
    above: set[str] = set()
    for room, cell in rows:
        said = above if cell == "all of the above" else set(INLINE_CODE.findall(cell))
        assert said == MAY_IMPORT[room], room
        above = above | {room}
    assert above == set(MAY_IMPORT)


def test_the_results_file_in_the_text_is_one(tmp_path: Path) -> None:
    (shown,) = [code for kind, code in FENCE.findall(read(ROOT / "docs" / "formats.md")) if kind]
    json.loads(shown)
    (tmp_path / "results.json").write_text(shown, encoding="utf-8")
    assert read_results(tmp_path / "results.json").images[0].detections
