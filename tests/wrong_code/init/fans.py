"""Notebook 04: fans of a convolution as people count them wrong."""

from math import prod

from wrong_code import wrong


def fans(area=lambda shape: prod(shape[2:])):
    def conv_fan(shape):
        return shape[1] * area(shape), shape[0] * area(shape)

    return conv_fan


for identity, area in {
    "pictures_only": lambda shape: shape[2] * shape[3],
    "area_for_pictures_only": lambda shape: shape[2] * shape[3] if len(shape) == 4 else 1,
    "no_area_for_sequences": lambda shape: prod(shape[2:]) if len(shape) > 3 else 1,
    "third_side_left_out": lambda shape: prod(shape[2:4]),
    "first_side_only": lambda shape: prod(shape[2:3]),
    "last_side_only": lambda shape: shape[-1] if len(shape) > 2 else 1,
    "first_side_for_all": lambda shape: shape[2] ** (len(shape) - 2) if len(shape) > 2 else 1,
    "last_side_for_all": lambda shape: shape[-1] ** (len(shape) - 2),
    "sides_added": lambda shape: sum(shape[2:]) or 1,
}.items():
    wrong("conv_fan", identity)(fans(area))


@wrong("conv_fan", "sides_first")
def conv_fan(shape):
    *sides, channels, filters = shape
    return channels * prod(sides), filters * prod(sides)


@wrong("conv_fan", "affine_swapped")
def conv_fan(shape):
    if len(shape) == 2:
        n_in, n_out = shape
        return n_in, n_out
    return shape[1] * prod(shape[2:]), shape[0] * prod(shape[2:])


@wrong("conv_fan", "bias_counted")
def conv_fan(shape):
    return shape[1] * prod(shape[2:]) + 1, shape[0] * prod(shape[2:])


@wrong("conv_fan", "all_weights_in_fan_out")
def conv_fan(shape):
    return prod(shape[1:]), prod(shape)


@wrong("conv_fan", "all_weights_in_fan_in")
def conv_fan(shape):
    return prod(shape), shape[0] * prod(shape[2:])


@wrong("conv_fan", "area_in_fan_out_only")
def conv_fan(shape):
    return shape[1], shape[0] * prod(shape[2:])
