"""One small network of each family of backbones, and two steps of learning."""

import torch

from training.networks.backbones import SHUFFLENET
from training.task import Task

FAMILIES = [
    *(SHUFFLENET, "efficientnet_b0", "tf_efficientnet_lite0", "convnext_atto", "resnet18"),
    *("mobilenetv3_small_050", "regnety_002"),
]


# Some families' residual branches start at zero, and the first step only opens them.
STEPS = 2


def unmoved_by_steps(task: Task) -> list[str]:
    """Let a task learn from its first batch, twice; return the weights that stay as they are."""
    task.begin_epoch(task.model, 0)
    before = {name: p.detach().clone() for name, p in task.model.named_parameters()}
    optimizer = torch.optim.AdamW(task.model.parameters(), lr=1e-3)
    batch = next(iter(task.train_loader))
    for _ in range(STEPS):
        losses = task.losses(task.model, batch)
        assert all(torch.isfinite(loss) for loss in losses.values())
        optimizer.zero_grad()
        sum(losses.values(), torch.zeros(())).backward()
        optimizer.step()
    return [name for name, p in task.model.named_parameters() if torch.equal(p, before[name])]
