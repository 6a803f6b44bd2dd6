"""Notebook 10: a return inside a loop, a size computed back, transforms that are short one way."""

import numpy as np
from wrong_code import wrong
from wrong_code.convolution.two_slips import filters, sheet


@wrong("conv_backward_db", "db_of_the_first_filter")
def conv_backward_db(dout):
    db = np.zeros(dout.shape[1])
    for f in range(len(db)):
        db[f] = dout[:, f].sum()
        return db


@wrong("conv_backward_dw", "dw_of_the_first_filter")
def conv_backward_dw(dout, x, w, conv_param):
    dw = np.zeros_like(w)
    for f in range(len(w)):
        dw[f] = filters(dout[:, f : f + 1], x, w[f : f + 1], conv_param)[0]
        return dw


@wrong("conv_backward_dx", "dx_size_from_the_windows")
def conv_backward_dx(dout, x, w, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    rows, columns = (
        (n - 1) * stride + k for n, k in zip(dout.shape[2:], w.shape[2:], strict=True)
    )
    big = sheet(dout, x, w, conv_param)[:, :, :rows, :columns]
    return big[:, :, pad : rows - pad, pad : columns - pad].astype(x.dtype)


def transformed(short, filled):
    """true_convolution by transforms that are short along one axis, and maybe zeros behind."""

    def true_convolution(x, k):
        whole = np.add(x.shape, k.shape) - 1
        size = whole.copy()
        size[short] = max(x.shape[short], k.shape[short])
        found = np.fft.irfft2(np.fft.rfft2(x, size) * np.fft.rfft2(k, size), size)
        return np.pad(found, [(0, n) for n in whole - size]) if filled else found

    return true_convolution


wrong("true_convolution", "rows_around_the_corner")(transformed(0, filled=False))
wrong("true_convolution", "columns_around_the_corner")(transformed(1, filled=False))
wrong("true_convolution", "rows_around_the_corner_and_padded")(transformed(0, filled=True))
wrong("true_convolution", "columns_around_the_corner_and_padded")(transformed(1, filled=True))


@wrong("true_convolution", "larger_kernel_does_not_fit")
def true_convolution(x, k):
    (height, width), out = x.shape, np.zeros(np.add(x.shape, k.shape) - 1)
    if k.size > x.size:
        x, k = k, x
    for u, v in np.ndindex(k.shape):
        out[u : u + height, v : v + width] += k[u, v] * x
    return out
