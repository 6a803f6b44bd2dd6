"""VGG from its table on torch's lazy layers (notebook 09), with one thing changed at a time.
Runs in the judge."""

import torch
from torch import nn

# How often each width stands in a row, in the tables of VGG-11, 13, 16 and 19.
TIMES = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
TABLES = {
    depth: [entry for width, n in zip((64, 128, 256, 512, 512), times, strict=True)
            for entry in [width] * n + ["M"]]
    for depth, times in TIMES.items()
}  # fmt: skip



def simonyan(config, input_size, hidden, classes, change=""):
    """VGG from torch's lazy layers, or with one thing changed."""
    layers, pad = [], 0 if change == "unpadded" else 1
    for i, entry in enumerate(config):
        if entry == "M":
            pools = {"average": nn.AvgPool2d(2), "overlapping": nn.MaxPool2d(3, 2, 1)}
            layers.append(pools.get(change) or nn.MaxPool2d(2, ceil_mode=change == "up"))
            continue
        layers.append(nn.LazyConv2d(entry, 3, padding=pad, bias=change != "no bias"))
        if change == "norm":
            layers.append(nn.LazyBatchNorm2d())
        pooled = (config[i + 1 : i + 2] or ["M"]) == ["M"]  # or the end
        bare = change == "bare in front of M" and config[i + 1 : i + 2] == ["M"]
        bare = bare or change == "bare elsewhere" and not pooled
        bare = bare or change == "bare without M" and config[i + 1 : i + 2] != ["M"]
        if change != "no relu" and not bare:
            layers.append(nn.ReLU())
    if change in ("mean of maps", "7×7"):
        layers.append(nn.AdaptiveAvgPool2d(1 if change == "mean of maps" else 7))
    layers.append(nn.Flatten())
    for _ in range({"one hidden": 1, "three hidden": 3}.get(change, 2)):
        layers.append(nn.LazyLinear(hidden))
        layers += [] if change == "affine in a row" else [nn.ReLU()]
        layers += [] if change == "no dropout" else [nn.Dropout(0.5)]
    layers.append(nn.LazyLinear(classes))
    layers += {"relu at the end": [nn.ReLU()], "softmax": [nn.Softmax(1)]}.get(change, [])
    net = nn.Sequential(*layers)
    net.eval()(torch.zeros(2, 3, input_size, input_size))
    return net.train()
