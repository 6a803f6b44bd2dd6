"""What else is called a convolution (notebook 10): that of mathematics, and another framework's."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake
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
        sizes = [("5×4 with 3×2", (5, 4), (3, 2)), ("a larger kernel", (2, 3), (4, 5))]
        for name, size, kernel in sizes:
            yield Case(name, 1, x=rng.normal(0.5, 1, size), k=rng.normal(0.3, 1, kernel))
        yield Case("a single bright pixel", 1, x=np.eye(1, 12, 5).reshape(3, 4),
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
    def inside_only(self, right, x, k):
        """You keep the places where the kernel lies inside the picture. Here all places count at
        which the two touch: H + KH − 1 rows."""
        rows, columns = (a - b + 1 for a, b in zip(x.shape, k.shape, strict=True))
        if rows > 0 and columns > 0:
            top, left = k.shape[0] - 1, k.shape[1] - 1
            return {"out": right["out"][top : top + rows, left : left + columns]}

    @mistake
    def around_the_corner(self, right, x, k):
        """What leaves the picture at one end comes in at the other: a product of Fourier
        transforms of the picture's size does that. Both have to be padded to the size of the
        output."""
        if all(a >= b for a, b in zip(x.shape, k.shape, strict=True)):
            return {"out": np.fft.ifft2(np.fft.fft2(x) * np.fft.fft2(k, s=x.shape)).real}

    @mistake
    def first_rows_only(self, right, x, k):
        """Your output has the size of the picture and begins at the right place. All places count
        at which picture and kernel touch, so it is larger: H + KH − 1 rows."""
        return {"out": right["out"][: x.shape[0], : x.shape[1]]}


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
    def pictures_on_their_side(self, right, x, w):
        """Your pictures lie on their side: rows and columns have changed places."""
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
