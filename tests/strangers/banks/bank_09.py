"""Strangers' programs for notebook 09: written from the learner's notebook only (form: see README.md beside it)."""
import copy
import math
from functools import reduce

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

RIGHT, WRONG, MORE = {}, [], []


def right(f):
    RIGHT[f.__name__] = f
    return f


def also(exercise, label):
    def keep(f):
        MORE.append((exercise, label, {f.__name__: f}))
        return f
    return keep


def wrong(exercise, label, says):
    def keep(f):
        WRONG.append((exercise, label, says, {f.__name__: f}))
        return f
    return keep


# ================================================================ conv_output_size
@right
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return -(-size // stride)
    p = 0 if pad == "valid" else pad
    reach, padded = dilation * (kernel - 1) + 1, size + 2 * p
    if reach > padded:
        raise ValueError(f"the kernel reaches over {reach} inputs, the padded input has only {padded}")
    return (padded - reach) // stride + 1


_size = conv_output_size


@also("conv_output_size", "counts the starts of the windows")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return len(range(0, size, stride))
    if pad == "valid":
        pad = 0
    long = size + pad + pad
    last_tap = (kernel - 1) * dilation
    if last_tap >= long:
        raise ValueError("kernel reaches %d but padded input is %d long" % (last_tap + 1, long))
    return len(range(0, long - last_tap, stride))


@also("conv_output_size", "divmod; padding of SAME worked out as TensorFlow does")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    span = dilation * kernel - dilation + 1
    if pad == "same":
        rest = size % stride
        total = max(span - (stride if rest == 0 else rest), 0)
    else:
        total = {"valid": 0}.get(pad, pad) * 2
    room = size + total - span
    if room < 0:
        raise ValueError(f"kernel of reach {span} does not fit on padded input of length {size + total}")
    steps, _ = divmod(room, stride)
    return steps + 1


@also("conv_output_size", "math.floor and math.ceil on floats, as int")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if isinstance(pad, str) and pad.lower() == "same":
        return int(math.ceil(size / stride))
    p = 0 if isinstance(pad, str) else int(pad)
    reach = dilation * (kernel - 1) + 1
    if reach > size + 2 * p:
        raise ValueError(f"Kernel does not fit: it reaches {reach}, padded input length is {size + 2 * p}")
    return int(math.floor((size + 2 * p - dilation * (kernel - 1) - 1) / stride + 1))


@wrong("conv_output_size", "rounds up instead of down", r"down|up|ceil|floor|round|incomplete|rest")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return math.ceil(size / stride)
    if pad == "valid":
        pad = 0
    reach = dilation * (kernel - 1) + 1
    if reach > size + 2 * pad:
        raise ValueError(f"kernel reaches {reach}, padded input is {size + 2 * pad}")
    return math.ceil((size + 2 * pad - reach) / stride) + 1


@wrong("conv_output_size", "the + 1 is forgotten", r"\+ ?1|one|first|few|off")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return -(-size // stride)
    pad = 0 if pad == "valid" else pad
    reach = dilation * (kernel - 1) + 1
    if reach > size + 2 * pad:
        raise ValueError(f"kernel reaches {reach}, padded input is {size + 2 * pad}")
    return (size + 2 * pad - reach) // stride


@wrong("conv_output_size", "true division: a float comes back", r"float|int|whole|//|round")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return -(-size // stride)
    pad = 0 if pad == "valid" else pad
    reach = dilation * (kernel - 1) + 1
    if reach > size + 2 * pad:
        raise ValueError(f"kernel reaches {reach}, padded input is {size + 2 * pad}")
    return (size + 2 * pad - reach) / stride + 1


@wrong("conv_output_size", "dilation is not read", r"dilat")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return -(-size // stride)
    pad = 0 if pad == "valid" else pad
    if kernel > size + 2 * pad:
        raise ValueError(f"kernel reaches {kernel}, padded input is {size + 2 * pad}")
    return (size + 2 * pad - kernel) // stride + 1


@wrong("conv_output_size", "reach of a dilated kernel is d * k instead of d * (k - 1) + 1", r"dilat|reach|k ?[-−] ?1")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return -(-size // stride)
    pad = 0 if pad == "valid" else pad
    reach = dilation * kernel
    if reach > size + 2 * pad:
        raise ValueError(f"kernel reaches {reach}, padded input is {size + 2 * pad}")
    return (size + 2 * pad - reach) // stride + 1


@wrong("conv_output_size", "padding counted once, not on each side", r"pad|side|twice|2")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return -(-size // stride)
    pad = 0 if pad == "valid" else pad
    reach = dilation * (kernel - 1) + 1
    if reach > size + pad:
        raise ValueError(f"kernel reaches {reach}, padded input is {size + pad}")
    return (size + pad - reach) // stride + 1


@wrong("conv_output_size", "'same' returns the input's size whatever the stride", r"same|stride")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return size
    return _size(size, kernel, stride, pad, dilation)


@wrong("conv_output_size", "'same' rounds down: the incomplete step is not counted", r"same|incomplete|up|round|down")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return size // stride
    return _size(size, kernel, stride, pad, dilation)


@wrong("conv_output_size", "'same' pads reach // 2 on each side: one too many for even kernels", r"same|even|pad")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    reach = dilation * (kernel - 1) + 1
    if pad == "same":
        pad = reach // 2
    elif pad == "valid":
        pad = 0
    if reach > size + 2 * pad:
        raise ValueError(f"kernel reaches {reach}, padded input is {size + 2 * pad}")
    return (size + 2 * pad - reach) // stride + 1


@wrong("conv_output_size", "'same' pads (kernel - 1) // 2 on each side: even kernels and dilation come out short", r"same|even|pad|dilat")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        pad = (kernel - 1) // 2
    if pad == "valid":
        pad = 0
    reach = dilation * (kernel - 1) + 1
    if reach > size + 2 * pad:
        raise ValueError(f"kernel reaches {reach}, padded input is {size + 2 * pad}")
    return (size + 2 * pad - reach) // stride + 1


@wrong("conv_output_size", "'same' is refused with a ValueError where the kernel is longer than the unpadded input", r"same|fit|ValueError|pad")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    p = pad if isinstance(pad, int) else 0
    reach = dilation * (kernel - 1) + 1
    if reach > size + 2 * p:
        raise ValueError(f"kernel reaches {reach}, padded input is {size + 2 * p}")
    if pad == "same":
        return -(-size // stride)
    return (size + 2 * p - reach) // stride + 1


@wrong("conv_output_size", "no ValueError: zero or a negative size comes back", r"ValueError|fit|raise|error")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return -(-size // stride)
    pad = 0 if pad == "valid" else pad
    return (size + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1


@wrong("conv_output_size", "raises also where the kernel fits exactly (>= for >)", r"exact|fit|once|equal|just|>=|as long as")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return -(-size // stride)
    pad = 0 if pad == "valid" else pad
    reach = dilation * (kernel - 1) + 1
    if reach >= size + 2 * pad:
        raise ValueError(f"kernel reaches {reach}, padded input is {size + 2 * pad}")
    return (size + 2 * pad - reach) // stride + 1


@wrong("conv_output_size", "the error compares with the unpadded input", r"pad|fit|ValueError")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return -(-size // stride)
    pad = 0 if pad == "valid" else pad
    reach = dilation * (kernel - 1) + 1
    if reach > size:
        raise ValueError(f"kernel reaches {reach}, input is {size}")
    return (size + 2 * pad - reach) // stride + 1


@wrong("conv_output_size", "the error compares the kernel's length, not its dilated reach", r"dilat|reach|fit|ValueError")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return -(-size // stride)
    pad = 0 if pad == "valid" else pad
    if kernel > size + 2 * pad:
        raise ValueError(f"kernel reaches {kernel}, padded input is {size + 2 * pad}")
    return (size + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1


@wrong("conv_output_size", "truncates with int(): a kernel that sticks out by less than the stride gives 1, no error", r"fit|ValueError|int\(|trunc|negative|stick|raise")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return int(math.ceil(size / stride))
    pad = 0 if pad == "valid" else pad
    reach = dilation * (kernel - 1) + 1
    out = int((size + 2 * pad - reach) / stride) + 1
    if out < 1:
        raise ValueError(f"kernel reaches {reach}, padded input is {size + 2 * pad}")
    return out


@wrong("conv_output_size", "the message lacks both numbers", r"message|number|reach|how far|how long")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    try:
        return _size(size, kernel, stride, pad, dilation)
    except ValueError:
        raise ValueError("the kernel is larger than the padded input") from None


@wrong("conv_output_size", "the message gives the undilated kernel and the unpadded size", r"message|number|reach|how far|how long|pad")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return -(-size // stride)
    pad = 0 if pad == "valid" else pad
    room = size + 2 * pad - dilation * (kernel - 1) - 1
    if room < 0:
        raise ValueError(f"kernel {kernel} does not fit into an input of {size}")
    return room // stride + 1


@wrong("conv_output_size", "assert: an AssertionError, not a ValueError", r"ValueError|assert")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return -(-size // stride)
    pad = 0 if pad == "valid" else pad
    reach = dilation * (kernel - 1) + 1
    assert reach <= size + 2 * pad, f"kernel reaches {reach}, padded input is {size + 2 * pad}"
    return (size + 2 * pad - reach) // stride + 1


@wrong("conv_output_size", "refuses sizes that the stride does not divide, as the slide's assert", r"rest|divid|down|round|stride")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return -(-size // stride)
    pad = 0 if pad == "valid" else pad
    reach = dilation * (kernel - 1) + 1
    if reach > size + 2 * pad:
        raise ValueError(f"kernel reaches {reach}, padded input is {size + 2 * pad}")
    if (size + 2 * pad - reach) % stride:
        raise ValueError(f"stride {stride} does not divide {size + 2 * pad} - {reach}")
    return (size + 2 * pad - reach) // stride + 1


@wrong("conv_output_size", "'valid' is forgotten: TypeError", r"valid|TypeError|str")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return -(-size // stride)
    return _size(size, kernel, stride, 0 + pad, dilation)


@wrong("conv_output_size", "two: padding counted once and dilation unread", r"pad|side|dilat")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return -(-size // stride)
    pad = 0 if pad == "valid" else pad
    if kernel > size + pad:
        raise ValueError(f"kernel reaches {kernel}, padded input is {size + pad}")
    return (size + pad - kernel) // stride + 1


@wrong("conv_output_size", "two: 'same' ignores the stride, and the error is returned, not raised", r"same|stride|rais|return|ValueError")
def conv_output_size(size, kernel, stride, pad, dilation=1):
    if pad == "same":
        return size
    try:
        return _size(size, kernel, stride, pad, dilation)
    except ValueError as e:
        return e


# ================================================================ receptive_field
@right
def receptive_field(layers):
    size, jump = 1, 1
    for kernel, stride, *rest in layers:
        dilation = rest[0] if rest else 1
        size += dilation * (kernel - 1) * jump
        jump *= stride
    return size, jump


_field = receptive_field


@also("receptive_field", "from the output back to the input")
def receptive_field(layers):
    size = 1
    for layer in reversed(layers):
        k, s = layer[0], layer[1]
        d = layer[2] if len(layer) == 3 else 1
        size = (size - 1) * s + d * (k - 1) + 1
    return size, math.prod(layer[1] for layer in layers)


@also("receptive_field", "reduce over pairs")
def receptive_field(layers):
    def step(state, layer):
        k, s, d = (tuple(layer) + (1,))[:3]
        return state[0] + state[1] * (k - 1) * d, state[1] * s
    return reduce(step, layers, (1, 1))


@also("receptive_field", "carries the first and the last input that output 0 and output 1 see")
def receptive_field(layers):
    ends = [(0, 0), (1, 1)]
    for layer in reversed(list(layers)):
        k, s = layer[:2]
        d = 1 if len(layer) < 3 else layer[2]
        ends = [(a * s, b * s + d * (k - 1)) for a, b in ends]
    (first, last), (other, _) = ends
    return last - first + 1, other - first


@wrong("receptive_field", "each layer adds the whole kernel, not kernel - 1", r"k ?[-−] ?1|kernel|reach|one too")
def receptive_field(layers):
    size = jump = 1
    for layer in layers:
        k, s, d = (*layer, 1)[:3]
        size += d * k * jump
        jump *= s
    return size, jump


@wrong("receptive_field", "the jump takes the layer's own stride before the layer is added", r"stride|before|order|jump|own|after")
def receptive_field(layers):
    size = jump = 1
    for layer in layers:
        k, s, d = (*layer, 1)[:3]
        jump *= s
        size += d * (k - 1) * jump
    return size, jump


@wrong("receptive_field", "strides are added up, not multiplied", r"multipl|product|add|sum|jump")
def receptive_field(layers):
    size = jump = 1
    for layer in layers:
        k, s, d = (*layer, 1)[:3]
        size += d * (k - 1) * jump
        jump += s - 1
    return size, jump


@wrong("receptive_field", "dilation is not read: gaps are not counted", r"dilat|gap")
def receptive_field(layers):
    size = jump = 1
    for layer in layers:
        size += (layer[0] - 1) * jump
        jump *= layer[1]
    return size, jump


@wrong("receptive_field", "expects triples: pairs without dilation stop it", r"pair|unpack|dilat|two|triple")
def receptive_field(layers):
    size = jump = 1
    for k, s, d in layers:
        size += d * (k - 1) * jump
        jump *= s
    return size, jump


@wrong("receptive_field", "runs from the output to the input with the forward rule", r"order|from the input|revers|first|jump|stride")
def receptive_field(layers):
    size = jump = 1
    for layer in layers[::-1]:
        k, s, d = (*layer, 1)[:3]
        size += d * (k - 1) * jump
        jump *= s
    return size, jump


@wrong("receptive_field", "returns jump first", r"order|swap|first|exchang")
def receptive_field(layers):
    return _field(layers)[::-1]


@wrong("receptive_field", "starts at size 0", r"\b1\b|start|without layers|empty|itself")
def receptive_field(layers):
    size, jump = 0, 1
    for layer in layers:
        k, s, d = (*layer, 1)[:3]
        size += d * (k - 1) * jump
        jump *= s
    return size, jump


@wrong("receptive_field", "dilated reach is d * k, so it adds d * k - 1", r"dilat|reach|k ?[-−] ?1")
def receptive_field(layers):
    size = jump = 1
    for layer in layers:
        k, s, d = (*layer, 1)[:3]
        size += (d * k - 1) * jump
        jump *= s
    return size, jump


@wrong("receptive_field", "dilation multiplies the jump as if it were a stride", r"dilat|jump|stride")
def receptive_field(layers):
    size = jump = 1
    for layer in layers:
        k, s, d = (*layer, 1)[:3]
        size += d * (k - 1) * jump
        jump *= s * d
    return size, jump


@wrong("receptive_field", "1×1 layers are skipped together with their stride", r"1 ?× ?1|kernel (of )?1|stride|jump|skip")
def receptive_field(layers):
    size = jump = 1
    for layer in layers:
        k, s, d = (*layer, 1)[:3]
        if k == 1:
            continue
        size += d * (k - 1) * jump
        jump *= s
    return size, jump


@wrong("receptive_field", "2 * (k // 2) on both sides: even kernels add one too much", r"even|k ?[-−] ?1|side|half|2×2")
def receptive_field(layers):
    size = jump = 1
    for layer in layers:
        k, s, d = (*layer, 1)[:3]
        size += 2 * (k // 2) * d * jump
        jump *= s
    return size, jump


@wrong("receptive_field", "the last layer's stride is left out of the jump", r"last|jump|stride")
def receptive_field(layers):
    size = jump = 1
    for i, layer in enumerate(layers):
        k, s, d = (*layer, 1)[:3]
        size += d * (k - 1) * jump
        if i < len(layers) - 1:
            jump *= s
    return size, jump


@wrong("receptive_field", "jump is the last layer's stride only", r"jump|product|multipl|stride|all")
def receptive_field(layers):
    size = jump = 1
    for layer in layers:
        k, s, d = (*layer, 1)[:3]
        size += d * (k - 1) * jump
        jump = s
    return size, jump


@wrong("receptive_field", "poolings (stride equal to the kernel) change the jump only", r"pool|alike|kernel|stride")
def receptive_field(layers):
    size = jump = 1
    for layer in layers:
        k, s, d = (*layer, 1)[:3]
        if k != s:
            size += d * (k - 1) * jump
        jump *= s
    return size, jump


@wrong("receptive_field", "IndexError without layers", r"empty|without layers|IndexError|no layers")
def receptive_field(layers):
    k, s, d = (*layers[0], 1)[:3]
    size, jump = d * (k - 1) + 1, s
    for layer in layers[1:]:
        k, s, d = (*layer, 1)[:3]
        size, jump = size + d * (k - 1) * jump, jump * s
    return size, jump


@wrong("receptive_field", "two: dilation unread and strides added up", r"dilat|gap|multipl|product|add|jump")
def receptive_field(layers):
    size, jump = 1, 1
    for layer in layers:
        size += (layer[0] - 1) * jump
        jump = jump + layer[1] - 1
    return size, jump


@wrong("receptive_field", "two: size returned alone, and the layer's own stride counted", r"jump|two|pair|tuple|stride|own")
def receptive_field(layers):
    size = jump = 1
    for layer in layers:
        k, s, d = (*layer, 1)[:3]
        jump *= s
        size += d * (k - 1) * jump
    return size


# ================================================================ conv_cost
@right
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    h, w = (_size(n, k, stride, pad) for n, k in ((H, kh), (W, kw)))
    one = c_in * kh * kw
    return c_out * (one + bool(bias)), h * w * c_out * one


_cost = conv_cost


@also("conv_cost", "plain formula, products with math.prod")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    shape = (c_out, c_in, kh, kw)
    weights = math.prod(shape)
    rows = 1 + (H + 2 * pad - kh) // stride
    columns = 1 + (W + 2 * pad - kw) // stride
    parameters = weights
    if bias:
        parameters += c_out
    return parameters, weights * rows * columns


@also("conv_cost", "asks torch on the meta device")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    layer = nn.Conv2d(c_in, c_out, (kh, kw), stride=stride, padding=pad, bias=bool(bias), device="meta")
    out = layer(torch.empty(1, c_in, H, W, device="meta"))
    return sum(p.numel() for p in layer.parameters()), out.numel() * layer.weight[0].numel()


@wrong("conv_cost", "one bias for each output value", r"bias|filter|position")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    h, w = _size(H, kh, stride, pad), _size(W, kw, stride, pad)
    return c_in * c_out * kh * kw + (c_out * h * w if bias else 0), h * w * c_out * c_in * kh * kw


@wrong("conv_cost", "c_in biases instead of c_out", r"bias|filter|c_out")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    params = kh * kw * c_in * c_out + (c_in if bias else 0)
    h, w = _size(H, kh, stride, pad), _size(W, kw, stride, pad)
    return params, h * w * kh * kw * c_in * c_out


@wrong("conv_cost", "bias counted always", r"bias|False")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    h, w = _size(H, kh, stride, pad), _size(W, kw, stride, pad)
    return (kh * kw * c_in + 1) * c_out, h * w * kh * kw * c_in * c_out


@wrong("conv_cost", "the bias is counted among the MACs (positions times all parameters)", r"bias|MAC|addi|none")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    params = (kh * kw * c_in + int(bias)) * c_out
    h, w = _size(H, kh, stride, pad), _size(W, kw, stride, pad)
    return params, h * w * params


@wrong("conv_cost", "positions of the input instead of the output", r"output|input|stride|position|size")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    weights = kh * kw * c_in * c_out
    return weights + c_out * bool(bias), weights * H * W


@wrong("conv_cost", "square assumed: the output's height twice", r"width|height|square|H|W")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    weights = kh * kw * c_in * c_out
    out = _size(H, kh, stride, pad)
    return weights + c_out * bool(bias), weights * out * out


@wrong("conv_cost", "kh and kw exchanged in the output's size", r"height|width|kh|kw|exchang|swap|flat|tall")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    weights = kh * kw * c_in * c_out
    h, w = _size(H, kw, stride, pad), _size(W, kh, stride, pad)
    return weights + c_out * bool(bias), weights * h * w


@wrong("conv_cost", "FLOPs: twice the MACs", r"twice|FLOP|2|factor|double")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    p, macs = _cost(H, W, c_in, c_out, kh, kw, stride, pad, bias)
    return p, 2 * macs


@wrong("conv_cost", "kernel taken as kh × kh", r"kw|width|square|kernel")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    weights = c_in * c_out * kh ** 2
    h, w = _size(H, kh, stride, pad), _size(W, kw, stride, pad)
    return weights + (c_out if bias else 0), weights * h * w


@wrong("conv_cost", "sizes rounded up", r"down|up|ceil|round")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    h = math.ceil((H + 2 * pad - kh) / stride) + 1
    w = math.ceil((W + 2 * pad - kw) / stride) + 1
    weights = c_in * c_out * kh * kw
    return weights + (c_out if bias else 0), weights * h * w


@wrong("conv_cost", "filters are taken as flat: c_in missing in both", r"c_in|channel|deep|depth")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    h, w = _size(H, kh, stride, pad), _size(W, kw, stride, pad)
    return c_out * (kh * kw + bool(bias)), h * w * c_out * kh * kw


@wrong("conv_cost", "c_in missing in the MACs only", r"c_in|channel|MAC|multipl")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    h, w = _size(H, kh, stride, pad), _size(W, kw, stride, pad)
    return c_out * (c_in * kh * kw + bool(bias)), h * w * c_out * kh * kw


@wrong("conv_cost", "products with padded zeros left out", r"pad|zero")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    def taps(n, k):
        return sum(0 <= i * stride - pad + u < n for i in range(_size(n, k, stride, pad)) for u in range(k))
    return c_out * (c_in * kh * kw + bool(bias)), taps(H, kh) * taps(W, kw) * c_in * c_out


@wrong("conv_cost", "MACs first, parameters second", r"order|swap|first|exchang")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    return _cost(H, W, c_in, c_out, kh, kw, stride, pad, bias)[::-1]


@wrong("conv_cost", "true division: MACs are fractional where the stride leaves a rest", r"float|int|down|round|//|whole")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    h = (H + 2 * pad - kh) / stride + 1
    w = (W + 2 * pad - kw) / stride + 1
    return c_out * (c_in * kh * kw + (1 if bias else 0)), h * w * c_out * c_in * kh * kw


@wrong("conv_cost", "the stride counts along the height only", r"stride|width|both|axis|axes|W\b")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    h, w = (H + 2 * pad - kh) // stride + 1, W + 2 * pad - kw + 1
    return c_out * (c_in * kh * kw + (1 if bias else 0)), h * w * c_out * c_in * kh * kw


@wrong("conv_cost", "two: padding counted once and the bias among the MACs", r"pad|side|bias")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    h, w = (H + pad - kh) // stride + 1, (W + pad - kw) // stride + 1
    params = c_out * (c_in * kh * kw + (1 if bias else 0))
    return params, h * w * params


@wrong("conv_cost", "two: bias never counted, height and width of the output added", r"bias|product|multipl|add|position")
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    h, w = _size(H, kh, stride, pad), _size(W, kw, stride, pad)
    weights = c_out * c_in * kh * kw
    return weights, weights * (h + w)


# ================================================================ Bottleneck
@right
class Bottleneck(nn.Module):
    def __init__(self, C):
        super().__init__()
        half = C // 2
        self.reduce = nn.Conv2d(C, half, 1, bias=False)
        self.middle = nn.Conv2d(half, half, 3, padding=1, bias=False)
        self.expand = nn.Conv2d(half, C, 1, bias=False)

    def forward(self, x):
        return self.expand(F.relu(self.middle(F.relu(self.reduce(x)))))


@also("Bottleneck", "one Sequential, padding='same', ReLUs in place")
class Bottleneck(nn.Module):
    def __init__(self, C):
        super().__init__()
        m = C // 2
        self.net = nn.Sequential(
            nn.Conv2d(C, m, kernel_size=1, bias=False), nn.ReLU(inplace=True),
            nn.Conv2d(m, m, kernel_size=3, padding="same", bias=False), nn.ReLU(inplace=True),
            nn.Conv2d(m, C, kernel_size=1, bias=False))

    def forward(self, x):
        return self.net(x)


@also("Bottleneck", "is a Sequential itself, one ReLU module twice, (kh, kw) as tuples")
class Bottleneck(nn.Sequential):
    def __init__(self, C):
        act = nn.ReLU()
        super().__init__(
            nn.Conv2d(C, C // 2, (1, 1), bias=False), act,
            nn.Conv2d(C // 2, C // 2, (3, 3), (1, 1), (1, 1), bias=False), act,
            nn.Conv2d(C // 2, C, (1, 1), bias=False))

    def forward(self, x):
        return super().forward(x)


def _bottle(C, inner=lambda C: C // 2, bias=(False,) * 3, pads=(0, 1, 0), relus=(True, True, False), norm=False, groups=1):
    m = inner(C)
    sizes = [(C, m, 1), (m, m, 3), (m, C, 1)]
    parts = []
    for i, (a, b, k) in enumerate(sizes):
        parts.append(nn.Conv2d(a, b, k, padding=pads[i], bias=bias[i], groups=groups if i == 1 else 1))
        if norm:
            parts.append(nn.BatchNorm2d(b))
        if relus[i]:
            parts.append(nn.ReLU())
    return nn.Sequential(*parts)


class _Bottle(nn.Module):
    settings = {}

    def __init__(self, C):
        super().__init__()
        self.block = _bottle(C, **self.settings)

    def forward(self, x):
        return self.block(x)


@wrong("Bottleneck", "biases left on (the default)", r"bias")
class Bottleneck(_Bottle):
    settings = {"bias": (True,) * 3}


@wrong("Bottleneck", "a bias on the last convolution only", r"bias")
class Bottleneck(_Bottle):
    settings = {"bias": (False, False, True)}


@wrong("Bottleneck", "3×3 not padded: the image shrinks by 2", r"pad|size|kept|shrink|smaller|shape")
class Bottleneck(_Bottle):
    settings = {"pads": (0, 0, 0)}


@wrong("Bottleneck", "padding 1 on all three: the image grows by 4", r"pad|size|kept|grow|larger|shape")
class Bottleneck(_Bottle):
    settings = {"pads": (1, 1, 1)}


@wrong("Bottleneck", "ReLU behind the third as well", r"ReLU|third|last|negativ")
class Bottleneck(_Bottle):
    settings = {"relus": (True, True, True)}


@wrong("Bottleneck", "no ReLU behind the 3×3", r"ReLU|second|3 ?× ?3")
class Bottleneck(_Bottle):
    settings = {"relus": (True, False, False)}


@wrong("Bottleneck", "no ReLU behind the first 1×1", r"ReLU|first|1 ?× ?1")
class Bottleneck(_Bottle):
    settings = {"relus": (False, True, False)}


@wrong("Bottleneck", "narrows to a quarter, as ResNet's own", r"quarter|half|C ?// ?2|// ?4|channel")
class Bottleneck(_Bottle):
    settings = {"inner": lambda C: max(C // 4, 1)}


@wrong("Bottleneck", "rounds C / 2 up: wrong for odd C only", r"odd|// ?2|down|round|channel|half")
class Bottleneck(_Bottle):
    settings = {"inner": lambda C: (C + 1) // 2}


@wrong("Bottleneck", "C / 2 is a float: nn.Conv2d refuses it", r"float|int|//|TypeError|whole")
class Bottleneck(_Bottle):
    settings = {"inner": lambda C: C / 2}


@wrong("Bottleneck", "batch norm behind each convolution", r"norm|paramet|layer")
class Bottleneck(_Bottle):
    settings = {"norm": True}


@wrong("Bottleneck", "the input is added at the end (a residual bottleneck)", r"add|input|residual|short")
class Bottleneck(_Bottle):
    def forward(self, x):
        return x + self.block(x)


@wrong("Bottleneck", "3×3 widens back already, the last 1×1 is C to C", r"channel|3 ?× ?3|C ?// ?2|weight|size|widen")
class Bottleneck(nn.Module):
    def __init__(self, C):
        super().__init__()
        self.a = nn.Conv2d(C, C // 2, 1, bias=False)
        self.b = nn.Conv2d(C // 2, C, 3, padding=1, bias=False)
        self.c = nn.Conv2d(C, C, 1, bias=False)

    def forward(self, x):
        return self.c(F.relu(self.b(F.relu(self.a(x)))))


@wrong("Bottleneck", "forward returns nothing", r"return|None")
class Bottleneck(_Bottle):
    def forward(self, x):
        x = self.block(x)


@wrong("Bottleneck", "super().__init__() forgotten", r"super|__init__")
class Bottleneck(nn.Module):
    def __init__(self, C):
        self.first = nn.Conv2d(C, C // 2, 1, bias=False)
        self.second = nn.Conv2d(C // 2, C // 2, 3, padding=1, bias=False)
        self.third = nn.Conv2d(C // 2, C, 1, bias=False)

    def forward(self, x):
        return self.third(F.relu(self.second(F.relu(self.first(x)))))


@wrong("Bottleneck", "layers in a plain list: torch does not find their parameters", r"list|ModuleList|found|regist|paramet|Conv2d")
class Bottleneck(nn.Module):
    def __init__(self, C):
        super().__init__()
        m = C // 2
        self.convs = [nn.Conv2d(C, m, 1, bias=False), nn.Conv2d(m, m, 3, padding=1, bias=False), nn.Conv2d(m, C, 1, bias=False)]

    def forward(self, x):
        a, b, c = self.convs
        return c(torch.relu(b(torch.relu(a(x)))))


@wrong("Bottleneck", "ReLU in front of each convolution, so on the input as well (pre-activation)", r"ReLU|input|front|before|behind")
class Bottleneck(nn.Module):
    def __init__(self, C):
        super().__init__()
        m = C // 2
        self.net = nn.Sequential(nn.ReLU(), nn.Conv2d(C, m, 1, bias=False), nn.ReLU(), nn.Conv2d(m, m, 3, padding=1, bias=False),
                                 nn.ReLU(), nn.Conv2d(m, C, 1, bias=False))

    def forward(self, x):
        return self.net(x)


@wrong("Bottleneck", "two: biases, and a ReLU behind the third", r"bias|ReLU|third|last")
class Bottleneck(_Bottle):
    settings = {"bias": (True,) * 3, "relus": (True,) * 3}


@wrong("Bottleneck", "two: narrows to a quarter, 3×3 depthwise", r"quarter|half|C ?// ?2|group|channel|depthwise")
class Bottleneck(nn.Module):
    def __init__(self, C):
        super().__init__()
        m = max(C // 4, 1)
        self.block = _bottle(C, inner=lambda C: m, groups=m)

    def forward(self, x):
        return self.block(x)


# ================================================================ ResidualBlock
@right
class ResidualBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.short = None
        if stride > 1 or c_in != c_out:
            self.short = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride=stride, bias=False), nn.BatchNorm2d(c_out))

    def forward(self, x):
        f = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(f + (x if self.short is None else self.short(x)))


@also("ResidualBlock", "body as Sequential, nn.Identity, shortcut made first, added in place")
class ResidualBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        same = stride == 1 and c_in == c_out
        self.way = nn.Identity() if same else nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))
        self.body = nn.Sequential(
            nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(inplace=True),
            nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False), nn.BatchNorm2d(c_out))

    def forward(self, x):
        out = self.body(x)
        out += self.way(x)
        return out.relu_()


@also("ResidualBlock", "ModuleList, helper method, empty Sequential as identity, clamp for ReLU")
class ResidualBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.steps = nn.ModuleList([self._pair(c_in, c_out, 3, stride), self._pair(c_out, c_out, 3, 1)])
        self.downsample = nn.Sequential()
        if (c_in, 1) != (c_out, stride):
            self.downsample = self._pair(c_in, c_out, 1, stride)

    @staticmethod
    def _pair(a, b, k, s):
        return nn.Sequential(nn.Conv2d(a, b, k, stride=s, padding=(k - 1) // 2, bias=False), nn.BatchNorm2d(b))

    def forward(self, x):
        first, second = self.steps
        y = second(first(x).clamp(min=0))
        return torch.add(self.downsample(x), y).clamp(min=0)


class _Res(nn.Module):
    bias, strides, short_stride, short_kernel, short_norm, second_norm = False, (True, False), True, 1, True, True

    def needs(self, c_in, c_out, stride):
        return c_in != c_out or stride != 1

    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        s1, s2 = (stride if on else 1 for on in self.strides)
        self.c1 = nn.Conv2d(c_in, c_out, 3, stride=s1, padding=1, bias=self.bias)
        self.n1 = nn.BatchNorm2d(c_out)
        self.c2 = nn.Conv2d(c_out, c_out, 3, stride=s2, padding=1, bias=self.bias)
        if self.second_norm:
            self.n2 = nn.BatchNorm2d(c_out)
        self.short = nn.Identity()
        if self.needs(c_in, c_out, stride):
            k = self.short_kernel
            parts = [nn.Conv2d(c_in, c_out, k, stride=stride if self.short_stride else 1, padding=k // 2, bias=self.bias)]
            if self.short_norm:
                parts.append(nn.BatchNorm2d(c_out))
            self.short = nn.Sequential(*parts)

    def body(self, x):
        x = self.c2(F.relu(self.n1(self.c1(x))))
        return self.n2(x) if self.second_norm else x

    def forward(self, x):
        return F.relu(self.body(x) + self.short(x))


@wrong("ResidualBlock", "the last ReLU stands before the addition", r"ReLU|before|after|addition|negativ|order")
class ResidualBlock(_Res):
    def forward(self, x):
        return F.relu(self.body(x)) + self.short(x)


@wrong("ResidualBlock", "no ReLU after the addition", r"ReLU|negativ|after|last|end")
class ResidualBlock(_Res):
    def forward(self, x):
        return self.body(x) + self.short(x)


@wrong("ResidualBlock", "no ReLU between the convolutions", r"ReLU|between|first")
class ResidualBlock(_Res):
    def body(self, x):
        return self.n2(self.c2(self.n1(self.c1(x))))


@wrong("ResidualBlock", "the input is not added", r"add|input|short")
class ResidualBlock(_Res):
    def forward(self, x):
        return F.relu(self.body(x))


@wrong("ResidualBlock", "shortcut convolution only where the channels change: stride 2 with equal channels breaks", r"stride|shape|short|size|1 ?× ?1")
class ResidualBlock(_Res):
    def needs(self, c_in, c_out, stride):
        return c_in != c_out


@wrong("ResidualBlock", "shortcut convolution only where the stride is above 1: new channels break or are broadcast", r"channel|shape|short|1 ?× ?1|size")
class ResidualBlock(_Res):
    def needs(self, c_in, c_out, stride):
        return stride > 1


@wrong("ResidualBlock", "shortcut convolution always, also where the shape stays", r"unchanged|further|paramet|short|always|needless")
class ResidualBlock(_Res):
    def needs(self, c_in, c_out, stride):
        return True


@wrong("ResidualBlock", "no batch norm on the shortcut", r"norm|short")
class ResidualBlock(_Res):
    short_norm = False


@wrong("ResidualBlock", "shortcut is a 3×3", r"1 ?× ?1|3 ?× ?3|short|kernel")
class ResidualBlock(_Res):
    short_kernel = 3


@wrong("ResidualBlock", "both 3×3 have the stride", r"stride|second|both|size|shape")
class ResidualBlock(_Res):
    strides = (True, True)


@wrong("ResidualBlock", "the second 3×3 has the stride in place of the first", r"stride|first|second")
class ResidualBlock(_Res):
    strides = (False, True)


@wrong("ResidualBlock", "biases left on", r"bias")
class ResidualBlock(_Res):
    bias = True


@wrong("ResidualBlock", "one batch norm used for both places", r"norm|second|own|same|share|twice")
class ResidualBlock(_Res):
    second_norm = False

    def body(self, x):
        return self.n1(self.c2(F.relu(self.n1(self.c1(x)))))


@wrong("ResidualBlock", "no batch norm behind the second convolution", r"norm|second")
class ResidualBlock(_Res):
    second_norm = False


@wrong("ResidualBlock", "the shortcut goes through the body's second batch norm instead of one of its own", r"norm|own|share|short|same|twice")
class ResidualBlock(_Res):
    short_norm = False

    def forward(self, x):
        y = self.body(x)
        if not isinstance(self.short, nn.Identity):
            x = self.n2(self.short(x))
        return F.relu(y + x)


@wrong("ResidualBlock", "option A: strided slice, new channels are zeros", r"option|1 ?× ?1|short|zero|paramet|conv")
class ResidualBlock(_Res):
    def needs(self, c_in, c_out, stride):
        return False

    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        self.stride, self.more = stride, c_out - c_in

    def forward(self, x):
        y = self.body(x)
        x = x[:, :, ::self.stride, ::self.stride]
        return F.relu(y + F.pad(x, (0, 0, 0, 0, 0, self.more)))


@wrong("ResidualBlock", "pre-activation (norm and ReLU before each convolution, none after the addition)", r"order|before|after|ReLU|norm|pre")
class ResidualBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.n1, self.n2 = nn.BatchNorm2d(c_in), nn.BatchNorm2d(c_out)
        self.c1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.c2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.short = nn.Identity()
        if stride != 1 or c_in != c_out:
            self.short = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))

    def forward(self, x):
        return self.c2(F.relu(self.n2(self.c1(F.relu(self.n1(x)))))) + self.short(x)


@wrong("ResidualBlock", "ReLU on the shortcut before it is added (where the shape changes only)", r"ReLU|short|negativ")
class ResidualBlock(_Res):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        if isinstance(self.short, nn.Sequential):
            self.short.append(nn.ReLU())


@wrong("ResidualBlock", "in-place ReLU on x first: what is added (and the caller's tensor) has lost its negative values", r"in place|in-place|negativ|chang|modif|input|unchanged")
class ResidualBlock(_Res):
    def forward(self, x):
        x = F.relu(x, inplace=True)
        return F.relu(self.body(x) + self.short(x))


@wrong("ResidualBlock", "normalises by the batch in evaluation too (F.batch_norm with training=True)", r"eval|running|mode|training|batch")
class ResidualBlock(_Res):
    @staticmethod
    def norm(x, m):
        return F.batch_norm(x, m.running_mean, m.running_var, m.weight, m.bias, training=True)

    def forward(self, x):
        y = self.norm(self.c2(F.relu(self.norm(self.c1(x), self.n1))), self.n2)
        if isinstance(self.short, nn.Sequential):
            x = self.norm(self.short[0](x), self.short[1])
        return F.relu(y + x)


@wrong("ResidualBlock", "the shortcut's stride is forgotten", r"stride|short|size|shape")
class ResidualBlock(_Res):
    short_stride = False


@wrong("ResidualBlock", "two: biases and no batch norm on the shortcut", r"bias|norm|short")
class ResidualBlock(_Res):
    bias, short_norm = True, False


@wrong("ResidualBlock", "two: ReLU before the addition, shortcut always by 1×1", r"ReLU|before|unchanged|further|paramet|short|always")
class ResidualBlock(_Res):
    def needs(self, c_in, c_out, stride):
        return True

    def forward(self, x):
        return self.short(x) + torch.relu(self.body(x))


# ================================================================ build_cnn
def _hinge(scores, y):
    right_scores = scores.gather(1, y[:, None])
    margins = (scores - right_scores + 1).clamp(min=0)
    others = torch.ones_like(margins).scatter(1, y[:, None], 0.0)
    return (margins * others).sum(1).mean()


@right
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    c, h, w = input_shape
    given, parts, flat = iter(widths), [], None
    for word in pattern:
        if word == "conv":
            f = next(given)
            parts.append(nn.Conv2d(c, f, 3, padding=1))
            c = f
        elif word == "batchnorm":
            parts.append(nn.BatchNorm2d(c))
        elif word == "relu":
            parts.append(nn.ReLU())
        elif word == "pool":
            parts.append(nn.MaxPool2d(2))
            h, w = h // 2, w // 2
        elif word == "affine":
            out = next(given)
            if flat is None:
                parts.append(nn.Flatten())
                flat = c * h * w
            else:
                parts.append(nn.ReLU())
            parts.append(nn.Linear(flat, out))
            flat = out
        else:
            raise ValueError(word)
    return nn.Sequential(*parts), {"softmax": F.cross_entropy, "svm": _hinge}[loss]


_build = build_cnn


@also("build_cnn", "lazy layers, made real by an image of zeros in evaluation mode")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    widths, net, dense = list(widths), nn.Sequential(), False
    for word in pattern:
        if word == "conv":
            net.append(nn.LazyConv2d(widths.pop(0), kernel_size=3, padding=1))
        if word == "batchnorm":
            net.append(nn.LazyBatchNorm2d())
        if word == "relu":
            net.append(nn.ReLU())
        if word == "pool":
            net.append(nn.MaxPool2d(kernel_size=2, stride=2))
        if word == "affine":
            net.append(nn.ReLU() if dense else nn.Flatten())
            net.append(nn.LazyLinear(widths.pop(0)))
            dense = True
    net.eval()
    with torch.no_grad():
        net(torch.zeros(1, *input_shape))
    net.train()
    if loss == "softmax":
        return net, nn.CrossEntropyLoss()
    hinge = nn.MultiMarginLoss()
    return net, lambda scores, y: hinge(scores, y) * scores.shape[1]


@also("build_cnn", "probes a copy after each word; margins with a mask")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    features, head, used = [], [], 0
    for word in pattern:
        with torch.no_grad():
            shape = copy.deepcopy(nn.Sequential(*features)).eval()(torch.zeros(2, *input_shape)).shape
        if word == "affine":
            before = shape[1:].numel() if not head else head[-1].out_features
            if head:
                head += [nn.ReLU()]
            head += [nn.Linear(before, widths[used])]
            used += 1
        elif word == "conv":
            features += [nn.Conv2d(shape[1], widths[used], (3, 3), (1, 1), (1, 1))]
            used += 1
        else:
            features += [{"batchnorm": lambda: nn.BatchNorm2d(shape[1]), "relu": nn.ReLU, "pool": lambda: nn.MaxPool2d(2, 2)}[word]()]

    def svm(scores, y):
        rows = torch.arange(len(y), device=scores.device)
        margins = torch.relu(1 + scores - scores[rows, y].unsqueeze(1))
        keep = torch.ones_like(scores, dtype=torch.bool)
        keep[rows, y] = False
        return margins[keep].sum() / len(y)

    def softmax(scores, y):
        return -scores.log_softmax(1)[range(len(y)), y].mean()

    return nn.Sequential(*features, nn.Flatten(start_dim=1), *head), svm if loss == "svm" else softmax


@also("build_cnn", "an nn.Module of its own with a forward; margin sum minus the right class's 1")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            C, H, W = input_shape
            self.words, self.layers, k, n = list(pattern), nn.ModuleList(), 0, None
            for word in pattern:
                layer = nn.Identity()
                if word == "conv":
                    layer, C, k = nn.Conv2d(C, widths[k], 3, padding="same"), widths[k], k + 1
                elif word == "batchnorm":
                    layer = nn.BatchNorm2d(C)
                elif word == "pool":
                    H, W = (H - 2) // 2 + 1, (W - 2) // 2 + 1
                elif word == "affine":
                    n = C * H * W if n is None else n
                    layer, n, k = nn.Linear(n, widths[k]), widths[k], k + 1
                self.layers.append(layer)

        def forward(self, x):
            seen = False
            for word, layer in zip(self.words, self.layers):
                if word == "relu":
                    x = x.relu()
                elif word == "pool":
                    x = F.max_pool2d(x, 2)
                elif word == "affine":
                    x = layer(x.relu() if seen else x.flatten(1))
                    seen = True
                else:
                    x = layer(x)
            return x

    def svm_loss(scores, y):
        own = scores[torch.arange(len(scores)), y].view(-1, 1)
        return (torch.clamp(scores - own + 1.0, min=0).sum(dim=1) - 1.0).mean()

    return Net(), (svm_loss if loss == "svm" else F.cross_entropy)


def _cnn(pattern, input_shape, widths, loss="softmax", **o):
    c, h, w = input_shape
    k, n, parts = 0, None, []
    for word in pattern:
        if word == "conv":
            parts.append(nn.Conv2d(c, widths[k], o.get("kernel", 3), padding=o.get("padding", 1), bias=o.get("bias", True)))
            h, w = h - o.get("shrink", 0), w - o.get("shrink", 0)
            c, k = widths[k], k + 1
        elif word == "batchnorm":
            parts.append(nn.BatchNorm2d(c))
        elif word == "relu":
            parts.append(nn.ReLU())
        elif word == "pool":
            parts.append(o.get("pool", lambda: nn.MaxPool2d(2))())
            up = o.get("up", 0)
            h, w = (h + up) // 2, (w + up) // 2
        elif word == "affine":
            if n is None:
                n = o.get("flat", lambda c, h, w: c * h * w)(c, h, w)
                if o.get("relu_first"):
                    parts.append(nn.ReLU())
                parts.append(nn.Flatten())
            elif o.get("between", True):
                parts.append(nn.ReLU())
            parts.append(nn.Linear(n, widths[k], bias=o.get("affine_bias", True)))
            n, k = widths[k], k + 1
    parts += o.get("end", [])
    return nn.Sequential(*parts), o.get(loss, {"softmax": F.cross_entropy, "svm": _hinge}[loss])


@wrong("build_cnn", "no ReLU between the affine layers", r"ReLU|between|affine")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, between=False)


@wrong("build_cnn", "a ReLU behind the last affine layer too", r"ReLU|last|scores|negativ|end")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, end=[nn.ReLU()])


@wrong("build_cnn", "a ReLU before the first affine layer too", r"ReLU|first")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, relu_first=True)


@wrong("build_cnn", "softmax at the end of the model: probabilities for scores, squashed twice by cross_entropy", r"softmax|scores|probabilit|sum to 1")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, end=[nn.Softmax(dim=1)] if loss == "softmax" else [])


@wrong("build_cnn", "svm by multi_margin_loss as it is: divided by the number of classes", r"class|divid|sum|mean|multi_margin")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, svm=F.multi_margin_loss)


@wrong("build_cnn", "svm counts the right class: 1 too much", r"right class|wrong class|\b1\b|correct")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    def hinge(s, y):
        return F.relu(s - s[torch.arange(len(y)), y][:, None] + 1).sum(1).mean()
    return _cnn(pattern, input_shape, widths, loss, svm=hinge)


@wrong("build_cnn", "svm summed over the batch", r"mean|batch|sum")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, svm=lambda s, y: _hinge(s, y) * len(y))


@wrong("build_cnn", "svm with squared hinges", r"squar")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, svm=lambda s, y: F.multi_margin_loss(s, y, p=2) * s.shape[1])


@wrong("build_cnn", "svm takes the worst wrong class only (Crammer and Singer), not the sum", r"sum|max|worst|all|wrong class")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    def hinge(s, y):
        own = s.gather(1, y[:, None]).squeeze(1)
        others = s.scatter(1, y[:, None], float("-inf")).max(1).values
        return F.relu(1 + others - own).mean()
    return _cnn(pattern, input_shape, widths, loss, svm=hinge)


@wrong("build_cnn", "svm puts each class against zero (tf.losses.hinge_loss)", r"right class|zero|correct|compare|margin")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    def hinge(s, y):
        signs = 2 * F.one_hot(y, s.shape[1]).to(s.dtype) - 1
        return F.relu(1 - signs * s).sum(1).mean()
    return _cnn(pattern, input_shape, widths, loss, svm=hinge)


@wrong("build_cnn", "svm clamps the summed margins instead of each", r"each|clamp|sum|zero|negativ|max")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    def hinge(s, y):
        own = s.gather(1, y[:, None])
        m = s - own + 1
        m = m.scatter(1, y[:, None], 0.0)
        return F.relu(m.sum(1)).mean()
    return _cnn(pattern, input_shape, widths, loss, svm=hinge)


@wrong("build_cnn", "loss is not read: always cross-entropy", r"svm|loss|hinge|cross")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, svm=F.cross_entropy)


@wrong("build_cnn", "cross-entropy summed over the batch", r"mean|batch|sum")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, softmax=lambda s, y: F.cross_entropy(s, y, reduction="sum"))


@wrong("build_cnn", "the loss is a Python number (.item()): nothing to go backward from", r"tensor|item|backward|gradient|number|float")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    net, f = _build(pattern, input_shape, widths, loss)
    return net, lambda scores, y: f(scores, y).item()


@wrong("build_cnn", "nll_loss on the scores: log-softmax forgotten", r"log|softmax|nll|cross|entropy")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, softmax=F.nll_loss)


@wrong("build_cnn", "left in evaluation mode", r"mode|training|eval")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    net, f = _build(pattern, input_shape, widths, loss)
    net.eval()
    with torch.no_grad():
        assert net(torch.zeros(1, *input_shape)).shape == (1, widths[-1])
    return net, f


@wrong("build_cnn", "an image sent through in training mode moves the running statistics", r"running|statistic|norm|moved|touched|left")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    net, dense, k = nn.Sequential(), False, 0
    for word in pattern:
        if word == "conv":
            net.append(nn.LazyConv2d(widths[k], 3, padding=1)); k += 1
        elif word == "batchnorm":
            net.append(nn.LazyBatchNorm2d())
        elif word == "relu":
            net.append(nn.ReLU())
        elif word == "pool":
            net.append(nn.MaxPool2d(2))
        else:
            net.append(nn.ReLU() if dense else nn.Flatten())
            net.append(nn.LazyLinear(widths[k])); k += 1
            dense = True
    net(torch.randn(2, *input_shape))
    return net, F.cross_entropy if loss == "softmax" else _hinge


@wrong("build_cnn", "lazy layers left without weights", r"lazy|uninitiali|weights|made|paramet")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    c, k, parts = input_shape[0], 0, []
    for word in pattern:
        if word == "conv":
            parts.append(nn.Conv2d(c, widths[k], 3, padding=1))
            c, k = widths[k], k + 1
        elif word == "batchnorm":
            parts.append(nn.BatchNorm2d(c))
        elif word == "relu":
            parts.append(nn.ReLU())
        elif word == "pool":
            parts.append(nn.MaxPool2d(2))
        elif parts and any(isinstance(p, nn.LazyLinear) for p in parts):
            parts += [nn.ReLU(), nn.LazyLinear(widths[k])]
            k += 1
        else:
            parts += [nn.Flatten(), nn.LazyLinear(widths[k])]
            k += 1
    return nn.Sequential(*parts), F.cross_entropy if loss == "softmax" else _hinge


@wrong("build_cnn", "pooling rounds up (ceil_mode, Caffe)", r"odd|up|ceil|round|left out|pool")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, up=1, pool=lambda: nn.MaxPool2d(2, ceil_mode=True))


@wrong("build_cnn", "average pooling", r"max|average|mean|pool")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, pool=lambda: nn.AvgPool2d(2))


@wrong("build_cnn", "convolutions without padding, sizes carried along", r"pad|size|shape|weight")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, padding=0, shrink=2)


@wrong("build_cnn", "convolutions without bias", r"bias")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, bias=False)


@wrong("build_cnn", "square images assumed: c * h * h inputs", r"square|width|height|shape|inputs|H|W")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, flat=lambda c, h, w: c * h * h)


@wrong("build_cnn", "size at the first affine layer from the number of poolings by true division: odd sides break", r"odd|down|left out|round|size|shape|pool")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    down = 2 ** list(pattern).count("pool")
    return _cnn(pattern, input_shape, widths, loss, flat=lambda c, h, w: int(c * input_shape[1] / down * input_shape[2] / down))


@wrong("build_cnn", "input_shape read as (H, W, C)", r"channel|shape|C, H, W|order|first")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    h, w, c = input_shape
    return _cnn(pattern, (c, h, w), widths, loss)


@wrong("build_cnn", "one batch norm object is used again wherever the number of channels is the same", r"norm|own|share|same|twice|again")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    net, f = _build(pattern, input_shape, widths, loss)
    kept = {}
    parts = [kept.setdefault(m.num_features, m) if isinstance(m, nn.BatchNorm2d) else m for m in net]
    return nn.Sequential(*parts), f


@wrong("build_cnn", "batch norm over the next convolution's filters, not over the channels that arrive", r"channel|arriv|norm")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    c, h, w = input_shape
    k, n, parts = 0, None, []
    for word in pattern:
        if word == "conv":
            parts.append(nn.Conv2d(c, widths[k], 3, padding=1))
            c, k = widths[k], k + 1
        elif word == "batchnorm":
            parts.append(nn.BatchNorm2d(widths[k]))
        elif word == "relu":
            parts.append(nn.ReLU())
        elif word == "pool":
            parts.append(nn.MaxPool2d(2))
            h, w = h // 2, w // 2
        else:
            parts += [nn.Flatten()] if n is None else [nn.ReLU()]
            n = c * h * w if n is None else n
            parts.append(nn.Linear(n, widths[k]))
            n, k = widths[k], k + 1
    return nn.Sequential(*parts), F.cross_entropy if loss == "softmax" else _hinge


@wrong("build_cnn", "returns the model alone", r"two|pair|tuple|loss|return")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _build(pattern, input_shape, widths, loss)[0]


@wrong("build_cnn", "dropout of one half in front of every affine layer after the first (AlexNet's habit): not in the pattern, seen in training mode only", r"dropout|random|twice|differ|layer")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    net, f = _build(pattern, input_shape, widths, loss)
    parts, affine = [], False
    for m in net:
        if isinstance(m, nn.Linear):
            parts += [nn.Dropout(0.5)] if affine else []
            affine = True
        parts.append(m)
    return nn.Sequential(*parts), f


@wrong("build_cnn", "two: no ReLU between the affine layers, svm divided by the classes", r"ReLU|between|class|divid")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, between=False, svm=F.multi_margin_loss)


@wrong("build_cnn", "two: affine layers without bias, pooling 3×3 with stride 2 and padding 1", r"bias|pool|2 ?× ?2|3 ?× ?3")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    return _cnn(pattern, input_shape, widths, loss, affine_bias=False, up=1, pool=lambda: nn.MaxPool2d(3, 2, 1))


@wrong("build_cnn", "two: log-softmax in the model for both losses, svm counts the right class", r"softmax|scores|right class|wrong class")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    def hinge(s, y):
        return F.relu(s - s.gather(1, y[:, None]) + 1).sum(1).mean()
    return _cnn(pattern, input_shape, widths, loss, end=[nn.LogSoftmax(1)], softmax=F.nll_loss, svm=hinge)


@wrong("build_cnn", "two: probed in training mode and left in evaluation mode", r"running|statistic|mode|eval")
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    net, f = _build(pattern, input_shape, widths, loss)
    net(torch.zeros(2, *input_shape))
    return net.eval(), f


# ================================================================ Factorized
@right
class Factorized(nn.Module):
    def __init__(self, C, n, between=None):
        super().__init__()
        m = C if between is None else between
        self.flat = nn.Conv2d(C, m, (1, n), padding=(0, n // 2), bias=False)
        self.tall = nn.Conv2d(m, C, (n, 1), padding=(n // 2, 0), bias=False)

    def forward(self, x):
        return self.tall(self.flat(x))


@also("Factorized", "Sequential, padding='same'")
class Factorized(nn.Module):
    def __init__(self, C, n, between=None):
        super().__init__()
        between = between or C
        self.both = nn.Sequential(nn.Conv2d(C, between, kernel_size=(1, n), padding="same", bias=False),
                                  nn.Conv2d(between, C, kernel_size=(n, 1), padding="same", bias=False))

    def forward(self, x):
        return self.both(x)


@also("Factorized", "padded once for both by F.pad, convolutions unpadded")
class Factorized(nn.Module):
    def __init__(self, C, n, between=None):
        super().__init__()
        if between is None:
            between = C
        self.half = (n - 1) // 2
        self.convs = nn.ModuleList([nn.Conv2d(C, between, (1, n), bias=False), nn.Conv2d(between, C, (n, 1), bias=False)])

    def forward(self, x):
        p = self.half
        x = F.pad(x, (p, p, p, p))
        for conv in self.convs:
            x = conv(x)
        return x


class _Fact(nn.Module):
    bias, mid, width = (False, False), None, staticmethod(lambda C, b: C if b is None else b)

    def __init__(self, C, n, between=None):
        super().__init__()
        m = self.width(C, between)
        self.a = nn.Conv2d(C, m, (1, n), padding=(0, n // 2), bias=self.bias[0])
        self.b = nn.Conv2d(m, C, (n, 1), padding=(n // 2, 0), bias=self.bias[1])

    def forward(self, x):
        return self.b(self.a(x))


@wrong("Factorized", "between is not read", r"between")
class Factorized(_Fact):
    width = staticmethod(lambda C, b: C)


@wrong("Factorized", "between defaults to C // 2", r"between|default|None|half|C\b")
class Factorized(_Fact):
    width = staticmethod(lambda C, b: C // 2 if b is None else b)


@wrong("Factorized", "a ReLU between the two", r"ReLU|between|linear|nothing")
class Factorized(_Fact):
    def forward(self, x):
        return self.b(F.relu(self.a(x)))


@wrong("Factorized", "biases left on", r"bias")
class Factorized(_Fact):
    bias = (True, True)


@wrong("Factorized", "a bias on the second only", r"bias")
class Factorized(_Fact):
    bias = (False, True)


@wrong("Factorized", "the tall one first", r"order|first|flat|tall|1 ?× ?n")
class Factorized(nn.Module):
    def __init__(self, C, n, between=None):
        super().__init__()
        m = between or C
        self.tall = nn.Conv2d(C, m, (n, 1), padding=(n // 2, 0), bias=False)
        self.flat = nn.Conv2d(m, C, (1, n), padding=(0, n // 2), bias=False)

    def forward(self, x):
        return self.flat(self.tall(x))


@wrong("Factorized", "padding n // 2 along both axes of both: the image grows", r"pad|size|kept|grow|shape|axis")
class Factorized(_Fact):
    def __init__(self, C, n, between=None):
        super().__init__(C, n, between)
        self.a.padding = self.b.padding = (n // 2, n // 2)


@wrong("Factorized", "paddings exchanged: the image changes its shape on the way, and the borders are wrong", r"pad|exchang|swap|border|axis")
class Factorized(nn.Module):
    def __init__(self, C, n, between=None):
        super().__init__()
        m = C if between is None else between
        self.a = nn.Conv2d(C, m, (1, n), padding=(n // 2, 0), bias=False)
        self.b = nn.Conv2d(m, C, (n, 1), padding=(0, n // 2), bias=False)

    def forward(self, x):
        return self.b(self.a(x))


@wrong("Factorized", "no padding", r"pad|size|kept|shrink|smaller|shape")
class Factorized(nn.Module):
    def __init__(self, C, n, between=None):
        super().__init__()
        m = C if between is None else between
        self.a, self.b = nn.Conv2d(C, m, (1, n), bias=False), nn.Conv2d(m, C, (n, 1), bias=False)

    def forward(self, x):
        return self.b(self.a(x))


@wrong("Factorized", "padding fixed at 1: right for n = 3 only", r"pad|size|kept|n ?// ?2|shape")
class Factorized(nn.Module):
    def __init__(self, C, n, between=None):
        super().__init__()
        m = C if between is None else between
        self.a = nn.Conv2d(C, m, (1, n), padding=(0, 1), bias=False)
        self.b = nn.Conv2d(m, C, (n, 1), padding=(1, 0), bias=False)

    def forward(self, x):
        return self.b(self.a(x))


@wrong("Factorized", "side by side: 1×n and n×1 of the same input are added", r"then|order|add|one after|side|chain|product")
class Factorized(nn.Module):
    def __init__(self, C, n, between=None):
        super().__init__()
        self.a = nn.Conv2d(C, C, (1, n), padding=(0, n // 2), bias=False)
        self.b = nn.Conv2d(C, C, (n, 1), padding=(n // 2, 0), bias=False)

    def forward(self, x):
        return self.a(x) + self.b(x)


@wrong("Factorized", "two: ReLU between and batch norm behind it", r"ReLU|norm|linear|nothing|between")
class Factorized(_Fact):
    def __init__(self, C, n, between=None):
        super().__init__(C, n, between)
        self.norm = nn.BatchNorm2d(self.a.out_channels)

    def forward(self, x):
        return self.b(F.relu(self.norm(self.a(x))))


@wrong("Factorized", "two: tall one first and biases left on", r"order|first|bias|1 ?× ?n|tall|flat")
class Factorized(nn.Module):
    def __init__(self, C, n, between=None):
        super().__init__()
        m = between or C
        self.net = nn.Sequential(nn.Conv2d(C, m, (n, 1), padding=(n // 2, 0)), nn.Conv2d(m, C, (1, n), padding=(0, n // 2)))

    def forward(self, x):
        return self.net(x)


# ================================================================ rank_one
@right
def rank_one(k):
    u, s, vt = np.linalg.svd(np.asarray(k, dtype=float), full_matrices=False)
    energy = s ** 2
    whole = energy.sum()
    return s[0] * u[:, 0], vt[0], float(energy[1:].sum() / whole) if whole > 0 else 0.0


@also("rank_one", "root of the singular value on each side, lost from the difference itself")
def rank_one(k):
    U, S, V = np.linalg.svd(k)
    c, r = U[:, 0] * np.sqrt(S[0]), V[0] * np.sqrt(S[0])
    total = np.sum(np.square(k))
    lost = np.sum((k - np.outer(c, r)) ** 2) / total if total else 0.0
    return c, r, lost


@also("rank_one", "eigenvector of k kᵀ")
def rank_one(k):
    k = np.array(k, float)
    values, vectors = np.linalg.eigh(k @ k.T)
    column = vectors[:, -1]
    row = column @ k
    total = (k * k).sum()
    return column, row, max(0.0, 1 - (row @ row) / total) if total > 0 else 0.0


@also("rank_one", "torch's SVD, signs flipped")
def rank_one(k):
    u, s, vh = torch.linalg.svd(torch.tensor(np.asarray(k), dtype=torch.float64), full_matrices=False)
    rest = (s[1:] ** 2).sum() / (s ** 2).sum().clamp(min=1e-300)
    return -u[:, 0].numpy(), (-s[0] * vh[0]).numpy(), rest.item()


@wrong("rank_one", "the singular value is forgotten: unit column and row", r"singular|size|scale|length|s\[0\]|outer|product|least")
def rank_one(k):
    u, s, vt = np.linalg.svd(k)
    return u[:, 0], vt[0], (s[1:] ** 2).sum() / (s ** 2).sum()


@wrong("rank_one", "the singular value on both sides: its square in the product", r"singular|twice|both|scale|size|square")
def rank_one(k):
    u, s, vt = np.linalg.svd(k)
    return u[:, 0] * s[0], vt[0] * s[0], (s[1:] ** 2).sum() / (s ** 2).sum()


@wrong("rank_one", "row is vt[:, 0]: a column of Vᵀ", r"row|transpos|vt|V")
def rank_one(k):
    u, s, vt = np.linalg.svd(k)
    return u[:, 0] * s[0], vt[:, 0], (s[1:] ** 2).sum() / (s ** 2).sum()


@wrong("rank_one", "column is u[0]: a row of U", r"column|transpos|\bu\b|U")
def rank_one(k):
    u, s, vt = np.linalg.svd(k)
    return u[0] * s[0], vt[0], (s[1:] ** 2).sum() / (s ** 2).sum()


@wrong("rank_one", "the last singular value's pair", r"largest|last|first|least|small")
def rank_one(k):
    u, s, vt = np.linalg.svd(k, full_matrices=False)
    return u[:, -1] * s[-1], vt[-1], (s[:-1] ** 2).sum() / (s ** 2).sum()


@wrong("rank_one", "lost by singular values, not their squares", r"squar|lost|share")
def rank_one(k):
    u, s, vt = np.linalg.svd(k)
    return u[:, 0] * s[0], vt[0], s[1:].sum() / s.sum()


@wrong("rank_one", "lost is the sum of squares, not a share of it", r"share|sum of squares|divid|lost")
def rank_one(k):
    u, s, vt = np.linalg.svd(k)
    return u[:, 0] * s[0], vt[0], (s[1:] ** 2).sum()


@wrong("rank_one", "lost is the share that is kept", r"kept|1 ?[-−]|lost|share")
def rank_one(k):
    u, s, vt = np.linalg.svd(k)
    return u[:, 0] * s[0], vt[0], s[0] ** 2 / (s ** 2).sum()


@wrong("rank_one", "lost is the second singular value's share only: right up to rank 2", r"all|second|lost|rest|share|third")
def rank_one(k):
    u, s, vt = np.linalg.svd(k)
    return u[:, 0] * s[0], vt[0], s[1] ** 2 / (s ** 2).sum()


@wrong("rank_one", "lost by norms: the root of the share", r"root|squar|norm|lost|share")
def rank_one(k):
    u, s, vt = np.linalg.svd(k)
    c, r = u[:, 0] * s[0], vt[0]
    return c, r, np.linalg.norm(k - np.outer(c, r)) / np.linalg.norm(k)


@wrong("rank_one", "lost in percent", r"percent|share|100|between 0 and 1")
def rank_one(k):
    u, s, vt = np.linalg.svd(k)
    return u[:, 0] * s[0], vt[0], 100 * (s[1:] ** 2).sum() / (s ** 2).sum()


@wrong("rank_one", "means of rows times means of columns: exact for separable kernels, else not the nearest", r"nearest|least|mean|best|differenc")
def rank_one(k):
    k = np.asarray(k, float)
    column, row = k.mean(1), k.mean(0) / k.mean()
    return column, row, ((k - np.outer(column, row)) ** 2).sum() / (k ** 2).sum()


@wrong("rank_one", "column and row through the largest entry: exact for separable kernels, else not the nearest", r"nearest|least|best|largest|differenc")
def rank_one(k):
    k = np.asarray(k, float)
    i, j = np.unravel_index(np.abs(k).argmax(), k.shape)
    column, row = k[:, j], k[i] / k[i, j]
    return column, row, ((k - np.outer(column, row)) ** 2).sum() / (k ** 2).sum()


@wrong("rank_one", "two steps of the power method from a row of ones: not the nearest, and nothing at all for kernels whose rows sum to 0", r"nearest|least|steps|start|nan|best|differenc|converge")
def rank_one(k):
    k = np.asarray(k, float)
    row = np.ones(k.shape[1])
    for _ in range(2):
        column = k @ row / (row @ row)
        row = column @ k / (column @ column)
    return column, row, ((k - np.outer(column, row)) ** 2).sum() / (k ** 2).sum()


@wrong("rank_one", "absolute values: signs lost, right only where all entries are positive", r"sign|negativ|abs|least|nearest")
def rank_one(k):
    u, s, vt = np.linalg.svd(k)
    return np.abs(u[:, 0]) * s[0], np.abs(vt[0]), (s[1:] ** 2).sum() / (s ** 2).sum()


@wrong("rank_one", "row and column exchanged", r"order|swap|exchang|column|row|shape")
def rank_one(k):
    u, s, vt = np.linalg.svd(k)
    return vt[0], u[:, 0] * s[0], (s[1:] ** 2).sum() / (s ** 2).sum()


@wrong("rank_one", "two: singular value forgotten, lost in singular values, not squares", r"singular|scale|size|squar|least|share")
def rank_one(k):
    u, s, vt = np.linalg.svd(k)
    return u[:, 0], vt[0], 1 - s[0] / s.sum()


@wrong("rank_one", "two: vt[:, 0] for the row, kept share for the lost one", r"row|transpos|kept|lost|1 ?[-−]")
def rank_one(k):
    u, s, vt = np.linalg.svd(k)
    return s[0] * u[:, 0], vt[:, 0], s[0] ** 2 / np.square(s).sum()


# ================================================================ split_exactly
@right
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat = np.zeros((c_in * kw, c_in, 1, kw), dtype=w.dtype)
    tall = np.zeros((c_out, c_in * kw, kh, 1), dtype=w.dtype)
    for c in range(c_in):
        for v in range(kw):
            flat[c * kw + v, c, 0, v] = 1
            tall[:, c * kw + v, :, 0] = w[:, c, :, v]
    return flat, tall


@also("split_exactly", "identity matrix, transpose and reshape")
def split_exactly(w):
    o, c, h, k = w.shape
    flat = np.eye(c * k, dtype=w.dtype).reshape(c * k, c, 1, k)
    tall = np.swapaxes(w, 2, 3).reshape(o, c * k, h, 1)
    return flat, tall


@also("split_exactly", "the other order of the channels: column by column")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat = np.einsum("ab,uv->ubav", np.eye(c_in), np.eye(kw)).transpose(0, 2, 1, 3).reshape(kw * c_in, c_in, 1, kw).astype(w.dtype)
    tall = np.concatenate([w[:, :, :, v:v + 1] for v in range(kw)], axis=1)
    return flat, tall


@also("split_exactly", "scaled units: 2 in the flat one, half of w in the tall one; advanced indices")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    c, v = np.divmod(np.arange(c_in * kw), kw)
    flat = np.zeros((c_in * kw, c_in, 1, kw), w.dtype)
    flat[np.arange(c_in * kw), c, 0, v] = 2
    tall = (w[:, c, :, v].transpose(1, 0, 2) / 2)[..., None].astype(w.dtype)
    return flat, tall


@wrong("split_exactly", "w reshaped without moving the column axis in front of the rows", r"transpos|axis|axes|order|reshape|row|column")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat = np.eye(c_in * kw, dtype=w.dtype).reshape(c_in * kw, c_in, 1, kw)
    return flat, w.reshape(c_out, c_in * kw, kh, 1)


@wrong("split_exactly", "the taps of the flat one are turned round (as in mathematical convolution)", r"flip|turn|mirror|revers|order|correlation|column")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat = np.zeros((c_in * kw, c_in, 1, kw), w.dtype)
    tall = np.zeros((c_out, c_in * kw, kh, 1), w.dtype)
    for c in range(c_in):
        for v in range(kw):
            flat[c * kw + v, c, 0, kw - 1 - v] = 1
            tall[:, c * kw + v, :, 0] = w[:, c, :, v]
    return flat, tall


@wrong("split_exactly", "the rows of the tall one are turned upside down", r"flip|turn|mirror|revers|upside|row|order")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat = np.eye(c_in * kw, dtype=w.dtype).reshape(c_in * kw, c_in, 1, kw)
    return flat, w[:, :, ::-1].transpose(0, 1, 3, 2).reshape(c_out, c_in * kw, kh, 1)


@wrong("split_exactly", "flat one counts the channels c + v·c_in, the tall one c·kw + v", r"order|channel|match|belong|index")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat = np.zeros((c_in * kw, c_in, 1, kw), w.dtype)
    tall = np.zeros((c_out, c_in * kw, kh, 1), w.dtype)
    for c in range(c_in):
        for v in range(kw):
            flat[c + v * c_in, c, 0, v] = 1
            tall[:, c * kw + v, :, 0] = w[:, c, :, v]
    return flat, tall


@wrong("split_exactly", "the flat one reads all input channels", r"channel|own|one|all|sum|mix")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat = np.zeros((c_in * kw, c_in, 1, kw), w.dtype)
    tall = np.zeros((c_out, c_in * kw, kh, 1), w.dtype)
    for c in range(c_in):
        for v in range(kw):
            flat[c * kw + v, :, 0, v] = 1
            tall[:, c * kw + v, :, 0] = w[:, c, :, v]
    return flat, tall


@wrong("split_exactly", "kh for kw: right for square kernels only", r"kh|kw|square|height|width|shape|IndexError|bound")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat = np.zeros((c_in * kh, c_in, 1, kw), w.dtype)
    tall = np.zeros((c_out, c_in * kh, kh, 1), w.dtype)
    for c in range(c_in):
        for v in range(min(kh, kw)):
            flat[c * kh + v, c, 0, v] = 1
            tall[:, c * kh + v, :, 0] = w[:, c, :, v]
    return flat, tall


@wrong("split_exactly", "grouped weights (c_in·kw)×1×1×kw for the flat one", r"shape|group|c_in|channel|depth")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat = np.tile(np.eye(kw, dtype=w.dtype), (c_in, 1)).reshape(c_in * kw, 1, 1, kw)
    return flat, w.transpose(0, 1, 3, 2).reshape(c_out, c_in * kw, kh, 1)


@wrong("split_exactly", "rank 1 per pair by the SVD: near, not exact", r"exact|rank|equal|lost|near|differ")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat = np.zeros((c_in * kw, c_in, 1, kw), w.dtype)
    tall = np.zeros((c_out, c_in * kw, kh, 1), w.dtype)
    for c in range(c_in):
        u, s, vt = np.linalg.svd(w[:, c].reshape(c_out * kh, kw), full_matrices=False)
        flat[c * kw, c, 0] = vt[0]
        tall[:, c * kw, :, 0] = (u[:, 0] * s[0]).reshape(c_out, kh)
    return flat, tall


@wrong("split_exactly", "the other way round: flat holds the weights by rows, the tall one the units (kh channels)", r"shape|flat|tall|kw|kh|row|column|exchang")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat = w.transpose(0, 2, 1, 3).reshape(c_out * kh, c_in, 1, kw)
    tall = np.zeros((c_out, c_out * kh, kh, 1), w.dtype)
    for o in range(c_out):
        for u in range(kh):
            tall[o, o * kh + u, u, 0] = 1
    return flat, tall


@wrong("split_exactly", "returns tall first", r"order|swap|first|exchang|shape")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat = np.eye(c_in * kw, dtype=w.dtype).reshape(c_in * kw, c_in, 1, kw)
    return w.transpose(0, 1, 3, 2).reshape(c_out, c_in * kw, kh, 1), flat


@wrong("split_exactly", "the last column's taps are left out (range(kw - 1))", r"last|column|all|missing|range")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat = np.zeros((c_in * kw, c_in, 1, kw), w.dtype)
    tall = np.zeros((c_out, c_in * kw, kh, 1), w.dtype)
    for c in range(c_in):
        for v in range(kw - 1):
            flat[c * kw + v, c, 0, v] = 1
            tall[:, c * kw + v, :, 0] = w[:, c, :, v]
    return flat, tall


@wrong("split_exactly", "two: no axes moved, and the taps turned round", r"transpos|axis|axes|order|flip|turn|revers")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat = np.eye(c_in * kw, dtype=w.dtype)[::-1].reshape(c_in * kw, c_in, 1, kw)
    return flat, w.reshape(c_out, c_in * kw, kh, 1)


@wrong("split_exactly", "two: the weights in both (flat holds w's first row, tall its columns)", r"unit|one|twice|both|product|flat")
def split_exactly(w):
    c_out, c_in, kh, kw = w.shape
    flat = np.zeros((c_in * kw, c_in, 1, kw), w.dtype)
    for c in range(c_in):
        for v in range(kw):
            flat[c * kw + v, c, 0, v] = w[0, c, 0, v]
    return flat, w.transpose(0, 1, 3, 2).reshape(c_out, c_in * kw, kh, 1)


# ================================================================ Inception
@right
class Inception(nn.Module):
    def __init__(self, c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool):
        super().__init__()

        def conv(a, b, k):
            return nn.Sequential(nn.Conv2d(a, b, k, padding=k // 2), nn.ReLU())

        self.branches = nn.ModuleList([
            conv(c_in, c1, 1),
            nn.Sequential(conv(c_in, c3_reduce, 1), conv(c3_reduce, c3, 3)),
            nn.Sequential(conv(c_in, c5_reduce, 1), conv(c5_reduce, c5, 5)),
            nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), conv(c_in, c_pool, 1)),
        ])

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], dim=1)


@also("Inception", "attributes and functional ReLU, one ReLU over what is joined")
class Inception(nn.Module):
    def __init__(self, c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool):
        super().__init__()
        self.one = nn.Conv2d(c_in, c1, 1)
        self.three_a, self.three_b = nn.Conv2d(c_in, c3_reduce, 1), nn.Conv2d(c3_reduce, c3, 3, padding=1)
        self.five_a, self.five_b = nn.Conv2d(c_in, c5_reduce, 1), nn.Conv2d(c5_reduce, c5, 5, padding=2)
        self.pooled = nn.Conv2d(c_in, c_pool, 1)

    def forward(self, x):
        three = self.three_b(F.relu(self.three_a(x)))
        five = self.five_b(F.relu(self.five_a(x)))
        pool = self.pooled(F.max_pool2d(x, 3, 1, 1))
        return F.relu(torch.cat((self.one(x), three, five, pool), 1))


@also("Inception", "written into one output tensor; padding='same'; pool padded by -inf")
class Inception(nn.Module):
    def __init__(self, c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool):
        super().__init__()
        self.widths = (c1, c3, c5, c_pool)
        self.b1 = self._stack((c_in, c1, 1))
        self.b2 = self._stack((c_in, c3_reduce, 1), (c3_reduce, c3, 3))
        self.b3 = self._stack((c_in, c5_reduce, 1), (c5_reduce, c5, 5))
        self.b4 = self._stack((c_in, c_pool, 1))

    def _stack(self, *specs):
        layers = []
        for a, b, k in specs:
            layers += [nn.Conv2d(a, b, k, padding="same"), nn.ReLU(inplace=True)]
        return nn.Sequential(*layers)

    def forward(self, x):
        pooled = F.max_pool2d(F.pad(x, (1, 1, 1, 1), value=float("-inf")), 3, stride=1)
        parts = (self.b1(x), self.b2(x), self.b3(x), self.b4(pooled))
        out = x.new_empty(x.shape[0], sum(self.widths), *x.shape[2:])
        start = 0
        for width, part in zip(self.widths, parts):
            out[:, start:start + width] = part
            start += width
        return out


class _Inc(nn.Module):
    bias, norm, order, dim, five = True, False, (0, 1, 2, 3), 1, (5, 2)
    relu_reduce, relu_last, relu_pool = True, True, True

    def conv(self, a, b, k, p=0, relu=True):
        parts = [nn.Conv2d(a, b, k, padding=p, bias=self.bias)]
        if self.norm:
            parts.append(nn.BatchNorm2d(b))
        if relu:
            parts.append(nn.ReLU())
        return nn.Sequential(*parts)

    def pool(self):
        return nn.MaxPool2d(3, 1, 1)

    def __init__(self, c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool):
        super().__init__()
        self.a = self.conv(c_in, c1, 1, relu=self.relu_last)
        self.b = nn.Sequential(self.conv(c_in, c3_reduce, 1, relu=self.relu_reduce), self.conv(c3_reduce, c3, 3, 1, relu=self.relu_last))
        k, p = self.five
        self.c = nn.Sequential(self.conv(c_in, c5_reduce, 1, relu=self.relu_reduce), self.conv(c5_reduce, c5, k, p, relu=self.relu_last))
        self.d = nn.Sequential(self.pool(), self.conv(c_in, c_pool, 1, relu=self.relu_last and self.relu_pool))

    def forward(self, x):
        outs = [self.a(x), self.b(x), self.c(x), self.d(x)]
        return torch.cat([outs[i] for i in self.order], self.dim)


@wrong("Inception", "no ReLU behind the reductions", r"ReLU|reduc")
class Inception(_Inc):
    relu_reduce = False


@wrong("Inception", "no ReLU behind the branches' last convolutions", r"ReLU|negativ|last|behind")
class Inception(_Inc):
    relu_last = False


@wrong("Inception", "no ReLU in the pooling branch only", r"ReLU|pool|fourth|negativ|branch")
class Inception(_Inc):
    relu_pool = False


@wrong("Inception", "average pooling", r"max|average|pool")
class Inception(_Inc):
    def pool(self):
        return nn.AvgPool2d(3, 1, 1)


@wrong("Inception", "pooling with its default stride of 3", r"stride|size|pool|shape")
class Inception(_Inc):
    def pool(self):
        return nn.MaxPool2d(3, padding=1)


@wrong("Inception", "pooling not padded", r"pad|size|pool|shape")
class Inception(_Inc):
    def pool(self):
        return nn.MaxPool2d(3, 1)


@wrong("Inception", "joined in another order: pooling branch first", r"order|first|branch")
class Inception(_Inc):
    order = (3, 0, 1, 2)


@wrong("Inception", "5×5 before 3×3 in what is joined", r"order|branch|3 ?× ?3|5 ?× ?5")
class Inception(_Inc):
    order = (0, 2, 1, 3)


@wrong("Inception", "3×3 in the 5×5 branch, as torchvision's googlenet", r"5 ?× ?5|3 ?× ?3|kernel")
class Inception(_Inc):
    five = (3, 1)


@wrong("Inception", "5×5 padded by 1", r"pad|5 ?× ?5|size|shape")
class Inception(_Inc):
    five = (5, 1)


@wrong("Inception", "no biases", r"bias")
class Inception(_Inc):
    bias = False


@wrong("Inception", "batch norm behind each convolution, no biases (torchvision's BasicConv2d)", r"norm|bias")
class Inception(_Inc):
    bias, norm = False, True


@wrong("Inception", "joined along dim 0 (torch.cat's default)", r"dim|channel|along|batch|axis|shape|size")
class Inception(_Inc):
    dim = 0


@wrong("Inception", "the 1×1 of branch 4 stands before the pooling", r"order|pool|before|after|branch|first")
class Inception(_Inc):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.d = nn.Sequential(self.d[1], self.d[0])


@wrong("Inception", "5×5 branch reads the 3×3's reduction (fails or differs)", r"reduc|5 ?× ?5|own|branch|input")
class Inception(nn.Module):
    def __init__(self, c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool):
        super().__init__()
        self.p1 = nn.Conv2d(c_in, c1, 1)
        self.p2a, self.p2b = nn.Conv2d(c_in, c3_reduce, 1), nn.Conv2d(c3_reduce, c3, 3, padding=1)
        self.p3a, self.p3b = nn.Conv2d(c3_reduce, c5_reduce, 1), nn.Conv2d(c5_reduce, c5, 5, padding=2)
        self.p4 = nn.Conv2d(c_in, c_pool, 1)

    def forward(self, x):
        small = F.relu(self.p2a(x))
        return torch.cat([F.relu(self.p1(x)), F.relu(self.p2b(small)), F.relu(self.p3b(F.relu(self.p3a(small)))),
                          F.relu(self.p4(F.max_pool2d(x, 3, 1, 1)))], 1)


@wrong("Inception", "two: no ReLU behind the reductions, no biases", r"ReLU|reduc|bias")
class Inception(_Inc):
    relu_reduce, bias = False, False


@wrong("Inception", "two: average pooling, 5×5 before 3×3", r"max|average|pool|order")
class Inception(_Inc):
    order = (0, 2, 1, 3)

    def pool(self):
        return nn.AvgPool2d(3, 1, 1)


# ================================================================ vgg
@right
def vgg(config, input_size=224, hidden=4096, classes=1000):
    parts, channels, side = [], 3, input_size
    for entry in config:
        if entry == "M":
            parts.append(nn.MaxPool2d(2, stride=2))
            side //= 2
        else:
            parts += [nn.Conv2d(channels, entry, 3, padding=1), nn.ReLU()]
            channels = entry
    return nn.Sequential(
        *parts, nn.Flatten(),
        nn.Linear(channels * side * side, hidden), nn.ReLU(), nn.Dropout(),
        nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(),
        nn.Linear(hidden, classes))


_vgg = vgg


@also("vgg", "a module with features and classifier, ReLUs in place, forward flattens")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    class VGG(nn.Module):
        def __init__(self):
            super().__init__()
            self.features, last = nn.Sequential(), 3
            for c in config:
                if isinstance(c, str):
                    self.features.append(nn.MaxPool2d(kernel_size=2, stride=2))
                    continue
                self.features.append(nn.Conv2d(last, c, kernel_size=3, padding=1))
                self.features.append(nn.ReLU(inplace=True))
                last = c
            side = input_size // 2 ** list(config).count("M")
            sizes = [last * side ** 2, hidden, hidden]
            head = []
            for a, b in zip(sizes, sizes[1:]):
                head += [nn.Linear(a, b), nn.ReLU(inplace=True), nn.Dropout(p=0.5)]
            self.classifier = nn.Sequential(*head, nn.Linear(hidden, classes))

        def forward(self, x):
            return self.classifier(torch.flatten(self.features(x), 1))

    return VGG()


@also("vgg", "size of the last map from an image sent through; functional dropout on self.training")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    widths = [3] + [c for c in config if c != "M"]
    pairs = iter(zip(widths, widths[1:]))
    body = nn.Sequential(*[nn.MaxPool2d(2) if c == "M" else nn.Sequential(nn.Conv2d(*next(pairs), 3, 1, 1), nn.ReLU()) for c in config])
    with torch.no_grad():
        n = body(torch.zeros(1, 3, input_size, input_size))[0].numel()

    class Head(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c = nn.Linear(n, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, classes)

        def forward(self, x):
            x = x.reshape(len(x), -1)
            for layer in (self.a, self.b):
                x = F.dropout(layer(x).relu(), 0.5, training=self.training)
            return self.c(x)

    return nn.Sequential(body, Head())


def _table(config, input_size=224, hidden=4096, classes=1000, **o):
    parts, c, side = [], o.get("colours", 3), input_size
    for i, entry in enumerate(config):
        if entry == "M":
            parts.append(o.get("pool", lambda: nn.MaxPool2d(2, 2))())
            side = o.get("halve", lambda n: n // 2)(side)
        else:
            parts.append(nn.Conv2d(c, entry, 3, padding=o.get("padding", 1), bias=o.get("bias", True)))
            side -= 2 * (1 - o.get("padding", 1))
            if o.get("norm"):
                parts.append(nn.BatchNorm2d(entry))
            if o.get("relu", lambda config, i: True)(config, i):
                parts.append(nn.ReLU())
            c = entry
    parts.append(nn.Flatten())
    n = o.get("flat", lambda c, side: c * side * side)(c, side)
    for drop in o.get("drops", (0.5, 0.5)):
        parts.append(nn.Linear(n, hidden))
        if o.get("head_relu", True):
            parts.append(nn.ReLU())
        if drop:
            parts.append(nn.Dropout(drop))
        n = hidden
    parts.append(nn.Linear(n, classes))
    return nn.Sequential(*parts, *o.get("end", []))


@wrong("vgg", "first affine layer fixed at 512·7·7: right for 224 and the paper's tables only", r"512|7|input_size|size|shape|inputs")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes, flat=lambda c, side: 512 * 7 * 7)


@wrong("vgg", "five poolings assumed: side is input_size // 32", r"pool|32|input_size|size|shape|\bM\b")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes, flat=lambda c, side: c * (input_size // 32) ** 2)


@wrong("vgg", "last channels read from config[-2]: breaks where the table does not end in M", r"config|last|\bM\b|channel|shape|end")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes, flat=lambda c, side: (config[-2] if config[-2] != "M" else c) * side * side)


@wrong("vgg", "adaptive average pooling to 7×7 before the affine layers (torchvision): other sizes get 49 positions too", r"adaptive|average|7|size|inputs|paramet")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    net = _table(config, input_size, hidden, classes, flat=lambda c, side: c * 49)
    parts = list(net)
    i = next(k for k, m in enumerate(parts) if isinstance(m, nn.Flatten))
    return nn.Sequential(*parts[:i], nn.AdaptiveAvgPool2d(7), *parts[i:])


@wrong("vgg", "no dropout", r"dropout")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes, drops=(0, 0))


@wrong("vgg", "dropout behind the first hidden layer only", r"dropout|second|each|both")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes, drops=(0.5, 0))


@wrong("vgg", "dropout of 0.2", r"dropout|half|0\.5")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes, drops=(0.2, 0.2))


@wrong("vgg", "one hidden affine layer instead of two", r"hidden|two|second|affine|three")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes, drops=(0.5,))


@wrong("vgg", "no ReLU behind the hidden affine layers", r"ReLU|hidden|affine")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes, head_relu=False)


@wrong("vgg", "no ReLU behind the convolution in front of a pooling", r"ReLU|pool|convolution|each")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes, relu=lambda config, i: i + 1 >= len(config) or config[i + 1] != "M")


@wrong("vgg", "softmax at the end: probabilities for scores", r"softmax|scores|probabilit")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes, end=[nn.Softmax(dim=1)])


@wrong("vgg", "hidden not read: 4096", r"hidden|4096")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, 4096, classes)


@wrong("vgg", "classes not read: 1000", r"classes|1000|scores")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, 1000)


@wrong("vgg", "left in evaluation mode", r"mode|training|eval")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes).eval()


@wrong("vgg", "batch norm behind each convolution (vgg_bn)", r"norm")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes, norm=True)


@wrong("vgg", "no biases in the convolutions", r"bias")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes, bias=False)


@wrong("vgg", "pooling rounds up: wrong where a side is odd", r"odd|up|ceil|round|down|pool")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes, pool=lambda: nn.MaxPool2d(2, 2, ceil_mode=True), halve=lambda n: -(-n // 2))


@wrong("vgg", "average pooling", r"max|average|pool")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes, pool=lambda: nn.AvgPool2d(2))


@wrong("vgg", "blocks in a plain list: forward works, the convolutions' parameters are not found", r"list|ModuleList|regist|paramet|found")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    class VGG(nn.Module):
        def __init__(self):
            super().__init__()
            net = list(_vgg(config, input_size, hidden, classes))
            cut = next(k for k, m in enumerate(net) if isinstance(m, nn.Flatten))
            self.blocks, self.head = net[:cut], nn.Sequential(*net[cut:])

        def forward(self, x):
            for block in self.blocks:
                x = block(x)
            return self.head(x)
    return VGG()


@wrong("vgg", "sides not rounded down: int(c * (input_size / 2 ** n) ** 2) inputs, wrong where a side is odd", r"odd|down|round|size|shape|inputs")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    n = sum(e == "M" for e in config)
    return _table(config, input_size, hidden, classes, flat=lambda c, side: int(c * (input_size / 2 ** n) ** 2))


@wrong("vgg", "functional dropout without training=self.training: it drops in evaluation too", r"dropout|eval|mode|training|random|differ")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    class Drop(nn.Module):
        def forward(self, x):
            return F.dropout(x, 0.5)
    return nn.Sequential(*[Drop() if isinstance(m, nn.Dropout) else m for m in _vgg(config, input_size, hidden, classes)])


@wrong("vgg", "two: a ReLU and dropout behind the scores as well", r"ReLU|scores|last|dropout|negativ")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes, end=[nn.ReLU(), nn.Dropout()])


@wrong("vgg", "two: grey images (1 channel), classes not read", r"channel|colour|3|classes|1000")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, 1000, colours=1)


@wrong("vgg", "two: convolutions unpadded (sizes carried along), dropout missing behind the second", r"pad|size|dropout|second|inputs")
def vgg(config, input_size=224, hidden=4096, classes=1000):
    return _table(config, input_size, hidden, classes, padding=0, drops=(0.5, 0))
