"""Notebook 17: nets that overstep a budget, or are not what was asked for."""

import numpy as np
import torch
from torch import nn
from wrong_code import wrong

from course_utils.capstone import cost


def blocks(widths, classes, pool=True, norm=nn.BatchNorm2d):
    layers, c_in = [], 3
    for c_out in widths:
        layers += [nn.Conv2d(c_in, c_out, 3, padding=1, bias=False), norm(c_out), nn.ReLU()]
        layers += [nn.MaxPool2d(2)] if pool else []
        c_in = c_out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c_in, classes))


def small(classes, **how):
    """A net that is within every budget."""
    return blocks((4, 6, 8), classes, **how)


@wrong("build", "one_net_for_all")
def build(budget):
    return blocks((8, 16, 32, 40), budget["classes"])


@wrong("build", "budget_not_read")
def build(budget):
    return blocks((32, 64, 128), budget["classes"])


@wrong("build", "products_not_read")
def build(budget):
    widths = (12, 12, 12) if budget["parameters"] > 5000 else (6, 8, 8)
    widths += (16,) if budget["parameters"] > 5000 else ()
    return blocks(widths, budget["classes"], pool=False)


@wrong("build", "products_undercounted")
def build(budget):
    def fits(k):
        spent = cost(blocks((k, 2 * k, 2 * k, 4 * k), budget["classes"]))
        return (
            spent.parameters <= budget["parameters"] and spent.bytes <= budget["bytes"]
            and spent.multiply_adds / 4 <= budget["multiply_adds"]
        )  # fmt: skip

    k = max(filter(fits, range(1, 24)))
    return blocks((k, 2 * k, 2 * k, 4 * k), budget["classes"])


@wrong("build", "products_of_few_not_read")
def build(budget):
    wide = budget["parameters"] > 45_000
    if budget["parameters"] < 5000:
        return small(budget["classes"])
    return blocks((16, 32, 48, 64) if wide else (8, 16, 24, 40), budget["classes"])


@wrong("build", "bytes_not_read")
def build(budget):
    if budget["parameters"] < 3500:
        return small(budget["classes"])
    if budget["parameters"] < 5000:
        return blocks((8, 12, 16), budget["classes"])
    few_products = budget["multiply_adds"] < 25 * budget["parameters"]
    few_weights = budget["multiply_adds"] > 100 * budget["parameters"]
    width = 40 if few_products or few_weights else 110
    return blocks((8, 16, 24, width), budget["classes"])


@wrong("build", "parameters_of_few_not_read")
def build(budget):
    if budget["parameters"] < 5000:
        return small(budget["classes"])
    few_weights = budget["multiply_adds"] > 100 * budget["parameters"]
    width = int(1.08 * budget["parameters"] - 4900) // (219 + budget["classes"])
    width = width if few_weights else 40
    return blocks((8, 16, 24, width), budget["classes"])


@wrong("build", "ten_classes")
def build(budget):
    return small(10)


@wrong("build", "eight_classes")
def build(budget):
    return small(8)


@wrong("build", "softmax_at_the_end")
def build(budget):
    return nn.Sequential(*small(budget["classes"]), nn.Softmax(dim=1))


@wrong("build", "argmax_at_the_end")
def build(budget):
    class Argmax(nn.Sequential):
        def forward(self, x):
            out = super().forward(x)
            return out if self.training else out.argmax(1)

    return Argmax(*small(budget["classes"]))


@wrong("build", "double_precision")
def build(budget):
    class Double(nn.Module):
        def forward(self, x):
            return x.double()

    return nn.Sequential(*small(budget["classes"]), Double())


@wrong("build", "double_for_input")
def build(budget):
    return small(budget["classes"]).double()


@wrong("build", "looks_at_the_batch")
def build(budget):
    return small(
        budget["classes"], norm=lambda c: nn.BatchNorm2d(c, track_running_stats=False)
    )


@wrong("build", "evaluation_mode")
def build(budget):
    net = small(budget["classes"]).eval()
    with torch.no_grad():
        net(torch.zeros(1, 3, 32, 32))
    return net


KEPT = {}


@wrong("build", "one_net_kept")
def build(budget):
    return KEPT.setdefault(budget["classes"], small(budget["classes"])).train()


@wrong("build", "seeded_inside")
def build(budget):
    torch.manual_seed(0)
    return small(budget["classes"])


@wrong("build", "returns_widths")
def build(budget):
    return [4, 8, 12]


@wrong("build", "returns_a_tuple")
def build(budget):
    return small(budget["classes"]), 1000


@wrong("build", "returns_nothing")
def build(budget):
    small(budget["classes"])


@wrong("build", "bytes_alone_not_kept")
def build(budget):
    """Four bytes for each parameter, and nothing for what the norms keep."""
    most = min(budget["parameters"], budget["bytes"] // 4)

    def size(a, c):
        b, k = 2 * a, budget["classes"]
        parameters = 27 * a + 9 * a * b + 9 * b * c + 2 * (a + b + c) + (c + 1) * k
        return parameters, 27 * a * 1024 + 9 * a * b * 256 + 9 * b * c * 64 + c * k

    fits = [(size(a, c)[0], a, c) for a in range(1, 33) for c in range(2 * a, 161)
            if size(a, c)[0] <= most and size(a, c)[1] <= budget["multiply_adds"]]  # fmt: skip
    _, a, c = max(fits)
    return blocks([a, 2 * a, c], budget["classes"])


@wrong("build", "one_picture_loses_its_axis")
def build(budget):
    class Squeeze(nn.Module):
        def forward(self, x):
            return x.squeeze()

    layers = [*small(budget["classes"])]
    return nn.Sequential(*layers[:-2], Squeeze(), layers[-1])


@wrong("build", "no_norm_directly_behind")
def build(budget):
    layers = [*small(budget["classes"])]
    layers[1], layers[2] = layers[2], layers[1]
    return nn.Sequential(*layers)


@wrong("build", "nested")
def build(budget):
    *body, pool, flat, head = small(budget["classes"])
    return nn.Sequential(nn.Sequential(*body), pool, flat, head)


class Block(nn.Module):
    """A convolution and its norm, with the picture that came in beside what they make of it."""

    def __init__(self, c_in, c_out):
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(c_out)

    def forward(self, x):
        return torch.cat([x, self.norm(self.conv(x)).relu()], 1)


@wrong("build", "convolutions_inside_modules")
def build(budget):
    return nn.Sequential(
        nn.AvgPool2d(2), Block(3, 4), nn.MaxPool2d(2), Block(7, 6), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.Linear(13, budget["classes"]),
    )  # fmt: skip


@wrong("build", "no_sequential")
def build(budget):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(small(budget["classes"]))

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    return Net()


@wrong("build", "partly_seeded")
def build(budget):
    net = small(budget["classes"])
    numbers = np.random.default_rng(0)
    for conv in net:
        if isinstance(conv, nn.Conv2d):
            conv.weight.data = torch.tensor(numbers.normal(0, 0.1, conv.weight.shape)).float()
    return net


@wrong("build", "from_another_generator")
def build(budget):
    net = small(budget["classes"])
    net[0].weight.data = torch.tensor(np.random.normal(0, 0.1, net[0].weight.shape)).float()
    return net


@wrong("build", "affine_of_another_size")
def build(budget):
    layers = [*small(budget["classes"])]
    return nn.Sequential(*layers[:-2], layers[-1])
