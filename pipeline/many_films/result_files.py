"""The files of a run over films: the results file, and beside it a table and COCO's list."""

from collections.abc import Sequence
from pathlib import Path

from formats.coco import write_json
from formats.results import Results, coco_results_of_files, write_results
from formats.whole_file import write_whole
from pipeline.many_films.result_lines import results_to_csv


def coco_results_path(output: Path) -> Path:
    """Return where the plain COCO results list goes: beside the results file."""
    return output.with_name(f"{output.stem}.coco.json")


def table_path(output: Path) -> Path:
    """Return where the table goes: beside the results file."""
    return output.with_name(f"{output.stem}.csv")


def write_result_files(document: Results, output: Path, file_names: Sequence[str]) -> None:
    """Write the results of films that no COCO file names, the results file last.

    Args:
        document: of this run.
        output: the results file.
        file_names: of all films, those of other parts and those that could not be read too.
    """
    write_json(coco_results_of_files(document, file_names), coco_results_path(output))
    write_table(document, output)
    write_results(document, output)


def write_table(document: Results, output: Path) -> None:
    """Write the table beside the results file."""
    # A file name may hold what UTF-8 has no sign for.
    table = results_to_csv(document).encode(errors="backslashreplace")
    write_whole(table, table_path(output))
