"""The convolution of mathematics (notebook 10). Another framework's axes are in `orders`."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.convolution.forward import judged


class true_convolution(Exercise):
    """The convolution of mathematics, which the convolution theorem is about."""

    signature = "true_convolution(x, k) -> out"
    growth = {"x": 1}, {"out": 1}
    minutes = 8
    difficulty = 2
    extra = True
    hints = (
        "Every pixel of x lays down a copy of the kernel, as it is, multiplied by the pixel's "
        "value. What size has the sheet on which all the copies fit?",
        "Laying copies down needs no flip. Reading one output value off the sheet, you would find "
        "the kernel turned by 180°: that is where it comes from.",
    )

    def cases(self, rng):
        sizes = [
            ("5×4 with 3×2", (5, 4), (3, 2)), ("a larger kernel", (2, 3), (4, 5)),
            ("a square kernel", (6, 5), (3, 3)),
        ]  # fmt: skip
        for name, size, kernel in sizes:
            points = 0.5 if kernel == (3, 3) else 1
            yield Case(name, points, x=rng.normal(0.5, 1, size), k=rng.normal(0.3, 1, kernel))
        yield Case("a single bright pixel", 0.5, x=np.eye(1, 12, 5).reshape(3, 4),
                   k=rng.normal(0.3, 1, (3, 2)))  # fmt: skip

    def observe(self, code, x, k):
        return {"out": code.true_convolution(x, k)}

    def reference(self, x, k):
        return {"out": judged(self.full(x, k[::-1, ::-1], self.device))}

    def full(self, x, k, device="cpu"):
        """The cross-correlation wherever picture and kernel touch."""
        x, k = (torch.tensor(np.ascontiguousarray(a), device=device)[None, None] for a in (x, k))
        pad = k.shape[2] - 1, k.shape[3] - 1
        return F.conv2d(x, k, padding=pad)[0, 0].cpu().numpy()

    @mistake
    def not_flipped(self, right, x, k):
        """This is cross-correlation, what a layer of a net computes. The convolution of
        mathematics turns the kernel by 180°."""
        return {"out": self.full(x, k)}

    @mistake
    def rows_flipped_only(self, right, x, k):
        """Your kernel is flipped along one axis only: upside down. It is turned by 180°, which
        flips both."""
        return {"out": self.full(x, k[::-1])}

    @mistake
    def columns_flipped_only(self, right, x, k):
        """Your kernel is flipped along one axis only: left to right. It is turned by 180°, which
        flips both."""
        return {"out": self.full(x, k[:, ::-1])}

    @mistake
    def transposed(self, right, x, k):
        """You transpose the kernel. Turning it by 180° turns the order of rows and of columns and
        leaves rows rows."""
        return {"out": self.full(x, k.T)}

    @mistake
    def square_kernel_transposed(self, right, x, k):
        """You transpose kernels that are square. Turning by 180° turns the order of rows and of
        columns and leaves rows rows, whatever the kernel's form."""
        if k.shape[0] == k.shape[1]:
            return {"out": self.full(x, k.T)}

    @mistake
    def larger_kernel_cut(self, right, x, k):
        """Of a kernel that is larger than the picture you use the part that is as large as the
        picture. All of it counts: the two may even change places."""
        rows, columns = (min(a, b) for a, b in zip(x.shape, k.shape, strict=True))
        return self.filled_up(right, self.full(x, k[:rows, :columns][::-1, ::-1]))

    @mistake
    def turned_by_90(self, right, x, k):
        """Your kernel is turned by 90°, as `np.rot90` does when it is called once. It is turned by
        180°, and keeps its shape."""
        return {"out": self.full(x, np.rot90(k))}

    def laid(self, x, k, other, more=0):
        """Another kernel laid on the picture with zeros around it for this one."""
        top, left = k.shape[0] - 1 + more, k.shape[1] - 1 + more
        big = np.pad(x, [(top, top), (left, left)])
        rows, columns = big.shape[0] - other.shape[0] + 1, big.shape[1] - other.shape[1] + 1
        if rows > 0 and columns > 0:
            found = np.lib.stride_tricks.sliding_window_view(big, other.shape)
            return {"out": np.einsum("ijuv,uv->ij", found, other)}

    @mistake
    def transposed_behind_the_padding(self, right, x, k):
        """You transpose the kernel behind the padding, so that the output has another shape where
        it is not square. Turning it by 180° turns the order of rows and of columns and leaves rows
        rows."""
        return self.laid(x, k, k.T)

    @mistake
    def turned_by_90_behind_the_padding(self, right, x, k):
        """Your kernel is turned by 90°, as `np.rot90` does when it is called once, so that the
        output has another shape where it is not square. It is turned by 180°."""
        return self.laid(x, k, np.rot90(k))

    @mistake
    def padded_by_the_whole_kernel(self, right, x, k):
        """Your output is too large: you pad by the kernel's height and width. One less on each side
        is where it still touches the picture: KH − 1 and KW − 1."""
        return self.laid(x, k, k[::-1, ::-1], more=1)

    @mistake
    def correlation_padded_by_the_whole_kernel(self, right, x, k):
        """This is cross-correlation, the kernel as it is, and your output is too large: you pad by
        the kernel's height and width. Turn it by 180°, and pad by KH − 1 and KW − 1."""
        return self.laid(x, k, k, more=1)

    # How much of it.

    @mistake
    def zeros_where_it_sticks_out(self, right, x, k):
        """Only the places at which the kernel lies inside the picture have a value, all others are
        0. The picture is 0 outside, but what the kernel meets inside still counts."""
        out, shown = np.zeros_like(right["out"]), self.inside(x, k[::-1, ::-1])
        if shown:
            (rows, columns), (top, left) = shown["out"].shape, np.subtract(k.shape, 1)
            out[top : top + rows, left : left + columns] = shown["out"]
        return {"out": out}

    @mistake
    def inverse_without_the_size(self, right, x, k):
        """Your output has a column too few where its width is odd: `irfft2` cannot know that from
        the transform. Tell it the size of the output."""
        size = right["out"].shape
        if size[1] % 2:
            both = np.fft.rfft2(x, size) * np.fft.rfft2(k, size)
            return {"out": np.fft.irfft2(both)}

    @mistake
    def inside_only(self, right, x, k):
        """You keep the places where the kernel lies inside the picture. Here all places count at
        which the two touch: H + KH − 1 rows."""
        return self.inside(x, k[::-1, ::-1])

    @mistake
    def correlation_inside_only(self, right, x, k):
        """This is cross-correlation, the kernel as it is, and only where it lies inside the
        picture. Turn it by 180°, and count all places at which the two touch: H + KH − 1 rows."""
        return self.inside(x, k)

    def inside(self, x, k):
        top, left = k.shape[0] - 1, k.shape[1] - 1
        rows, columns = x.shape[0] - top, x.shape[1] - left
        if rows > 0 and columns > 0:
            return {"out": self.full(x, k)[top : top + rows, left : left + columns]}

    @mistake
    def same_size(self, right, x, k):
        """Your output has the size of the picture. All places count at which picture and kernel
        touch, so it is larger: H + KH − 1 rows."""
        return self.centred(x, k[::-1, ::-1])

    @mistake
    def same_size_by_half_the_kernel(self, right, x, k):
        """Your output has the size of the picture: it is the middle part. All places count at which
        picture and kernel touch, so it is larger: H + KH − 1 rows."""
        (height, width), (top, left) = x.shape, (side // 2 for side in k.shape)
        return {"out": right["out"][top : top + height, left : left + width]}

    @mistake
    def padded_for_odd_kernels(self, right, x, k):
        """Where a side of the kernel is even your output has a row or column of zeros too many at
        each end, as when you pad by twice the half of that side. Pad by KH − 1 and KW − 1."""
        return {"out": np.pad(right["out"], [(1 - side % 2,) * 2 for side in k.shape])}

    @mistake
    def correlation_of_same_size(self, right, x, k):
        """This is cross-correlation, the kernel as it is, in the size of the picture. Turn the
        kernel by 180°, and count all places at which the two touch: H + KH − 1 rows."""
        return self.centred(x, k)

    def centred(self, x, k):
        top, left = (k.shape[0] - 1) // 2, (k.shape[1] - 1) // 2
        whole = self.full(x, k)
        return {"out": whole[top : top + x.shape[0], left : left + x.shape[1]]}

    @mistake
    def padded_by_half(self, right, x, k):
        """You pad the picture by half the kernel, as for an output of the picture's size. All
        places count at which the two touch: pad by KH − 1 and KW − 1 on each side."""
        return self.by_half(x, k, k[::-1, ::-1])

    @mistake
    def correlation_padded_by_half(self, right, x, k):
        """This is cross-correlation, the kernel as it is, and you pad the picture by half the
        kernel. Turn it by 180°, and pad by KH − 1 and KW − 1: all places count at which the two
        touch."""
        return self.by_half(x, k, k)

    def by_half(self, x, k, laid):
        top, left = (side - 1 - side // 2 for side in k.shape)
        rows, columns = (a + 2 * (b // 2) - b + 1 for a, b in zip(x.shape, k.shape, strict=True))
        if rows > 0 and columns > 0:
            return {"out": self.full(x, laid)[top : top + rows, left : left + columns]}

    @mistake
    def first_rows_only(self, right, x, k):
        """Your output has the size of the picture and begins at the right place. All places count
        at which picture and kernel touch, so it is larger: H + KH − 1 rows."""
        return {"out": right["out"][: x.shape[0], : x.shape[1]]}

    @mistake
    def width_from_the_height(self, right, x, k):
        """Your kernel's height stands for its width: the output has W + KH − 1 columns. Kernels
        need not be square."""
        height, width = k.shape
        out = np.zeros((right["out"].shape[0], x.shape[1] + height - 1))
        for u, v in np.ndindex(height, min(height, width)):
            out[u : u + x.shape[0], v : v + x.shape[1]] += k[u, v] * x
        return {"out": out}

    @mistake
    def larger_kernel_does_not_fit(self, right, x, k):
        """Where the kernel is larger than the picture your code stops, since shapes do not fit
        together. If the two change places there, their sizes do, too: take them after that."""
        if any(b > a for a, b in zip(x.shape, k.shape, strict=True)):
            return {"out": raises("ValueError", "broadcast")}

    @mistake
    def larger_kernel_refused(self, right, x, k):
        """Your code stops where the kernel is larger than the picture. It may be: outside the
        picture all values are 0."""
        if any(b > a for a, b in zip(x.shape, k.shape, strict=True)):
            return {"out": raises("ValueError")}

    # What is multiplied.

    @mistake
    def kernel_normalised(self, right, x, k):
        """Your kernel is divided by its sum, as it is to keep a picture's brightness. Here it
        counts as it is."""
        return {"out": right["out"] / k.sum()}

    @mistake
    def edges_repeated(self, right, x, k):
        """Outside, your picture goes on with the pixels of its edge. There it is 0."""
        return {"out": self.with_edges(x, k)}

    @mistake
    def kernel_normalised_and_edges_repeated(self, right, x, k):
        """Two things: your kernel is divided by its sum, where it counts as it is; and outside,
        your picture goes on with the pixels of its edge, where it is 0."""
        return {"out": self.with_edges(x, k) / k.sum()}

    def with_edges(self, x, k):
        big = np.pad(x, [(side - 1,) * 2 for side in k.shape], mode="edge")
        found = np.lib.stride_tricks.sliding_window_view(big, k.shape)
        return np.einsum("ijuv,uv->ij", found, k[::-1, ::-1])

    # How it is summed.

    @mistake
    def overwritten(self, right, x, k):
        """Each entry of the kernel overwrites what those before it have laid down. Where copies of
        the picture overlap they are added: look for an = that should be +=."""
        out = np.zeros_like(right["out"])
        for u, v in np.ndindex(k.shape):
            out[u : u + x.shape[0], v : v + x.shape[1]] = k[u, v] * x
        return {"out": out}

    @mistake
    def overwritten_by_pixels(self, right, x, k):
        """Each pixel of the picture overwrites what those before it have laid down. Where copies of
        the kernel overlap they are added: look for an = that should be +=."""
        out = np.zeros_like(right["out"])
        for i, j in np.ndindex(x.shape):
            out[i : i + k.shape[0], j : j + k.shape[1]] = k * x[i, j]
        return {"out": out}

    @mistake
    def negative_indices(self, right, x, k):
        """Near the upper and left border pixels from the other end are counted in: a negative index
        counts from the end. Outside, the picture is 0."""
        out, (height, width) = np.zeros_like(right["out"]), x.shape
        for i, j, u, v in np.ndindex(*out.shape, *k.shape):
            if -height <= i - u < height and -width <= j - v < width:
                out[i, j] += k[u, v] * x[i - u, j - v]
        return {"out": out}

    # By Fourier transforms.

    @mistake
    def around_the_corner(self, right, x, k):
        """What leaves the picture at one end comes in at the other: a product of Fourier
        transforms of the picture's size does that. Both have to be padded to the size of the
        output."""
        return self.circular(x, k)

    @mistake
    def around_the_corner_and_padded(self, right, x, k):
        """What leaves the picture at one end comes in at the other, and the rest of your output is
        0. Pad both to the size of the output before the Fourier transform, not after it."""
        shown = self.circular(x, k)
        if shown:
            return self.filled_up(right, shown["out"])

    def circular(self, x, k):
        if all(a >= b for a, b in zip(x.shape, k.shape, strict=True)):
            return {"out": self.wrapped(x, k, x.shape)}

    def wrapped(self, x, k, size):
        """A circular convolution of this size, which holds both."""
        return np.fft.ifft2(np.fft.fft2(x, s=size) * np.fft.fft2(k, s=size)).real

    @mistake
    def columns_around_the_corner(self, right, x, k):
        """What leaves the picture at the right comes in at the left: your Fourier transforms have
        too few columns. Pad both to the size of the output, W + KW − 1 columns."""
        return {"out": self.wrapped(x, k, (len(x) + len(k) - 1, max(x.shape[1], k.shape[1])))}

    @mistake
    def rows_around_the_corner(self, right, x, k):
        """What leaves the picture at the bottom comes in at the top: your Fourier transforms have
        too few rows. Pad both to the size of the output, H + KH − 1 rows."""
        return {"out": self.wrapped(x, k, (max(len(x), len(k)), x.shape[1] + k.shape[1] - 1))}

    def filled_up(self, right, found):
        out = np.zeros_like(right["out"])
        out[: found.shape[0], : found.shape[1]] = found
        return {"out": out}

    @mistake
    def columns_around_the_corner_and_padded(self, right, x, k):
        """What leaves the picture at the right comes in at the left, and your last columns are 0.
        Pad to W + KW − 1 columns before the Fourier transform, not after it."""
        return self.filled_up(right, self.columns_around_the_corner(right, x, k)["out"])

    @mistake
    def rows_around_the_corner_and_padded(self, right, x, k):
        """What leaves the picture at the bottom comes in at the top, and your last rows are 0. Pad
        to H + KH − 1 rows before the Fourier transform, not after it."""
        return self.filled_up(right, self.rows_around_the_corner(right, x, k)["out"])

    @mistake
    def one_transform_conjugated(self, right, x, k):
        """One of your Fourier transforms is conjugated: that gives a cross-correlation, moved
        round the corner. The convolution theorem multiplies the two as they are."""
        size = right["out"].shape
        both = np.fft.fft2(x, s=size) * np.conj(np.fft.fft2(k, s=size))
        return {"out": np.fft.ifft2(both).real}

    @mistake
    def left_complex(self, right, x, k):
        """Your result is complex, with imaginary parts of nothing but rounding. The result of an
        inverse Fourier transform is complex: take its real part."""
        return {"out": right["out"].astype(complex)}
