"""Notebook 03: contrast, the axes of colour, and moved pictures with one thing in them wrong."""

import numpy as np
from wrong_code import wrong

from course_utils.images import sample_at


def contrasted(identity, factor=None, middle=None, mix=None, cut=None, default=0.4, read=None):
    factor = factor or (lambda rng, c, img: rng.uniform(1 - c, 1 + c))
    middle = middle or (lambda img: img.mean(dtype=float))
    mix = mix or (lambda m, f, img: m + f * (img - m))
    cut = cut or (lambda out: np.clip(out, 0, 1))

    def color_jitter(img, rng, contrast=default):
        f = factor(rng, read or contrast, img)
        return cut(mix(middle(img), f, img.astype(float))).astype(img.dtype)

    wrong("color_jitter", identity)(color_jitter)


def squeezed(out):
    low, high = min(out.min(), 0), max(out.max(), 1)
    return (out - low) / (high - low)


contrasted("about_a_half", middle=lambda img: 0.5)
contrasted("about_another_value", middle=np.median)
contrasted("about_each_channels_mean", middle=lambda img: img.mean((0, 1), dtype=float))
contrasted("about_each_pixels_mean", middle=lambda img: img.mean(2, keepdims=True, dtype=float))
contrasted("mean_not_added_back", mix=lambda m, f, img: f * (img - m))
contrasted("a_factor_for_each_channel", lambda rng, c, img: rng.uniform(1 - c, 1 + c, 3))
contrasted("a_factor_for_each_pixel", lambda rng, c, img: rng.uniform(1 - c, 1 + c, img.shape))
contrasted("brightness_added", mix=lambda m, f, img: img + f - 1)
contrasted("turned_negative", mix=lambda m, f, img: m + f * (m - img))
contrasted("one_too_large", mix=lambda m, f, img: img + f * (img - m))
contrasted("factor_around_zero", lambda rng, c, img: rng.uniform(-c, c))
contrasted("factor_from_zero", lambda rng, c, img: rng.uniform(0, c))
contrasted("only_more_contrast", lambda rng, c, img: rng.uniform(1, 1 + c))
contrasted("only_less_contrast", lambda rng, c, img: rng.uniform(1 - c, 1))
contrasted("half_the_range", lambda rng, c, img: rng.uniform(1 - c / 2, 1 + c / 2))
contrasted("one_over", lambda rng, c, img: (1 + c) ** rng.uniform(-1, 1))
contrasted("beyond_the_range", lambda rng, c, img: rng.normal(1, c))
contrasted("never_near_an_end", lambda rng, c, img: rng.uniform(1 - c * 0.7, 1 + c * 0.7))
contrasted("same_factor_always", lambda rng, c, img: 1 + c)
contrasted("one_end_or_the_other", lambda rng, c, img: rng.choice([1 - c, 1 + c]))
contrasted("crowded_in_the_middle", lambda rng, c, img: 1 + c * rng.uniform(-1, 1) ** 3)
contrasted("not_cut_off_below", cut=lambda out: np.minimum(out, 1))
contrasted("not_cut_off_above", cut=lambda out: np.clip(out, 0, 255))
contrasted("scaled_back", cut=squeezed)
contrasted("cut_off_too_early", mix=lambda m, f, img: m + np.clip(f * (img - m), 0, 1))
contrasted("default:contrast", default=0.5)
contrasted("unread:contrast", read=0.4)


def axes(identity, pixels=None, covariance=None, give=None):
    pixels = pixels or (lambda images: images.reshape(-1, 3))
    covariance = covariance or (lambda rows: np.cov(rows.T, bias=True))
    give = give or (lambda values, V: (values[::-1], V[:, ::-1]))

    def colour_pca(images):
        rows = pixels(images)
        return give(*np.linalg.eigh(covariance(rows)))

    wrong("colour_pca", identity)(colour_pca)


