"""Notebook 09: sizes, fields, costs, blocks and nets as people really write them wrong."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from wrong_code import wrong


def size_by(formula):
    """conv_output_size with another formula for what fits; it stops where nothing does."""

    def conv_output_size(size, kernel, stride, pad, dilation=1):
        if pad == "same":
            return math.ceil(size / stride)
        pad = 0 if pad == "valid" else pad
        reach = dilation * (kernel - 1) + 1
        if reach > size + 2 * pad:
            raise ValueError(f"a reach of {reach} does not fit into {size + 2 * pad}")
        return formula(size, kernel, stride, pad, dilation)

    return conv_output_size


wrong("conv_output_size", "not_whole")(
    size_by(lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) / s + 1)
)
wrong("conv_output_size", "dilation_left_out")(
    size_by(lambda n, k, s, p, d: (n + 2 * p - k) // s + 1)
)
wrong("conv_output_size", "rounds_up")(
    size_by(lambda n, k, s, p, d: math.ceil((n + 2 * p - d * (k - 1) - 1) / s) + 1)
)


@wrong("conv_output_size", "impossible_size_returned")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return (size + stride - 1) // stride
    if pad == "valid":
        pad = 0
    return (size + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1


@wrong("conv_output_size", "asserts_where_it_should_round")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return (size + stride - 1) // stride
    if pad == "valid":
        pad = 0
    room = size + 2 * pad - dilation * (kernel - 1) - 1
    assert room >= 0 and room % stride == 0
    return room // stride + 1


def padded_by(half):
    """conv_output_size that finds "same" by padding on both sides, as torch users do."""

    def conv_output_size(size, kernel, stride, pad, dilation=1):
        pad = {"valid": 0, "same": half(kernel, dilation)}.get(pad, pad)
        reach = dilation * (kernel - 1) + 1
        if reach > size + 2 * pad:
            raise ValueError(f"a reach of {reach} does not fit into {size + 2 * pad}")
        return (size + 2 * pad - reach) // stride + 1

    return conv_output_size


wrong("conv_output_size", "same_by_half_the_kernel")(padded_by(lambda k, d: (k - 1) // 2))
wrong("conv_output_size", "same_by_half_the_reach")(padded_by(lambda k, d: d * (k - 1) // 2))


@wrong("conv_output_size", "dilation_not_in_the_comparison")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return math.ceil(size / stride)
    padded = size if pad == "valid" else size + 2 * pad
    if kernel > padded:
        raise ValueError(f"a kernel of {kernel} does not fit into {padded}")
    return (padded - dilation * (kernel - 1) - 1) // stride + 1


@wrong("conv_output_size", "nothing_returned_where_nothing_fits")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return math.ceil(size / stride)
    padded = size if pad == "valid" else size + 2 * pad
    if dilation * (kernel - 1) + 1 <= padded:
        return (padded - dilation * (kernel - 1) - 1) // stride + 1


@wrong("receptive_field", "kernels_multiplied")
def receptive_field(layers):
    size = jump = 1
    for kernel, stride, *_ in layers:
        size, jump = size * kernel, jump * stride
    return size, jump


@wrong("receptive_field", "whole_strides_added")
def receptive_field(layers):
    size = jump = 1
    for kernel, stride, *rest in layers:
        size += (rest[0] if rest else 1) * (kernel - 1) * jump
        jump += stride
    return size, jump


@wrong("receptive_field", "strides_ignored")
def receptive_field(layers):
    size, jump = 1, 1
    for kernel, stride, *rest in layers:
        size += (rest[0] if rest else 1) * (kernel - 1)
        jump *= stride
    return size, jump


@wrong("receptive_field", "own_stride_counted")
def receptive_field(layers):
    size, jump = 1, 1
    for kernel, stride, *rest in layers:
        jump *= stride
        size += (rest[0] if rest else 1) * (kernel - 1) * jump
    return size, jump


@wrong("receptive_field", "dilation_ignored")
def receptive_field(layers):
    size, jump = 1, 1
    for layer in layers:
        size += (layer[0] - 1) * jump
        jump *= layer[1]
    return size, jump


@wrong("receptive_field", "wrong_way_round")
def receptive_field(layers):
    # From the output back is a right way too, but not with the jump of the way forward.
    size, jump = 1, 1
    for kernel, stride, *rest in reversed(layers):
        size += (rest[0] if rest else 1) * (kernel - 1) * jump
        jump *= stride
    return size, jump


def cost_by(places, biases=lambda c_in, c_out: c_out, filters=lambda c_out: c_out):
    """conv_cost with another count of places along one axis, of biases or of filters."""

    def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
        weights = c_in * kh * kw
        area = places(H + 2 * pad - kh, stride) * places(W + 2 * pad - kw, stride)
        return (weights * c_out + (biases(c_in, c_out) if bias else 0),
                area * weights * filters(c_out))  # fmt: skip

    return conv_cost


def whole(room, stride):
    return room // stride + 1


wrong("conv_cost", "first_place_not_counted")(cost_by(lambda room, s: room // s))
wrong("conv_cost", "first_place_divided")(cost_by(lambda room, s: (room + 1) // s))
wrong("conv_cost", "not_rounded")(cost_by(lambda room, s: room / s + 1))
wrong("conv_cost", "one_filter")(cost_by(whole, filters=lambda c_out: 1))
wrong("conv_cost", "one_bias_for_all")(cost_by(whole, lambda c_in, c_out: 1))
wrong("conv_cost", "a_bias_for_each_input_channel")(cost_by(whole, lambda c_in, c_out: c_in))


@wrong("conv_cost", "one_side_squared")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    weights = c_out * c_in * kh * kw
    return weights + c_out * bias, whole(H + 2 * pad - kh, stride) ** 2 * weights


@wrong("conv_cost", "relation:swapped")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    parameters = c_out * c_in * kh * kw
    places = whole(H + 2 * pad - kh, stride) * whole(W + 2 * pad - kw, stride)
    return places * parameters, parameters + c_out * bias


@wrong("conv_cost", "input_size_for_output")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    weights = kh * kw * c_in * c_out
    return weights + (c_out if bias else 0), H * W * weights


@wrong("conv_cost", "always_a_bias")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    rows, columns = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    return (kh * kw * c_in + 1) * c_out, rows * columns * kh * kw * c_in * c_out


@wrong("conv_cost", "operations_for_macs")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    layer = nn.Conv2d(c_in, c_out, (kh, kw), stride, pad, bias=bias, device="meta")
    out = layer(torch.empty(1, c_in, H, W, device="meta"))
    return sum(p.numel() for p in layer.parameters()), 2 * out.numel() * kh * kw * c_in


@wrong("rank_one", "column_of_vh")
def rank_one(k):
    u, s, vh = np.linalg.svd(k)
    return u[:, 0] * s[0], vh[:, 0], 1 - s[0] ** 2 / (s**2).sum()


@wrong("rank_one", "factor_in_both")
def rank_one(k):
    u, s, vh = np.linalg.svd(k)
    return u[:, 0] * s[0], vh[0] * s[0], 1 - s[0] ** 2 / (s**2).sum()


@wrong("rank_one", "sums_of_rows_and_columns")
def rank_one(k):
    s = np.linalg.svd(k, compute_uv=False)
    total = k.sum()
    if abs(total) < 1e-9:
        u, s, vh = np.linalg.svd(k)
        return u[:, 0] * s[0], vh[0], 1 - s[0] ** 2 / (s**2).sum()
    return k.sum(1), k.sum(0) / total, 1 - s[0] ** 2 / (s**2).sum()


def split_by(read):
    """split_exactly whose tall kernel takes its weights from w as `read` says."""

    def split_exactly(w):
        c_out, c_in, kh, kw = w.shape
        flat = np.zeros((c_in * kw, c_in, 1, kw))
        for c in range(c_in):
            for j in range(kw):
                flat[c * kw + j, c, 0, j] = 1
        return flat, read(w).reshape(c_out, c_in * kw, kh, 1)

    return split_exactly


wrong("split_exactly", "flipped")(split_by(lambda w: w[..., ::-1].transpose(0, 1, 3, 2)))
wrong("split_exactly", "columns_and_channels_mixed")(split_by(lambda w: w.transpose(0, 3, 1, 2)))


def sequence(name, *layers_of):
    """A module called `name` whose layers are made from its arguments."""

    class Written(nn.Module):
        def __init__(self, *sizes):
            super().__init__()
            self.layers = nn.Sequential(*(make(*sizes) for make in layers_of))

        def forward(self, x):
            return self.layers(x)

    Written.__name__ = name
    return Written


def conv(a, b, k, bias=False, pad=None):
    return nn.Conv2d(a, b, k, padding=k // 2 if pad is None else pad, bias=bias)


def relu(*sizes):
    return nn.ReLU()


wrong("Bottleneck", "quarter")(sequence(
    "Bottleneck", lambda C: conv(C, C // 4, 1), relu, lambda C: conv(C // 4, C // 4, 3), relu,
    lambda C: conv(C // 4, C, 1)))  # fmt: skip
wrong("Bottleneck", "biases")(sequence(
    "Bottleneck", lambda C: conv(C, C // 2, 1, True), relu, lambda C: conv(C // 2, C // 2, 3, True),
    relu, lambda C: conv(C // 2, C, 1, True)))  # fmt: skip
wrong("Bottleneck", "relu_at_the_end")(sequence(
    "Bottleneck", lambda C: conv(C, C // 2, 1), relu, lambda C: conv(C // 2, C // 2, 3), relu,
    lambda C: conv(C // 2, C, 1), relu))  # fmt: skip


@wrong("Bottleneck", "layers_not_registered")
class Bottleneck(nn.Module):
    def __init__(self, C):
        super().__init__()
        self.layers = [conv(C, C // 2, 1), conv(C // 2, C // 2, 3), conv(C // 2, C, 1)]

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return self.layers[-1](x)


@wrong("Bottleneck", "input_added")
class Bottleneck(nn.Module):
    def __init__(self, C):
        super().__init__()
        self.layers = nn.Sequential(conv(C, C // 2, 1), nn.ReLU(), conv(C // 2, C // 2, 3),
                                    nn.ReLU(), conv(C // 2, C, 1))  # fmt: skip

    def forward(self, x):
        return x + self.layers(x)


@wrong("Bottleneck", "module_not_begun")
class Bottleneck(nn.Module):
    def __init__(self, C):
        self.narrow = conv(C, C // 2, 1)

    def forward(self, x):
        return self.narrow(x)


def factorized(first, second, pads, bias=False, between=True, middle=None):
    """Factorized with the kernels and paddings that are given as functions of n."""

    class Factorized(nn.Module):
        def __init__(self, C, n, between_channels=None):
            super().__init__()
            m = between_channels or C if between else C
            self.one = nn.Conv2d(C, m, first(n), padding=pads[0](n), bias=bias)
            self.two = nn.Conv2d(m, C, second(n), padding=pads[1](n), bias=bias)

        def forward(self, x):
            h = self.one(x)
            return self.two(torch.relu(h) if middle else h)

    class Named(Factorized):
        def __init__(self, C, n, between=None):
            super().__init__(C, n, between)

    Named.__name__ = "Factorized"
    return Named


FLAT, TALL = (lambda n: (1, n)), (lambda n: (n, 1))
SIDES, ENDS = (lambda n: (0, n // 2)), (lambda n: (n // 2, 0))
wrong("Factorized", "relu_between")(factorized(FLAT, TALL, (SIDES, ENDS), middle="relu"))
wrong("Factorized", "tall_one_first")(factorized(TALL, FLAT, (ENDS, SIDES)))
wrong("Factorized", "paddings_exchanged")(factorized(FLAT, TALL, (ENDS, SIDES)))
wrong("Factorized", "padded_all_round")(
    factorized(FLAT, TALL, (lambda n: n // 2, lambda n: n // 2))
)
wrong("Factorized", "between_ignored")(factorized(FLAT, TALL, (SIDES, ENDS), between=False))


def inception(change):
    """An Inception block written out, with one thing changed."""

    class Inception(nn.Module):
        def __init__(self, c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool):
            super().__init__()
            self.a = conv(c_in, c1, 1, True)
            self.b1, self.b2 = conv(c_in, c3_reduce, 1, True), conv(c3_reduce, c3, 3, True)
            k = 3 if change == "3×3" else 5
            self.c1, self.c2 = conv(c_in, c5_reduce, 1, True), conv(c5_reduce, c5, k, True)
            self.d = conv(c_in, c_pool, 1, True)
            self.pool = nn.MaxPool2d(3, 1, 0 if change == "pool not padded" else 1)

        def forward(self, x):
            inner = (lambda h: h) if change == "bare reductions" else F.relu
            branches = [
                F.relu(self.a(x)), F.relu(self.b2(inner(self.b1(x)))),
                F.relu(self.c2(inner(self.c1(x)))), F.relu(self.d(self.pool(x))),
            ]  # fmt: skip
            return torch.cat(branches, 1)

    return Inception


wrong("Inception", "three_for_five")(inception("3×3"))
wrong("Inception", "reductions_without_relu")(inception("bare reductions"))
wrong("Inception", "branches_of_different_sizes")(inception("pool not padded"))


def residual(change):
    """A residual block written out, with one thing changed."""

    class ResidualBlock(nn.Module):
        def __init__(self, c_in, c_out, stride=1):
            super().__init__()
            bias = change == "bias"
            self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=bias)
            again = stride if change == "both" else 1
            self.conv2 = nn.Conv2d(c_out, c_out, 3, again, 1, bias=bias)
            self.bn1, self.bn2 = nn.BatchNorm2d(c_out), nn.BatchNorm2d(c_out)
            self.down = None
            if c_in != c_out or (stride != 1 and change != "channels only"):
                self.down = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=bias),
                                          nn.BatchNorm2d(c_out))  # fmt: skip

        def forward(self, x):
            h = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
            short = x if self.down is None else self.down(x)
            if change == "before":
                return F.relu(h) + short
            return h + short if change == "no last relu" else F.relu(h + short)

    return ResidualBlock


wrong("ResidualBlock", "biases")(residual("bias"))
wrong("ResidualBlock", "stride_alone_not_noticed")(residual("channels only"))
wrong("ResidualBlock", "stride_in_both")(residual("both"))
wrong("ResidualBlock", "relu_before_the_sum")(residual("before"))
wrong("ResidualBlock", "no_relu_after_the_sum")(residual("no last relu"))


def builder(change):
    """build_cnn by a trial image, with one thing changed."""

    def build_cnn(pattern, input_shape, widths, loss="softmax"):
        widths, layers, rows = list(widths), [], False
        x = torch.zeros(2, *input_shape)
        for word in pattern:
            if word == "conv":
                pad = 0 if change == "valid" else 1
                new = [nn.Conv2d(x.shape[1], widths.pop(0), 3, padding=pad)]
            elif word == "batchnorm":
                new = [nn.BatchNorm2d(x.shape[1])]
            elif word == "relu":
                new = [nn.ReLU()]
            elif word == "pool":
                new = [nn.MaxPool2d(2)]
            else:
                new = [nn.ReLU()] if rows and change != "in a row" else []
                new = new if rows else [nn.Flatten()]
                rows = True
                width = x.flatten(1).shape[1]
                new += [nn.Linear(width, widths.pop(0))]
            with torch.no_grad():
                for layer in new:
                    if change != "statistics":
                        layer.eval()
                    x = layer(x)
            layers += new
        net = nn.Sequential(*layers)
        if change != "test mode":
            net.train()

        def svm(scores, y):
            if change == "mean over classes":
                return F.multi_margin_loss(scores, y)
            off = (scores - scores[torch.arange(len(y)), y][:, None] + 1).clamp(min=0)
            return off.sum(1).mean() - (0 if change == "own class" else 1)

        return net, svm if loss == "svm" else F.cross_entropy

    return build_cnn


wrong("build_cnn", "affines_in_a_row")(builder("in a row"))
wrong("build_cnn", "svm_divided_by_classes")(builder("mean over classes"))
wrong("build_cnn", "svm_with_the_right_class")(builder("own class"))
wrong("build_cnn", "statistics_of_a_trial_image")(builder("statistics"))
wrong("build_cnn", "left_in_test_mode")(builder("test mode"))
wrong("build_cnn", "convolutions_not_padded")(builder("valid"))


@wrong("build_cnn", "channels_not_carried_on")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    (channels, height, width), widths, layers, inputs = input_shape, list(widths), [], None
    for word in pattern:
        if word == "conv":
            layers.append(nn.Conv2d(channels, widths[0], 3, padding=1))
            filters = widths.pop(0)
        elif word == "batchnorm":
            layers.append(nn.BatchNorm2d(channels))
        elif word == "relu":
            layers.append(nn.ReLU())
        elif word == "pool":
            layers.append(nn.MaxPool2d(2))
            height, width = height // 2, width // 2
        else:
            layers.append(nn.ReLU() if inputs else nn.Flatten())
            arriving = filters if "conv" in pattern else channels
            layers.append(nn.Linear(inputs or arriving * height * width, widths[0]))
            inputs = widths.pop(0)
    return nn.Sequential(*layers), F.cross_entropy if loss == "softmax" else nn.MultiMarginLoss()


@wrong("build_cnn", "layers_still_lazy")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    widths, layers = iter(widths), []
    for i, word in enumerate(pattern):
        if word == "affine":
            layers += [nn.ReLU() if "affine" in pattern[:i] else nn.Flatten(),
                       nn.LazyLinear(next(widths))]  # fmt: skip
        else:
            layers.append({"conv": lambda: nn.LazyConv2d(next(widths), 3, padding=1),
                           "relu": nn.ReLU, "pool": lambda: nn.MaxPool2d(2),
                           "batchnorm": nn.LazyBatchNorm2d}[word]())  # fmt: skip
    return nn.Sequential(*layers), F.cross_entropy if loss == "softmax" else nn.MultiMarginLoss()


def table_net(change):
    """vgg by lazy layers, with one thing changed."""

    def vgg(config, input_size=224, hidden=4096, classes=1000):
        layers = []
        for entry in config:
            if entry == "M":
                layers.append(nn.MaxPool2d(2))
            else:
                norm = [nn.LazyBatchNorm2d()] if change == "norm" else []
                layers += [nn.LazyConv2d(entry, 3, padding=1), *norm, nn.ReLU()]
        if change == "averaged":
            layers.append(nn.AdaptiveAvgPool2d(1))
        drop = nn.Identity if change == "nothing dropped" else nn.Dropout
        layers += [nn.Flatten(), nn.LazyLinear(hidden), nn.ReLU(), drop()]
        layers += [nn.Linear(hidden, hidden), nn.ReLU(), drop(), nn.Linear(hidden, classes)]
        net = nn.Sequential(*layers).eval()
        net(torch.zeros(1, 3, input_size, input_size))
        return net.train()

    return vgg


wrong("vgg", "batch_norm_added")(table_net("norm"))
wrong("vgg", "maps_averaged")(table_net("averaged"))
wrong("vgg", "dropout_forgotten")(table_net("nothing dropped"))
