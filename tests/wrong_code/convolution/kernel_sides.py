"""Notebook 10: kernels that are not square, taken by the wrong side as people take them."""

import numpy as np
from wrong_code import wrong


def own(height, width):
    return height, width


def by_height(height, width):
    return height, height


def by_width(height, width):
    return width, width


def exchanged(height, width):
    return width, height


def of_window(window, w, *sides):
    return np.tensordot(window, w, ([1, 2, 3], [1, 2, 3]))


def of_square(window, w, height, width):
    return (window[:, None] * w[None, :, :, :height, :width]).sum(axis=(2, 3, 4))


def of_taps(window, w, height, width):
    total = 0
    for u in range(height):
        for v in range(width):
            total = total + window[:, :, u, v] @ w[:, :, u, v].T
    return total


def forward(sizes=own, kernel=own, product=of_window):
    """A forward pass whose output sizes and windows go by these sides of the kernel."""

    def conv_forward_naive(x, w, b, conv_param):
        s, p = conv_param["stride"], conv_param["pad"]
        N, C, H, W = x.shape
        F, _, HH, WW = w.shape
        big = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        height, width = sizes(HH, WW)
        rows, columns = 1 + (H + 2 * p - height) // s, 1 + (W + 2 * p - width) // s
        height, width = kernel(HH, WW)
        out = np.zeros((N, F, rows, columns), dtype=x.dtype)
        for i in range(rows):
            for j in range(columns):
                window = big[:, :, i * s : i * s + height, j * s : j * s + width]
                out[:, :, i, j] = product(window, w, height, width) + b
        return out, (x, w, b, conv_param)

    return conv_forward_naive


for name, change in [
    ("height_for_width", (by_height, by_height, of_square)),
    ("height_for_width_tap_by_tap", (by_height, by_height, of_taps)),
    ("width_for_height", (by_width, by_width, of_window)),
    ("width_for_height_tap_by_tap", (by_width, by_width, of_taps)),
    ("square_windows", (own, by_height, of_square)),
    ("square_windows_tap_by_tap", (own, by_height, of_taps)),
    ("square_windows_by_width", (own, by_width, of_window)),
    ("square_windows_by_width_tap_by_tap", (own, by_width, of_taps)),
    ("columns_by_the_height", (by_height, own, of_window)),
    ("columns_by_the_height_tap_by_tap", (by_height, own, of_taps)),
    ("rows_by_the_width", (by_width, own, of_window)),
    ("rows_by_the_width_tap_by_tap", (by_width, own, of_taps)),
    ("sides_exchanged", (exchanged, exchanged, of_window)),
    ("sides_exchanged_tap_by_tap", (exchanged, exchanged, of_taps)),
    ("windows_turned", (own, exchanged, of_square)),
    ("square_kernel_tap_by_tap", (own, exchanged, of_taps)),
    ("kernel_transposed_and_stops", (
        own, own, lambda window, w, *sides: of_window(window, w.swapaxes(2, 3)))),
]:  # fmt: skip
    wrong("conv_forward_naive", name)(forward(*change))


def filters(kernel):
    """dw tap by tap, with these sides of the kernel."""

    def conv_backward_dw(dout, x, w, conv_param):
        s, p = conv_param["stride"], conv_param["pad"]
        big, dw = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))), np.zeros_like(w)
        height, width = kernel(*w.shape[2:])
        for i, j in np.ndindex(*dout.shape[2:]):
            for u in range(height):
                for v in range(width):
                    dw[:, :, u, v] += dout[:, :, i, j].T @ big[:, :, i * s + u, j * s + v]
        return dw

    return conv_backward_dw


wrong("conv_backward_dw", "dw_height_for_width_tap_by_tap")(filters(by_height))
wrong("conv_backward_dw", "square_kernel_tap_by_tap")(filters(exchanged))


def of_kernel(w, height, width):
    return w


def of_part(w, height, width):
    return w[:, :, :height, :width]


def of_each_tap(w, height, width):
    part = np.zeros((*w.shape[:2], height, width), w.dtype)
    for u in range(height):
        for v in range(width):
            part[:, :, u, v] = w[:, :, u, v]
    return part


def pictures(kernel, sent):
    """dx window by window, with these sides of the kernel."""

    def conv_backward_dx(dout, x, w, conv_param):
        s, p = conv_param["stride"], conv_param["pad"]
        big = np.zeros_like(np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))))
        height, width = kernel(*w.shape[2:])
        for i, j in np.ndindex(*dout.shape[2:]):
            window = big[:, :, i * s : i * s + height, j * s : j * s + width]
            window += np.tensordot(dout[:, :, i, j], sent(w, height, width), 1).astype(x.dtype)
        return big[:, :, p : p + x.shape[2], p : p + x.shape[3]]

    return conv_backward_dx


for name, change in [
    ("square_kernel", (by_height, of_kernel)),
    ("square_kernel_tap_by_tap", (exchanged, of_each_tap)),
    ("dx_square_kernel", (by_height, of_part)),
    ("dx_square_kernel_tap_by_tap", (by_height, of_each_tap)),
    ("dx_square_kernel_by_width", (by_width, of_each_tap)),
    ("dx_kernel_transposed_and_stops", (own, lambda w, *sides: w.swapaxes(2, 3))),
]:
    wrong("conv_backward_dx", name)(pictures(*change))
