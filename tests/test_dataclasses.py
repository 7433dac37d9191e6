"""Dataclasses of three or more fields are built by name: ten positional values say nothing."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST_BY_POSITION = 2


def source_files() -> list[Path]:
    # Rooms and folders of the repository alone, no environment that was made in it.
    folders = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return [path for folder in folders for path in folder.rglob("*.py")]


def dataclasses_of(tree: ast.Module) -> Iterator[tuple[ast.ClassDef, bool]]:
    """Yield each dataclass, and whether it takes keywords only."""
    for node in ast.walk(tree):
        for decorator in node.decorator_list if isinstance(node, ast.ClassDef) else ():
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if ast.unparse(called) in ("dataclass", "dataclasses.dataclass"):
                assert isinstance(node, ast.ClassDef)
                keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
                yield node, any(ast.unparse(keyword) == "kw_only=True" for keyword in keywords)


def positional_dataclasses(source: str) -> list[str]:
    """Return the names of the dataclasses that take more than two values by position."""
    return [
        node.name
        for node, is_keyword_only in dataclasses_of(ast.parse(source))
        if not is_keyword_only
        and sum(isinstance(statement, ast.AnnAssign) for statement in node.body) > MOST_BY_POSITION
    ]


def test_dataclasses_of_three_fields_are_built_by_name() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in source_files()
        for name in positional_dataclasses(path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_each_form_of_a_positional_dataclass_is_seen() -> None:
    fields = "    a: int\n    b: int\n    c: int = 0\n"
    for decorator in ("@dataclass", "@dataclass()", "@dataclass(frozen=True)"):
        assert positional_dataclasses(f"{decorator}\nclass Row:\n{fields}") == ["Row"]
    assert positional_dataclasses(f"@dataclass(kw_only=True)\nclass Row:\n{fields}") == []
    assert positional_dataclasses("@dataclass\nclass Row:\n    a: int\n    b: int\n") == []
