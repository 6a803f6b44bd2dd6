"""Exercises of notebook 01 on gradients by themselves: differences, and the affine layer's by hand.

Next door: `gradients_two_layer` trains a net with them, `gradients_modules` has what torch.nn and
torch.optim add, `gradients_function` a function for autograd, `gradients_graph` what looks at a
graph, `gradients_questions` the questions.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near, raises
from course_utils.recipes.scalar_functions import Scalar


def differences(kind, a, x, h, order, width=2, both=True, restore=True, store=np.float64):
    """Quotients of differences as a learner might take them, in an array of dtype `store`."""
    f, z = Scalar(kind, a), np.array(x, dtype=store)
    grad = np.zeros(z.shape)
    for index in np.ndindex(z.shape):
        old = z[index].copy()
        z[index] = old + h
        above = f(z)
        z[index] = old - h if both else old
        grad[index] = (above - f(z)) / (width * h)
        if restore:
            z[index] = old
    return grad


class numerical_gradient(Exercise):
    """A gradient from differences, to check others by."""

    signature = "numerical_gradient(f, x, h=1e-5) -> grad"
    minutes = 10
    difficulty = 2
    hints = (
        "One entry at a time: nudge it up, ask f, nudge it down, ask f, put it back.",
        "np.ndindex(x.shape) walks over the indices of an array of any shape, also of none.",
        "Work on a copy in float64. Then whole numbers can be nudged, float32 does not round the "
        "nudge away, and the caller's x is safe.",
    )

    def cases(self, rng):
        def case(name, points, kind, shape, h=None, order="C", dtype="f8"):
            x = rng.normal(size=shape)
            if dtype == "i8":
                x = rng.permutation(np.array([-3, 1, 2, 4, 5, -2]))[: int(np.prod(shape))]
            a = rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.5, 1.0, shape)
            x = np.asarray(x).reshape(shape).astype(dtype)
            return Case(name, points, kind=kind, x=x, a=a, h=h, order=order)

        yield case("a cubic and a large h", 1, "cubic", (5,), h=0.1)
        yield case("a matrix", 1, "waves", (2, 3))
        yield case("four axes", 1, "waves", (2, 1, 3, 2), h=1e-4)
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

    def reference(self, kind, x, a, h, order):
        z = torch.tensor(x, dtype=torch.float64, device=self.device, requires_grad=True)
        a = torch.tensor(a, device=self.device)
        if kind == "cubic":
            # What a centred difference of a cubic is, to the last digit: the slope plus a·h².
            grad = (3 * a * z**2 + a * h**2).detach()
            return {"grad": near(grad, rtol=1e-9, atol=1e-9), "x afterwards": x}
        total = (a * z).sum()
        (grad,) = torch.autograd.grad(torch.sin(total) + total**2 / 2, z)
        return {"grad": near(grad, rtol=1e-7, atol=2e-7), "x afterwards": x}

    def taken(self, inputs, **how):
        h = 1e-5 if inputs["h"] is None else inputs["h"]
        return differences(**{**inputs, "h": h}, **how)

    @mistake
    def one_sided(self, right, **inputs):
        """You compare f(x + h) with f(x). The error of that is of the order of h; compare with
        f(x − h) and it is of the order of h²."""
        return {"grad": self.taken(inputs, both=False, width=1)}

    @mistake
    def width_is_h(self, right, **inputs):
        """From x − h to x + h it is two steps. You divide by one, so all slopes are doubled."""
        return {"grad": self.taken(inputs, width=1)}

    @mistake
    def one_sided_over_2h(self, right, **inputs):
        """You go one step, from x to x + h, and divide by two: all slopes are halved."""
        return {"grad": self.taken(inputs, both=False)}

    @mistake
    def not_put_back(self, right, x, h, **inputs):
        """After an entry has been nudged it stays where it was nudged to. So the next slopes are
        taken at another point, and the caller's x is changed. Put the old value back."""
        if x.dtype.kind != "f" or x.dtype.itemsize < 8:
            return None
        step = 1e-5 if h is None else h
        return {"grad": self.taken(inputs | {"x": x, "h": h}, restore=False),
                "x afterwards": x - step}  # fmt: skip

    @mistake
    def copy_not_put_back(self, right, **inputs):
        """After an entry of your copy has been nudged it stays where it was nudged to, so the next
        slopes are taken at another point. Put the old value back."""
        return {"grad": self.taken(inputs, restore=False)}

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
    def all_in_the_dtype_of_x(self, right, x, **inputs):
        """Both the nudges and the slopes go into arrays of the dtype of x. Whole numbers are cut
        off there, and float32 rounds. Work on a float64 copy and return a float64 array."""
        if x.dtype != np.float64:
            return {"grad": self.taken(inputs | {"x": x}, store=x.dtype).astype(x.dtype)}

    @mistake
    def all_entries_at_once(self, right, kind, x, a, h, order):
        """You nudge all entries together. That gives one number, the slope along the diagonal. A
        gradient has one slope for each entry: nudge them one by one."""
        f, step = Scalar(kind, a), 1e-5 if h is None else h
        return {"grad": (f(x + step) - f(x - step)) / (2 * step)}

    @mistake
    def brackets_missing(self, right, **inputs):
        """A division and a product in a row are done from left to right: you divide by two, then
        multiply by h. The whole width, 2h, belongs below the line."""
        h = 1e-5 if inputs["h"] is None else inputs["h"]
        return {"grad": self.taken(inputs, width=2 / h / h)}

    @mistake
    def both_sides_the_same(self, right, **inputs):
        """Your slopes are all 0: f is asked twice at the same point. Two names for one array are
        not two arrays, and what is nudged up and then down is back where it was."""
        return {"grad": np.zeros(np.shape(inputs["x"]))}

    @mistake
    def own_step(self, right, h, **inputs):
        """You take a step of your own, 1e-5, whatever h is passed in."""
        return None if h is None else {"grad": self.taken(inputs | {"h": None})}

    @mistake
    def nudges_a_copy(self, right, x, order, **inputs):
        """The gradient is 0 where x is not stored row by row: there reshape and ravel make a copy,
        and f never sees what you nudge in it. Index x itself."""
        if order == "F":
            return {"grad": np.zeros(x.shape)}


