"""Questions of notebook 11: three about earlier notebooks, three on the way."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Question, mistake, near


class q11_macs(Question):
    """Multiply-adds of a layer."""

    extra = True

    def cases(self, rng):
        yield Case(
            "answer", 1, channels=int(rng.choice([3, 5, 6])), filters=int(rng.choice([7, 8, 10])),
            size=int(rng.choice([11, 13])),
        )  # fmt: skip

    def text(self, channels, filters, size):
        return (
            f"A layer has {filters} filters of 3×3, stride 2, padding 1 and no bias. Its input is "
            f"one image with {channels} channels of {size}×{size} pixels. How many multiply-adds "
            "(MACs) does it take? "
            "(Answer with a whole number; let Python multiply.)"
        )

    def reference(self, channels, filters, size):
        weights = torch.ones(filters, channels, 3, 3, dtype=torch.float64)
        image = torch.ones(1, channels, size, size, dtype=torch.float64)
        outputs = F.conv2d(image, weights, stride=2, padding=1).numel()
        return {"answer": near(outputs * weights[0].numel(), rtol=0.0, atol=0.04)}

    def outputs(self, size):
        return ((size - 1) // 2 + 1) ** 2

    @mistake
    def at_every_pixel(self, right, channels, filters, size):
        """You count an output at every pixel. With stride 2 there are fewer."""
        return {"answer": size * size * filters * channels * 9}

    @mistake
    def one_channel(self, right, channels, filters, size):
        """Every filter reaches through all input channels."""
        return {"answer": self.outputs(size) * filters * 9}

    @mistake
    def operations(self, right, channels, filters, size):
        """These are operations, two for each multiply-add."""
        return {"answer": 2 * self.outputs(size) * filters * channels * 9}

    @mistake
    def weights_only(self, right, channels, filters, size):
        """That is the number of weights. Each of them is used at every output."""
        return {"answer": filters * channels * 9}


class q11_windows(Question):
    """How many windows hold a pixel."""

    extra = True

    def cases(self, rng):
        kernel, stride = ((6, 2), (6, 3), (8, 2), (9, 3))[rng.integers(4)]
        yield Case("answer", 1, kernel=kernel, stride=stride)

    def text(self, kernel, stride):
        return (
            f"A {kernel}×{kernel} kernel moves over a large image with stride {stride}. How many "
            "outputs of one filter contribute to the gradient of one pixel far from the border? "
            "(Answer with a whole number.)"
        )

    def reference(self, kernel, stride):
        image = torch.zeros(1, 1, 6 * kernel, 6 * kernel, dtype=torch.float64, requires_grad=True)
        ones = torch.ones(1, 1, kernel, kernel, dtype=torch.float64)
        (count,) = torch.autograd.grad(F.conv2d(image, ones, stride=stride).sum(), image)
        middle = count[0, 0, 3 * kernel, 3 * kernel]
        return {"answer": near(float(middle), rtol=0.0, atol=0.04)}

    @mistake
    def stride_forgotten(self, right, kernel, stride):
        """With stride 1 it would be so. With a larger one, fewer windows hold a pixel."""
        return {"answer": kernel**2}

    @mistake
    def one_axis(self, right, kernel, stride):
        """That is along one axis. There are two."""
        return {"answer": kernel // stride}

    @mistake
    def stride_once(self, right, kernel, stride):
        """You divide by the stride once. It thins the windows out along both axes."""
        return {"answer": kernel**2 / stride}

    @mistake
    def one(self, right, kernel, stride):
        """The windows overlap, so a pixel is in more than one."""
        return {"answer": 1}


class q11_stack(Question):
    """Why three small kernels."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, layers=int(rng.choice([2, 3, 4])))

    def text(self, layers):
        size = 2 * layers + 1
        count = {2: "Two", 3: "Three", 4: "Four"}[layers]
        return (
            f"{count} layers of 3×3 kernels replace one layer of {size}×{size}. All have C "
            "channels in and out. By what factor is their number of multiply-adds smaller than "
            "that of the single layer? (Answer with a number, three digits are enough.)"
        )

    def reference(self, layers):
        # The receptive field of the stack, seen from the gradient, gives the large kernel.
        image = torch.zeros(1, 1, 31, 31, dtype=torch.float64, requires_grad=True)
        out, three = image, torch.ones(1, 1, 3, 3, dtype=torch.float64)
        for _ in range(layers):
            out = F.conv2d(out, three, padding=1)
        (seen,) = torch.autograd.grad(out[0, 0, 15, 15], image)
        return {"answer": near(int((seen != 0).sum()) / (9 * layers), rtol=1e-2, atol=0.0)}

    @mistake
    def one_small_layer(self, right, layers):
        """You compare with a single layer of 3×3. There are several."""
        return {"answer": (2 * layers + 1) ** 2 / 9}

    @mistake
    def upside_down(self, right, layers):
        """That is upside down: how many times fewer?"""
        return {"answer": 9 * layers / (2 * layers + 1) ** 2}

    @mistake
    def one_axis(self, right, layers):
        """You compare along one axis. A kernel has two."""
        return {"answer": (2 * layers + 1) / (3 * layers)}


