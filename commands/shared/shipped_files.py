"""Files of configs/, which come with the package, by their name alone."""

from pathlib import Path

from formats.errors import InputError


def find_shipped(given: str, suffix: str) -> Path:
    """Return the given file, or the one of that name in `configs`.

    Args:
        given: a path, or a name without folder, with or without its ending.
        suffix: of the files that are meant, such as `.yaml`.

    Raises:
        InputError: there is neither; the message lists the names.
    """
    path = Path(given)
    if path.is_file():
        return path
    shipped = shipped_files(suffix)
    name = path.name.removesuffix(suffix)
    if path.name == given and name in shipped:
        return shipped[name]
    raise InputError(f"{given}: no such file; give the path of one, or one of {sorted(shipped)}")


def shipped_files(suffix: str) -> dict[str, Path]:
    """Return the files of `configs` with that ending by their names without it."""
    # Not above: it takes as long to import as all of the command line.
    from importlib.resources import files

    folder = Path(str(files("configs")))
    return {path.stem: path for path in folder.glob(f"*{suffix}")}
