"""Writing a file whole or not at all."""

from pathlib import Path


def write_whole(content: bytes, path: Path) -> None:
    """Write beside the path first, then take its place; missing folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)
