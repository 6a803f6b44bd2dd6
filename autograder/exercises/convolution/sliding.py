"""Windows of pictures in numpy, for what mistakes show (notebook 10). No exercise is in here."""

import numpy as np


def padded(x, before, after=None, mode="constant"):
    """The pictures with rows and columns added; `before` at both ends where `after` is None."""
    ends = before, before if after is None else after
    return np.pad(x, [(0, 0), (0, 0), ends, ends], mode=mode)


def out_size(big, kernel, steps):
    """How many windows have room in a picture, down and across."""
    return tuple(
        (side - length) // step + 1
        for side, length, step in zip(big.shape[2:], kernel, steps, strict=True)
    )


def windows(big, kernel, steps, size=None):
    """All windows of a padded picture, N×C×rows×columns×KH×KW; 0 where one sticks out."""
    size = size or out_size(big, kernel, steps)
    rows, columns = (
        np.arange(n)[:, None] * step + np.arange(length)
        for n, step, length in zip(size, steps, kernel, strict=True)
    )
    out = [max(0, int(a.max(initial=0)) + 1 - side) for a, side in
           zip((rows, columns), big.shape[2:], strict=True)]  # fmt: skip
    big = np.pad(big, [(0, 0), (0, 0), (0, out[0]), (0, out[1])])
    return big[:, :, rows[:, None, :, None], columns[None, :, None, :]]


def correlated(big, w, b, steps, size=None):
    """A convolutional layer on a picture that is padded already."""
    found = np.einsum("ncijuv,fcuv->nfij", windows(big, w.shape[2:], steps, size), w)
    return (found + b[:, None, None]).astype(big.dtype)


def filter_gradient(dout, big, kernel, steps):
    """dw from the windows of a padded picture."""
    found = windows(big, kernel, steps, dout.shape[2:])
    return np.einsum("nfij,ncijuv->fcuv", dout, found).astype(big.dtype)


def laid_back(dout, w, sheet, steps, add=True):
    """dx of a padded picture: each window gets its share on a sheet of at least this size."""
    kernel, (rows, columns) = w.shape[2:], dout.shape[2:]
    height, width = (
        max(side, (n - 1) * step + length)
        for side, n, step, length in zip(sheet, (rows, columns), steps, kernel, strict=True)
    )
    big = np.zeros((len(dout), w.shape[1], height, width), w.dtype)
    for i, j in np.ndindex(rows, columns):
        top, left = i * steps[0], j * steps[1]
        place = np.s_[:, :, top : top + kernel[0], left : left + kernel[1]]
        share = np.einsum("nf,fchw->nchw", dout[:, :, i, j], w)
        big[place] = big[place] + share if add else share
    return big
