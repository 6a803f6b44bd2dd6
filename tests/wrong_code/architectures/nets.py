"""Notebook 09: blocks, branches and nets as people really put them together wrong."""

import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong


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
