"""Exercise of notebook 01 on slopes from differences."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near, raises
from course_utils.recipes.scalar_functions import Scalar


def differences(kind, a, x, h, order="C", width=2, up=1, down=1, restore=True, store=np.float64):
    """Quotients of differences as a learner might take them, in an array of dtype `store`.

    `up` and `down` are how many h the two points lie to each side, and `width` what is divided by;
    h may be an array of steps of its own for each entry.
    """
    f, z = Scalar(kind, a), np.array(x, dtype=store)
    h = np.broadcast_to(h, z.shape)
    grad = np.zeros(z.shape)
    for index in np.ndindex(z.shape):
        old = z[index].copy()
        z[index] = old + up * h[index]
        above = f(z)
        z[index] = old - down * h[index]
        grad[index] = (above - f(z)) / (width * h[index])
        if restore:
            z[index] = old
    return grad


def onwards(kind, a, x, h, order="C"):
    """Differences of which each goes on from the point that the last one has reached."""
    f, z = Scalar(kind, a), np.array(x, dtype=float)
    grad, before = np.zeros(z.shape), f(z)
    for index in np.ndindex(z.shape):
        z[index] += h
        grad[index] = (f(z) - before) / h
        before = f(z)
    return grad


def other_default(step):
    """The mistake of another default for h."""

    def show(self, right, h, **inputs):
        return {"grad": differences(h=step, **inputs)} if h is None else None

    show.__doc__ = f"Where no h is given your step is {step:g}. The default is 1e-5."
    return mistake(show)


def rounded(digits):
    """The mistake of rounding the slopes."""

    def show(self, right, **inputs):
        return {"grad": np.round(right["grad"], digits)}

    show.__doc__ = f"Your slopes are rounded to {digits} digits. Return them as they are."
    return mistake(show)


class numerical_gradient(Exercise):
    """A gradient from differences, to check others by."""

    signature = "numerical_gradient(f, x, h=1e-5) -> grad"
    growth = {"a": 1}, {"grad": 1}
    minutes = 10
    difficulty = 2
    reads = {"x afterwards": "when you return, x holds {seen}; {right} is right"}
    hints = (
        "One entry at a time: nudge it up, ask f, nudge it down, ask f, put it back.",
        "np.ndindex(x.shape) goes through the indices of an array of any shape, even ().",
        "Work on a copy in float64. Then whole numbers can be nudged, float32 does not round the "
        "nudge away, and the caller's x is safe.",
    )

    def cases(self, rng):
        def case(name, points, kind, shape, h=None, order="C", dtype="f8", size=1.0):
            x = size * rng.normal(size=shape)  # with one size for all, or one for each entry
            if kind == "cubic":
                x = size * rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.7, 1.4, shape)
            if dtype == "i8":
                x = rng.permutation(np.array([-3, 1, 2, 4, 5, -2]))[: int(np.prod(shape))]
            a = rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.5, 1.0, shape)
            x = np.asarray(x).reshape(shape).astype(dtype)
            return Case(name, points, kind=kind, x=x, a=a, h=h, order=order)

        sizes = rng.permutation([0.3, 0.6, 1.0, 2.0, 3.0])
        yield case("a cubic and a large h", 0.5, "cubic", (5,), h=0.1, size=sizes)
        # So near to 0 that a·h² is a visible part of the slope, whichever default h has.
        yield case("no h is given", 0.5, "cubic", (5,), size=0.002)
        yield case("a matrix", 1, "waves", (2, 3))
        # Where h is larger than an entry, adding and subtracting it loses the entry's last digits.
        sizes = rng.permutation([1.0, 1e-5] * 6).reshape(2, 1, 3, 2)
        yield case("four axes", 1, "waves", (2, 1, 3, 2), h=1e-4, size=sizes)
        yield case("one number", 1, "waves", ())
        yield case("stored by columns", 1, "waves", (3, 2), order="F")
        yield case("whole numbers", 1, "waves", (4,), dtype="i8")
        yield case("single precision", 1, "waves", (3,), dtype="f4")

    def observe(self, code, kind, x, a, h, order):
        from course_utils.recipes.scalar_functions import Scalar

        z = np.array(x, order=order)
        step = () if h is None else (h,)
        grad = code.numerical_gradient(Scalar(kind, a), z, *step)
        return {"grad": grad, "x afterwards": z}

    def read(self, seen, x, **inputs):
        """What is left in x, in words. Lost digits show for sure in a larger array only."""
        left = seen["x afterwards"]
        moved = np.abs(np.asarray(left, dtype=float) - x)
        words = "what it held before"
        if moved.max() > 1e-9:
            words = "nudged values"
        elif moved.any() and x.size > 10:
            words = "rounded values"
        return {"grad": seen["grad"], "x afterwards": words}

    def reference(self, kind, x, a, h, order):
        before = {"x afterwards": "what it held before"}
        z = torch.tensor(x, dtype=torch.float64, device=self.device, requires_grad=True)
        a = torch.tensor(a, device=self.device)
        if kind == "cubic":
            # What a centred difference of a cubic is, to the last digit: the slope plus a·h².
            grad = (3 * a * z**2 + a * (1e-5 if h is None else h) ** 2).detach()
            return {"grad": near(grad, rtol=1e-7, atol=1e-12)} | before
        total = (a * z).sum()
        (grad,) = torch.autograd.grad(torch.sin(total) + total**2 / 2, z)
        return {"grad": near(grad, rtol=1e-7, atol=2e-7)} | before

    def taken(self, inputs, **how):
        h = 1e-5 if inputs["h"] is None else inputs["h"]
        return differences(**{**inputs, "h": h}, **how)

    # Which two points, and what is divided by.

    @mistake
    def one_sided(self, right, **inputs):
        """You compare f(x + h) with f(x). The error of that is of the order of h; compare with
        f(x − h) and it is of the order of h²."""
        return {"grad": self.taken(inputs, down=0, width=1)}

    @mistake
    def one_sided_below(self, right, **inputs):
        """You compare f(x) with f(x − h). The error of that is of the order of h; compare
        f(x + h) with f(x − h) and it is of the order of h²."""
        return {"grad": self.taken(inputs, up=0, width=1)}

    @mistake
    def width_is_h(self, right, **inputs):
        """From x − h to x + h it is two steps. You divide by one, so all slopes are doubled."""
        return {"grad": self.taken(inputs, width=1)}

    @mistake
    def one_sided_over_2h(self, right, **inputs):
        """All your slopes are half of what they should be: your points are one h apart, x and x +
        h, and you divide by 2h. The lower one is x − h."""
        return {"grad": self.taken(inputs, down=0)}

    @mistake
    def half_a_step(self, right, **inputs):
        """You go half of h to each side. The step h is the one to each side, so the two points are
        2h apart."""
        return {"grad": self.taken(inputs, up=0.5, down=0.5, width=1)}

    @mistake
    def two_steps_to_each_side(self, right, **inputs):
        """You go 2h to each side. The step h is the one to each side, so the two points are 2h
        apart."""
        return {"grad": self.taken(inputs, up=2, down=2, width=4)}

    @mistake
    def more_than_two_points(self, right, kind, a, h, **inputs):
        """Your formula uses more than two points, and its error is smaller than h². Centred
        differences are asked for: two points, h to each side."""
        if kind == "cubic":
            return {"grad": right["grad"] - a * (1e-5 if h is None else h) ** 2}

    @mistake
    def brackets_missing(self, right, **inputs):
        """A division and a product in a row are done from left to right: you divide by two, then
        multiply by h. The whole width, 2h, belongs below the line."""
        h = 1e-5 if inputs["h"] is None else inputs["h"]
        return {"grad": self.taken(inputs, width=2 / h / h)}

    @mistake
    def step_grows_with_the_entry(self, right, x, h, **inputs):
        """Your step grows with the entry: it is h·max(1, |x|). Take h itself for every entry."""
        steps = (1e-5 if h is None else h) * np.maximum(1.0, np.abs(x))
        return {"grad": self.taken(inputs | {"x": x, "h": steps})}

    @mistake
    def step_is_a_part_of_the_entry(self, right, x, h, **inputs):
        """Your step is h·|x|, a part of the entry. Take h itself for every entry."""
        steps = (1e-5 if h is None else h) * np.abs(x)
        return {"grad": self.taken(inputs | {"x": x, "h": steps})}

    @mistake
    def own_step(self, right, h, **inputs):
        """You take a step of your own, 1e-5, whatever h is passed in."""
        return None if h is None else {"grad": self.taken(inputs | {"h": None})}

    rounded_to_four, rounded_to_five, rounded_to_six = map(rounded, (4, 5, 6))
    default_of_1e_3 = other_default(1e-3)
    default_of_1e_4 = other_default(1e-4)
    default_of_1e_6 = other_default(1e-6)

    @mistake
    def both_sides_the_same(self, right, **inputs):
        """Your slopes are all 0: f is asked twice at the same point. Two names for one array are
        not two arrays, and what is nudged up and then down is back where it was."""
        return {"grad": np.zeros(np.shape(inputs["x"]))}

    # Putting back.

    @mistake
    def not_put_back(self, right, x, h, **inputs):
        """After an entry has been nudged it stays where it was nudged to. So the next slopes are
        taken at another point, and the caller's x is changed. Put the old value back."""
        if x.dtype.kind != "f" or x.dtype.itemsize < 8:
            return None
        return {"grad": self.taken(inputs | {"x": x, "h": h}, restore=False),
                "x afterwards": "nudged values"}  # fmt: skip

    @mistake
    def copy_not_put_back(self, right, **inputs):
        """After an entry of your copy has been nudged it stays where it was nudged to, so the next
        slopes are taken at another point. Put the old value back."""
        return {"grad": self.taken(inputs, restore=False)}

    @mistake
    def not_put_back_and_halved(self, right, **inputs):
        """After an entry has been nudged it stays where it was nudged to, so the next slopes are
        taken at another point; and you divide by h where the two points are 2h apart."""
        return {"grad": self.taken(inputs, restore=False, width=1)}

    @mistake
    def rounding_left_in_x(self, right, x, **inputs):
        """x ends up a last digit beside what it was. What you write back is not the old value
        itself, as when h is added and subtracted again, or what is kept is a view of x."""
        if x.size > 10:
            return {"x afterwards": "rounded values"}

    # Types.

    @mistake
    def whole_numbers_cut(self, right, x, **inputs):
        """x is an array of whole numbers here, and it cannot hold a nudge: what you store in it is
        cut off. Nudge a float64 copy."""
        if x.dtype.kind == "i":
            return {"grad": self.taken(inputs | {"x": x}, store=x.dtype)}

    @mistake
    def single_precision_rounds(self, right, x, **inputs):
        """float32 keeps seven digits, so x + h is rounded and the nudge is not h any more. Nudge a
        float64 copy; gradient checks belong in double precision."""
        if x.dtype == np.float32:
            return {"grad": self.taken(inputs | {"x": x}, store=x.dtype)}

    @mistake
    def stored_in_the_dtype_of_x(self, right, x, **inputs):
        """You store the slopes in an array of the dtype of x, as np.zeros_like makes it. Where x
        holds whole numbers they are cut off. The gradient is float64."""
        if x.dtype != np.float64:
            return {"grad": self.taken(inputs | {"x": x}).astype(x.dtype)}

    @mistake
    def one_number_as_a_row(self, right, x, **inputs):
        """For an x of shape () your gradient has the shape (1,), as np.atleast_1d and x.ravel()
        make it. It has the shape of x."""
        return {"grad": right["grad"].reshape(1)} if x.ndim == 0 else None

    @mistake
    def always_single_precision(self, right, **inputs):
        """Your gradient is float32, whatever x is. Return it in float64."""
        return {"grad": self.taken(inputs).astype(np.float32)}

    @mistake
    def all_in_the_dtype_of_x(self, right, x, **inputs):
        """Both the nudges and the slopes go into arrays of the dtype of x. Whole numbers are cut
        off there, and float32 rounds. Work on a float64 copy and return a float64 array."""
        if x.dtype != np.float64:
            return {"grad": self.taken(inputs | {"x": x}, store=x.dtype).astype(x.dtype)}

    # One entry at a time, each in its place.

    @mistake
    def all_entries_at_once(self, right, kind, x, a, h, order):
        """You nudge all entries together. That gives one number, the slope along the diagonal. A
        gradient has one slope for each entry: nudge them one by one."""
        f, step = Scalar(kind, a), 1e-5 if h is None else h
        return {"grad": (f(x + step) - f(x - step)) / (2 * step)}

    @mistake
    def one_slope_for_all(self, right, kind, x, a, h, order):
        """Your entries all have the same slope: you nudge them together. Nudge one entry at a time
        and leave the others where they are."""
        f, step, x = Scalar(kind, a), 1e-5 if h is None else h, x.astype(float)
        return {"grad": np.full(x.shape, (f(x + step) - f(x - step)) / (2 * step))}

    @mistake
    def rows_at_once(self, right, kind, x, a, h, order):
        """Your loop has one index, so in an array of several axes it nudges a whole row at once,
        and a single number has no length. Go over all the entries, of any shape."""
        if x.ndim == 0:
            return dict.fromkeys(right, raises("TypeError", "unsized"))
        return self._together(x, kind, a, h, 0) if x.ndim > 1 else None

    @mistake
    def row_kept_as_a_view(self, right, kind, x, a, h, order):
        """Your loop has one index, so in an array of several axes it nudges a whole row at once;
        and there the old value that you keep is a view, which moves with the nudge. Go over all
        the entries, one index for each axis."""
        if x.ndim == 0:
            return dict.fromkeys(right, raises("TypeError", "unsized"))
        return self._together(x, kind, a, h, 0, down=0) if x.ndim > 1 else None

    @mistake
    def matrices_only(self, right, x, **inputs):
        """Your code takes x apart into rows and columns, so it stops at an x that is no matrix. x
        may have any number of axes, also none."""
        if x.ndim != 2:
            return dict.fromkeys(right, raises("ValueError", "to unpack"))

    @mistake
    def f_gets_a_row(self, right, x, **inputs):
        """You hand f a flattened array. It takes an array of the shape of x."""
        if x.ndim > 1:
            return dict.fromkeys(right, raises("ValueError", "broadcast"))

    @mistake
    def nudges_a_copy(self, right, x, order, **inputs):
        """Your gradient is 0 where x is not stored row by row: there reshape and ravel make a copy,
        and what you write into it, nudges or slopes, is lost. Index the array itself."""
        if order == "F":
            return {"grad": np.zeros(x.shape)}

    @mistake
    def in_the_order_of_memory(self, right, x, order, **inputs):
        """Your slopes stand in the wrong places where x is not stored row by row: you go over x in
        the order of its memory, and fill the gradient row by row. Use one index for both."""
        if order == "F":
            return {"grad": right["grad"].ravel(order="F").reshape(x.shape)}

    @mistake
    def only_the_first_entry(self, right, x, **inputs):
        """Only your first entry has a slope, the others are 0. Does your function return inside the
        loop?"""
        if x.size > 1:
            first = np.arange(x.size).reshape(x.shape) == 0
            return {"grad": np.where(first, right["grad"], 0.0)}

    @mistake
    def last_entry_left_out(self, right, x, **inputs):
        """Your last entry has the slope 0. Does your loop end one entry too early?"""
        last = np.arange(x.size).reshape(x.shape) == x.size - 1
        return {"grad": np.where(last, 0.0, right["grad"])}

    def _together(self, x, kind, a, h, of, down=1):
        """Slopes for which all entries that share an index along an axis are nudged at once, and
        `down` times as far down as up."""
        f, step, grad = Scalar(kind, a), 1e-5 if h is None else h, np.zeros(x.shape)
        for i in range(x.shape[of]):
            nudge = np.zeros(x.shape)
            np.moveaxis(nudge, of, 0)[i] = step
            np.moveaxis(grad, of, 0)[i] = (f(x + nudge) - f(x - down * nudge)) / (2 * step)
        return {"grad": grad}

    @mistake
    def first_axis_at_once(self, right, kind, x, a, h, order):
        """In an array of several axes you nudge all entries with the same first index together, a
        whole row. Nudge one entry at a time, whatever the shape."""
        return self._together(x, kind, a, h, 0) if x.ndim > 1 else None

    @mistake
    def last_axis_at_once(self, right, kind, x, a, h, order):
        """In an array of several axes you nudge all entries with the same last index together, a
        whole column. Nudge one entry at a time, whatever the shape."""
        return self._together(x, kind, a, h, -1) if x.ndim > 1 else None

    @mistake
    def one_sided_onwards(self, right, h, **inputs):
        """Two things: each entry of your copy stays where it was nudged to, so that the next slope
        begins there; and you compare with one side only. Put the old value back, and compare
        f(x + h) with f(x − h)."""
        return {"grad": onwards(h=1e-5 if h is None else h, **inputs)}

    @mistake
    def one_sided_onwards_in_x(self, right, x, h, **inputs):
        """Two things: each entry of x itself stays where it was nudged to, so that the next slope
        begins there; and you compare with one side only. Put the old value back, and compare
        f(x + h) with f(x − h)."""
        if x.dtype == np.float64:
            return {"grad": onwards(x=x, h=1e-5 if h is None else h, **inputs),
                    "x afterwards": "nudged values"}  # fmt: skip
