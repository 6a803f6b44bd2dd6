"""Notebook 01: differences taken in further ways in which people really do it wrong."""

import numpy as np
from wrong_code import wrong


def steps(up, down, width, default=1e-5):
    """Differences with other steps and another divisor; each is a function of (h, entry)."""

    def numerical_gradient(f, x, h=default):
        z, grad = np.array(x, dtype=np.float64), np.zeros(np.shape(x))
        for i in np.ndindex(z.shape):
            above, below = z.copy(), z.copy()
            above[i] += up(h, z[i])
            below[i] -= down(h, z[i])
            grad[i] = (f(above) - f(below)) / width(h, z[i])
        return grad

    return numerical_gradient


def plain(h, entry):
    return h


def double(h, entry):
    return 2 * h


wrong("numerical_gradient", "one_sided_below")(steps(lambda h, v: 0, plain, plain))
wrong("numerical_gradient", "width_is_h")(steps(plain, plain, plain))
wrong("numerical_gradient", "one_sided_over_2h")(steps(plain, lambda h, v: 0, double))
wrong("numerical_gradient", "half_a_step")(steps(lambda h, v: h / 2, lambda h, v: h / 2, plain))
wrong("numerical_gradient", "two_steps_to_each_side")(steps(double, double, lambda h, v: 4 * h))
wrong("numerical_gradient", "default_of_1e_3")(steps(plain, plain, double, default=1e-3))
wrong("numerical_gradient", "default_of_1e_4")(steps(plain, plain, double, default=1e-4))
wrong("numerical_gradient", "default_of_1e_6")(steps(plain, plain, double, default=1e-6))


def relative(h, entry):
    return h * max(1, abs(entry))


def part(h, entry):
    return h * abs(entry)


wrong("numerical_gradient", "step_grows_with_the_entry")(
    steps(relative, relative, lambda h, v: 2 * relative(h, v))
)
wrong("numerical_gradient", "step_is_a_part_of_the_entry")(
    steps(part, part, lambda h, v: 2 * part(h, v))
)


@wrong("numerical_gradient", "more_than_two_points")
def numerical_gradient(f, x, h=1e-5):
    two_points = steps(plain, plain, double)
    return (4 * two_points(f, x, h) - two_points(f, x, 2 * h)) / 3


@wrong("numerical_gradient", "not_put_back_and_halved")
def numerical_gradient(f, x, h=1e-5):
    z, grad = x.astype(np.float64), np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        z[i] += h
        above = f(z)
        z[i] -= 2 * h
        grad[i] = (above - f(z)) / h
    return grad


@wrong("numerical_gradient", "rounding_left_in_x")
def numerical_gradient(f, x, h=1e-5):
    z = x if x.dtype == np.float64 else x.astype(np.float64)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        z[i] += h
        above = f(z)
        z[i] -= h
        z[i] -= h
        grad[i] = (above - f(z)) / (2 * h)
        z[i] += h
    return grad


@wrong("numerical_gradient", "single_precision_rounds")
def numerical_gradient(f, x, h=1e-5):
    z, grad = x * 1.0, np.zeros(x.shape)
    z = np.array(z)
    for i in np.ndindex(x.shape):
        old = z[i].copy()
        z[i] = old + h
        above = f(z)
        z[i] = old - h
        grad[i] = (above - f(z)) / (2 * h)
        z[i] = old
    return grad


@wrong("numerical_gradient", "stored_in_the_dtype_of_x")
def numerical_gradient(f, x, h=1e-5):
    grad, z = np.zeros_like(x), x.astype(float)
    for i in np.ndindex(x.shape):
        nudge = np.zeros(x.shape)
        nudge[i] = h
        grad[i] = (f(z + nudge) - f(z - nudge)) / (2 * h)
    return grad


@wrong("numerical_gradient", "one_slope_for_all")
def numerical_gradient(f, x, h=1e-5):
    z, grad = x.astype(float), np.ones(x.shape)
    return grad * (f(z + h) - f(z - h)) / (2 * h)


@wrong("numerical_gradient", "rows_at_once")
def numerical_gradient(f, x, h=1e-5):
    z, grad = x.astype(float), np.zeros(x.shape)
    for i in range(len(z)):
        nudge = np.zeros(x.shape)
        nudge[i] = h
        grad[i] = (f(z + nudge) - f(z - nudge)) / (2 * h)
    return grad


@wrong("numerical_gradient", "row_kept_as_a_view")
def numerical_gradient(f, x, h=1e-5):
    z, grad = x.astype(float), np.zeros(x.shape)
    for i in range(len(z)):
        old = z[i]
        z[i] = old + h
        above = f(z)
        z[i] = old - h
        grad[i] = (above - f(z)) / (2 * h)
        z[i] = old
    return grad


@wrong("numerical_gradient", "one_sided", "nudges_a_copy")  # one of them shows in one case
def numerical_gradient(f, x, h=1e-5):
    z, grad = x.astype(float), np.zeros(x.shape)
    flat, slopes, before = z.reshape(-1), grad.reshape(-1), f(z)
    for i in range(flat.size):
        old = flat[i]
        flat[i] = old + h
        slopes[i] = (f(z) - before) / h
        flat[i] = old
    return grad


@wrong("numerical_gradient", "f_gets_a_row")
def numerical_gradient(f, x, h=1e-5):
    flat = np.array(x, dtype=float).ravel()
    grad = np.zeros(flat.size)
    for i in range(flat.size):
        nudge = np.zeros(flat.size)
        nudge[i] = h
        grad[i] = (f(flat + nudge) - f(flat - nudge)) / (2 * h)
    return grad.reshape(x.shape)


@wrong("numerical_gradient", "in_the_order_of_memory")
def numerical_gradient(f, x, h=1e-5):
    z, slopes = x.astype(float), []
    for entry in np.nditer(z, op_flags=["readwrite"]):
        old = entry.copy()
        entry[...] = old + h
        above = f(z)
        entry[...] = old - h
        slopes.append((above - f(z)) / (2 * h))
        entry[...] = old
    return np.array(slopes).reshape(x.shape)


@wrong("numerical_gradient", "only_the_first_entry")
def numerical_gradient(f, x, h=1e-5):
    z, grad = x.astype(float), np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        old = z[i]
        z[i] = old + h
        above = f(z)
        z[i] = old - h
        grad[i] = (above - f(z)) / (2 * h)
        z[i] = old
        return grad


@wrong("numerical_gradient", "last_entry_left_out")
def numerical_gradient(f, x, h=1e-5):
    z, grad = np.array(x, dtype=float, order="C"), np.zeros(x.shape)
    for i in range(z.size - 1):
        old = z.flat[i]
        z.flat[i] = old + h
        above = f(z)
        z.flat[i] = old - h
        grad.flat[i] = (above - f(z)) / (2 * h)
        z.flat[i] = old
    return grad
