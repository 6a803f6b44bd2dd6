"""Notebook 01: Swish with a backward of one's own, in further ways to get it wrong."""

import torch
from wrong_code import wrong


def value(x):
    return x * torch.sigmoid(x)


def slope(x):
    s = torch.sigmoid(x)
    return s + x * s * (1 - s)


def swish(forward=value, backward=lambda x, s, dout: dout * slope(x)):
    """A Swish that keeps its input, with another forward or another backward."""

    class Swish(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx, dout):
            (x,) = ctx.saved_tensors
            return backward(x, torch.sigmoid(x), dout)

    return Swish


def slopes(**by_name):
    for name, other in by_name.items():
        wrong("Swish", name)(swish(backward=lambda x, s, dout, other=other: dout * other(x, s)))


slopes(
    the_other_term=lambda x, s: x * s * (1 - s),
    slope_of_the_sigmoid=lambda x, s: s * (1 - s),
    slope_of_a_sigmoid_from_the_output=lambda x, s: value(x) * (1 - value(x)),
    one_factor_missing=lambda x, s: s + x * (1 - s),
    one_minus_sigma_missing=lambda x, s: s * (1 + x),
    x_missing_in_the_second_term=lambda x, s: s + s * (1 - s),
    second_term_subtracted=lambda x, s: s * (1 - x * (1 - s)),
    output_plus_slope=lambda x, s: x * s + s * (1 - s),
    output_inside_the_bracket=lambda x, s: s * (1 - x * s),
    gradient_from_above_handed_on=lambda x, s: 1.0,
    backward_overflows_above=lambda x, s: torch.exp(x) / (1 + torch.exp(x)) * (1 + x * (1 - s)),
    backward_overflows_below=lambda x, s: s + x * s * s * torch.exp(-x),
)


def others(**by_name):
    for name, code in by_name.items():
        wrong("Swish", name)(code)


def gelu(x):
    return x * torch.sigmoid(1.702 * x)


def gelu_slope(x, s, dout):
    s = torch.sigmoid(1.702 * x)
    return dout * (s + 1.702 * x * s * (1 - s))


others(
    gradient_from_above_ignored=swish(backward=lambda x, s, dout: slope(x)),
    one_term_and_nothing_from_above=swish(backward=lambda x, s, dout: s),
    returns_nothing=swish(backward=lambda x, s, dout: None),
    is_sigmoid=swish(torch.sigmoid, lambda x, s, dout: dout * s * (1 - s)),
    forward_is_the_sigmoid=swish(torch.sigmoid),
    is_gelu=swish(gelu, gelu_slope),
    is_tanh=swish(
        lambda x: x * torch.tanh(x),
        lambda x, s, dout: dout * (torch.tanh(x) + x * (1 - torch.tanh(x) ** 2)),
    ),
    forward_overflows=swish(lambda x: x * torch.exp(x) / (1 + torch.exp(x))),
    clipped_at_20=swish(lambda x: value(x.clamp(-20, 20))),
    clipped_at_50=swish(lambda x: value(x.clamp(-50, 50))),
    clipped_at_500=swish(lambda x: value(x.clamp(-500, 500))),
    computed_in_float32=swish(lambda x: value(x.float())),
    dout_changed=swish(backward=lambda x, s, dout: dout.mul_(slope(x))),
)


@wrong("Swish", "zero_by_zero")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        out = x * torch.sigmoid(x)
        ctx.save_for_backward(x, out)
        return out

    @staticmethod
    def backward(ctx, dout):
        x, out = ctx.saved_tensors
        s = out / x
        return dout * (s + out * (1 - s))


_latest = []


@wrong("Swish", "x_of_the_last_call")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        _latest[:] = [x.detach()]
        return value(x)

    @staticmethod
    def backward(ctx, dout):
        return dout * slope(_latest[0])


_inputs = {}


@wrong("Swish", "nothing_in_ctx")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        _inputs[ctx] = x.detach()
        return value(x)

    @staticmethod
    def backward(ctx, dout):
        return dout * slope(_inputs[ctx])


def _without_nan(x):
    return torch.nan_to_num(torch.exp(x) / (1 + torch.exp(x)), nan=0.0)


wrong("Swish", "overflow_made_zero")(
    swish(
        forward=lambda x: x * _without_nan(x),
        backward=lambda x, s, dout: (
            dout * (_without_nan(x) + x * _without_nan(x) * (1 - _without_nan(x)))
        ),
    )
)
