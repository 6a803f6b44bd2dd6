"""Mistakes of `im2col_bytes` in how many windows there are. No exercise lives here."""

from autograder.exercise import Exercise, mistake


class CountedWindows(Exercise, abstract=True):
    """The bytes of columns, and their ratio, for another number of windows."""

    def scaled(self, right, factor):
        """Both numbers times `factor`, the bytes whole where they are."""
        size = right["column_bytes"] * factor
        return {"column_bytes": int(size) if size == int(size) else size,
                "ratio": right["ratio"] * factor}  # fmt: skip

    def with_places(self, x_shape, kh, kw, itemsize, places):
        """Both numbers for another number of windows in an image."""
        n, c, height, width = x_shape
        return {"column_bytes": n * c * kh * kw * places * itemsize,
                "ratio": kh * kw * places / (height * width)}  # fmt: skip

    @mistake
    def sizes_not_rounded_down(self, right, x_shape, kh, kw, stride, pad, itemsize=4,
                               default=False):  # fmt: skip
        """You count fractions of windows where the stride does not fit. A window that would reach
        beyond the image is none: round down."""
        height, width = ((n + 2 * pad - k) / stride + 1
                         for n, k in zip(x_shape[2:], (kh, kw), strict=True))  # fmt: skip
        return self.with_places(x_shape, kh, kw, itemsize, height * width)

    @mistake
    def sizes_rounded_up(self, right, x_shape, kh, kw, stride, pad, **inputs):
        """You count windows that would reach beyond the padded image. Round their number down."""
        height, width = (-(-(n + 2 * pad - k) // stride) + 1
                         for n, k in zip(x_shape[2:], (kh, kw), strict=True))  # fmt: skip
        return self.with_places(x_shape, kh, kw, inputs.get("itemsize", 4), height * width)

    @mistake
    def a_window_at_each_stride(self, right, x_shape, kh, kw, stride, pad, **inputs):
        """You put a window at each `stride` of the padded image, also where it sticks out. Only
        those count that fit in, so the kernel's size matters."""
        height, width = (-(-(n + 2 * pad) // stride) for n in x_shape[2:])
        return self.with_places(x_shape, kh, kw, inputs.get("itemsize", 4), height * width)

    @mistake
    def padded_once(self, right, x_shape, kh, kw, stride, pad, itemsize=4, default=False):
        """You add the padding once along each axis. It lies on both sides."""
        height, width = ((n + pad - k) // stride + 1
                         for n, k in zip(x_shape[2:], (kh, kw), strict=True))  # fmt: skip
        return self.with_places(x_shape, kh, kw, itemsize, height * width)

    @mistake
    def square_kernel(self, right, kh, kw, **inputs):
        """You take the kernel to be square, kh×kh. Its width may be another."""
        return self.scaled(right, kh / kw) if kh != kw else None

    @mistake
    def first_place_not_counted(self, right, x_shape, kh, kw, stride, pad, itemsize=4,
                                default=False):  # fmt: skip
        """Your outputs lack a row and a column: you count the steps of the window, and it has one
        place more than it takes steps."""
        height, width = x_shape[2:]
        places = ((height + 2 * pad - kh) // stride) * ((width + 2 * pad - kw) // stride)
        return self.with_places(x_shape, kh, kw, itemsize, places)

    @mistake
    def square_kernel_throughout(self, right, x_shape, kh, kw, stride, pad, itemsize=4,
                                 default=False):  # fmt: skip
        """You take the kernel to be square, kh×kh, and count the windows of such a one, too. Its
        width may be another."""
        if kh != kw:
            return self.reference(x_shape, kh, kh, stride, pad, itemsize)

    @mistake
    def rounded_up_from_the_stride(self, right, x_shape, kh, kw, stride, pad, **inputs):
        """You divide the images' sizes by the stride and round up, as for the padding "same" of
        other frameworks. How many windows fit depends on `pad` and on the kernel."""
        height, width = (-(-n // stride) for n in x_shape[2:])
        return self.with_places(x_shape, kh, kw, inputs.get("itemsize", 4), height * width)