class affine_forward(Exercise):
    """An affine layer on examples of any shape."""

    signature = "affine_forward(x, w, b) -> out, cache"
    minutes = 5
    hints = (
        "An example is a row once it is flattened. How many rows are there, and how long is each?",
        "reshape takes -1 for the length that follows from the others. b is added to every row.",
    )

    def cases(self, rng):
        yield case_of(rng, "rows", 1, (4, 5), 3)
        yield case_of(rng, "pictures", 1, (3, 2, 2, 3), 5)
        yield case_of(rng, "a batch of one", 1, (1, 2, 3), 4)
        yield case_of(rng, "single precision", 1, (2, 3, 2), 4, "f4")

    def observe(self, code, x, w, b):
        out, _ = code.affine_forward(x, w, b)
        return {"out": out}

    def reference(self, x, w, b):
        x, w, b = (torch.tensor(v, device=self.device) for v in (x, w, b))
        return {"out": torch.nn.functional.linear(x.flatten(1), w.T, b)}

    @mistake
    def bias_forgotten(self, right, x, w, b):
        """The output is the product alone. Every row also gets the bias b."""
        return {"out": right["out"] - b}

    @mistake
    def not_flattened(self, right, x, w, b):
        """An example with several axes is not a row yet, and the product with w does not fit.
        Flatten each example first."""
        if x.ndim > 2:
            return {"out": raises("ValueError", "mismatch in its core dimension")}

    @mistake
    def examples_mixed(self, right, x, w, b):
        """The shape is right, but the rows are made of pieces of different examples. Flattening
        must leave the first axis where it is; transposing afterwards does not repair it."""
        return {"out": x.reshape(-1, len(x)).T @ w + b}

    @mistake
    def by_columns(self, right, x, w, b):
        """Each example is flattened in another order than w expects: the last axis varies fastest,
        as numpy does it if you let it."""
        return {"out": x.reshape(len(x), -1, order="F") @ w + b}

    @mistake
    def one_long_row(self, right, x, w, b):
        """You flatten the whole batch into one row. Keep the first axis: it counts the examples."""
        return {"out": right["out"][0] if len(x) == 1 else raises("ValueError", "mismatch")}