axes("smallest_first", give=lambda values, V: (values, V))
axes("vectors_left_in_their_order", give=lambda values, V: (values[::-1], V))
axes("values_left_in_their_order", give=lambda values, V: (values, V[:, ::-1]))
axes("rows_turned_round", give=lambda values, V: (values[::-1], V[::-1]))
axes("both_turned_round", give=lambda values, V: (values[::-1], V[::-1, ::-1]))
axes("vectors_first", give=lambda values, V: (V[:, ::-1], values[::-1]))
axes("standard_deviations", give=lambda values, V: (np.sqrt(values[::-1]), V[:, ::-1]))
axes("shares_of_the_sum", give=lambda values, V: (values[::-1] / values.sum(), V[:, ::-1]))
axes("summed_over_pixels", covariance=lambda rows: np.cov(rows.T, bias=True) * len(rows))
axes("not_centred", covariance=lambda rows: rows.T @ rows / len(rows))
axes("one_mean_for_all_channels",
     covariance=lambda rows: (rows - rows.mean()).T @ (rows - rows.mean()) / len(rows))  # fmt: skip
axes("correlation", covariance=lambda rows: np.corrcoef(rows.T))
axes("each_picture_centred",
     lambda images: (images - images.mean((1, 2), keepdims=True)).reshape(-1, 3))  # fmt: skip
axes("one_picture_only", lambda images: images[0].reshape(-1, 3))
axes("scrambled", lambda images: images.reshape(3, -1).T)


@wrong("colour_pca", "singular_values")
def colour_pca(images):
    rows = images.reshape(-1, 3)
    _, s, vt = np.linalg.svd(rows - rows.mean(0), full_matrices=False)
    return s, vt.T


@wrong("colour_pca", "divides_by_pictures")
def colour_pca(images):
    rows = images.reshape(-1, 3) - images.mean((0, 1, 2))
    values, vectors = np.linalg.eigh(rows.T @ rows / len(images))
    return values[::-1], vectors[:, ::-1]


@wrong("colour_pca", "rows_for_eigenvectors")
def colour_pca(images):
    rows = images.reshape(-1, 3)
    _, s, vt = np.linalg.svd(rows - rows.mean(0), full_matrices=False)
    return s**2 / len(rows), vt


def shifted(identity, shift, cut=None):
    def pca_color(img, eigval, eigvec, alpha):
        out = (img + shift(eigval, eigvec, alpha)).astype(img.dtype)
        return cut(out) if cut else out

    wrong("pca_color", identity)(pca_color)


right = lambda w, V, a: V @ (a * w)
shifted("cut_off_below", right, lambda out: np.maximum(out, 0))
shifted("cut_off_above", right, lambda out: np.minimum(out, 1))
shifted("alpha_forgotten", lambda w, V, a: V @ w)
shifted("eigenvalues_forgotten", lambda w, V, a: V @ a)
shifted("eigenvalues_squared", lambda w, V, a: V @ (a * w**2))
shifted("one_weight_for_all_axes", lambda w, V, a: (a @ w) * V.sum(1))
shifted("one_number_for_all_channels", lambda w, V, a: np.sum(V @ (a * w)))
shifted("first_axis_only", lambda w, V, a: a[0] * w[0] * V[:, 0])
shifted("last_axis_only", lambda w, V, a: a[2] * w[2] * V[:, 2])
shifted("last_axis_missing", lambda w, V, a: V[:, :2] @ (a * w)[:2])
shifted("first_axis_missing", lambda w, V, a: V[:, 1:] @ (a * w)[1:])
shifted("divided_by_255", lambda w, V, a: V @ (a * w) / 255)
shifted("a_tenth", lambda w, V, a: V @ (0.1 * a * w))
shifted("weighs_the_channels", lambda w, V, a: a * w * V.sum(1))
shifted("roots_and_rows", lambda w, V, a: (a * np.sqrt(w)) @ V)


