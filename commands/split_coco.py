"""Split a COCO file into train.json and val.json by a list of validation patients."""

import argparse
import sys
from pathlib import Path


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--coco", type=Path, required=True, help="COCO file with a case_id an image"
    )
    parser.add_argument(
        "--validation-patients", type=Path, required=True, help="text file, one case_id a line"
    )
    parser.add_argument("--output-dir", type=Path, required=True)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Write both parts and print their paths."""
    arguments = parse_arguments(argv)

    from converters.patient_list import read_patient_list, split_by_patients
    from formats.coco import read_coco, write_coco
    from formats.errors import InputError

    try:
        dataset = read_coco(arguments.coco)
        parts = split_by_patients(dataset, read_patient_list(arguments.validation_patients))
        paths = [arguments.output_dir / f"{name}.json" for name in ("train", "val")]
        for part, path in zip(parts, paths, strict=True):
            write_coco(part, path)
    except (InputError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for change in dataset.changes:
        print(f"{arguments.coco}: {change}", file=sys.stderr)
    for path in paths:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
