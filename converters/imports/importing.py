"""Other people's data sets -> our COCO files, a split by patient, and a quality report."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from converters.conversion import Conversion, write_coco_files, write_report, write_splits
from converters.ddsm_files.disk import DiskIndex
from converters.imports.coco_views import case_of, views_of
from converters.imports.gathered import Gathered
from converters.imports.import_report import import_report
from converters.imports.sources import gather
from converters.records import Finding, FindingKind, View
from converters.repeated_films import (
    Repeated,
    content_id,
    same_files,
    same_pictures,
    shared_lengths,
)
from converters.splits import PART_NAMES, check_arguments, deal_views, patients_of, split_patients
from formats.coco_reading.images import SIDE_OF_WORD
from formats.coco_reading.options import COCO_AS_IT_IS, CocoOptions
from formats.coco_reading.reader import read_document
from formats.coco_records import CocoDataset, CocoImage
from formats.errors import InputError
from formats.film_reading.listing import MACOS_FOLDER
from formats.labels import CATEGORY_NAMES, LABELS, SEVERITY, UNNAMED_LESION

# Roboflow's augmented copies of one film share all that comes before this.
ROBOFLOW_COPY = re.compile(r"(.+)\.rf\.[0-9a-zA-Z]+\.\w+$")


@dataclass(frozen=True, kw_only=True)
class ImportSettings:
    """What an import may choose."""

    seed: int = 0
    ratios: tuple[float, ...] = (0.7, 0.15, 0.15)
    """Of the patients in train, val and test."""
    keep_split: bool = False
    """The source's own parts in place of these."""
    case_pattern: str = ""
    """A regular expression for a film's name, with groups `case`, and maybe `side` and `view`."""
    options: CocoOptions = field(default_factory=lambda: COCO_AS_IT_IS)


def import_data_set(
    source: str, root: Path, output_dir: Path, settings: ImportSettings
) -> Conversion:
    """Turn a folder of somebody else's annotations into COCO files of this project's contract.

    Writes train.json, val.json, test.json and all.json (ids are those of all.json), splits.csv,
    and quality_report.json. Files that cannot be read are left out and reported. The same files
    and settings give the same bytes.

    Args:
        source: one of `sources.SOURCES`.
        root: the folder of the films and annotations.
        output_dir: made where it is missing; not the root itself.
        settings: the split, and what names and numbers mean where they do not say so.

    Raises:
        InputError: the folder, a file or a setting cannot be used.
        OSError: the output cannot be written.
    """
    check_arguments(settings.ratios, settings.seed)
    pattern = _compiled(settings.case_pattern)
    disk = _index(root, output_dir)
    gathered, changes = gather(source, disk, settings.options)
    dataset = read_document(root, gathered.document(), settings.options, root)
    _name_patients(dataset, pattern)
    dataset = _without_placeless(dataset, gathered)
    _label_views(dataset)
    names = [image["file_name"] for image in dataset.images]
    lengths = shared_lengths(names, disk)
    views = views_of(dataset, {name: content_id(name, disk, lengths) for name in names})
    repeated = same_files(views) + same_pictures(views, disk)
    linked = [{view.row.case_id for view in films.views} for films in repeated]
    leaks = _leaks(views, repeated, gathered.parts_of_film)
    part_of = _parts(views, linked, gathered.parts_of_film, settings)
    parts = deal_views(views, part_of)
    findings = [*gathered.notes.findings, *leaks, *(films.finding() for films in repeated)]
    report = import_report(
        source=source,
        views=views,
        parts=parts,
        findings=findings,
        changes=[*changes, *dataset.changes],
        without_patient=sum("case_id" not in image for image in dataset.images),
        settings={
            "seed": settings.seed,
            "ratios": list(settings.ratios),
            "keep_split": settings.keep_split,
            "case_pattern": settings.case_pattern,
        },
    )
    paths = [
        *write_coco_files(dataset, part_of, output_dir, case_of),
        write_splits(part_of, views, output_dir / "splits.csv"),
        write_report(report, output_dir),
    ]
    return Conversion(
        paths=tuple(paths),
        report=report,
        rows=tuple(view.row for view in views),
        views=tuple(views),
        kept_views=tuple(views),
        findings=tuple(findings),
    )


def _compiled(pattern: str) -> re.Pattern[str] | None:
    if not pattern:
        return None
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise InputError(f"case pattern '{pattern}': no regular expression ({error})") from error
    if "case" not in compiled.groupindex:
        raise InputError(
            f"case pattern '{pattern}': has no group named case; write one, such as "
            r"'(?P<case>P_\d+)_(?P<side>LEFT|RIGHT)_(?P<view>CC|MLO)'"
        )
    return compiled


def _index(root: Path, output_dir: Path) -> DiskIndex:
    if not root.is_dir():
        raise InputError(f"{root}: no such folder; give the one that holds films and annotations")
    if output_dir.resolve() == root.resolve():
        raise InputError(f"{output_dir}: is the data set's own folder; name another for the output")
    disk = DiskIndex(root, skipped_dir=output_dir)
    # Companions that systems leave beside files (`._film.png`, `__MACOSX`) are nobody's data.
    disk.sizes_bytes = {n: size for n, size in disk.sizes_bytes.items() if not _is_hidden(n)}
    return disk


