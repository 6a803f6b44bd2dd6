"""Notebook 01: the net as a module in further ways in which people really write it wrong."""

import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong


def net(forward, biases=lambda bias: (bias, bias), default=True, after=None, sizes=lambda *s: s):
    """A net whose forward, biases, sizes or first weights are other ones."""

    class TwoLayerNet(nn.Module):
        def __init__(self, D_in, H, D_out, bias=default):
            super().__init__()
            D_in, H, D_out = sizes(D_in, H, D_out)
            first, second = biases(bias)
            self.linear1 = nn.Linear(D_in, H, bias=first)
            self.linear2 = nn.Linear(H, D_out, bias=second)
            if after:
                after(self)

        def forward(self, x):
            return forward(self, x)

    return TwoLayerNet


def right(self, x):
    return self.linear2(torch.relu(self.linear1(x)))


def hidden(function):
    return lambda self, x: self.linear2(function(self.linear1(x)))


def last(function):
    return lambda self, x: function(right(self, x))


def normal(self):
    for p in self.parameters():
        nn.init.normal_(p, std=0.01)


def biases_of_one(self):
    for layer in (self.linear1, self.linear2):
        if layer.bias is not None:
            nn.init.constant_(layer.bias, 1.0)


def zero_biases(self):
    for layer in (self.linear1, self.linear2):
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


def in_float32(z):
    return torch.tensor(torch.relu(z).tolist()).to(z)


def entries(**by_name):
    for name, code in by_name.items():
        wrong("TwoLayerNet", name)(code)


entries(
    relu_forgotten=net(lambda self, x: self.linear2(self.linear1(x))),
    relu_before_the_first_layer=net(lambda self, x: self.linear2(self.linear1(torch.relu(x)))),
    relu_at_the_end=net(last(F.relu)),
    relu_only_at_the_end=net(lambda self, x: F.relu(self.linear2(self.linear1(x)))),
    softmax_at_the_end=net(last(lambda out: F.softmax(out, dim=1))),
    log_softmax_at_the_end=net(last(lambda out: F.log_softmax(out, dim=1))),
    sigmoid_at_the_end=net(last(torch.sigmoid)),
    tanh_for_relu=net(hidden(torch.tanh)),
    sigmoid_for_relu=net(hidden(torch.sigmoid)),
    gelu_for_relu=net(hidden(F.gelu)),
    leaky_relu=net(hidden(nn.LeakyReLU())),
    slope_half_at_zero=net(hidden(lambda z: torch.maximum(z, z.new_zeros(())))),
    no_gradient_to_linear1=net(hidden(in_float32)),
    bias_ignored=net(right, biases=lambda bias: (True, True)),
    bias_of_linear1_ignored=net(right, biases=lambda bias: (True, bias)),
    bias_of_linear2_ignored=net(right, biases=lambda bias: (bias, True)),
    never_a_bias=net(right, biases=lambda bias: (False, False)),
    no_bias_by_default=net(right, default=False),
    linear1_without_bias=net(right, biases=lambda bias: (False, bias)),
    linear2_without_bias=net(right, biases=lambda bias: (bias, False)),
    sizes_exchanged=net(right, sizes=lambda d, h, o: (d, o, h)),
    biases_start_at_zero=net(right, after=zero_biases),
    biases_drawn_anew=net(right, after=biases_of_one),
    the_same_start_each_time=net(right, after=lambda self: _from_one_seed(self)),
)


def _from_one_seed(self):
    same = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for p in self.parameters():
            edge = self.linear1.in_features if p.shape[0] == self.linear1.out_features else None
            edge = (edge or self.linear2.in_features) ** -0.5
            p.copy_(torch.rand(p.shape, generator=same) * 2 * edge - edge)


wrong("TwoLayerNet", "weights_drawn_anew", "biases_drawn_anew")(net(right, after=normal))


@wrong("TwoLayerNet", "layers_do_not_fit")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(H, D_in, bias=bias)
        self.linear2 = nn.Linear(D_out, H, bias=bias)

    def forward(self, x):
        return self.linear2(torch.relu(self.linear1(x)))


@wrong("TwoLayerNet", "not_registered")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.sizes, self.bias = (D_in, H, D_out), bias

    def forward(self, x):
        linear1 = nn.Linear(*self.sizes[:2], bias=self.bias).to(x)
        linear2 = nn.Linear(*self.sizes[1:], bias=self.bias).to(x)
        return linear2(torch.relu(linear1(x)))


@wrong("TwoLayerNet", "other_names")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(D_in, H, bias=bias), nn.ReLU(), nn.Linear(H, D_out, bias=bias)
        )

    def forward(self, x):
        return self.net(x)


def _softmax_at_test(self, x):
    scores = right(self, x)
    return scores if self.training else F.softmax(scores, dim=1)


wrong("TwoLayerNet", "otherwise_in_evaluation_mode")(net(_softmax_at_test))
