"""The shortest way to the two stages from Python."""

from pathlib import Path
from typing import TYPE_CHECKING

from formats.errors import InputError
from pipeline.method_names import DEFAULT_OPERATING_POINT
from training.allocation import share_one_heap
from training.networks.runtime import Runtime

if TYPE_CHECKING:
    from formats.dicom_reading.reader import DicomOptions
    from pipeline.tumour_finder import TumourFinder


def load(
    detector: Path | str | None = None,
    classifier: Path | str | None = None,
    device: str = "auto",
    operating_point: str = DEFAULT_OPERATING_POINT,
    box_convention: str | None = None,
    dicom: "DicomOptions | None" = None,
    engine: str = Runtime.torch,
) -> "TumourFinder":
    """Load a detector and a crop classifier, ready for films.

    Args:
        detector: checkpoint; the embedded one if none is given.
        classifier: checkpoint; the embedded one if none is given.
        device: `auto` (a GPU where there is one), `cpu` or `cuda`.
        operating_point: one that the checkpoints name: `balanced`, or `sensitive`, which finds
            more and errs more.
        box_convention: one that the detector names, to draw boxes as a data set does; as they are
            found if none is given.
        dicom: which DICOM films are read, and how; presented mammograms alone if none is given.
        engine: `torch`, or `onnx` (onnxruntime, on processors), which takes longer to load and
            less for each film.

    From then on the process keeps up to 2 GiB of the memory that it frees, and all its threads
    share one heap (glibc only), which makes films faster.

    Raises:
        formats.errors.InputError: a checkpoint, the device or the engine cannot be used, or the
            checkpoints lack the operating point or the box convention.
    """
    share_one_heap()
    # Importing torch takes seconds; importing `pipeline` should not.
    from formats.dicom_reading.reader import PRESENTED_MAMMOGRAMS
    from pipeline.tumour_finder import TumourFinder
    from pipeline.two_stage import load_two_stage

    model = load_two_stage(
        Path(detector) if detector else None,
        Path(classifier) if classifier else None,
        device,
        box_convention,
        _runtime(engine),
    )
    return TumourFinder(model, operating_point, dicom or PRESENTED_MAMMOGRAMS)


def _runtime(engine: str) -> Runtime:
    if engine not in list(Runtime):
        names = " and ".join(Runtime)
        raise InputError(f"no engine is called {engine!r}; there are {names}")
    return Runtime(engine)
