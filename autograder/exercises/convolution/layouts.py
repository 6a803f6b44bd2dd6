"""What else is called a convolution (notebook 10): that of mathematics, and another framework's."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.convolution.forward import judged


class true_convolution(Exercise):
    """The convolution of mathematics, which the convolution theorem is about."""

    signature = "true_convolution(x, k) -> out"
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
    def turned_by_90(self, right, x, k):
        """Your kernel is turned by 90°, as `np.rot90` does when it is called once. It is turned by
        180°, and keeps its shape."""
        return {"out": self.full(x, np.rot90(k))}

    # How much of it.

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
        top, left = (side - 1 - side // 2 for side in k.shape)
        rows, columns = (a + 2 * (b // 2) - b + 1 for a, b in zip(x.shape, k.shape, strict=True))
        if rows > 0 and columns > 0:
            return {"out": right["out"][top : top + rows, left : left + columns]}

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
    def larger_kernel_refused(self, right, x, k):
        """Your code stops where the kernel is larger than the picture. It may be: outside the
        picture all values are 0."""
        if any(b > a for a, b in zip(x.shape, k.shape, strict=True)):
            return {"out": raises("ValueError")}

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
            out = np.zeros_like(right["out"])
            out[: x.shape[0], : x.shape[1]] = shown["out"]
            return {"out": out}

    def circular(self, x, k):
        if all(a >= b for a, b in zip(x.shape, k.shape, strict=True)):
            return {"out": np.fft.ifft2(np.fft.fft2(x) * np.fft.fft2(k, s=x.shape)).real}

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


class from_tensorflow(Exercise):
    """A layer's pictures and filters from TensorFlow's order of axes to torch's."""

    signature = "from_tensorflow(x, w) -> x, w"
    minutes = 4
    extra = True
    hints = (
        "Write the letters N, H, W, C and H, W, I, O above the shapes that come in, and N, C, H, W "
        "and O, I, H, W above those that go out.",
        "Axes have to be moved, which a reshape never does: it only counts anew.",
    )

    def cases(self, rng):
        yield Case("a colour picture", 1, x=rng.normal(size=(2, 5, 7, 3)),
                   w=rng.normal(size=(3, 2, 3, 4)))  # fmt: skip
        yield Case("all sides alike", 1, x=rng.normal(size=(3, 3, 3, 3)),
                   w=rng.normal(size=(3, 3, 3, 3)))  # fmt: skip

    def observe(self, code, x, w):
        x, w = code.from_tensorflow(x, w)
        return {"x": x, "w": w}

    def reference(self, x, w):
        return {
            "x": torch.tensor(x).movedim(-1, 1),
            "w": torch.tensor(w).movedim((3, 2), (0, 1)),
        }

    @mistake
    def pictures_reshaped(self, right, x, w):
        """You reshape the pictures. A reshape leaves the order of the numbers, so colours and
        columns get mixed; axes have to be moved."""
        return {"x": x.reshape(right["x"].shape)}

    @mistake
    def filters_reshaped(self, right, x, w):
        """You reshape the filters. A reshape leaves the order of the numbers; axes have to be
        moved."""
        return {"w": w.reshape(right["w"].shape)}

    @mistake
    def both_reshaped(self, right, x, w):
        """You reshape. That leaves the order of the numbers, so channels and columns get mixed;
        axes have to be moved."""
        return {name: a.reshape(right[name].shape) for name, a in [("x", x), ("w", w)]}

    @mistake
    def pictures_left(self, right, x, w):
        """Your pictures come out as they went in. Their channels belong behind the examples."""
        return {"x": x}

    @mistake
    def filters_left(self, right, x, w):
        """Your filters come out as they went in. They belong in the order out, in, height, width.
        """
        return {"w": w}

    @mistake
    def nothing_moved(self, right, x, w):
        """Pictures and filters come out as they went in. `np.transpose` gives a new array: keep
        what it returns."""
        return {"x": x, "w": w}

    @mistake
    def channels_last_again(self, right, x, w):
        """You go the other way, from torch's order of axes to TensorFlow's. The pictures come in as
        N, H, W, C and the filters as H, W, in, out."""
        return {"x": x.transpose(0, 2, 3, 1), "w": w.transpose(2, 3, 1, 0)}

    @mistake
    def no_permute(self, right, x, w):
        """numpy's arrays have no `permute`, that is torch's name for it. See what numpy calls
        moving axes."""
        return dict.fromkeys(right, raises("AttributeError", "permute"))

    @mistake
    def filters_and_pictures(self, right, x, w):
        """You return the filters first. The order is that of the arguments: x, w."""
        return {"x": right["w"], "w": right["x"]}

    @mistake
    def filters_flipped(self, right, x, w):
        """Your filters are turned by 180°. Both frameworks compute cross-correlations: axes move,
        and no numbers within them."""
        return {"w": right["w"][:, :, ::-1, ::-1]}

    @mistake
    def filters_mirrored_on_their_side(self, right, x, w):
        """Your filters lie on their side, and are mirrored. Height comes before width, and nothing
        is flipped."""
        return {"w": right["w"].transpose(0, 1, 3, 2)[..., ::-1]}

    @mistake
    def pictures_on_their_side(self, right, x, w):
        """Your pictures lie on their side: height and width have changed places."""
        return {"x": right["x"].transpose(0, 1, 3, 2)}

    @mistake
    def filters_on_their_side(self, right, x, w):
        """Your filters lie on their side: all axes turned round gives O, I, W, H. Height comes
        before width."""
        return {"w": right["w"].transpose(0, 1, 3, 2)}

    @mistake
    def input_channels_first(self, right, x, w):
        """Your filters have the input channels first. torch keeps the output channels, the number
        of filters, in front."""
        return {"w": right["w"].transpose(1, 0, 2, 3)}

    @mistake
    def filters_treated_as_pictures(self, right, x, w):
        """You move the filters' axes as if they were N, H, W, C. They are H, W, I, O."""
        return {"w": w.transpose(0, 3, 1, 2)}
