"""Max pooling forward and backward (notebook 10)."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises

# name, points, shape, window, stride
GRID = [
    ("2×2 windows side by side", 1, (2, 3, 6, 8), (2, 2), 2),
    ("2×3 windows that overlap, a rest at the border", 2, (3, 2, 5, 8), (2, 3), 2),
    ("3×2 windows, stride 1", 1, (2, 3, 5, 4), (3, 2), 1),
    ("2×3 windows, stride 3", 1, (1, 2, 7, 9), (2, 3), 3),
]


def param(window, stride):
    return {"pool_height": window[0], "pool_width": window[1], "stride": stride}


def out_size(x, pool_param):
    """Height and width of the output."""
    window = pool_param["pool_height"], pool_param["pool_width"]
    return tuple(
        (side - length) // pool_param["stride"] + 1
        for side, length in zip(x.shape[2:], window, strict=True)
    )


def windows(x, pool_param, step=None):
    """(i, j, the slice of x) for each output place, the stride or `step` apart."""
    height, width = pool_param["pool_height"], pool_param["pool_width"]
    step = step or pool_param["stride"]
    rows, columns = out_size(x, pool_param)
    for i in range(rows):
        for j in range(columns):
            yield i, j, np.s_[:, :, i * step : i * step + height, j * step : j * step + width]


class max_pool_forward_naive(Exercise):
    """Max pooling forward: of each window the largest value."""

    signature = "max_pool_forward_naive(x, pool_param) -> out, cache"
    minutes = 5
    hints = (
        "The sizes are those of a convolution without padding, and so are the windows.",
        "Each channel is pooled on its own: the maximum is over a window's rows and columns.",
    )

    def cases(self, rng):
        for name, points, shape, window, stride in GRID:
            yield Case(name, points, x=rng.normal(size=shape), pool_param=param(window, stride))
        yield Case(
            "nothing above zero, single precision", 1,
            x=rng.uniform(-9, -1, (2, 3, 4, 5)).astype("float32"), pool_param=param((2, 3), 2),
        )  # fmt: skip

    def observe(self, code, x, pool_param):
        out, _ = code.max_pool_forward_naive(x, pool_param)
        return {"out": out}

    def reference(self, x, pool_param):
        window = pool_param["pool_height"], pool_param["pool_width"]
        out = F.max_pool2d(torch.tensor(x, device=self.device), window, pool_param["stride"])
        return {"out": out}

    def pooled(self, x, pool_param, over=np.max, step=None):
        out = np.zeros((*x.shape[:2], *out_size(x, pool_param)), x.dtype)
        for i, j, place in windows(x, pool_param, step):
            out[:, :, i, j] = over(x[place], axis=(2, 3))
        return out

    @mistake
    def averaged(self, right, x, pool_param):
        """You average each window. Here it is the largest value that stays."""
        return {"out": self.pooled(x, pool_param, np.mean)}

    @mistake
    def smallest(self, right, x, pool_param):
        """You keep the smallest value of each window."""
        return {"out": self.pooled(x, pool_param, np.min)}

    @mistake
    def starts_at_zero(self, right, x, pool_param):
        """Where all values of a window are negative you give 0. Begin with a value of the window,
        or with minus infinity."""
        return {"out": np.maximum(right["out"], 0)}

    @mistake
    def stride_ignored(self, right, x, pool_param):
        """Your output has the right size, but the windows lie side by side: window i begins at i.
        With a stride they are that far apart."""
        return {"out": self.pooled(x, pool_param, step=1)}

    @mistake
    def window_for_stride(self, right, x, pool_param):
        """Your windows are their own height and width apart. How far apart they are is the
        stride's business, and they may overlap."""
        window = pool_param["pool_height"], pool_param["pool_width"]
        return {"out": F.max_pool2d(torch.tensor(x), window).numpy()}

    @mistake
    def height_and_width_swapped(self, right, x, pool_param):
        """Your windows are pool_width high and pool_height wide. Rows come first."""
        window = pool_param["pool_width"], pool_param["pool_height"]
        return {"out": self.pooled(x, param(window, pool_param["stride"]))}

    @mistake
    def channels_pooled_too(self, right, x, pool_param):
        """All channels give the same: your maximum is over the channels as well. Each channel is
        pooled on its own."""
        top = right["out"].max(1, keepdims=True)
        return {"out": np.broadcast_to(top, right["out"].shape)}

    @mistake
    def one_window_too_few(self, right, x, pool_param):
        """The last row and the last column of windows are missing: the + 1 of the output size."""
        return {"out": right["out"][:, :, :-1, :-1]}

    @mistake
    def rounded_up(self, right, x, pool_param):
        """You pool what is left over at the border too. Output sizes are rounded down: windows
        that stick out of the picture are left out."""
        height, width, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
        rows, columns = -(-(x.shape[2] - height) // s) + 1, -(-(x.shape[3] - width) // s) + 1
        if (rows, columns) != right["out"].shape[2:]:
            corner = [
                [x[:, :, i * s : i * s + height, j * s : j * s + width].max((2, 3))
                 for j in range(columns)] for i in range(rows)
            ]  # fmt: skip
            return {"out": np.moveaxis(np.array(corner), (0, 1), (2, 3))}

    @mistake
    def wider_dtype(self, right, x, pool_param):
        """float32 comes in and float64 goes out: np.zeros makes float64 unless it is told
        otherwise."""
        if x.dtype == np.float32:
            return {"out": right["out"].astype(np.float64)}


class max_pool_backward_naive(Exercise):
    """Max pooling backward: the gradient goes to where the maximum was."""

    signature = "max_pool_backward_naive(dout, cache) -> dx"
    needs = ("max_pool_forward_naive",)
    minutes = 8
    difficulty = 2
    hints = (
        "Nudge a pixel that is not the largest of its window: does the output move?",
        "np.argmax of a window gives the first of equal values, row by row, as one number. How do "
        "you get row and column from it?",
        "A pixel may be the largest of several windows; then it collects from all of them.",
    )

    def cases(self, rng):
        def case(name, points, x, window, stride):
            dout = rng.normal(0.5, 1, (*x.shape[:2], *out_size(x, param(window, stride))))
            return Case(name, points, x=x, pool_param=param(window, stride),
                        dout=dout.astype(x.dtype))  # fmt: skip

        for name, points, shape, window, stride in GRID:
            yield case(name, points, rng.normal(size=shape), window, stride)
        ties = rng.integers(0, 3, (2, 3, 6, 7)).astype(float)
        yield case("equal values", 2, ties, (2, 3), 2)
        single = rng.uniform(-9, -1, (2, 2, 4, 5)).astype("float32")
        yield case("nothing above zero, single precision", 1, single, (2, 3), 1)

    def observe(self, code, x, pool_param, dout):
        _, cache = code.max_pool_forward_naive(x, pool_param)
        return {"dx": code.max_pool_backward_naive(dout, cache)}

    def reference(self, x, pool_param, dout):
        leaf = torch.tensor(x, device=self.device).requires_grad_()
        window = pool_param["pool_height"], pool_param["pool_width"]
        # torch too gives the whole gradient to the first of equal values.
        out = F.max_pool2d(leaf, window, pool_param["stride"])
        return {"dx": torch.autograd.grad(out, leaf, torch.tensor(dout, device=self.device))[0]}

    def sent(self, x, pool_param, dout, share=None, step=None, add=True):
        """dx where each window hands out dout by `share(window)`; the first maximum by default."""
        dx = np.zeros_like(x)
        for i, j, place in windows(x, pool_param, step):
            window = x[place]
            part = (share or first)(window) * dout[:, :, i, j][:, :, None, None]
            if add:
                dx[place] += part
            else:
                dx[place] = part
        return {"dx": dx}

    @mistake
    def all_equal_values_get_it(self, right, **inputs):
        """Of equal values each gets the whole gradient in your dx, so more flows back than came
        in. The first one, row by row, takes it all."""
        return self.sent(**inputs, share=lambda w: w == w.max((2, 3), keepdims=True))

    @mistake
    def equal_values_share(self, right, **inputs):
        """Of equal values each gets its share in your dx. That is a fair choice, but not the
        one agreed on here: the first one, row by row, takes it all."""
        def share(w):
            top = w == w.max((2, 3), keepdims=True)
            return top / top.sum((2, 3), keepdims=True)

        return self.sent(**inputs, share=share)

    @mistake
    def last_of_equal_values(self, right, **inputs):
        """Of equal values the last one gets the gradient in your dx. The first one, row by row,
        takes it: >= keeps moving on where > would stay."""
        return self.sent(**inputs, share=lambda w: first(w[:, :, ::-1, ::-1])[:, :, ::-1, ::-1])

    @mistake
    def first_by_columns(self, right, **inputs):
        """Of equal values yours is the first column by column. Go row by row."""
        return self.sent(
            **inputs, share=lambda w: first(w.transpose(0, 1, 3, 2)).transpose(0, 1, 3, 2)
        )

    @mistake
    def overwritten(self, right, **inputs):
        """Where windows overlap the last one has overwritten what the others sent, with zeros
        too. Add."""
        return self.sent(**inputs, add=False)

    @mistake
    def last_window_wins(self, right, x, pool_param, dout):
        """A pixel that is the largest of several windows has only the last one's gradient. It
        collects from all of them: add."""
        dx = np.zeros_like(x)
        for i, j, place in windows(x, pool_param):
            top = first(x[place])
            dx[place] = np.where(top, dout[:, :, i, j][:, :, None, None], dx[place])
        return {"dx": dx}

    @mistake
    def spread_evenly(self, right, **inputs):
        """You spread the gradient over the window, as average pooling does. Only the largest
        value moved the output."""
        return self.sent(**inputs, share=lambda w: np.full_like(w, 1 / w[0, 0].size))

    @mistake
    def whole_window(self, right, **inputs):
        """Every pixel of a window gets the gradient. Only the largest value moved the output."""
        return self.sent(**inputs, share=np.ones_like)

    @mistake
    def times_the_maximum(self, right, **inputs):
        """Your gradient is multiplied by the maximum itself. Pooling passes the largest value on
        as it is: its derivative is 1."""
        return {"dx": right["dx"] * inputs["x"]}

    @mistake
    def dout_forgotten(self, right, x, pool_param, dout):
        """Your dx counts how often a pixel was the largest; dout is missing."""
        return self.sent(x, pool_param, np.ones_like(dout))

    @mistake
    def stride_ignored(self, right, **inputs):
        """On the way back your windows lie side by side. Those of the forward pass were a stride
        apart."""
        return self.sent(**inputs, step=1)

    @mistake
    def row_length_is_the_height(self, right, x, pool_param, dout):
        """You find row and column of the maximum by dividing by the window's height. Row by row,
        a row is as long as the window is wide."""
        height, width = pool_param["pool_height"], pool_param["pool_width"]
        if height == width:
            return None
        dx = np.zeros_like(x)
        for i, j, place in windows(x, pool_param):
            flat = x[place].reshape(*x.shape[:2], -1).argmax(2)
            rows = i * pool_param["stride"] + flat // height
            columns = j * pool_param["stride"] + flat % height
            if rows.max() >= x.shape[2] or columns.max() >= x.shape[3]:
                return {"dx": raises("IndexError", "out of bounds")}
            for n, c in np.ndindex(x.shape[:2]):
                dx[n, c, rows[n, c], columns[n, c]] += dout[n, c, i, j]
        return {"dx": dx}


def first(window):
    """1 at the first maximum of each N×C window in row-major order, 0 elsewhere."""
    flat = window.reshape(*window.shape[:2], -1)
    mask = np.zeros_like(flat)
    np.put_along_axis(mask, flat.argmax(2)[..., None], 1, axis=2)
    return mask.reshape(window.shape)
