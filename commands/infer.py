"""Find tumours on mammograms and name them Benign or Cancer.

Research software, not a medical device: no result may guide the care of a person.
"""

import argparse
import sys
from pathlib import Path

from commands.dicom_arguments import add_dicom_arguments, dicom_options


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE|DIR")
    parser.add_argument(
        "--output-dir", type=Path, help="also write overlays, results.json and results.csv there"
    )
    parser.add_argument("--json", action="store_true", help="print the results file's JSON")
    parser.add_argument("--detector", type=Path, help="checkpoint instead of the embedded one")
    parser.add_argument("--classifier", type=Path, help="checkpoint instead of the embedded one")
    parser.add_argument(
        "--operating-point",
        default="balanced",
        help="named in the checkpoints: balanced or sensitive",
    )
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    add_dicom_arguments(parser)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Print what is found; exit 3 when some files could not be read."""
    arguments = parse_arguments(argv)

    import json
    import logging

    from tqdm import tqdm

    from formats.errors import InputError
    from formats.films import list_images
    from formats.results import Results, results_to_json, write_results
    from pipeline import film_files
    from pipeline.two_stage import METHOD, load_two_stage

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.info("Research software, not a medical device.")
    try:
        paths = [path for given in arguments.images for path in list_images(given)]
        model = load_two_stage(arguments.detector, arguments.classifier, arguments.device)
        operating_score = model.operating_score(arguments.operating_point)
        if arguments.output_dir:
            arguments.output_dir.mkdir(parents=True, exist_ok=True)
    except (InputError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1

    results, taken_names = [], set[str]()
    progress = tqdm(paths, desc="images", disable=None if len(paths) > 1 else True)
    for inferred in film_files.infer_files(
        model, progress, operating_score, dicom_options(arguments)
    ):
        if isinstance(inferred, InputError):
            continue
        results.append(inferred.result)
        if not arguments.json:
            tqdm.write(film_files.describe(inferred.result), file=sys.stdout)
        if arguments.output_dir:
            film_files.write_overlay(inferred, arguments.output_dir, taken_names)
    document = Results(METHOD, model.models, results)
    if arguments.json:
        print(json.dumps(results_to_json(document), indent=1))
    if arguments.output_dir:
        write_results(document, arguments.output_dir / "results.json")
        table = film_files.results_to_csv(results)
        (arguments.output_dir / "results.csv").write_text(table, encoding="utf-8")
        logging.info("written to %s", arguments.output_dir)
    if not results:
        return 1
    return 3 if len(results) < len(paths) else 0


if __name__ == "__main__":
    sys.exit(main())
