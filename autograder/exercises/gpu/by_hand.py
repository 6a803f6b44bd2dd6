"""What the modules of small models give, counted by hand; the models are built in `memory`."""


def by_hand(model, batch, d=0, h=0, classes=0, channels=0, side=0, layers=0):
    """What each module gives, as (kind, numbers); how many parameters are trained and frozen."""
    b = batch
    if model == "affine":
        outputs = [("input", b * d), ("new", b * h), ("new", b * h), ("new", b * classes)]
        return outputs, (d + 1) * h + (h + 1) * classes, 0
    if model == "convolution":
        maps, pooled = channels * side * side, channels * (side // 2) ** 2
        outputs = [("input", b * 3 * side * side), ("new", b * maps), ("in place", b * maps),
                   ("new", b * pooled), ("view", b * pooled), ("new", b * classes)]  # fmt: skip
        return outputs, channels * (3 * 9 + 1) + (pooled + 1) * classes, 0
    if model == "norm":
        outputs = [("input", b * d), ("new", b * h), ("new", b * h), ("in place", b * h),
                   ("dropout", b * h), ("new", b * classes)]  # fmt: skip
        return outputs, (d + 1) * h + 2 * h + (h + 1) * classes, 0
    if model == "single":
        return [("input", b * d), ("new", b * classes)], (d + 1) * classes, 0
    if model == "residual":
        outputs = [("input", b * d), ("new", b * h), ("new", b * h), ("new", b * h),
                   ("container", b * h), ("new", b * classes)]  # fmt: skip
        return outputs, (d + 1) * h + (h + 1) * h + (h + 1) * classes, 0
    if model == "relu of a sum":  # no module puts the sum out over which the ReLU writes
        outputs = [("input", b * d), ("new", b * h), ("new", b * h), ("over a sum", b * h),
                   ("new", b * classes)]  # fmt: skip
        return outputs, (d + 1) * h + (h + 1) * h + (h + 1) * classes, 0
    if model == "slice":
        outputs = [("input", b * d), ("new", b * h), ("offset", b * (h - 1)), ("view", b * h),
                   ("new", b * classes)]  # fmt: skip
        return outputs, (d + 1) * h + (h + 1) * classes, 0
    if model == "tied":
        outputs = [("input", b * d), ("in place", b * d), ("new", b * d), ("new", b * d)]
        return outputs, (d + 2) * d, 0
    if model == "deep":
        return [("input", b * d)] + (layers + 1) * [("new", b * d)], 0, (d + 1) * d
    if model == "shared":
        outputs = [("input", b * d), ("new", b * d), ("new", b * d), ("again", b * d)]
        return outputs, (d + 1) * d, 0
    outputs = [("input", b * d), ("new", b * h), ("in place", b * h), ("new", b * classes)]
    return outputs, (h + 1) * classes, (d + 1) * h


def containers(model, batch, sizes) -> int:
    """The numbers that come out of modules with children."""
    kinds, *_ = by_hand(model, batch, **sizes)
    if model == "single":
        return 0
    inner = {"residual": 2, "relu of a sum": 1}.get(model, 0)  # the block, and what is in it
    return kinds[-1][1] + inner * batch * sizes.get("h", 0)
