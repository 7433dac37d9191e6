"""What no line of the program does, found by walking its source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (
    *("formats", "converters", "phantoms", "training", "detector", "classifier"),
    *("evaluation", "reports", "pipeline", "serving", "commands", "tools"),
)
# Modules whose reading runs what a file says; of pickle's, only the error's name is harmless.
UNPICKLING_MODULES = {"cPickle", "cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve"}
# Its own unpickler knows a few names, and makes data of them only; a test of its own holds that.
OWN_UNPICKLER = "detector/detectron2_weights.py"
RUNNING_NAMES = {"eval", "exec", "compile", "__import__"}
UNPICKLING_CALLS = {
    "read_pickle",
    "load_state",
    "unsafe_load",
    "full_load",
    "load_accelerator_state",
}
SAFE_YAML_LOADERS = {"BaseLoader", "SafeLoader"}
# They are written into a folder that takes its place in whole, a line at a time, and to be removed.
WRITTEN_OTHERWISE = {
    *("phantoms/files.py", "pipeline/many_films/journal.py", "formats/whole_file.py"),
    "serving/uploads.py",
}


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def calls(tree: ast.AST) -> Iterator[tuple[str, str, ast.Call]]:
    """Yield what is called: the name, what it is an attribute of, and the call."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute):
            yield node.func.attr, ast.unparse(node.func.value), node
        elif isinstance(node.func, ast.Name):
            yield node.func.id, "", node


def keyword(call: ast.Call, name: str) -> str:
    return next((ast.unparse(k.value) for k in call.keywords if k.arg == name), "")


def unpickling_in(source: str) -> list[str]:
    """Return what in a source reads a file as code would be read."""
    tree = ast.parse(source)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.split(".")[0] in UNPICKLING_MODULES]
        if isinstance(node, ast.ImportFrom) and node.module in UNPICKLING_MODULES:
            found += [a.name for a in node.names if a.name != "UnpicklingError"]
    for name, owner, call in calls(tree):
        is_running = name in RUNNING_NAMES and not owner
        is_torch = name == "load" and owner == "torch" and keyword(call, "weights_only") != "True"
        is_numpy = keyword(call, "allow_pickle") not in ("", "False")
        is_yaml = name == "load" and owner == "yaml"
        if is_yaml:
            loader = ast.unparse(call.args[1]) if len(call.args) > 1 else keyword(call, "Loader")
            is_yaml = loader.split(".")[-1] not in SAFE_YAML_LOADERS
        if is_running or is_torch or is_numpy or is_yaml or name in UNPICKLING_CALLS:
            found.append(ast.unparse(call))
    return found


@pytest.mark.parametrize(
    "bad",
    [
        "import pickle",
        "from pickle import load",
        "import torch\ntorch.load(path)",
        "import torch\ntorch.load(path, weights_only=False)",
        "np.load(path, allow_pickle=True)",
        "pd.read_pickle(path)",
        "yaml.load(text, yaml.FullLoader)",
        "yaml.load(text)",
        "accelerator.load_state(folder)",
        "eval(text)",
        "import joblib",
    ],
)
def test_the_walk_sees_what_it_looks_for(bad: str) -> None:
    assert unpickling_in(bad)


@pytest.mark.parametrize(
    "good",
    [
        "from pickle import UnpicklingError",
        "torch.load(path, weights_only=True)",
        "yaml.load(text, yaml.BaseLoader)",
        "model.eval()",
        "json.load(stream)",
    ],
)
def test_the_walk_lets_the_rest_be(good: str) -> None:
    assert not unpickling_in(good)


def test_nothing_that_a_user_hands_in_is_unpickled() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): unpickling_in(path.read_text(encoding="utf-8"))
        for path in sources()
    }
    assert {name: what for name, what in found.items() if what} == {OWN_UNPICKLER: ["pickle"]}


def test_every_file_is_written_whole_or_not_at_all() -> None:
    writing = set()
    for path in sources():
        for name, owner, call in calls(ast.parse(path.read_text(encoding="utf-8"))):
            modes = [ast.unparse(a) for a in call.args[:2]] + [keyword(call, "mode")]
            is_opening = name == "open" and any(m.strip("'")[:1] in "wax" for m in modes if m)
            if name in {"write_text", "write_bytes", "imwrite", "to_csv"} or is_opening:
                writing.add((path.relative_to(ROOT).as_posix(), name, owner))
    assert {file for file, _, _ in writing} == WRITTEN_OTHERWISE, writing
