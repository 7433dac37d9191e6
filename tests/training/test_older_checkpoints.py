import torch

from training.older_checkpoints import upgrade


def description(kind: str, architecture: str) -> dict:
    return {"kind": kind, "config": {"model": {"architecture": architecture}}}


def test_a_classifier_without_parts_is_told_apart_into_body_and_head() -> None:
    state = {"conv1.0.weight": torch.zeros(1), "fc.1.weight": torch.ones(1)}
    _, upgraded = upgrade(description("classifier", "shufflenet_v2_x1_0"), state)

    assert set(upgraded) == {"body.conv1.0.weight", "head.1.weight"}
    assert upgraded["head.1.weight"].item() == 1


def test_what_has_its_parts_stays() -> None:
    state = {"body.conv1.0.weight": torch.zeros(1), "head.1.weight": torch.ones(1)}
    _, upgraded = upgrade(description("whole-image classifier", "shufflenet_v2_x1_0"), state)

    assert upgraded == state
