from typing import Any

import pytest
import torch

from training.saving.older_checkpoints import upgrade


def description(kind: str, architecture: str) -> dict[str, Any]:
    model = {"architecture": architecture, "frozen_blocks": 3}
    return {"schema_version": 1, "kind": kind, "config": {"model": model}, "temperature": 1.5}


def test_a_classifier_without_parts_is_told_apart_into_body_and_head() -> None:
    state = {"conv1.0.weight": torch.zeros(1), "fc.1.weight": torch.ones(1)}
    _, upgraded = upgrade(description("classifier", "shufflenet_v2_x1_0"), state)

    assert set(upgraded) == {"body.conv1.0.weight", "head.1.weight"}
    assert upgraded["head.1.weight"].item() == 1


@pytest.mark.parametrize("architecture", ["shufflenet_v2_x1_0", "tf_efficientnet_lite0"])
def test_what_has_its_parts_stays(architecture: str) -> None:
    state = {"body.conv1.0.weight": torch.zeros(1), "head.1.weight": torch.ones(1)}
    _, upgraded = upgrade(description("whole-image classifier", architecture), state)

    assert upgraded == state


def test_what_version_1_left_to_the_code_is_filled_in_and_what_it_said_stays() -> None:
    upgraded, _ = upgrade(description("classifier", "tf_efficientnet_lite0"), {})

    assert upgraded["config"]["looks"] == {"zooms": [1.0, 1.25], "mirrored": True}
    assert upgraded["config"]["model"]["frozen_blocks"] == 3
    assert upgraded["config"]["model"]["initial_checkpoint"] == ""
    assert (upgraded["temperature"], upgraded["calibrated_with"]) == (1.5, "")


def test_a_present_checkpoint_is_taken_as_it_is() -> None:
    given = description("detector", "none") | {"schema_version": 3}

    assert upgrade(given, {}) == (given, {})
