"""The exact set of dependencies: every one, in the range that setup.cfg gives."""

import configparser
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([a-z0-9.-]+)==(\S+)(.*)$", re.MULTILINE)
LOCKED_EXTRAS = ("dicom", "onnx", "web")


def requirements() -> list[Requirement]:
    """Return what setup.cfg asks for at run time."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = [config["options"]["install_requires"]]
    listed += [config["options.extras_require"][name] for name in LOCKED_EXTRAS]
    lines = [line.strip() for text in listed for line in text.splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("requirement", requirements(), ids=lambda r: r.name)
def test_each_dependency_is_locked_in_its_range_which_has_two_ends(
    requirement: Requirement,
) -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    name = canonicalize_name(requirement.name)
    versions = [version for locked, version, _ in PIN.findall(lock) if locked == name]

    assert {specifier.operator for specifier in requirement.specifier} == {">=", "<"}
    assert versions
    assert all(requirement.specifier.contains(version) for version in versions)


def test_every_locked_file_has_a_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]

    assert len(entries) > 40
    assert all("--hash=sha256:" in entry for entry in entries)