def _is_hidden(file_name: str) -> bool:
    return any(part.startswith(".") or part == MACOS_FOLDER for part in file_name.split("/"))


def _name_patients(dataset: CocoDataset, pattern: re.Pattern[str] | None) -> None:
    """Give the films their patient, side and view by their names, where the source does not."""
    unmatched = []
    for image in dataset.images:
        name = image["file_name"]
        found = pattern.search(name) if pattern else None
        if pattern and not found and "case_id" not in image:
            unmatched.append(name)
        said = found.groupdict() if found else {}
        copy = ROBOFLOW_COPY.fullmatch(name.rpartition("/")[2])
        case = said.get("case") or (copy[1] if copy else None)
        if case:
            image.setdefault("case_id", case)
        if said.get("side"):
            side = SIDE_OF_WORD.get(said["side"].casefold(), said["side"].upper())
            image.setdefault("side", side)
        if said.get("view"):
            image.setdefault("view", said["view"].upper())
    if unmatched:
        raise InputError(
            f"case pattern: {len(unmatched)} of {len(dataset.images)} film names do not fit it, "
            f"such as {unmatched[0]}; widen it"
        )


def _without_placeless(dataset: CocoDataset, gathered: Gathered) -> CocoDataset:
    """Leave out films that are said to show a lesion which is nowhere marked."""
    lesions = dataset.annotations_by_image()
    kept: list[CocoImage] = []
    for image in dataset.images:
        label = image.get("label", LABELS[0])
        if label != LABELS[0] and not lesions[image["id"]]:
            detail = f"{label} by its label, with no box"
            gathered.notes.add(FindingKind.LESION_WITHOUT_PLACE, image["file_name"], detail)
        else:
            kept.append(image)
    if not kept:
        raise InputError(
            f"{gathered.disk.root}: every film is labelled as a lesion, and none has a box; a "
            "detector cannot learn where from that"
        )
    subset = dataset.subset(kept)
    subset.changes = dataset.changes
    return subset


def _label_views(dataset: CocoDataset) -> None:
    """Give each view the label of its worst lesion; none where that is of unknown pathology."""
    lesions = dataset.annotations_by_image()
    for image in dataset.images:
        of_image = lesions[image["id"]]
        names = [CATEGORY_NAMES.get(a["category_id"], UNNAMED_LESION) for a in of_image]
        label = max(names, key=SEVERITY.index, default=LABELS[0])
        image.pop("label", None)
        if label != UNNAMED_LESION:
            image["label"] = label


def _leaks(
    views: Sequence[View], repeated: Sequence[Repeated], parts_of_film: Mapping[str, set[str]]
) -> list[Finding]:
    """Say which patients and films stand in two parts of the source's own split."""
    parts_of_case: dict[str, set[str]] = defaultdict(set)
    for view in views:
        parts_of_case[view.row.case_id] |= parts_of_film.get(view.file_name, set())
    findings = [
        Finding(
            kind=FindingKind.PATIENT_IN_TWO_PARTS,
            file=case,
            detail=f"in {' and '.join(_sorted(parts))}",
        )
        for case, parts in sorted(parts_of_case.items())
        if len(parts) > 1
    ]
    films = {view.file_name: [view.file_name] for view in views}
    for group in repeated:
        films[group.views[0].file_name] += [view.file_name for view in group.views[1:]]
    for first, names in films.items():
        parts = set().union(*(parts_of_film.get(name, set()) for name in names))
        if len(parts) > 1:
            others = f", as {', '.join(names[1:])} too" if names[1:] else ""
            detail = f"in {' and '.join(_sorted(parts))}{others}"
            findings.append(Finding(kind=FindingKind.FILM_IN_TWO_PARTS, file=first, detail=detail))
    return findings


def _sorted(parts: Iterable[str]) -> list[str]:
    return sorted(parts, key=PART_NAMES.index)


def _parts(
    views: Sequence[View],
    linked: Sequence[set[str]],
    parts_of_film: Mapping[str, set[str]],
    settings: ImportSettings,
) -> dict[str, str]:
    if not settings.keep_split:
        return split_patients(patients_of(views), linked, settings.ratios, settings.seed)
    unknown = [view.file_name for view in views if not parts_of_film.get(view.file_name)]
    if unknown:
        raise InputError(
            f"{unknown[0]} and {len(unknown) - 1} other films are in no part of the source's own "
            "split; leave --keep-split out"
        )
    parts_of_case: dict[str, set[str]] = defaultdict(set)
    for view in views:
        parts_of_case[view.row.case_id] |= parts_of_film[view.file_name]
    # Linked patients share their parts, however long the chain.
    for _ in linked:
        for group in linked:
            joined = set().union(*(parts_of_case[case] for case in group))
            for case in group:
                parts_of_case[case] = joined
    # What may have been learnt from is no test: the first part of all wins.
    return {case: _sorted(parts)[0] for case, parts in sorted(parts_of_case.items())}
