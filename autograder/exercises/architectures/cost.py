"""Exercises of notebook 09: what a convolution costs, and when one kernel is worth two.

Sizes and receptive fields are in `architectures`.
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


class conv_cost(Exercise):
    """What a convolution costs: numbers to learn, and multiplications for one image."""

    signature = "conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias) -> parameters, macs"
    library = "any"
    minutes = 10
    difficulty = 1
    hints = (
        "How many numbers does one filter hold? How many filters are there?",
        "Every value of the output is one filter laid over the input once. How many values has "
        "the output, and what does each take?",
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
    def one_side_squared(self, right, H, kh, kw, stride, pad, **inputs):
        """You take as many columns as rows in the output. The input is not square: count both
        sides."""
        places = ((H + 2 * pad - kh) // stride + 1) ** 2
        return {"macs": places * kh * kw * inputs["c_in"] * inputs["c_out"]}

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
    def kernel_turned(self, right, **inputs):
        """Height goes with kh, width with kw. You have one of them the other way round."""
        return {"macs": counted(**inputs | {"kh": inputs["kw"], "kw": inputs["kh"]})["macs"]}

    @mistake
    def input_channels_forgotten(self, right, c_in, c_out, **inputs):
        """Your filters have one channel. Each filter reaches through all channels of the input."""
        bias = c_out if inputs["bias"] else 0
        return {"parameters": (right["parameters"] - bias) // c_in + bias,
                "macs": right["macs"] // c_in}  # fmt: skip

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


# One kernel as two.


class rank_one(Exercise):
    """The nearest kernel that is a column times a row."""

    signature = "rank_one(k) -> column, row, lost"
    library = "numpy"
    minutes = 10
    difficulty = 2
    extra = True
    hints = (
        "A matrix that is a column times a row has rank 1. Which decomposition lists the best "
        "pieces of rank 1 in order of their size?",
        "np.linalg.svd gives the pieces. Its last result has the rows already as rows. Where does "
        "the singular value go? It must come in once.",
        "The squares of the singular values add up to the sum of all squared entries.",
    )

    def cases(self, rng):
        yield Case("separable: a smoothing kernel", 1, k=np.outer([1.0, 4, 6, 4, 1],
                   [1.0, 2, 3, 2, 1]) / 144)  # fmt: skip
        yield Case("separable: an edge, 3×5", 1, k=np.outer([1.0, 3, 1], [-2.0, -1, 0, 1, 2]))
        yield Case("any 5×5", 2, k=rng.normal(size=(5, 5)))
        yield Case("any 3×7", 1, k=rng.normal(size=(3, 7)))
        yield Case("any 7×4", 1, k=3 * rng.normal(size=(7, 4)) + 0.3)

    def observe(self, code, k):
        column, row, lost = code.rank_one(k)
        return {"column": column, "row": row, "lost": lost}

    def read(self, seen, k):
        column, row = np.asarray(seen["column"]), np.asarray(seen["row"])
        return {"shapes": [list(column.shape), list(row.shape)],
                "column times row": np.outer(column, row), "lost": float(seen["lost"])}  # fmt: skip

    def reference(self, k):
        # The best piece of rank 1 by the eigenvector of kᵀk, not by an SVD.
        gram = torch.tensor(k, device=self.device)
        gram = gram.T @ gram
        values, vectors = torch.linalg.eigh(gram)
        v = vectors[:, -1].cpu().numpy()
        best = np.outer(k @ v, v)
        lost = float(1 - values[-1] / values.sum())
        return {"shapes": [[k.shape[0]], [k.shape[1]]], "column times row": best,
                "lost": max(lost, 0.0)}  # fmt: skip

    @mistake
    def factor_in_both(self, right, k):
        """The singular value is in your column and in your row, so their product has its square."""
        return {"column times row": right["column times row"] * np.linalg.svd(k)[1][0]}

    @mistake
    def factor_in_neither(self, right, k):
        """The singular value is missing: both your vectors have length 1."""
        return {"column times row": right["column times row"] / np.linalg.svd(k)[1][0]}

    @mistake
    def column_of_vh(self, right, k):
        """What svd gives last is transposed already. Its rows are the vectors; you take a
        column."""
        u, s, vh = np.linalg.svd(k)
        return {"column times row": np.outer(u[:, 0] * s[0], vh[:, 0])}

    @mistake
    def first_row_and_column(self, right, k):
        """You take the kernel's own first column and row. That is exact for a separable kernel,
        and for another one it copies two lines and ignores the rest."""
        if k[0, 0]:
            return {"column times row": np.outer(k[:, 0], k[0] / k[0, 0])}

    @mistake
    def sums_of_rows_and_columns(self, right, k):
        """You use the sums along each axis. For a separable kernel they do; the nearest kernel
        weighs by squares."""
        if abs(k.sum()) > 1e-9:
            return {"column times row": np.outer(k.sum(1), k.sum(0) / k.sum())}

    @mistake
    def smallest_piece(self, right, k):
        """You take the piece that belongs to the smallest singular value."""
        u, s, vh = np.linalg.svd(k, full_matrices=False)
        return {"column times row": np.outer(u[:, -1] * s[-1], vh[-1])}

    @mistake
    def exchanged(self, right, k):
        """Your column has the length of a row of k and the other way round. k is rows × columns;
        the column runs down."""
        return {"shapes": right["shapes"][::-1], "column times row": right["column times row"].T}

    @mistake
    def lost_without_squares(self, right, k):
        """The share that is lost is one of squares: of the sum of all squared entries. You add up
        singular values without squaring them."""
        s = np.linalg.svd(k)[1]
        return {"lost": float(1 - s[0] / s.sum())}

    @mistake
    def lost_is_a_root(self, right, k):
        """Your share is that of the lengths: take away the root."""
        return {"lost": float(np.sqrt(right["lost"]))}

    @mistake
    def share_that_stays(self, right, k):
        """You return the share that is kept. The one that is lost is asked for."""
        return {"lost": 1 - right["lost"]}


class split_exactly(Exercise):
    """Any convolution as a flat one and a tall one, with enough channels between."""

    signature = "split_exactly(w) -> flat, tall"
    library = "numpy"
    minutes = 12
    difficulty = 3
    extra = True
    hints = (
        "A 1×n kernel with a single 1 in it copies its channel, moved by so many pixels. How many "
        "such copies are there of all channels?",
        "Once every copy has its own channel, a tall kernel can weigh each of them, row by row, as "
        "it likes. Which entry of w belongs to which copy?",
    )

    def cases(self, rng):
        for name, points, shape in [
            ("one channel, 3×3", 1, (1, 1, 3, 3)),
            ("two channels to three, 3×3", 2, (3, 2, 3, 3)),
            ("3×5", 1, (2, 3, 3, 5)),
            ("5×2", 1, (4, 2, 5, 2)),
        ]:
            yield Case(name, points, w=rng.normal(size=shape))

    def observe(self, code, w):
        flat, tall = code.split_exactly(w)
        return {"flat": flat, "tall": tall}

    def read(self, seen, w):
        flat, tall = np.asarray(seen["flat"]), np.asarray(seen["tall"])
        read = {"shapes": [list(flat.shape), list(tall.shape)], "both in a row": None}
        if flat.ndim == tall.ndim == 4 and len(flat) == tall.shape[1]:
            # The kernel of the two together is what they answer to a single 1 in the middle.
            c_in, kh, kw = w.shape[1:]
            x = torch.zeros(c_in, c_in, 2 * kh - 1, 2 * kw - 1, dtype=torch.float64)
            x[range(c_in), range(c_in), kh - 1, kw - 1] = 1
            h = torch.conv2d(torch.conv2d(x, torch.tensor(flat)), torch.tensor(tall))
            read["both in a row"] = h.flip(2, 3).transpose(0, 1).numpy()
        return read

    def reference(self, w):
        c_out, c_in, kh, kw = w.shape
        shapes = [[c_in * kw, c_in, 1, kw], [c_out, c_in * kw, kh, 1]]
        return {"shapes": shapes, "both in a row": w}

    @mistake
    def too_few_between(self, right, w):
        """Between your two there are no more channels than at the input, which is enough only if
        every kernel is a column times a row. Every channel needs a copy for each column."""
        c_out, c_in, kh, kw = w.shape
        best = np.empty_like(w)
        for c in range(c_in):
            u, s, vh = np.linalg.svd(w[:, c].reshape(-1, kw), full_matrices=False)
            best[:, c] = (s[0] * np.outer(u[:, 0], vh[0])).reshape(c_out, kh, kw)
        return {"shapes": [[c_in, c_in, 1, kw], [c_out, c_in, kh, 1]], "both in a row": best}

    @mistake
    def flipped(self, right, w):
        """Your two together are w turned left to right. Frameworks do not flip a kernel, so the
        copy that a 1 at column j makes is weighed by column j."""
        return {"both in a row": w[..., ::-1]}

    @mistake
    def upside_down(self, right, w):
        """Your two together are w upside down. Rows of the tall kernel stand in the order of w's
        rows."""
        return {"both in a row": w[:, :, ::-1]}

    @mistake
    def columns_and_channels_mixed(self, right, w):
        """Between the two, copies and channels are counted in two different orders: the flat one
        counts one first, the tall one the other."""
        c_out, c_in, kh, kw = w.shape
        if c_in > 1:
            mixed = w.transpose(0, 2, 3, 1).reshape(c_out, kh, c_in, kw)
            return {"both in a row": mixed.transpose(0, 2, 1, 3)}

    @mistake
    def transposed(self, right, w):
        """Your two together are each kernel transposed: rows and columns have changed places."""
        if w.shape[2] == w.shape[3]:
            return {"both in a row": w.swapaxes(2, 3)}

    @mistake
    def every_channel_into_every_copy(self, right, w):
        """Your flat kernels add all channels up. Each copy must be of one channel only."""
        if w.shape[1] > 1:
            return {"both in a row": np.repeat(w.sum(1, keepdims=True), w.shape[1], axis=1)}
