"""The notebooks' experiments on real photos: small, with the CIFAR-10 subset that some machines
have beside the checkout. Without it they skip, and say so."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from course_utils import training
from course_utils.datasets import to_nchw

SEEDS = 2


@pytest.fixture(scope="module")
def cifar(shared_data):
    """Balanced (training, held-out) pairs of tensors: 100 and 40 images a class, standardised."""
    file = shared_data / "cifar10_lossless_4000train_249test.npz"
    if not file.is_file():
        pytest.skip(f"no real CIFAR-10 images at {file}")
    with np.load(file) as data:
        images, labels = data["train_x"], data["train_y"].astype(np.int64)
        parts = data["balanced_train_idx"], data["balanced_heldout_idx"]
    rows = [
        np.concatenate([part[labels[part] == label][:n] for label in range(10)])
        for part, n in zip(parts, (100, 40), strict=True)
    ]
    assert not set(rows[0]) & set(rows[1])
    x = [torch.from_numpy(to_nchw(images[r])) for r in rows]
    mean, std = x[0].mean((0, 2, 3), keepdim=True), x[0].std((0, 2, 3), keepdim=True)
    x = [(part - mean) / std for part in x]
    return [(part, torch.from_numpy(labels[r])) for part, r in zip(x, rows, strict=True)]


def conv_net(norm=None, order="before", scale=None, seed=0):
    """Four convolutions of 16 filters; `norm(channels)` makes the layer before or after a ReLU."""
    layers, channels = [], 3
    for index in range(4):
        block = [nn.Conv2d(channels, 16, 3, padding=1, stride=2 if index % 2 else 1), nn.ReLU()]
        if norm is not None:
            block.insert(1 if order == "before" else 2, norm(16))
        layers += block
        channels = 16
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(64, 10))
    with training.seeded(seed):
        for layer in model:
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                fan_in = layer.weight[0].numel()
                nn.init.normal_(layer.weight, 0, scale or (2 / fan_in) ** 0.5)
                nn.init.zeros_(layer.bias)
    return model


def trained(cifar, rate, seed, batch_size=50, epochs=3, **net):
    """Validation accuracy of a conv_net after a few epochs of SGD."""
    train, held_out = cifar
    return training.fit(
        conv_net(seed=seed, **net), train, held_out, lambda p: torch.optim.SGD(p, lr=rate),
        epochs=epochs, batch_size=batch_size, seed=seed, progress=False,
    ).validation_accuracy[-1]  # fmt: skip


def spread(cifar, rate, **settings):
    return training.seeds(lambda seed: trained(cifar, rate, seed, **settings), SEEDS)


def test_batch_norm_survives_a_rate_at_which_the_plain_net_guesses(cifar):
    with_norm, without = spread(cifar, 1.0, norm=nn.BatchNorm2d), spread(cifar, 1.0)
    assert without.high < 0.14, f"the plain net learned: {without}"
    assert with_norm.low > 0.2, f"batch norm did not help: {with_norm}"


def test_batch_norm_forgives_a_careless_initialisation(cifar):
    # After three epochs one seed in a dozen is at 0.19; it goes by the processor which one.
    with_norm = spread(cifar, 0.1, norm=nn.BatchNorm2d, scale=1e-3, epochs=5)
    without = spread(cifar, 0.1, scale=1e-3, epochs=5)
    assert without.high < 0.14, f"the plain net learned: {without}"
    assert with_norm.low > 0.2, f"batch norm did not help: {with_norm}"


def test_the_order_of_batch_norm_and_relu_matters_less_than_having_it(cifar):
    before, after = (
        spread(cifar, 0.3, norm=nn.BatchNorm2d, order=order) for order in ("before", "after")
    )
    assert min(before.low, after.low) > 0.2
    assert abs(before.middle - after.middle) < 0.1, f"{before} against {after}"


def test_batch_statistics_of_two_images_differ_from_those_of_all(cifar):
    """The discrepancy between the modes, which small batches make large."""
    images = cifar[0][0][:200]
    model = conv_net(nn.BatchNorm2d)

    def discrepancy(batch_size):
        with torch.no_grad():
            whole = model.train()(images)
            parts = torch.cat([model(part) for part in images.split(batch_size)])
        return float((parts - whole).norm() / whole.norm())

    by_size = [discrepancy(n) for n in (2, 8, 40)]
    assert by_size == sorted(by_size, reverse=True)
    assert by_size[0] > 2 * by_size[-1], f"from batches of 2 to 40: {by_size}"


def test_sigmoids_pass_less_gradient_down_than_relus(cifar):
    """Notebook 02's experiment: the gradient's norm at the first of ten layers."""
    x, y = (part[:200] for part in cifar[0])

    def share_that_arrives(activation, gain, seed):
        widths = [x[0].numel(), *[100] * 10]
        with training.seeded(seed):
            layers = [nn.Linear(a, b) for a, b in zip(widths, widths[1:], strict=False)]
            for layer in layers:
                nn.init.normal_(layer.weight, 0, (gain / layer.in_features) ** 0.5)
                nn.init.zeros_(layer.bias)
            head = nn.Linear(100, 10)
        model = nn.Sequential(nn.Flatten(), *[m for la in layers for m in (la, activation())], head)
        nn.functional.cross_entropy(model(x), y).backward()
        first, last = layers[1].weight.grad.norm(), layers[-1].weight.grad.norm()
        return float(first / last)

    relu = training.seeds(lambda seed: share_that_arrives(nn.ReLU, 2.0, seed), SEEDS)
    sigmoid = training.seeds(lambda seed: share_that_arrives(nn.Sigmoid, 1.0, seed), SEEDS)
    assert relu.low > 0.1, f"ReLU with He's weights: {relu}"
    assert sigmoid.high < 1e-3, f"sigmoid with Xavier's weights: {sigmoid}"
