"""Notebook 10: pooling, and what else is called a convolution, as people really write it wrong."""

import numpy as np
from wrong_code import wrong


def sizes(pool_param):
    return pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]


def pooling(over=np.max, window=lambda h, w: (h, w), steps=lambda s, h, w: (s, s), count=None,
            starts=None):  # fmt: skip
    """Max pooling by loops, with one thing changed."""

    def max_pool_forward_naive(x, pool_param):
        ph, pw, s = sizes(pool_param)
        ph, pw = window(ph, pw)
        down, across = steps(s, ph, pw)
        find = count or (lambda n, k, step: (n - k) // step + 1)
        rows, columns = find(x.shape[2], ph, down), find(x.shape[3], pw, across)
        down, across = starts(s) if starts else (down, across)
        out = np.zeros((*x.shape[:2], rows, columns), x.dtype)
        for i in range(rows):
            for j in range(columns):
                top, left = i * down, j * across
                out[:, :, i, j] = over(x[:, :, top : top + ph, left : left + pw], axis=(2, 3))
        return out, (x, pool_param)

    return max_pool_forward_naive


def furthest(window, axis):
    flat = window.reshape(*window.shape[:2], -1)
    return np.take_along_axis(flat, np.abs(flat).argmax(2)[..., None], 2)[..., 0]


def place(window, axis):
    return window.reshape(*window.shape[:2], -1).argmax(2)


for name, change in [
    ("smallest", {"over": np.min}),
    ("largest_magnitude", {"over": furthest}),
    ("of_magnitudes", {"over": lambda v, axis: np.abs(v).max(axis)}),
    ("place_for_value", {"over": place}),
    ("first_column_of_each", {"over": lambda v, axis: v.max(2)[:, :, 0]}),
    ("first_row_of_each", {"over": lambda v, axis: v.max(3)[:, :, 0]}),
    ("corner_of_each", {"over": lambda v, axis: v[:, :, 0, 0]}),
    ("stride_not_used", {"steps": lambda s, h, w: (1, 1)}),
    ("every_column", {"steps": lambda s, h, w: (s, 1)}),
    ("every_row", {"steps": lambda s, h, w: (1, s)}),
    ("stride_down_only", {"starts": lambda s: (s, 1)}),
    ("stride_across_only", {"starts": lambda s: (1, s)}),
    ("width_for_stride", {"steps": lambda s, h, w: (s, w)}),
    ("height_for_stride", {"steps": lambda s, h, w: (h, s)}),
    ("height_for_both", {"window": lambda h, w: (h, h)}),
    ("width_for_both", {"window": lambda h, w: (w, w)}),
    ("one_too_few_without_a_rest", {"count": lambda n, k, s: len(range(0, n - k, s))}),
    ("windows_not_counted_in", {"count": lambda n, k, s: n // s}),
    ("sizes_with_a_fraction", {"count": lambda n, k, s: (n - k) / s + 1}),
]:
    wrong("max_pool_forward_naive", name)(pooling(**change))


@wrong("max_pool_forward_naive", "cut_into_blocks")
def max_pool_forward_naive(x, pool_param):
    ph, pw, _ = sizes(pool_param)
    n, c, h, w = x.shape
    return x.reshape(n, c, h // ph, ph, w // pw, pw).max((3, 5)), (x, pool_param)


@wrong("max_pool_forward_naive", "another_key")
def max_pool_forward_naive(x, pool_param):
    return np.zeros(pool_param["height"]), None


def back(share=None, steps=lambda s, h, w: (s, s), among=lambda v: v, start=np.zeros_like,
         corner=True, assign=False, entries=lambda d: d):  # fmt: skip
    """Max pooling's way back by four loops, with one thing changed."""

    def first(window):
        mask = np.zeros(window.shape)
        mask[np.unravel_index(window.argmax(), window.shape)] = 1
        return mask

    def max_pool_backward_naive(dout, cache):
        x, pool_param = cache
        ph, pw, s = sizes(pool_param)
        down, across = steps(s, ph, pw)
        dx, dout = start(x), entries(dout)
        for n, c, i, j in np.ndindex(*dout.shape):
            window = x[n, c, i * down : i * down + ph, j * across : j * across + pw]
            if not window.size:
                continue
            mask = (share or first)(among(window))
            top, left = (i * down, j * across) if corner else (0, 0)
            target = dx[n, c, top : top + ph, left : left + pw]
            if assign:
                target[mask > 0] = dout[n, c, i, j]
            else:
                target += mask * dout[n, c, i, j]
        return dx

    return max_pool_backward_naive


def last(window):
    mask = np.zeros(window.shape)
    mask[tuple(np.argwhere(window == window.max())[-1])] = 1
    return mask


def by_columns(window):
    mask = np.zeros(window.shape)
    column, row = np.unravel_index(window.T.argmax(), window.T.shape)
    mask[row, column] = 1
    return mask


for name, change in [
    ("first_by_columns", {"share": by_columns}),
    ("last_window_and_last_value_win", {"share": last, "assign": True}),
    ("whole_window", {"share": np.ones_like}),
    ("to_the_smallest", {"among": np.negative}),
    ("to_the_largest_magnitude", {"among": np.abs}),
    ("averaged", {"entries": lambda d: d / len(d)}),
    ("starts_from_x", {"start": np.copy}),
    ("stride_ignored", {"steps": lambda s, h, w: (1, 1)}),
    ("window_for_stride", {"steps": lambda s, h, w: (h, w)}),
    ("corner_forgotten", {"corner": False}),
]:
    wrong("max_pool_backward_naive", name)(back(**change))


for name, side in [("height_for_both", "pool_height"), ("width_for_both", "pool_width")]:

    def max_pool_backward_naive(dout, cache, side=side):
        x, param = cache
        size = param[side]
        return back()(dout, (x, param | {"pool_height": size, "pool_width": size}))

    wrong("max_pool_backward_naive", name)(max_pool_backward_naive)


def collected(join):
    """A way back in which `join` puts the gradients together that a pixel has got."""

    def max_pool_backward_naive(dout, cache):
        x, pool_param = cache
        (ph, pw, s), got = sizes(pool_param), {}
        for n, c, i, j in np.ndindex(*dout.shape):
            window = x[n, c, i * s : i * s + ph, j * s : j * s + pw]
            row, column = np.unravel_index(window.argmax(), window.shape)
            got.setdefault((n, c, i * s + row, j * s + column), []).append(dout[n, c, i, j])
        dx = np.zeros_like(x)
        for place, sent in got.items():
            dx[place] = join(sent)
        return dx

    return max_pool_backward_naive


wrong("max_pool_backward_naive", "first_window_wins")(collected(lambda sent: sent[0]))
wrong("max_pool_backward_naive", "windows_averaged")(collected(np.mean))


@wrong("max_pool_backward_naive", "averaged_where_windows_overlap")
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    (ph, pw, s), held = sizes(pool_param), np.zeros_like(x)
    for i, j in np.ndindex(*dout.shape[2:]):
        held[:, :, i * s : i * s + ph, j * s : j * s + pw] += 1
    return back()(dout, cache) / np.maximum(held, 1)


@wrong("max_pool_backward_naive", "height_and_width_swapped")
def max_pool_backward_naive(dout, cache):
    x, param = cache
    turned = param | {"pool_height": param["pool_width"], "pool_width": param["pool_height"]}
    return back()(dout, (x, turned))


@wrong("max_pool_backward_naive", "repeated")
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    s, dx = pool_param["stride"], np.zeros_like(x)
    big = np.kron(dout, np.ones((s, s)))[:, :, : x.shape[2], : x.shape[3]]
    dx[:, :, : big.shape[2], : big.shape[3]] = big
    return dx


@wrong("max_pool_backward_naive", "over_all_channels")
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    (ph, pw, s), dx = sizes(pool_param), np.zeros_like(x)
    for n, i, j in np.ndindex(len(x), *dout.shape[2:]):
        window = x[n, :, i * s : i * s + ph, j * s : j * s + pw]
        c, row, column = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, i * s + row, j * s + column] += dout[n, :, i, j].sum()
    return dx


@wrong("max_pool_backward_naive", "row_length_is_the_height_within")
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    (ph, pw, s), dx = sizes(pool_param), np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        row, column = divmod(int(x[n, c, i * s : i * s + ph, j * s : j * s + pw].argmax()), ph)
        row, column = min(i * s + row, x.shape[2] - 1), min(j * s + column, x.shape[3] - 1)
        dx[n, c, row, column] += dout[n, c, i, j]
    return dx


@wrong("max_pool_backward_naive", "cache_of_another_length")
def max_pool_backward_naive(dout, cache):
    x, where, pool_param = cache
    return np.zeros_like(x)


def whole(x, k):
    """The cross-correlation wherever the two touch."""
    (h, w), (kh, kw) = x.shape, k.shape
    big = np.pad(x, ((kh - 1, kh - 1), (kw - 1, kw - 1)))
    return np.array(
        [[np.sum(big[i : i + kh, j : j + kw] * k) for j in range(w + kw - 1)]
         for i in range(h + kh - 1)]
    )  # fmt: skip


def same(k, x):
    kh, kw = k.shape
    top, left = (kh - 1) // 2, (kw - 1) // 2
    return whole(x, k)[top : top + x.shape[0], left : left + x.shape[1]]


for name, found in [
    ("turned_by_90", lambda x, k: whole(x, np.rot90(k))),
    ("square_kernel_transposed", lambda x, k: whole(
        x, k.T if k.shape[0] == k.shape[1] else k[::-1, ::-1])),
    ("same_size", lambda x, k: same(k[::-1, ::-1], x)),
    ("correlation_of_same_size", same),
    ("left_complex", lambda x, k: whole(x, k[::-1, ::-1]) + 0j),
    ("one_transform_conjugated", lambda x, k: np.fft.ifft2(
        np.fft.fft2(x, np.add(x.shape, k.shape) - 1)
        * np.conj(np.fft.fft2(k, np.add(x.shape, k.shape) - 1))).real),
]:  # fmt: skip
    if found is same:
        found = lambda x, k: same(k, x)

    def true_convolution(x, k, found=found):
        return found(x, k)

    wrong("true_convolution", name)(true_convolution)


@wrong("true_convolution", "larger_kernel_refused")
def true_convolution(x, k):
    if k.shape[0] > x.shape[0] or k.shape[1] > x.shape[1]:
        raise ValueError("the kernel does not fit")
    return whole(x, k[::-1, ::-1])


@wrong("true_convolution", "overwritten")
def true_convolution(x, k):
    out = np.zeros(np.add(x.shape, k.shape) - 1)
    for (u, v), weight in np.ndenumerate(k):
        out[u : u + len(x), v : v + x.shape[1]] = weight * x
    return out


@wrong("true_convolution", "negative_indices")
def true_convolution(x, k):
    out = np.zeros(np.add(x.shape, k.shape) - 1)
    for i, j, u, v in np.ndindex(*out.shape, *k.shape):
        try:
            out[i, j] += k[u, v] * x[i - u, j - v]
        except IndexError:
            continue
    return out


for name, found in [
    ("pictures_left", lambda x, w: (x, w.transpose(3, 2, 0, 1))),
    ("filters_left", lambda x, w: (x.transpose(0, 3, 1, 2), w)),
    ("nothing_moved", lambda x, w: (x, w)),
    ("channels_last_again", lambda x, w: (x.transpose(0, 2, 3, 1), w.transpose(2, 3, 1, 0))),
    ("no_permute", lambda x, w: (x.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1))),
    ("filters_and_pictures", lambda x, w: (w.transpose(3, 2, 0, 1), x.transpose(0, 3, 1, 2))),
    ("filters_flipped", lambda x, w: (
        x.transpose(0, 3, 1, 2), w.transpose(3, 2, 0, 1)[..., ::-1, ::-1])),
    ("filters_mirrored_on_their_side", lambda x, w: (x.transpose(0, 3, 1, 2), w.T[..., ::-1])),
]:  # fmt: skip

    def from_tensorflow(x, w, found=found):
        return found(x, w)

    wrong("from_tensorflow", name)(from_tensorflow)
