"""Mini-DDSM -> COCO files, a split and the numbers of a quality report."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from converters.ddsm_files.disk import DiskIndex
from converters.ddsm_files.metadata import Metadata, read_metadata
from converters.mini_ddsm import read_views
from converters.quality.report import (
    conversion_sections,
    count_read_failures,
    read_failure_warnings,
    table_report,
)
from converters.quality.table_counts import table_findings
from converters.records import Finding, TableRow, View
from converters.repeated_films import Repeated, same_files, same_pictures
from converters.selection import doubts_by_table, select_views
from converters.splits import PART_NAMES, check_arguments, deal_views, patients_of, split_patients
from converters.views_to_coco import views_to_coco
from formats.coco import CocoDataset, CocoImage, write_coco, write_json
from formats.errors import InputError
from formats.whole_file import write_whole

SPLIT_COLUMNS = ("case_id", "part", "label", "site", "views")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a conversion may choose."""

    seed: int = 0
    ratios: tuple[float, ...] = (0.7, 0.15, 0.15)
    """Of the patients in train, val and test."""
    keep_unmarked_siblings: bool = False
    keep_other_breasts: bool = True


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """What a conversion wrote, and what is to be said about it."""

    paths: tuple[Path, ...]
    """Of the files written."""
    report: dict[str, Any]
    """What `quality_report.json` holds."""
    rows: tuple[TableRow, ...]
    views: tuple[View, ...]
    """All that were read; none where only the tables were."""
    kept_views: tuple[View, ...]
    """Those that went into the COCO files."""
    findings: tuple[Finding, ...]

    @property
    def read_failures(self) -> int:
        """How many films, masks and folders should have been there, whole."""
        return count_read_failures(self.findings)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should hear at once."""
        return (*self.report.get("warnings", ()), *read_failure_warnings(self.findings))


def convert(
    root: Path, metadata_paths: Sequence[Path], output_dir: Path, settings: Settings
) -> Conversion:
    """Convert a Mini-DDSM folder, of either edition.

    Writes train.json, val.json, test.json and all.json (ids are those of all.json), splits.csv,
    and quality_report.json. Files that cannot be read are left out and reported. The same files
    and settings give the same bytes.

    Args:
        root: The folder that holds Benign, Cancer and Normal.
        metadata_paths: The tables, or none to take those in the root.
        output_dir: Made where it is missing; not the root itself.
        settings: The split and the fate of doubtful views.

    Raises:
        InputError: the folder, a table or a setting cannot be used.
        OSError: the output cannot be written.
    """
    check_arguments(settings.ratios, settings.seed)
    disk = _index(root, output_dir)
    metadata = read_metadata(metadata_paths, disk)
    rows = metadata.table.rows
    reading = read_views(rows, disk, _names_below_root(metadata.paths, disk))
    selection = select_views(
        reading.views, settings.keep_unmarked_siblings, settings.keep_other_breasts
    )
    if not selection.views:
        raise InputError(f"{root}: no view is left to convert; see why with --metadata-only")
    repeated = same_files(reading.views) + same_pictures(reading.views, disk)
    part_of = _part_of_patients(selection.views, repeated, settings)
    findings = (
        *metadata.table.findings,
        *table_findings(rows),
        *reading.findings,
        *selection.findings,
        *(films.finding() for films in repeated),
    )
    parts = deal_views(selection.views, part_of)
    report = _with_views(_report(metadata, findings, settings), reading.views, parts)
    paths = (
        *write_coco_files(views_to_coco(selection.views), part_of, output_dir),
        write_splits(part_of, selection.views, output_dir / "splits.csv"),
        write_report(report, output_dir),
    )
    return Conversion(
        paths=paths,
        report=report,
        rows=tuple(rows),
        views=tuple(reading.views),
        kept_views=selection.views,
        findings=findings,
    )


def report_on_tables(
    root: Path | None, metadata_paths: Sequence[Path], output_dir: Path, settings: Settings
) -> Conversion:
    """Write the quality report on the tables alone; no image is opened.

    Raises:
        InputError: the folder, a table or a setting cannot be used.
        OSError: the output cannot be written.
    """
    check_arguments(settings.ratios, settings.seed)
    disk = _index(root, output_dir) if root is not None else None
    metadata = read_metadata(metadata_paths, disk)
    rows = metadata.table.rows
    findings = [*metadata.table.findings, *table_findings(rows), *doubts_by_table(rows)]
    report = _report(metadata, findings, settings)
    return Conversion(
        paths=(write_report(report, output_dir),),
        report=report,
        rows=tuple(rows),
        views=(),
        kept_views=(),
        findings=tuple(findings),
    )


def _part_of_patients(
    views: Sequence[View], repeated: Iterable[Repeated], settings: Settings
) -> dict[str, str]:
    """Deal the patients; those who share a film go together."""
    linked = [{view.row.case_id for view in films.views} for films in repeated]
    return split_patients(patients_of(views), linked, settings.ratios, settings.seed)


def _with_views(
    report: dict[str, Any], views: Sequence[View], parts: Mapping[str, Sequence[View]]
) -> dict[str, Any]:
    """Add to the tables' report what the views tell."""
    sections = conversion_sections(views, parts)
    site_scores = report["site_alone_would_score"] | sections["site_alone_would_score"]
    return report | sections | {"site_alone_would_score": site_scores}


def write_report(report: dict[str, Any], output_dir: Path) -> Path:
    """Write quality_report.json and return its path."""
    path = output_dir / "quality_report.json"
    write_json(report, path)
    return path


def _index(root: Path, output_dir: Path) -> DiskIndex:
    if output_dir.resolve() == root.resolve():
        raise InputError(f"{output_dir}: is the data set's own folder; name another for the output")
    return DiskIndex(root, skipped_dir=output_dir)


def _names_below_root(paths: Iterable[Path], disk: DiskIndex) -> list[str]:
    root = disk.root.resolve()
    resolved = [path.resolve() for path in paths]
    below = [path for path in resolved if path.is_relative_to(root)]
    return [path.relative_to(root).as_posix() for path in below]


def _report(metadata: Metadata, findings: Iterable[Finding], settings: Settings) -> dict[str, Any]:
    tables = [path.name for path in metadata.paths]
    return table_report(metadata.table.rows, findings, {"tables": tables, **asdict(settings)})


def write_coco_files(
    dataset: CocoDataset,
    part_of: Mapping[str, str],
    output_dir: Path,
    case_of: Callable[[CocoImage], str] = itemgetter("case_id"),
) -> list[Path]:
    """Write all.json and one file a part, and return their paths.

    Args:
        dataset: all images.
        part_of: the part of each patient.
        output_dir: made where it is missing.
        case_of: the patient of an image.
    """
    datasets = {"all": dataset} | {
        name: dataset.subset(i for i in dataset.images if part_of[case_of(i)] == name)
        for name in PART_NAMES
    }
    paths = {name: output_dir / f"{name}.json" for name in datasets}
    for name, part in datasets.items():
        write_coco(part, paths[name])
    return list(paths.values())


def write_splits(part_of: Mapping[str, str], views: Sequence[View], path: Path) -> Path:
    """Write the patients and their parts as a table, and return its path."""
    view_counts = Counter(view.row.case_id for view in views)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(SPLIT_COLUMNS)
    for patient in patients_of(views):
        case_id = patient.case_id
        writer.writerow(
            (case_id, part_of[case_id], patient.label, patient.site, view_counts[case_id])
        )
    write_whole(stream.getvalue().encode(), path)
    return path
