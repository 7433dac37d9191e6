"""Images a second of a detector's training step as it is, and as it was before.

    python benchmarks/training_step.py [--rounds 3 --steps 5 --precision fp32]

Before, maps lay channel by channel, freed memory went back to the system, AdamW passed over each
parameter, pooling and shuffling were torchvision's, and padding was timm's. What keeps freed memory
holds for a whole process, so that each turn is a process of its own; ways and networks take turns.
The losses of the second step are compared: later on, which boxes are drawn for learning may hang on
the last digit.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

import torch
from timm.layers.conv2d_same import Conv2dSame
from torch import nn
from torchvision.models.shufflenetv2 import InvertedResidual
from torchvision.ops import MultiScaleRoIAlign

from detector.box_pooling import BoxPooling
from detector.config import DetectorConfig, DetectorInput, DetectorModel
from detector.model import build_detector
from training.allocation import keep_freed_memory
from training.config import Precision
from training.loop import parameter_groups
from training.networks.backbones import BatchNorm, ShuffleBlock, set_training_mode
from training.networks.depthwise import DepthwiseConvolution, DepthwiseHalving
from training.networks.halving import HalvingConvolution
from training.schedule import averaged_copy

WAYS = ("as it is", "as before")
MEAN = [0.5, 0.5, 0.5]
NETWORKS = {
    "shufflenet": DetectorConfig(input=DetectorInput(side_px=448)),
    "lite0": DetectorConfig(
        input=DetectorInput(side_px=512, mean=MEAN, std=MEAN),
        model=DetectorModel(
            backbone="tf_efficientnet_lite0", frozen_blocks=3, batch_norm=BatchNorm.fixed
        ),
    ),
}
BATCH_SIZES = {"shufflenet": 8, "lite0": 4}
WARM_UP_STEPS = 2
LIBRARIES_OWN: dict[type[nn.Module], type[nn.Module]] = {
    BoxPooling: MultiScaleRoIAlign,
    ShuffleBlock: InvertedResidual,
    HalvingConvolution: Conv2dSame,
    DepthwiseHalving: Conv2dSame,
    DepthwiseConvolution: nn.Conv2d,
}


def measure(network: str, way: str, steps: int, precision: Precision) -> dict[str, float]:
    """Return the median seconds of a step, its processor seconds, and the second step's loss."""
    as_it_is = way == "as it is"
    if as_it_is:
        keep_freed_memory()
    torch.manual_seed(0)
    config, batch_size = NETWORKS[network], BATCH_SIZES[network]
    model = build_detector(config)
    if as_it_is:
        model.to(memory_format=torch.channels_last)
    else:
        use_libraries_own(model)
    set_training_mode(model, config.model.batch_norm)
    groups = parameter_groups(model, weight_decay=0.01)
    optimizer = torch.optim.AdamW(groups, lr=1e-4, fused=as_it_is)
    averaged = averaged_copy(model, 0.99)
    side_px = config.input.side_px
    images = [torch.rand(1, side_px, side_px).expand(3, -1, -1) for _ in range(batch_size)]
    box = torch.tensor([[100.0, 100.0, 180.0, 200.0]])
    target = {"boxes": box, "labels": torch.tensor([1]), "crowds": torch.zeros(0, 4)}
    seconds, processor_seconds, losses = [], [], []
    for step in range(WARM_UP_STEPS + steps):
        begin, processor_begin = time.perf_counter(), time.process_time()
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == Precision.bf16):
            total = torch.stack(list(model(images, [target] * batch_size).values())).sum()
        optimizer.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
        averaged.update_parameters(model)
        losses.append(total.item())
        if step >= WARM_UP_STEPS:
            seconds.append(time.perf_counter() - begin)
            processor_seconds.append(time.process_time() - processor_begin)
    return {
        "seconds": statistics.median(seconds),
        "processor_seconds": statistics.median(processor_seconds),
        "loss": losses[1],
    }


def use_libraries_own(model: nn.Module) -> None:
    """Put torchvision's pooling and blocks and timm's padding in place of this project's."""
    for module in model.modules():
        module.__class__ = LIBRARIES_OWN.get(type(module), type(module))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--precision", type=Precision, default=Precision.fp32)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        network, way = arguments.one
        print(json.dumps(measure(network, way, arguments.steps, arguments.precision)))
        return
    turns: dict[tuple[str, str], list[dict[str, float]]] = {}
    for _ in range(arguments.rounds):
        for network in NETWORKS:
            for way in WAYS:
                options = ["--steps", str(arguments.steps), "--precision", arguments.precision]
                command = [sys.executable, __file__, *options, "--one", network, way]
                finished = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
                turns.setdefault((network, way), []).append(json.loads(finished.stdout))
    print(f"{'network':12} {'way':10} {'images/s':>9} {'processor s a step':>19} {'loss':>10}")
    for (network, way), figures in turns.items():
        speed = BATCH_SIZES[network] / statistics.median(f["seconds"] for f in figures)
        processor = statistics.median(f["processor_seconds"] for f in figures)
        print(f"{network:12} {way:10} {speed:9.2f} {processor:19.2f} {figures[0]['loss']:10.6f}")
    for network in NETWORKS:
        for what in ("seconds", "processor_seconds"):
            new, old = (statistics.median(f[what] for f in turns[network, way]) for way in WAYS)
            print(f"{network}: {what.replace('_', ' ')} of before / now: {old / new:.2f}")


if __name__ == "__main__":
    main()