class q11_row(Question):
    """Which row of the columns."""

    extra = True

    def cases(self, rng):
        # Places where no two ways to count agree.
        places = ((3, 4, 1, 2, 1), (4, 3, 1, 2, 1), (4, 5, 1, 2, 1), (5, 2, 2, 2, 1))
        place = places[rng.integers(len(places))]
        yield Case("answer", 1, **dict(zip(("kh", "kw", "c", "i", "j"), place, strict=True)))

    def text(self, kh, kw, c, i, j):
        return (
            f"Images have three channels, and kernels have {kh} rows and {kw} columns. The rows of "
            f"cols are in the order (c, i, j), counted from 0. In which row of cols is channel "
            f"{c}, kernel row {i}, kernel column {j}? (Answer with a whole number.)"
        )

    def reference(self, kh, kw, c, i, j):
        image = torch.zeros(1, c + 1, kh, kw, dtype=torch.float64)
        image[0, c, i, j] = 1
        row = F.unfold(image, (kh, kw))[0, :, 0].argmax()
        return {"answer": near(int(row), rtol=0.0, atol=0.04)}

    @mistake
    def kernel_sides_exchanged(self, right, kh, kw, c, i, j):
        """You multiply the row by the number of rows. One row down skips as many places as there
        are columns."""
        return {"answer": (c * kh + i) * kh + j}

    @mistake
    def channel_fastest(self, right, kh, kw, c, i, j):
        """That is the order (i, j, c). Here the channel is the slowest."""
        return {"answer": (i * kw + j) * 3 + c}

    @mistake
    def column_major(self, right, kh, kw, c, i, j):
        """You count down the kernel's columns. The kernel's column j runs fastest."""
        return {"answer": (c * kw + j) * kh + i}

    @mistake
    def counted_from_one(self, right, kh, kw, c, i, j):
        """Counted from 0 it is one less."""
        return {"answer": (c * kh + i) * kw + j + 1}


class q11_fft_kernels(Question):
    """Where the Fourier transform pays."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, size=int(rng.choice([48, 64, 96])))

    def text(self, size):
        return (
            f"Somebody claims: \"FFT: big speedups for small kernels\". Images are "
            f"{size}×{size}. The direct way costs k² products for each output pixel and each pair "
            "of input channel and filter; the transforms cost about the same for every k. For "
            "which kernels is the Fourier transform worth it?\n\n"
            "- **a** for small kernels, as claimed\n"
            "- **b** for large kernels\n"
            "- **c** for every kernel, because n log n is less than n²\n"
            "- **d** only for kernels whose sides are powers of two"
        )

    def reference(self, size):
        transforms = 3 * 2 * np.log2(size)  # products an output, for each k alike
        gains = [k * k / transforms for k in (3, 31)]
        return {"answer": "b" if gains[1] > 1 > gains[0] else "c"}

    @mistake
    def as_was_said(self, right, size):
        """For a small kernel there is little to save: a 3×3 has nine products. What do the
        transforms cost?"""
        return {"answer": "a"}

    @mistake
    def always(self, right, size):
        """The n of n² would be the number of kernel weights, and for 3×3 that is nine. The
        transforms cost more than that."""
        return {"answer": "c"}

    @mistake
    def powers_of_two(self, right, size):
        """Only the size of the transform matters, and it may be any; sizes with small prime
        factors are quick. The kernel is padded to it."""
        return {"answer": "d"}


class q11_beyond_the_peak(Question):
    """How effective TFLOPS can exceed a chip's peak."""

    extra = True

    def cases(self, rng):
        peak = float(rng.choice([5.0, 6.0, 8.0]))
        yield Case("answer", 1, peak=peak, effective=round(1.3 * peak, 1))

    def text(self, peak, effective):
        return (
            f"A chip's peak is {peak:g} TFLOPS. A paper reports {effective:g} effective TFLOPS on "
            "it, honestly measured, with F(2×2, 3×3). At what rate did the chip's multipliers "
            "really work, not counting the transforms? (Answer in TFLOPS, with a "
            "number; a multiply-add counts as two operations.)"
        )

    def reference(self, peak, effective):
        return {"answer": near(effective * 16 / 36, rtol=1e-2, atol=0.0)}

    @mistake
    def not_divided(self, right, peak, effective):
        """That is more than the chip can do. Effective TFLOPS count the direct algorithm's
        operations, not those that were done."""
        return {"answer": effective}

    @mistake
    def the_peak(self, right, peak, effective):
        """The peak is what it could do at most. What did it need for this layer?"""
        return {"answer": peak}

    @mistake
    def one_dimension(self, right, peak, effective):
        """You divide by 1.5, which F(2, 3) saves along one axis. Tiles have two."""
        return {"answer": effective / 1.5}

    @mistake
    def multiplied(self, right, peak, effective):
        """You multiply. The algorithm does fewer products than are counted."""
        return {"answer": effective * 2.25}