@wrong("pca_color", "stretched_along_the_axes")
def pca_color(img, eigval, eigvec, alpha):
    return ((img @ eigvec) * (1 + alpha * eigval) @ eigvec.T).astype(img.dtype)


@wrong("pca_color", "shift_alone")
def pca_color(img, eigval, eigvec, alpha):
    return eigvec @ (alpha * eigval)


@wrong("pca_color", "wider_dtype")
def pca_color(img, eigval, eigvec, alpha):
    return img + sum(float(a) * float(w) * v.astype(float)
                     for a, w, v in zip(alpha, eigval, eigvec.T, strict=True))  # fmt: skip


@wrong("pca_color", "meets_the_rows")
def pca_color(img, eigval, eigvec, alpha):
    return img + np.resize(eigvec @ (alpha * eigval), len(img))[:, None, None].astype(img.dtype)


def turned(identity, *more, angle=np.deg2rad, lean=None, matrix=None, centre=None, back=None,
           look=None, uniform=None, ends=None):  # fmt: skip
    """A moved picture; each step may be as somebody wrote it."""
    uniform = uniform or (lambda rng, low, high, n: rng.uniform(low, high, n))
    lean = lean or (lambda kappa: [[1, np.tan(np.deg2rad(kappa))], [0, 1]])
    matrix = matrix or (lambda R, Sh, St: R @ Sh @ St)
    centre = centre or (lambda h, w: ((w - 1) / 2, (h - 1) / 2))
    back = back or (lambda p, A, t: (p - t) @ np.linalg.inv(A).T)
    look = look or sample_at
    ends = ends or (lambda name, low, high: (low, high))

    def random_affine(img, rng, degrees, translate, shear, stretch):
        phi = angle(uniform(rng, *ends("turn", *degrees), 1)[0])
        kappa = uniform(rng, *ends("shear", *shear), 1)[0]
        s, t = uniform(rng, *stretch, 2), uniform(rng, *ends("shift", *translate), 2)
        R = np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])
        A = matrix(R, np.array(lean(kappa)), np.diag(s))
        h, w = img.shape[:2]
        c = np.array(centre(h, w), float)
        y, x = np.mgrid[:h, :w]
        q = back(np.stack([x, y], -1) - c, A, t) + c
        return look(img, q[..., 0], q[..., 1])

    wrong("random_affine", identity, *more)(random_affine)


