"""Export both networks' checkpoints as ONNX files, for onnxruntime and others.

Each file's metadata says what it was made from, and what has to be done before and after it.
"""

import argparse
from pathlib import Path

from commands.shared.outputs import require_writable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--detector", type=Path, help="checkpoint instead of the embedded one")
    parser.add_argument("--classifier", type=Path, help="checkpoint instead of the embedded one")
    parser.add_argument(
        "--output-dir",
        type=Path,
        required=True,
        help="folder for classifier.onnx, and detector.onnx or, where several are merged, "
        "detector_1.onnx and so on",
    )


def run(arguments: argparse.Namespace) -> int:
    """Export, and print the files' paths."""
    from pipeline.exporting import export_pair

    require_writable(arguments.output_dir)
    for path in export_pair(arguments.detector, arguments.classifier, arguments.output_dir):
        print(path)
    return 0
