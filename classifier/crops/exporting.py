"""A crop classifier as an ONNX graph, and what has to be done before and after it."""

from dataclasses import asdict

from classifier.crops.config import BACKGROUND
from classifier.crops.inference_network import INPUT_NAME, OUTPUT_NAME, inference_graph
from classifier.crops.model import CROP_CLASSIFIER
from classifier.standardisation import LOWEST_DEVIATION
from formats.film_reading.intensity_window import WINDOW_PERCENTILE
from training.networks.onnx_graph import ExportedNetwork
from training.saving.checkpoint import Checkpoint


def export_classifier(classifier: Checkpoint) -> ExportedNetwork:
    """Export a crop classifier.

    Raises:
        InputError: the weights do not fit their description, or onnx is not installed.
    """
    model, config = CROP_CLASSIFIER.rebuild(classifier)
    preprocessing = {
        "input": INPUT_NAME,
        **asdict(config.input),
        **asdict(config.looks),
        "black": "the darkest grey level of the film",
        "white_percentile": WINDOW_PERCENTILE,
        "largest_value": 255.0,
        "mean": 0.0,
        "deviation": 1.0,
        "added_to_deviation": LOWEST_DEVIATION,
        "channels": 3,
    }
    postprocessing = {
        "output": OUTPUT_NAME,
        "of_several_looks": "the mean of the logits",
        "class_names": classifier.class_names,
        "background": BACKGROUND if BACKGROUND in classifier.class_names else None,
        "temperature": classifier.temperature,
    }
    return ExportedNetwork(
        graph=inference_graph(model, config.input.side_px),
        usage={"preprocessing": preprocessing, "postprocessing": postprocessing},
    )
