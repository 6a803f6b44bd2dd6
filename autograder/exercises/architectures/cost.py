"""Exercise of notebook 09: what a convolution costs.

When one kernel is worth two is in `separable`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake


def counted(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    """Parameters of torch's own layer, and the products that torch counts in one forward pass."""
    from torch.utils.flop_counter import FlopCounterMode

    layer = torch.nn.Conv2d(c_in, c_out, (kh, kw), stride, pad, bias=bias, device="meta")
    with FlopCounterMode(display=False) as flops:
        layer(torch.empty(1, c_in, H, W, device="meta"))
    # torch counts a product and the sum it goes into as two operations, biases as none.
    return {"parameters": sum(p.numel() for p in layer.parameters()),
            "macs": flops.get_total_flops() // 2}  # fmt: skip


def and_additions(slip, words):
    """A slip in the MACs, together with additions that are counted, too."""

    def show(self, right, **inputs):
        return {"macs": 2 * slip(self, right, **inputs)["macs"]}

    show.__doc__ = f"""Two things: you count multiplications and additions apart, and a
        multiply-accumulate is both at once; and {words}"""
    return mistake(show)


class conv_cost(Exercise):
    """What a convolution costs: numbers to learn, and multiplications for one image."""

    signature = "conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias) -> parameters, macs"
    library = "any"
    minutes = 10
    difficulty = 1
    hints = (
        "How many numbers does one filter hold? How many filters are there?",
        "Every value of the output is one filter laid over the input once. How many values "
        "does the output have, and what does each take?",
    )

    def cases(self, rng):
        names = ("H", "W", "c_in", "c_out", "kh", "kw", "stride", "pad", "bias")

        def case(name, points, *row):
            return Case(name, points, **dict(zip(names, row, strict=True)))

        c, d = (int(n) for n in rng.integers(5, 20, 2))
        d += d == c
        yield case("stride 1, size kept", 1, 17, 23, c, d, 3, 3, 1, 1, False)
        yield case("with a bias", 1, 16, 21, c, d, 5, 5, 1, 2, True)
        yield case("stride 2", 2, 29, 18, c, d, 3, 3, 2, 1, False)
        yield case("a flat kernel, nothing padded", 2, 19, 26, d, c, 3, 7, 1, 0, True)
        yield case("stride 3, a tall kernel, a rest", 2, 29, 33, c, d, 5, 2, 3, 2, True)
        yield case("1×1", 1, 14, 9, c, d, 1, 1, 1, 0, False)
        yield case("the slide's 7×7", 1, 56, 56, 64, 64, 7, 7, 1, 3, False)

    def observe(self, code, **inputs):
        parameters, macs = code.conv_cost(**inputs)
        return {"parameters": parameters, "macs": macs}

    def reference(self, **inputs):
        return counted(**inputs)

    @mistake
    def input_size_for_output(self, right, H, W, c_in, c_out, kh, kw, stride, pad, bias):
        """You multiply by the size of the input. The filter is laid down once for every value of
        the output, and there are fewer of those where it strides or is not padded."""
        return {"macs": H * W * c_in * c_out * kh * kw}

    @mistake
    def stride_forgotten(self, right, **inputs):
        """The stride makes no difference in your MACs. It leaves fewer outputs."""
        return {"macs": counted(**inputs | {"stride": 1})["macs"]}

    @mistake
    def stride_divides_once(self, right, H, W, kh, kw, stride, pad, **inputs):
        """A stride of s leaves about 1/s of the rows and 1/s of the columns. You seem to apply it
        to one of the two."""
        places = ((H + 2 * pad - kh) // stride + 1) * (W + 2 * pad - kw + 1)
        return {"macs": places * kh * kw * inputs["c_in"] * inputs["c_out"]}

    @mistake
    def padding_forgotten(self, right, **inputs):
        """The padding makes no difference in your MACs. It gives the kernel more places."""
        return {"macs": counted(**inputs | {"pad": 0})["macs"]}

    @mistake
    def padded_once(self, right, H, W, kh, kw, stride, pad, **inputs):
        """Padding is added on both sides of each axis. You count it once."""
        places = ((H + pad - kh) // stride + 1) * ((W + pad - kw) // stride + 1)
        return {"macs": places * kh * kw * inputs["c_in"] * inputs["c_out"]}

    @mistake
    def rounds_up(self, right, H, W, kh, kw, stride, pad, **inputs):
        """You round the output size up. A step that does not fit whole is not taken."""
        places = (-(-(H + 2 * pad - kh) // stride) + 1) * (-(-(W + 2 * pad - kw) // stride) + 1)
        return {"macs": places * kh * kw * inputs["c_in"] * inputs["c_out"]}

    @mistake
    def rounds_to_nearest(self, right, H, W, kh, kw, stride, pad, **inputs):
        """You round the output size to the nearest whole number. A step that does not fit whole is
        not taken."""
        places = round((H + 2 * pad - kh) / stride + 1) * round((W + 2 * pad - kw) / stride + 1)
        return {"macs": places * kh * kw * inputs["c_in"] * inputs["c_out"]}

    @mistake
    def steps_rounded_to_nearest(self, right, H, W, kh, kw, stride, pad, **inputs):
        """You round the number of steps to the nearest whole number. A step that does not fit whole
        is not taken."""
        rows, columns = H + 2 * pad - kh, W + 2 * pad - kw
        places = (round(rows / stride) + 1) * (round(columns / stride) + 1)
        return {"macs": places * kh * kw * inputs["c_in"] * inputs["c_out"]}

    @mistake
    def first_place_not_counted(self, right, H, W, kh, kw, stride, pad, **inputs):
        """Your output is one row and one column short: you count the steps that the filter takes,
        and it has one place more than it takes steps."""
        places = ((H + 2 * pad - kh) // stride) * ((W + 2 * pad - kw) // stride)
        return {"macs": places * kh * kw * inputs["c_in"] * inputs["c_out"]}

    @mistake
    def first_place_divided(self, right, H, W, kh, kw, stride, pad, **inputs):
        """The filter's first place is counted before the division, so the stride divides it
        too."""
        places = ((H + 2 * pad - kh + 1) // stride) * ((W + 2 * pad - kw + 1) // stride)
        return {"macs": places * kh * kw * inputs["c_in"] * inputs["c_out"]}

    @mistake
    def not_rounded(self, right, H, W, kh, kw, stride, pad, **inputs):
        """You divide by the stride without rounding. A step that does not fit whole is not
        taken."""
        places = ((H + 2 * pad - kh) / stride + 1) * ((W + 2 * pad - kw) / stride + 1)
        return {"macs": places * kh * kw * inputs["c_in"] * inputs["c_out"]}

    @mistake
    def rounded_at_the_end(self, right, H, W, kh, kw, stride, pad, **inputs):
        """You round the number of multiplications, and not the sizes that it is made of. A step
        that does not fit whole is not taken: round the output's rows down, and its columns, before
        you multiply."""
        places = ((H + 2 * pad - kh) / stride + 1) * ((W + 2 * pad - kw) / stride + 1)
        return {"macs": int(places * kh * kw * inputs["c_in"] * inputs["c_out"])}

    @mistake
    def area_rounded_down(self, right, H, W, kh, kw, stride, pad, **inputs):
        """You round the output's area down, and not its two sides. A step that does not fit whole
        is not taken: round rows and columns each by itself, before you multiply."""
        places = ((H + 2 * pad - kh) / stride + 1) * ((W + 2 * pad - kw) / stride + 1)
        return self.at(inputs | {"kh": kh, "kw": kw}, int(places))

    @mistake
    def one_side_squared(self, right, H, kh, kw, stride, pad, **inputs):
        """You take as many columns as rows in the output. The input is not square: count both
        sides."""
        places = ((H + 2 * pad - kh) // stride + 1) ** 2
        return {"macs": places * kh * kw * inputs["c_in"] * inputs["c_out"]}

    @mistake
    def strides_have_room(self, right, H, W, stride, **inputs):
        """You count a place for every stride that has room in the input. The kernel has to have
        room behind its first pixel, and padding gives it more."""
        return self.at(inputs, (H // stride) * (W // stride))

    @mistake
    def one_for_every_stride_begun(self, right, H, W, stride, **inputs):
        """You count a place for every stride begun, as "same" in TensorFlow would have it. Here the
        kernel has the places that input, kernel and `pad` leave it."""
        return self.at(inputs, -(-H // stride) * -(-W // stride))

    @mistake
    def area_over_the_stride(self, right, H, W, stride, **inputs):
        """You divide the input's area by the stride. It leaves about 1/s of the rows and 1/s of
        the columns, and the kernel has to have room."""
        return self.at(inputs, H * W // stride)

    @mistake
    def area_over_the_squared_stride(self, right, H, W, stride, **inputs):
        """You divide the input's area by the square of the stride. The kernel has to have room,
        and padding gives it more: compute the output's rows and columns."""
        return self.at(inputs, H * W // stride**2)

    @mistake
    def rows_plus_columns(self, right, H, W, kh, kw, stride, pad, **inputs):
        """You add the output's rows and columns. Each row has a place in every column: multiply.
        """
        places = ((H + 2 * pad - kh) // stride + 1) + ((W + 2 * pad - kw) // stride + 1)
        return self.at(inputs | {"kh": kh, "kw": kw}, places)

    @mistake
    def places_forgotten(self, right, bias, c_out, **inputs):
        """Your MACs are those of a single place. The filters are laid down once for every value of
        the output."""
        return {"macs": right["parameters"] - (c_out if bias else 0)}

    @mistake
    def zeros_left_out(self, right, H, W, kh, kw, stride, pad, **inputs):
        """You leave out the products with padded zeros. They are computed like all others, and
        counted."""
        def inside(side, length):
            starts = range(-pad, side + pad - length + 1, stride)
            return sum(min(i + length, side) - max(i, 0) for i in starts)

        places = inside(H, kh) * inside(W, kw)
        return {"macs": places * inputs["c_in"] * inputs["c_out"]}

    def at(self, inputs, places):
        """The MACs of a layer with so many places."""
        return {"macs": places * int(np.prod([inputs[n] for n in ("c_in", "c_out", "kh", "kw")]))}

    @mistake
    def macs_first(self, right, **inputs):
        """You return the MACs first. The order is: parameters, macs."""
        return {"parameters": right["macs"], "macs": right["parameters"]}

    @mistake
    def one_filter(self, right, c_out, **inputs):
        """You count the multiplications of one filter. There are c_out of them, each laid over the
        whole input."""
        return {"macs": right["macs"] // c_out}

    @mistake
    def square_kernel(self, right, **inputs):
        """You take the kernel to be square. Height and width are separate arguments."""
        return counted(**inputs | {"kw": inputs["kh"]})

    @mistake
    def height_for_width(self, right, kh, kw, c_out, bias, **inputs):
        """Your filters hold kh × kh numbers. Height and width are separate arguments."""
        return self.weighing(right, kh / kw, c_out, bias)

    @mistake
    def width_for_height(self, right, kh, kw, c_out, bias, **inputs):
        """Your filters hold kw × kw numbers. Height and width are separate arguments."""
        return self.weighing(right, kw / kh, c_out, bias)

    def weighing(self, right, more, c_out, bias):
        """Filters of so many times the numbers."""
        biases = c_out if bias else 0
        return {"parameters": round((right["parameters"] - biases) * more) + biases,
                "macs": round(right["macs"] * more)}  # fmt: skip

    @mistake
    def kernel_turned(self, right, **inputs):
        """Height goes with kh, width with kw. In the size of your output the two have changed
        places."""
        return {"macs": counted(**inputs | {"kh": inputs["kw"], "kw": inputs["kh"]})["macs"]}

    def sized(self, kh, kw, **inputs):
        """MACs with the output's size by another kernel height or width."""
        more = {"kh": kh, "kw": kw} | {k: v for k, v in inputs.items() if k not in ("as_h", "as_w")}
        turned = counted(**more | {"kh": inputs["as_h"], "kw": inputs["as_w"]})["macs"]
        return {"macs": turned * kh * kw // (inputs["as_h"] * inputs["as_w"])}

    @mistake
    def output_by_the_height_alone(self, right, kh, kw, **inputs):
        """The size of your output goes by kh in both directions. Its width goes with kw."""
        return self.sized(kh, kw, as_h=kh, as_w=kh, **inputs)

    @mistake
    def output_by_the_width_alone(self, right, kh, kw, **inputs):
        """The size of your output goes by kw in both directions. Its height goes with kh."""
        return self.sized(kh, kw, as_h=kw, as_w=kw, **inputs)

    @mistake
    def input_channels_forgotten(self, right, c_in, c_out, **inputs):
        """Your filters have one channel. Each filter reaches through all channels of the input."""
        bias = c_out if inputs["bias"] else 0
        return {"parameters": (right["parameters"] - bias) // c_in + bias,
                "macs": right["macs"] // c_in}  # fmt: skip

    @mistake
    def input_channels_not_in_macs(self, right, c_in, **inputs):
        """In your MACs a filter has one channel. Each filter reaches through all channels of the
        input, and multiplies in each of them."""
        return {"macs": right["macs"] // c_in}

    @mistake
    def input_channels_not_in_parameters(self, right, c_in, c_out, bias, **inputs):
        """In your parameters a filter has one channel. Each filter reaches through all channels of
        the input, with numbers of its own for each."""
        biases = c_out if bias else 0
        return {"parameters": (right["parameters"] - biases) // c_in + biases}

    @mistake
    def output_channels_forgotten(self, right, c_out, bias, **inputs):
        """You count the numbers of one filter. There are c_out of them."""
        biases = c_out if bias else 0
        return {"parameters": (right["parameters"] - biases) // c_out + biases}

    @mistake
    def one_filter_in_both(self, right, c_out, bias, **inputs):
        """You count the numbers and the products of one filter. There are c_out of them."""
        biases = c_out if bias else 0
        return {"parameters": (right["parameters"] - biases) // c_out + biases,
                "macs": right["macs"] // c_out}  # fmt: skip

    @mistake
    def one_bias_for_each_place(self, right, c_in, c_out, kh, kw, bias, **inputs):
        """You count a bias for every value of the output. Each filter has one, which it adds at all
        places."""
        if bias:
            return {"parameters": right["parameters"] - c_out + right["macs"] // (c_in * kh * kw)}

    @mistake
    def bias_forgotten(self, right, c_out, bias, **inputs):
        """With bias=True there is one more number for each filter, which your parameters lack."""
        return {"parameters": right["parameters"] - c_out} if bias else None

    @mistake
    def always_a_bias(self, right, c_out, bias, **inputs):
        """You count a bias where there is none."""
        return None if bias else {"parameters": right["parameters"] + c_out}

    @mistake
    def one_bias_for_each_kernel(self, right, c_in, c_out, bias, **inputs):
        """A filter has one bias, not one for each channel that it reaches through."""
        return {"parameters": right["parameters"] + (c_in - 1) * c_out} if bias else None

    @mistake
    def one_bias_for_all(self, right, c_out, bias, **inputs):
        """You count a single bias. Each of the c_out filters has its own."""
        return {"parameters": right["parameters"] - c_out + 1} if bias else None

    @mistake
    def a_bias_for_each_input_channel(self, right, c_in, c_out, bias, **inputs):
        """You count as many biases as the input has channels. There is one for each filter, so as
        many as the output has."""
        return {"parameters": right["parameters"] - c_out + c_in} if bias else None

    @mistake
    def bias_multiplied(self, right, kh, kw, c_in, bias, **inputs):
        """Adding the bias takes no multiplication. You count one for each output."""
        return {"macs": right["macs"] + right["macs"] // (kh * kw * c_in)} if bias else None

    @mistake
    def operations_for_macs(self, right, **inputs):
        """You count multiplications and additions apart. A multiply-accumulate is both at once, so
        there are half as many."""
        return {"macs": 2 * right["macs"]}

    # Additions counted, and something else besides.

    additions_and_padded_once = and_additions(
        padded_once, "padding is added on both sides of each axis, where you count it once."
    )
    additions_and_no_padding = and_additions(
        padding_forgotten, "the padding makes no difference in yours. It gives the kernel more "
        "places.",
    )  # fmt: skip
    additions_and_no_stride = and_additions(
        stride_forgotten, "the stride makes no difference in yours. It leaves fewer outputs."
    )
    additions_and_input_size = and_additions(
        input_size_for_output, "you multiply by the size of the input, where the filter is laid "
        "down once for every value of the output.",
    )  # fmt: skip
