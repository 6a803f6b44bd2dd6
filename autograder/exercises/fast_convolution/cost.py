"""What a convolution costs: memory for its columns, and rates; timing is in `best`."""

from math import prod

import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.fast_convolution.counted_windows import CountedWindows


class im2col_bytes(CountedWindows):
    """How much memory the columns need, and how many times that of the images."""

    signature = "im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4) -> column_bytes, ratio"
    minutes = 5
    difficulty = 1
    extra = True
    hints = (
        "How many windows are there, and how many numbers are in one?",
        "The ratio is that of two sizes that you know exactly. k²/s² is what it comes to when "
        "borders do not matter.",
    )

    def cases(self, rng):
        def sides(low, high):
            return tuple(int(side) for side in rng.integers(low, high, 2))

        yield Case("padding 1, single precision", 1, x_shape=(2, 3, *sides(20, 40)), kh=5, kw=3,
                   stride=1, pad=1, itemsize=4)  # fmt: skip
        height, width = sides(4, 8)
        yield Case("stride 3, padding 3, pixels left over", 1, kh=5, kw=4, stride=3, pad=3,
                   x_shape=(4, 6, 3 * height + 1, 3 * width + 2), itemsize=8)  # fmt: skip
        height, width = sides(30, 60)
        yield Case("one image, stride 4", 1, x_shape=(1, 3, 4 * height + 3, 4 * width + 3), kh=11,
                   kw=11, stride=4, pad=0, default=True)  # fmt: skip

    def observe(self, code, x_shape, kh, kw, stride, pad, itemsize=4, default=False):
        given = () if default else (itemsize,)
        column_bytes, ratio = code.im2col_bytes(x_shape, kh, kw, stride, pad, *given)
        return {"column_bytes": column_bytes, "ratio": ratio}

    def reference(self, x_shape, kh, kw, stride, pad, itemsize=4, default=False):
        x = torch.zeros(x_shape, dtype={4: torch.float32, 8: torch.float64}[itemsize])
        cols = F.unfold(x, (kh, kw), stride=stride, padding=pad)
        return {"column_bytes": cols.nbytes, "ratio": cols.nbytes / x.nbytes}

    @mistake
    def numbers_for_bytes(self, right, itemsize=4, **inputs):
        """You count numbers. A number takes itemsize bytes."""
        return {"column_bytes": right["column_bytes"] // itemsize}

    @mistake
    def one_image_only(self, right, x_shape, **inputs):
        """You count the columns of one image. The buffer holds those of the whole batch."""
        if x_shape[0] > 1:
            return self.scaled(right, 1 / x_shape[0])

    @mistake
    def one_channel_only(self, right, x_shape, **inputs):
        """A column holds the window of every channel; you count one channel."""
        return self.scaled(right, 1 / x_shape[1])

    @mistake
    def a_window_at_every_pixel(self, right, x_shape, kh, kw, stride, pad, itemsize=4,
                                default=False):  # fmt: skip
        """You put a window at every pixel of the images. There are as many windows as outputs."""
        size = x_shape[0] * x_shape[1] * x_shape[2] * x_shape[3] * kh * kw * itemsize
        return {"column_bytes": size, "ratio": float(kh * kw)}

    @mistake
    def rule_of_thumb(self, right, kh, kw, stride, **inputs):
        """Your ratio is the rule of thumb, kernel area over stride squared. At the borders fewer
        windows fit: divide the two sizes."""
        return {"ratio": kh * kw / stride**2}

    @mistake
    def rule_of_thumb_for_both(self, right, x_shape, kh, kw, stride, pad, itemsize=4,
                               default=False):  # fmt: skip
        """Both your numbers follow the rule of thumb, kernel area over stride squared. At the
        borders fewer windows fit: count those that do."""
        places = x_shape[2] * x_shape[3] / stride**2
        return self.with_places(x_shape, kh, kw, itemsize, places)

    def by_the_rule(self, x_shape, kh, kw, stride, itemsize, pad=0):
        """The rule of thumb for both, of images with their padding maybe; the bytes are whole."""
        n, c, height, width = x_shape
        size = n * c * (height + 2 * pad) * (width + 2 * pad) * itemsize
        return {"column_bytes": int(kh * kw / stride**2 * size), "ratio": kh * kw / stride**2}

    @mistake
    def rule_of_thumb_for_both_rounded(self, right, x_shape, kh, kw, stride, pad, itemsize=4,
                                       default=False):  # fmt: skip
        """Both your numbers follow the rule of thumb, kernel area over stride squared. At the
        borders fewer windows fit: count those that do."""
        return self.by_the_rule(x_shape, kh, kw, stride, itemsize)

    @mistake
    def rule_of_thumb_and_padded_images(self, right, x_shape, kh, kw, stride, pad, itemsize=4,
                                        default=False):  # fmt: skip
        """Both your numbers follow the rule of thumb, kernel area over stride squared; your bytes
        are that many times those of the padded images. Count the windows that fit, and divide the
        two sizes."""
        return self.by_the_rule(x_shape, kh, kw, stride, itemsize, pad)

    @mistake
    def bytes_of_one_image(self, right, x_shape, **inputs):
        """Your bytes are those of one image's columns. The buffer holds the windows of the whole
        batch."""
        if x_shape[0] > 1:
            return {"column_bytes": right["column_bytes"] // x_shape[0]}

    @mistake
    def itemsize_not_read(self, right, itemsize=4, **inputs):
        """You take four bytes a number, whatever `itemsize` says."""
        if itemsize != 4:
            return {"column_bytes": right["column_bytes"] // itemsize * 4}

    @mistake
    def another_default(self, right, default=False, **inputs):
        """Where `itemsize` is not given you take eight bytes a number. Its default is 4."""
        return {"column_bytes": 2 * right["column_bytes"]} if default else {}

    @mistake
    def ratio_of_one_image(self, right, x_shape, **inputs):
        """Your ratio is that of one image's columns to all images. Take both for the whole
        batch."""
        return {"ratio": right["ratio"] / x_shape[0]} if x_shape[0] > 1 else {}

    @mistake
    def bytes_over_numbers(self, right, itemsize=4, **inputs):
        """Your ratio is bytes of the columns over numbers of the images. An image's number takes
        itemsize bytes, too."""
        return {"ratio": right["ratio"] * itemsize}

    @mistake
    def images_at_four_bytes(self, right, itemsize=4, **inputs):
        """In your ratio a number of the images takes four bytes, whatever `itemsize` says. It takes
        as many there as in the columns."""
        return {"ratio": right["ratio"] * itemsize / 4} if itemsize != 4 else None

    @mistake
    def padded_images(self, right, x_shape, pad, **inputs):
        """Your ratio is to the bytes of the padded images. It is asked for those of the images as
        they come."""
        height, width = x_shape[2:]
        padded = (height + 2 * pad) * (width + 2 * pad)
        return {"ratio": right["ratio"] * height * width / padded} if pad else None

    @mistake
    def ratio_rounded_down(self, right, **inputs):
        """Your ratio is a whole number: // rounds down."""
        return {"ratio": int(right["ratio"])}

    @mistake
    def ratio_upside_down(self, right, **inputs):
        """Your ratio is upside down: how many times the images' bytes are the columns'?"""
        return {"ratio": 1 / right["ratio"]}

    @mistake
    def padding_forgotten(self, right, x_shape, kh, kw, stride, pad, itemsize=4, default=False):
        """Padding makes room for more windows."""
        if pad:
            reference = self.reference(x_shape, kh, kw, stride, 0, itemsize)
            return {name: reference[name] for name in right}


LAYER = ("N", "C", "H", "W", "F", "kh", "kw", "stride", "pad")


def rounded(digits):
    """The mistake of rounding the rate."""

    def show(self, right, layer, ms):
        return {"tflops": round(right["tflops"], digits)}

    show.__doc__ = f"Your TFLOPS are rounded to {digits} digits. Return the number as it is."
    return mistake(show)


class effective_tflops(Exercise):
    """Operations of the direct algorithm over the time that was measured."""

    signature = "effective_tflops(layer, ms) -> tflops"
    growth = {"ms": 1}, {"tflops": -1}
    minutes = 5
    difficulty = 1
    extra = True
    hints = (
        "How many multiply-adds does one output take? How many outputs are there in the batch?",
        "A multiply-add is two operations. A TFLOPS is 10¹² of them in a second.",
    )
    rtol, atol = 1e-11, 0.0

    def cases(self, rng):
        for name, points, *sizes in [
            ("a layer of VGG, 64 images", 1, 64, 64, 112, 112, 128, 3, 3, 1, 1),
            ("stride 2, padding 3", 1, 8, 3, 34, 48, 32, 5, 3, 2, 3),
            ("AlexNet's first layer, one image", 1, 1, 3, 227, 227, 96, 11, 11, 4, 0),
        ]:
            layer = dict(zip(LAYER, sizes, strict=True))
            yield Case(name, points, layer=layer, ms=float(rng.uniform(0.2, 9)))

    def observe(self, code, layer, ms):
        return {"tflops": code.effective_tflops(layer, ms)}

    def reference(self, layer, ms):
        # One image and one filter tell the rest; torch says how many outputs they have.
        image = torch.zeros(1, layer["C"], layer["H"], layer["W"], dtype=torch.float64)
        w = torch.zeros(1, layer["C"], layer["kh"], layer["kw"], dtype=torch.float64)
        places = F.unfold(image, w.shape[2:], stride=layer["stride"], padding=layer["pad"]).shape[2]
        macs = layer["N"] * layer["F"] * w.numel() * places
        return {"tflops": 2 * macs / ms / 1e9}

    @mistake
    def one_operation_each(self, right, layer, ms):
        """You count a multiply-add as one operation. By convention it is two."""
        return {"tflops": right["tflops"] / 2}

    @mistake
    def an_output_at_every_pixel(self, right, layer, ms):
        """You reckon with the size of the input. Count the outputs: stride and padding decide
        how many there are."""
        macs = prod(layer[name] for name in ("N", "C", "H", "W", "F", "kh", "kw"))
        return {"tflops": 2 * macs / ms / 1e9}

    @mistake
    def one_image_only(self, right, layer, ms):
        """You count one image. The time is that of the whole batch."""
        return {"tflops": right["tflops"] / layer["N"]}

    def with_sides(self, layer, ms, side):
        """Another count of outputs along a side, of (size, kernel, stride, pad)."""
        rest = layer["stride"], layer["pad"]
        places = side(layer["H"], layer["kh"], *rest) * side(layer["W"], layer["kw"], *rest)
        macs = prod(layer[name] for name in ("N", "C", "F", "kh", "kw")) * places
        return {"tflops": 2 * macs / ms / 1e9}

    @mistake
    def first_place_not_counted(self, right, layer, ms):
        """Your outputs lack a row and a column: you count the steps of the filter, and it has one
        place more than it takes steps."""
        return self.with_sides(layer, ms, lambda n, k, s, p: (n + 2 * p - k) // s)

    @mistake
    def pixels_over_stride(self, right, layer, ms):
        """You divide the pixels by the stride squared. How many outputs there are depends on
        kernel and padding, too."""
        if layer["stride"] > 1:
            return self.with_sides(layer, ms, lambda n, k, s, p: n / s)

    @mistake
    def stride_forgotten(self, right, layer, ms):
        """You count an output at every place of the filter, whatever the stride."""
        if layer["stride"] > 1:
            return self.with_sides(layer, ms, lambda n, k, s, p: n + 2 * p - k + 1)

    @mistake
    def sizes_not_rounded_down(self, right, layer, ms):
        """You count fractions of outputs where the stride does not fit: round down along each
        axis."""
        return self.with_sides(layer, ms, lambda n, k, s, p: (n + 2 * p - k) / s + 1)

    @mistake
    def padded_once(self, right, layer, ms):
        """You add the padding once along each axis. It lies on both sides."""
        return self.with_sides(layer, ms, lambda n, k, s, p: (n + p - k) // s + 1)

    @mistake
    def square_layer(self, right, layer, ms):
        """You take the layer to be square: its width and its kernel's width may be others."""
        square = layer | {"W": layer["H"], "kw": layer["kh"]}
        return self.reference(square, ms) if square != layer else None

    @mistake
    def biases_counted(self, right, layer, ms):
        """You count the biases, too. Only the products and their sums count here."""
        area = layer["C"] * layer["kh"] * layer["kw"]
        return {"tflops": right["tflops"] * (1 + 1 / (2 * area))}

    rounded_to_one, rounded_to_two, rounded_to_three = map(rounded, (1, 2, 3))

    @mistake
    def one_sum_less(self, right, layer, ms):
        """You count one sum less than products in each window. By convention each multiply-add
        is two operations, the first one too."""
        area = layer["C"] * layer["kh"] * layer["kw"]
        return {"tflops": right["tflops"] * (1 - 1 / (2 * area))}

    @mistake
    def powers_of_two(self, right, layer, ms):
        """You divide by a power of two, 2⁴⁰. A TFLOPS is 10¹² operations a second."""
        return {"tflops": right["tflops"] * 1e12 / 2**40}

    @mistake
    def one_operation_of_one_image(self, right, layer, ms):
        """You count one image, and a multiply-add as one operation. The time is that of the whole
        batch, and a multiply-add is two."""
        if layer["N"] > 1:
            return {"tflops": right["tflops"] / layer["N"] / 2}

    @mistake
    def padded_once_for_one_image(self, right, layer, ms):
        """You count one image, and add the padding once along each axis. The time is that of the
        whole batch, and padding lies on both sides."""
        if layer["pad"] or layer["N"] > 1:
            return self.padded_once(right, layer | {"N": 1}, ms)

    @mistake
    def unpadded_and_one_image(self, right, layer, ms):
        """You count one image, and leave out the padding. The time is that of the whole batch,
        and padding makes room for more outputs."""
        return self.reference(layer | {"pad": 0, "N": 1}, ms) if layer["pad"] else None

    @mistake
    def padded_once_and_one_operation(self, right, layer, ms):
        """You add the padding once along each axis, and count a multiply-add as one operation.
        Padding lies on both sides, and a multiply-add is two."""
        return {"tflops": self.padded_once(right, layer, ms)["tflops"] / 2}

    @mistake
    def padding_forgotten(self, right, layer, ms):
        """Padding makes room for more outputs."""
        return self.reference({**layer, "pad": 0}, ms) if layer["pad"] else None

    @mistake
    def milliseconds_for_seconds(self, right, layer, ms):
        """You divide by milliseconds as though they were seconds."""
        return {"tflops": right["tflops"] / 1e3}

    @mistake
    def gigaflops(self, right, layer, ms):
        """That is in GFLOPS, 10⁹ operations in a second. A TFLOPS is 10¹²."""
        return {"tflops": right["tflops"] * 1e3}

    @mistake
    def products_of_winograd(self, right, layer, ms):
        """You count what Winograd's algorithm does. Effective TFLOPS count what the direct
        algorithm would have done, whatever ran: only so are algorithms comparable."""
        if layer["kh"] == 3:
            return {"tflops": right["tflops"] / 2.25}

    @mistake
    def channels_forgotten(self, right, layer, ms):
        """Each output sums over all input channels; you count one."""
        return {"tflops": right["tflops"] / layer["C"]}