inv, tan = np.linalg.inv, lambda kappa: np.tan(np.deg2rad(kappa))
turned("half_a_pixel_off", centre=lambda h, w: (w / 2, h / 2))
turned("centre_on_a_pixel", centre=lambda h, w: (w // 2, h // 2))
turned("centre_exchanged", centre=lambda h, w: ((h - 1) / 2, (w - 1) / 2))
turned("map_not_inverted", back=lambda p, A, t: p @ A.T + t)
turned("matrix_not_inverted", back=lambda p, A, t: (p - t) @ A.T)
turned("transposed_for_inverse", back=lambda p, A, t: (p - t) @ A)
turned("rows_times_the_inverse", back=lambda p, A, t: (p - t) @ inv(A))
turned("shift_has_the_other_sign", back=lambda p, A, t: (p + t) @ inv(A).T)
turned("shift_inside_the_turn", back=lambda p, A, t: p @ inv(A).T - t)
turned("shift_forgotten", back=lambda p, A, t: p @ inv(A).T)
turned("shift_in_whole_pixels", back=lambda p, A, t: (p - np.rint(t)) @ inv(A).T)
turned("shift_as_a_share", back=lambda p, A, t: (p - t * [p.shape[1], p.shape[0]]) @ inv(A).T)
turned("turn_in_radians", angle=lambda degrees: degrees)
turned("shear_in_radians", lean=lambda kappa: [[1, np.tan(kappa)], [0, 1]])
turned("degrees_taken_for_radians", angle=lambda degrees: degrees,
       lean=lambda kappa: [[1, np.tan(kappa)], [0, 1]])  # fmt: skip
turned("turn_forgotten", matrix=lambda R, Sh, St: Sh @ St)
turned("shear_without_tangent", lean=lambda kappa: [[1, np.deg2rad(kappa)], [0, 1]])
turned("shear_by_the_sine", lean=lambda kappa: [[1, np.sin(np.deg2rad(kappa))], [0, 1]])
turned("shears_the_other_way", lean=lambda kappa: [[1, -tan(kappa)], [0, 1]])
turned("shear_forgotten", matrix=lambda R, Sh, St: R @ St)
turned("shears_along_y", lean=lambda kappa: [[1, 0], [tan(kappa), 1]])
turned("y_upwards", matrix=lambda R, Sh, St: R.T @ inv(Sh) @ St)
turned("stretch_upside_down", matrix=lambda R, Sh, St: R @ Sh @ inv(St))
turned("stretch_forgotten", matrix=lambda R, Sh, St: R @ Sh)
turned("order_turned_round", matrix=lambda R, Sh, St: St @ Sh @ R)
turned("sheared_before_stretched", matrix=lambda R, Sh, St: R @ St @ Sh)
turned("x_and_y_exchanged", look=lambda img, x, y: sample_at(img, y, x))
turned("nearest_pixel", look=lambda img, x, y: sample_at(img, np.rint(x), np.rint(y)))
turned("border_beyond_the_picture", look=lambda img, x, y: sample_at(
    img, np.clip(x, 0, img.shape[1] - 1), np.clip(y, 0, img.shape[0] - 1)
))  # fmt: skip
turned("taken_up_at_the_other_side", look=lambda img, x, y: sample_at(
    img, x % (img.shape[1] - 1), y % (img.shape[0] - 1)
))  # fmt: skip
turned("one_shift_for_both", "one_stretch_for_both",
       uniform=lambda rng, low, high, n: np.full(n, rng.uniform(low, high)))  # fmt: skip
turned("ends_only", uniform=lambda rng, low, high, n: rng.choice([low, high], n))
turned("nothing_drawn", uniform=lambda rng, low, high, n: np.full(n, (low + high) / 2))
turned("low_end_always", uniform=lambda rng, low, high, n: np.full(n, low))
turned("stretch_about_one", uniform=lambda rng, low, high, n: (
    rng.uniform(1 / high, high, n) if 0 < low < high < 2 else rng.uniform(low, high, n)
))  # fmt: skip


@wrong("random_affine", "pushed")
def random_affine(img, rng, degrees, translate, shear, stretch):
    phi, kappa = np.deg2rad(rng.uniform(*degrees)), rng.uniform(*shear)
    s, t = rng.uniform(*stretch, 2), rng.uniform(*translate, 2)
    R = np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])
    A = R @ np.array([[1, tan(kappa)], [0, 1]]) @ np.diag(s)
    h, w = img.shape[:2]
    c, out = np.array([(w - 1) / 2, (h - 1) / 2]), np.zeros_like(img)
    y, x = np.mgrid[:h, :w]
    p = np.rint((np.stack([x, y], -1) - c) @ A.T + t + c).astype(int)
    fits = (p >= 0).all(-1) & (p[..., 0] < w) & (p[..., 1] < h)
    out[p[fits][:, 1], p[fits][:, 0]] = img[fits]
    return out


@wrong("random_affine", "one_draw_for_all")
def random_affine(img, rng, degrees, translate, shear, stretch):
    u = rng.random()
    kappa, s, t, phi = (low + (high - low) * u for low, high in (
        shear, stretch, translate, np.deg2rad(degrees)
    ))  # fmt: skip
    R = np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])
    back = inv(R @ np.array([[1, tan(kappa)], [0, 1]]) * s)
    h, w = img.shape[:2]
    c = np.array([(w - 1) / 2, (h - 1) / 2])
    y, x = np.mgrid[:h, :w]
    q = (np.stack([x, y], -1) - c - t) @ back.T + c
    return sample_at(img, q[..., 0], q[..., 1])
