"""What reading leaves beside its records: findings, and which files were used."""

from dataclasses import dataclass, field

from converters.ddsm_files.disk import DiskIndex
from converters.records import Finding, FindingKind
from formats.errors import InputError


@dataclass
class Notes:
    """Grows while files are read."""

    findings: list[Finding] = field(default_factory=list)
    used_files: set[str] = field(default_factory=set)

    def add(self, kind: FindingKind, file: str, detail: str) -> None:
        """Note one odd thing about one file."""
        self.findings.append(Finding(kind=kind, file=file, detail=detail))

    def add_error(self, kind: FindingKind, file: str, error: InputError) -> None:
        """Note what was wrong with a file, by its name alone: the folder is nobody's business."""
        self.add(kind, file, str(error).rpartition(f"{file}: ")[2])

    def join(self, other: "Notes") -> None:
        """Take over another's notes."""
        self.findings += other.findings
        self.used_files |= other.used_files


def find_noting(wanted: str, disk: DiskIndex, notes: Notes, if_missing: FindingKind) -> str | None:
    """Find an image or mask, noting what had to be overlooked, or that it is missing."""
    match = disk.find(wanted)
    if match is None:
        notes.add(if_missing, wanted, "not on disk")
        return None
    if match.overlooked is not None:
        notes.add(match.overlooked, wanted, f"found as {match.file_name}")
    notes.used_files.add(match.file_name)
    return match.file_name
