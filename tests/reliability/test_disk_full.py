"""Where the disk is full, the last good state survives, nothing is left lying about, one line says
so, and the exit code is 1.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from blobs import BlobData

SCRIPT = Path(__file__).with_name("disk_full.py")
NAME_SPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def can_mount() -> bool:
    try:
        return subprocess.run([*NAME_SPACE, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not can_mount(), reason="needs a name space in which mounting is allowed")
def test_no_command_loses_anything_to_a_full_disk(
    blob_data: BlobData, phantom_root: Path, tmp_path: Path
) -> None:
    (tmp_path / "films").symlink_to(blob_data.root)
    (tmp_path / "phantoms").symlink_to(phantom_root)
    report = tmp_path / "report.json"
    paths = os.pathsep.join(map(str, [SCRIPT.parents[2], SCRIPT.parents[1]]))
    done = subprocess.run(
        [*NAME_SPACE, sys.executable, str(SCRIPT), str(tmp_path), str(report)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr

    found = json.loads(report.read_text())
    assert len(found) == 8
    for command, tries in found.items():
        for tried in tries:
            errors = [line for line in tried["told"].splitlines() if line.startswith("error: ")]
            assert tried["code"] == 1, (command, tried)
            assert len(errors) == 1, (command, tried)
            assert "No space left on device; free some space" in errors[0], (command, tried)
            assert "Traceback" not in tried["told"], (command, tried)
            assert not [name for name in tried["files"] if ".partial" in name], (command, tried)
    for tried in found["train-detector"]:
        assert tried["resumed"] == 0, tried["told_then"]
