"""The networks that a detector's file holds: one, or several whose boxes are merged."""

from training.saving.checkpoint import Checkpoint

KIND = "detector"
MERGED_KIND = "merged detector"
DETECTOR_KINDS = (KIND, MERGED_KIND)
"""What finds boxes, of one network or several."""


def members_of(detector: Checkpoint) -> list[Checkpoint]:
    """Return the checkpoint of each network of a merged detector, or that of the only one."""
    if detector.kind == KIND:
        return [detector]
    return [
        Checkpoint(
            kind=KIND,
            config=config,
            class_names=detector.class_names,
            state={
                name.removeprefix(f"{index}."): tensor
                for name, tensor in detector.state.items()
                if name.startswith(f"{index}.")
            },
        )
        for index, config in enumerate(detector.config["members"])
    ]