def case_of(rng, name, points, shape, units, dtype="f8", dout=False):
    """A case of the affine layer: x of this shape, w and b to so many units."""
    size = int(np.prod(shape[1:]))
    made = {"x": rng.normal(size=shape), "w": rng.normal(size=(size, units)),
            "b": rng.normal(size=units)}  # fmt: skip
    if dout:
        made["dout"] = rng.normal(size=(shape[0], units))
    return Case(name, points, **{key: value.astype(dtype) for key, value in made.items()})


class affine_backward(Exercise):
    """The three gradients of an affine layer."""

    signature = "affine_backward(dout, cache) -> dx, dw, db"
    needs = ("affine_forward",)
    minutes = 8
    difficulty = 2
    hints = (
        "Each gradient has the shape of what it belongs to. Write the shapes down: only one "
        "product of dout with w has N rows and D columns, only one of x with dout is D×M.",
        "An entry of b is added to every row of out. How often does a change of it arrive in the "
        "loss?",
    )

    def cases(self, rng):
        yield case_of(rng, "rows", 1, (4, 5), 3, dout=True)
        yield case_of(rng, "pictures", 1, (3, 2, 2, 3), 5, dout=True)
        yield case_of(rng, "a batch of one", 1, (1, 2, 3), 4, dout=True)
        yield case_of(rng, "single precision", 1, (2, 3, 2), 4, "f4", dout=True)

    def observe(self, code, x, w, b, dout):
        _, cache = code.affine_forward(x, w, b)
        dx, dw, db = code.affine_backward(dout, cache)
        return {"dx": dx, "dw": dw, "db": db}

    def reference(self, x, w, b, dout):
        leaves = [torch.tensor(v, device=self.device, requires_grad=True) for v in (x, w, b)]
        out = torch.nn.functional.linear(leaves[0].flatten(1), leaves[1].T, leaves[2])
        found = torch.autograd.grad(out, leaves, torch.tensor(dout, device=self.device))
        return dict(zip(("dx", "dw", "db"), found, strict=True))

    @mistake
    def db_averaged(self, right, x, w, b, dout):
        """Your db is the mean over the batch. b is added to every row, so their gradients add up;
        if the loss is a mean, dout has been divided already."""
        return {"db": right["db"] / len(x)}

    @mistake
    def dw_averaged(self, right, x, w, b, dout):
        """Your dw is divided by the number of examples. If the loss is a mean, dout has been
        divided already."""
        return {"dw": right["dw"] / len(x)}

    @mistake
    def db_over_the_units(self, right, x, w, b, dout):
        """You sum dout over the wrong axis: a number for each example. b has one for each unit."""
        return {"db": dout.sum(1)}

    @mistake
    def db_one_number(self, right, x, w, b, dout):
        """You sum dout over both axes. b has an entry for each unit, and so has db."""
        return {"db": dout.sum()}

    @mistake
    def db_not_summed(self, right, x, w, b, dout):
        """Your db is dout itself, one row for each example. The same b served them all."""
        return {"db": dout}

    @mistake
    def dx_left_flat(self, right, x, w, b, dout):
        """The numbers of dx are right. Give it the shape of x: what comes next wants pictures back
        where pictures went in."""
        return {"dx": right["dx"].reshape(len(x), -1)}

    @mistake
    def dw_transposed(self, right, x, w, b, dout):
        """Your dw is transposed. It has to have the shape of w, D×M."""
        return {"dw": right["dw"].T}
