import torch
from torch import nn

from training.networks.unfolding import unfold_batch_norm


def network() -> nn.Sequential:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, bias=False),
        nn.BatchNorm2d(4),
        nn.LeakyReLU(0.1),
        nn.Conv2d(4, 3, 3, bias=False),
        nn.BatchNorm2d(3),
    )
    with torch.no_grad():
        for layer in (model[1], model[4]):
            layer.weight.uniform_(0.5, 2)
            layer.bias.uniform_(-1, 1)
    return model.eval()


def test_the_network_computes_what_it_did() -> None:
    model, images = network(), torch.rand(6, 1, 20, 20) * 5
    before = model(images)
    unfold_batch_norm(model, [(images, None)])

    assert torch.allclose(model(images), before, atol=1e-5)


def test_training_mode_starts_from_the_same_function() -> None:
    model, images = network(), torch.rand(6, 1, 20, 20) * 5
    before = model(images)
    assert not torch.allclose(model.train()(images), before, atol=0.1)
    model = network()
    unfold_batch_norm(model, [(images, None)])

    assert torch.allclose(model.train()(images), before, atol=1e-4)


def test_statistics_are_the_datas_over_all_batches() -> None:
    model, images = network(), torch.rand(6, 1, 20, 20) * 5
    entering = model[0](images)
    unfold_batch_norm(model, [(batch, None) for batch in images.split(2)])

    assert torch.allclose(model[1].running_mean, entering.mean(dim=(0, 2, 3)), atol=1e-5)
    variance = entering.var(dim=(0, 2, 3), correction=0)
    assert torch.allclose(model[1].running_var, variance, atol=1e-4)
