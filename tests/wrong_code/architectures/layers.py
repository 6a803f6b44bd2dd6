"""Notebook 09: blocks and nets with further slips: a layer too many, too few, in another place."""

import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong


def narrow(widths=lambda C: (C // 2, C // 2), biases=(False,) * 3, pads=(0, 1, 0),
           kernels=(1, 3, 1), relus=(True, True, False), norm=False, front=False, groups=False,
           end=lambda x, h: h, fill="zeros"):  # fmt: skip
    class Bottleneck(nn.Module):
        def __init__(self, C):
            super().__init__()
            a, b = widths(C)
            layers = []
            for i, (inputs, outputs) in enumerate([(C, a), (a, b), (b, C)]):
                layers += [nn.ReLU()] if front else []
                layers.append(nn.Conv2d(inputs, outputs, kernels[i], padding=pads[i],
                                        bias=biases[i], padding_mode=fill,
                                        groups=a if groups and i == 1 else 1))  # fmt: skip
                layers += [nn.BatchNorm2d(outputs)] if norm else []
                layers += [nn.ReLU()] if relus[i] and not front else []
            self.layers = nn.Sequential(*layers)

        def forward(self, x):
            return end(x, self.layers(x))

    return Bottleneck


for name, change in [
    ("half_a_channel", {"widths": lambda C: (C / 2, C / 2)}),
    ("widened_by_the_middle", {"widths": lambda C: (C // 2, C)}),
    ("not_narrowed", {"widths": lambda C: (C, C)}),
    ("rounded_up", {"widths": lambda C: (-(-C // 2),) * 2}),
    ("bias_on_the_first", {"biases": (True, False, False)}),
    ("bias_in_the_middle", {"biases": (False, True, False)}),
    ("bias_on_the_last", {"biases": (False, False, True)}),
    ("all_padded", {"pads": (1, 1, 1)}),
    ("padded_by_two", {"pads": (0, 2, 0)}),
    ("padded_behind_the_middle", {"pads": (0, 0, 1)}),
    ("no_relu_behind_the_first", {"relus": (False, True, False)}),
    ("no_relu_behind_the_second", {"relus": (True, False, False)}),
    ("relus_in_front", {"front": True}),
    ("batch_norms", {"norm": True}),
    ("channels_apart", {"groups": True}),
    ("quarter_and_channels_apart", {"widths": lambda C: (C // 4, C // 4), "groups": True}),
    ("input_added_and_relu", {"end": lambda x, h: torch.relu(x + h)}),
    ("all_three_by_three", {"kernels": (3, 3, 3), "pads": (1, 1, 1)}),
    ("nothing_returned", {"end": lambda x, h: None}),
    ("padded_with_the_border", {"fill": "replicate"}),
    ("padded_with_a_reflection", {"fill": "reflect"}),
]:
    wrong("Bottleneck", name)(narrow(**change))


wrong("Bottleneck", "border_repeated_and_rounded_up", "padded_with_the_border")(
    narrow(widths=lambda C: (-(-C // 2),) * 2, fill="replicate")
)
wrong("Bottleneck", "biases", "relu_at_the_end")(
    narrow(biases=(True,) * 3, relus=(True, True, True))
)


def residual(change):
    class ResidualBlock(nn.Module):
        def __init__(self, c_in, c_out, stride=1):
            super().__init__()
            self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
            self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
            self.norm1 = nn.BatchNorm2d(c_in if change == "in front" else c_out)
            self.norm2 = self.norm1 if change == "one norm" else nn.BatchNorm2d(c_out)
            self.down, self.stride, self.more = None, stride, c_out - c_in
            if (stride > 1 or c_in != c_out) and change not in ("cut", "unnoticed"):
                kernel = 3 if change == "wide" else 1
                bias = change in ("bias there", "bias for norm")
                self.down = nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=bias)
                self.down_norm = None if change == "shared" else nn.BatchNorm2d(c_out)
                if change == "bias for norm":
                    self.down_norm = nn.Identity()
            self.short_norm = change == "shared" and self.norm2
            if change == "no first":
                self.norm1 = nn.Identity()
            if change == "no second":
                self.norm2 = nn.Identity()

        def short(self, x):
            if change == "cut":
                x = x[..., :: self.stride, :: self.stride]
                return F.pad(x, (0, 0, 0, 0, 0, self.more))
            if self.down is not None:
                x = (self.short_norm or self.down_norm)(self.down(x))
                return torch.relu(x) if change == "relu there" else x
            return torch.relu(x) if change == "relu there always" else x

        def normed(self, norm, x):
            if change == "function":
                return F.batch_norm(x, None, None, norm.weight, norm.bias, training=True)
            return norm(x)

        def forward(self, x):
            if change == "in front":
                h = self.conv1(torch.relu(self.norm1(x)))
                return self.conv2(torch.relu(self.norm2(h))) + self.short(x)
            h = self.conv2(torch.relu(self.normed(self.norm1, self.conv1(x))))
            if change == "behind":
                return torch.relu(self.norm2(h + self.short(x)))
            h = self.normed(self.norm2, h)
            return torch.relu(h if change == "not used" else h + self.short(x))

    return ResidualBlock


for change, name in [
    ("one norm", "one_norm_twice"), ("no first", "no_first_norm"), ("no second", "no_second_norm"),
    ("shared", "short_way_shares_a_norm"), ("cut", "short_way_cut"),
    ("unnoticed", "shape_not_noticed"), ("in front", "norms_in_front"),
    ("behind", "norm_behind_the_sum"), ("not used", "short_way_not_used"),
    ("relu there", "relu_on_the_short_way"), ("wide", "wide_shortcut_called_last"),
    ("bias there", "shortcut_with_bias"), ("bias for norm", "shortcut_with_bias_for_norm"),
]:  # fmt: skip
    wrong("ResidualBlock", name)(residual(change))


def flat_and_tall(norm=False, relus=(False, False), biases=(False, False), default=lambda C: C,
                  pads=lambda n: (n // 2, n // 2), added=False):  # fmt: skip
    class Factorized(nn.Module):
        def __init__(self, C, n, between=None):
            super().__init__()
            m = C if added else between or default(C)
            first, second = pads(n)
            self.flat = nn.Conv2d(C, m, (1, n), padding=(0, first), bias=biases[0])
            self.tall = nn.Conv2d(m, C, (n, 1), padding=(second, 0), bias=biases[1])
            self.norm = nn.BatchNorm2d(m) if norm else nn.Identity()

        def forward(self, x):
            if added:
                return self.flat(x) + self.tall(x)
            h = self.norm(self.flat(x))
            h = self.tall(torch.relu(h) if relus[0] else h)
            return torch.relu(h) if relus[1] else h

    return Factorized


for name, change in [
    ("bias_on_the_first", {"biases": (True, False)}),
    ("bias_on_the_second", {"biases": (False, True)}),
    ("relu_behind_both", {"relus": (True, True)}),
    ("relu_at_the_end", {"relus": (False, True)}),
    ("norm_between", {"norm": True}),
    ("norm_and_relu_between", {"norm": True, "relus": (True, False)}),
    ("side_by_side", {"added": True}),
    ("half_between", {"default": lambda C: C // 2}),
    ("padded_by_one", {"pads": lambda n: (1, 1)}),
]:
    wrong("Factorized", name)(flat_and_tall(**change))


def inception(bare=(), order=(0, 1, 2, 3), norm=False, pool=nn.MaxPool2d, behind=False):
    class Inception(nn.Module):
        def __init__(self, inputs, a, b, c, d, e, f):
            super().__init__()
            sizes = {"one": (inputs, a, 1), "b": (inputs, b, 1), "three": (b, c, 3),
                     "d": (b if behind else inputs, d, 1), "five": (d, e, 5),
                     "last": (inputs, f, 1)}  # fmt: skip
            self.parts = nn.ModuleDict()
            for name, (n, m, k) in sizes.items():
                conv = nn.Conv2d(n, m, k, padding=k // 2, bias=not norm)
                after = [nn.BatchNorm2d(m)] if norm else []
                after += [] if name in bare else [nn.ReLU()]
                self.parts[name] = nn.Sequential(conv, *after)
            self.pool = pool(3, 1, 1)

        def forward(self, x):
            p = self.parts
            reduced = p["b"](x)
            found = [p["one"](x), p["three"](reduced), p["five"](p["d"](reduced if behind else x)),
                     p["last"](self.pool(x))]  # fmt: skip
            return torch.cat([found[i] for i in order], 1)

    return Inception


for name, change in [
    ("ends_without_relu", {"bare": ("one", "three", "five", "last")}),
    ("first_branch_without_relu", {"bare": ("one",)}),
    ("last_branch_without_relu", {"bare": ("last",)}),
    ("large_kernels_without_relu", {"bare": ("three", "five")}),
    ("batch_norms", {"norm": True}),
    ("five_behind_three", {"behind": True}),
    ("five_before_three", {"order": (0, 2, 1, 3)}),
    ("joined_in_reverse", {"order": (3, 2, 1, 0)}),
    ("averaged_and_five_before_three", {"order": (0, 2, 1, 3), "pool": nn.AvgPool2d}),
]:
    wrong("Inception", name)(inception(**change))


def builder(conv_bias=True, affine_bias=True, first=(), end=None, pool=None, drop=False, norms=None,
            inputs=lambda c, h, w, shape: c * h * w, shape=lambda s: s, over=None,
            halve=lambda n: n // 2, svm=None, softmax=F.cross_entropy):  # fmt: skip
    def build_cnn(pattern, input_shape, widths, loss="softmax"):
        (c, h, w), widths, layers, rows = shape(input_shape), list(widths), [], None
        kept = {}
        for word in pattern:
            if word == "conv":
                layers.append(nn.Conv2d(c, widths[0], 3, padding=1, bias=conv_bias))
                c = widths.pop(0)
            elif word == "batchnorm":
                channels = over(c, widths) if over else c
                new = nn.BatchNorm2d(channels)
                layers.append(kept.setdefault(channels, new) if norms == "kept" else new)
            elif word == "relu":
                layers.append(nn.ReLU())
            elif word == "pool":
                layers.append(pool or nn.MaxPool2d(2))
                h, w = halve(h), halve(w)
            else:
                layers += [nn.ReLU(), *([nn.Dropout()] if drop else [])] if rows else [
                    nn.Flatten(), *first]  # fmt: skip
                arrive = rows or int(inputs(c, h, w, input_shape))
                layers.append(nn.Linear(arrive, widths[0], bias=affine_bias))
                rows = widths.pop(0)
        layers += end(loss) if end else []

        def hinge(scores, y):
            return scores.shape[1] * F.multi_margin_loss(scores, y)

        return nn.Sequential(*layers), (svm or hinge) if loss == "svm" else softmax

    return build_cnn


def violations(scores, y):
    return (scores - scores[torch.arange(len(y)), y][:, None] + 1).scatter(1, y[:, None], 0.0)


def only_with(loss, layer):
    return lambda asked: [layer] if asked == loss else []


for name, change in [
    ("relu_before_the_first_affine", {"first": [nn.ReLU()]}),
    ("softmax_where_it_is_the_loss", {"end": only_with("softmax", nn.Softmax(1))}),
    ("log_softmax_in_the_net", {"end": lambda asked: [nn.LogSoftmax(1)]}),
    ("log_softmax_where_it_is_the_loss", {"end": only_with("softmax", nn.LogSoftmax(1))}),
    ("convolutions_without_bias", {"conv_bias": False}),
    ("affine_layers_without_bias", {"affine_bias": False}),
    ("one_norm_again", {"norms": "kept"}),
    ("dropout_added", {"drop": True}),
    ("padded_pooling", {"pool": nn.MaxPool2d(3, 2, 1), "halve": lambda n: (n + 1) // 2}),
    ("height_for_width", {"inputs": lambda c, h, w, shape: c * h * h}),
    ("width_for_height", {"inputs": lambda c, h, w, shape: c * w * w}),
    ("sides_not_rounded", {"halve": lambda n: n / 2}),
    ("poolings_not_counted", {"inputs": lambda c, h, w, shape: c * shape[1] * shape[2]}),
    ("channels_of_the_image", {"inputs": lambda c, h, w, shape: shape[0] * h * w}),
    ("places_not_counted", {"inputs": lambda c, h, w, shape: c}),
    ("channels_last", {"shape": lambda s: (s[2], s[0], s[1])}),
    ("norm_over_the_filters_to_come", {"over": lambda c, widths: widths[0]}),
    ("svm_of_the_worst_class", {
        "svm": lambda s, y: violations(s, y).clamp(min=0).amax(1).mean()}),
    ("svm_clamped_at_the_end", {"svm": lambda s, y: violations(s, y).sum(1).clamp(min=0).mean()}),
    ("svm_summed", {"svm": lambda s, y: violations(s, y).clamp(min=0).sum()}),
    ("softmax_summed", {"softmax": lambda s, y: F.cross_entropy(s, y, reduction="sum")}),
    ("softmax_twice", {"softmax": lambda s, y: F.cross_entropy(s.softmax(1), y)}),
    ("no_softmax_in_the_loss", {"softmax": F.nll_loss}),
]:  # fmt: skip
    wrong("build_cnn", name)(builder(**change))

wrong("build_cnn", "loss_without_gradient")(builder(
    softmax=lambda s, y: F.cross_entropy(s, y).item(),
    svm=lambda s, y: violations(s, y).clamp(min=0).sum(1).mean().detach()))  # fmt: skip


class AlwaysDrops(nn.Module):
    def forward(self, x):
        return F.dropout(x)


def table(inputs=None, drops=(0.5, 0.5), end=(), bare=False, pad=1, colours=3, read=True,
          ceil=False, drop=nn.Dropout, to_seven=False, mode=True, depth=2):  # fmt: skip
    def vgg(config, input_size=224, hidden=4096, classes=1000):
        hidden, classes = (hidden, classes) if read is True else read(hidden, classes)
        layers, c, side = [], colours, input_size
        for i, entry in enumerate(config):
            if entry == "M":
                layers.append(nn.MaxPool2d(2, ceil_mode=ceil))
                side = -(-side // 2) if ceil else side // 2
            else:
                layers.append(nn.Conv2d(c, entry, 3, padding=pad))
                side += 2 * pad - 2
                layers += [] if bare and config[i + 1 : i + 2] == ["M"] else [nn.ReLU()]
                c = entry
        layers += [nn.AdaptiveAvgPool2d(7)] if to_seven else []
        side = 7 if to_seven else side
        layers.append(nn.Flatten())
        n = inputs(c, side, config, input_size) if inputs else c * side * side
        for share in drops[:depth]:
            layers += [nn.Linear(n, hidden), nn.ReLU(), *([drop(share)] if share else [])]
            n = hidden
        return nn.Sequential(*layers, nn.Linear(n, classes), *end).train(mode)

    return vgg


for name, change in [
    ("dropout_behind_the_first_only", {"drops": (0.5, 0)}),
    ("dropout_behind_the_second_only", {"drops": (0, 0.5)}),
    ("drops_a_fifth", {"drops": (0.2, 0.2)}),
    ("drops_while_predicting", {"drop": lambda share: AlwaysDrops()}),
    ("left_in_test_mode", {"mode": False}),
    ("inputs_of_imagenet", {"inputs": lambda c, side, table, size: 25088}),
    ("places_of_imagenet", {"inputs": lambda c, side, table, size: 49 * c}),
    ("five_poolings", {"inputs": lambda c, side, table, size: c * (size // 32) ** 2}),
    ("poolings_not_counted", {"inputs": lambda c, side, table, size: (
        c * side * side if size == 224 else c * size * size)}),
    ("channels_before_the_last", {"inputs": lambda c, side, table, size: (
        c if table[-2] == "M" or table[-1] == "M" else table[-2]) * side * side}),
    ("five_hundred_and_twelve_channels", {"inputs": lambda c, side, table, size: 512 * side**2}),
    ("sides_not_rounded", {"inputs": lambda c, side, table, size: int(
        c * (size / 2 ** table.count("M")) ** 2)}),
    ("pooled_to_seven", {"to_seven": True}),
    ("hidden_not_read", {"read": lambda hidden, classes: (4096, classes)}),
    ("classes_not_read", {"read": lambda hidden, classes: (hidden, 1000)}),
    ("grey_pictures", {"colours": 1}),
    ("convolutions_not_padded", {"pad": 0}),
    ("pooling_rounds_up", {"ceil": True}),
    ("no_relu_in_front_of_poolings", {"bare": True}),
    ("relu_at_the_end", {"end": [nn.ReLU()]}),
]:  # fmt: skip
    wrong("vgg", name)(table(**change))


@wrong("vgg", "convolutions_not_registered")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    class Table(nn.Module):
        def __init__(self):
            super().__init__()
            layers = list(table()(config, input_size, hidden, classes))
            cut = next(i for i, layer in enumerate(layers) if isinstance(layer, nn.Flatten))
            self.features, self.affine = layers[:cut], nn.Sequential(*layers[cut:])

        def forward(self, x):
            for layer in self.features:
                x = layer(x)
            return self.affine(x)

    return Table()
