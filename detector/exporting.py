"""A detector's networks as ONNX graphs, and what has to be done before and after them."""

from detector.box_fusion import LOWEST_WEIGHT
from detector.inference_network import INPUT_NAME, OUTPUT_NAMES, inference_graph
from detector.members import members_of
from detector.model import DETECTOR
from formats.film_reading.intensity_window import WINDOW_PERCENTILE
from training.networks.onnx_graph import ExportedNetwork
from training.saving.checkpoint import Checkpoint


def export_detector(detector: Checkpoint) -> list[ExportedNetwork]:
    """Export each network of a detector.

    Raises:
        InputError: the weights do not fit their description, a network is of another engine than
            torchvision, or onnx is not installed.
    """
    members = members_of(detector)
    return [
        _export(member, {"number": number, "count": len(members)})
        for number, member in enumerate(members, start=1)
    ]


def _export(network: Checkpoint, place: dict[str, int]) -> ExportedNetwork:
    model, config = DETECTOR.rebuild(network)
    preprocessing = {
        "input": INPUT_NAME,
        "side_px": config.input.side_px,
        "geometry": config.input.geometry,
        "black": "the darkest grey level of the film",
        "white_percentile": WINDOW_PERCENTILE,
        "largest_value": 1.0,
        "channels": 3,
    }
    postprocessing = {
        "outputs": OUTPUT_NAMES,
        "boxes": "x_min, y_min, x_max, y_max in pixels of the square, the far edge outside",
        "first_label": 1,
        "class_names": network.class_names,
        "looks": network.config["looks"],
        "lowest_fusion_weight": LOWEST_WEIGHT,
    }
    return ExportedNetwork(
        graph=inference_graph(model, config.input.side_px),
        usage={"network": place, "preprocessing": preprocessing, "postprocessing": postprocessing},
    )
