"""Exercises of notebook 01 on the affine layer, forward and backward."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.gradients.by_the_cache import ByTheCache
from course_utils.recipes.passes import forward_again


def case_of(rng, name, points, shape, units, dtype="f8", dout=False, order="C"):
    """A case of the affine layer: x of this shape, w and b to so many units."""
    size = int(np.prod(shape[1:]))
    made = {"x": rng.normal(size=shape), "w": rng.normal(size=(size, units)),
            "b": rng.normal(size=units)}  # fmt: skip
    if dout:
        made["dout"] = rng.normal(size=(shape[0], units))
    made = {key: value.astype(dtype) for key, value in made.items()}
    return Case(name, points, **made, order=order)


def unfit(right):
    """What code shows in which two shapes of a product do not fit, by @ or by np.dot."""
    return dict.fromkeys(right, raises("ValueError", "dim"))


class affine_forward(Exercise):
    """An affine layer on examples of any shape."""

    signature = "affine_forward(x, w, b) -> out, cache"
    growth = {"x": 1, "b": 1}, {"out": 1}
    minutes = 5
    hints = (
        "An example is a row once it is flattened. How many rows are there, and how long is each?",
        "reshape takes -1 for the length that follows from the others. b is added to every row.",
    )

    def cases(self, rng):
        yield case_of(rng, "rows", 1, (4, 5), 3)
        # Who takes w as it fits, transposed or not, does not see here which of the two it is.
        yield case_of(rng, "pictures, w is square", 0.5, (3, 2, 2, 4), 16)
        yield case_of(rng, "pictures stored by columns", 0.5, (2, 3, 2, 2), 6, order="F")
        yield case_of(rng, "a batch of one", 1, (1, 2, 3), 4)
        yield case_of(rng, "single precision, one unit", 1, (2, 3, 4), 1, "f4")

    def observe(self, code, x, w, b, order):
        x = x if order == "C" else np.array(x, order=order)
        out, _ = code.affine_forward(x, w, b)
        return {"out": out}

    def reference(self, x, w, b, order):
        x, w, b = (torch.tensor(v, device=self.device) for v in (x, w, b))
        return {"out": torch.nn.functional.linear(x.flatten(1), w.T, b)}

    @mistake
    def bias_forgotten(self, right, x, w, b, order):
        """Your output is the product alone. Every row also gets the bias b."""
        return {"out": right["out"] - b}

    @mistake
    def bias_subtracted(self, right, x, w, b, order):
        """You subtract the bias. Add it."""
        return {"out": right["out"] - 2 * b}

    @mistake
    def bias_once_for_each_input(self, right, x, w, b, order):
        """You add the bias once for each of the D numbers in a row, so D times in all. It is added
        once, to the finished product."""
        return {"out": right["out"] + (len(w) - 1) * b}

    @mistake
    def bias_added_to_w(self, right, x, w, b, order):
        """You add the bias to w before the product, so it is multiplied by x. Add it to the
        product."""
        return {"out": x.reshape(len(x), -1) @ (w + b)}

    @mistake
    def bias_down_the_examples(self, right, x, w, b, order):
        """You stand b up as a column, so that it goes down the examples. It has a number for each
        unit: every row of the output gets all of b."""
        if len(x) not in (1, len(b)):
            return {"out": raises("ValueError", "broadcast")}
        return {"out": right["out"] - b + b[:, None]}

    @mistake
    def relu_at_the_end(self, right, x, w, b, order):
        """Your output is 0 wherever it should be negative, as behind a ReLU. An affine layer has
        none."""
        return {"out": np.maximum(right["out"], 0)}

    @mistake
    def not_flattened(self, right, x, w, b, order):
        """Your examples with several axes are not rows yet, and the product with w does not fit.
        Flatten each example first."""
        return unfit(right) if x.ndim > 2 else None

    @mistake
    def one_long_row(self, right, x, w, b, order):
        """You flatten the whole batch into one row. Keep the first axis: it counts the examples."""
        return {"out": right["out"][0]} if len(x) == 1 else unfit(right)

    @mistake
    def product_does_not_fit(self, right, x, w, b, order):
        """Your product does not fit, whatever x is. A row of length D stands on the left, and w,
        which is D×M, on the right and not transposed."""
        return unfit(right)

    @mistake
    def w_transposed(self, right, x, w, b, order):
        """You multiply by the transpose of w, which fits only where w is square. w is D×M already,
        unlike the weight of nn.Linear."""
        if w.shape[0] != w.shape[1]:
            return unfit(right)
        return self.transposed_where_square(right, x, w, b, order)

    @mistake
    def transposed_where_square(self, right, x, w, b, order):
        """Where w is square you multiply by its transpose. w is D×M always: that a product fits
        does not say that it is the right one."""
        if w.shape[0] == w.shape[1]:
            return {"out": x.reshape(len(x), -1) @ w.T + b}

    @mistake
    def axes_of_one_dropped(self, right, x, w, b, order):
        """Your output lacks the axes of length 1, as squeeze() leaves it. One example is a batch,
        too, and one unit a column: out is N×M whatever N and M are."""
        return {"out": right["out"].squeeze()}

    @mistake
    def examples_mixed(self, right, x, w, b, order):
        """Your rows are made of pieces of different examples. Flattening must leave the first axis
        where it is; transposing afterwards does not repair it."""
        return {"out": x.reshape(-1, len(x)).T @ w + b}

    @mistake
    def by_columns(self, right, x, w, b, order):
        """You flatten each example in another order than w expects: the last axis varies fastest,
        as numpy does it if you let it."""
        return {"out": x.reshape(len(x), -1, order="F") @ w + b}

    @mistake
    def channels_last(self, right, x, w, b, order):
        """Where x has four axes you move its second one to the end before you flatten, as for
        pictures whose channels come last. Leave the axes in the order that x has."""
        if x.ndim == 4:
            return {"out": x.transpose(0, 2, 3, 1).reshape(len(x), -1) @ w + b}

    @mistake
    def by_columns_without_bias(self, right, x, w, b, order):
        """You flatten each example in another order than w expects, for the last axis varies
        fastest; and you do not add the bias."""
        return {"out": x.reshape(len(x), -1, order="F") @ w}

    @mistake
    def shape_of_x_set(self, right, x, w, b, order):
        """You set the shape of x itself. x belongs to the caller and may be stored in such a way
        that it cannot be done; reshape gives an array of its own."""
        if order == "F":
            return {"out": raises("AttributeError", "ncompatible shape")}

    @mistake
    def in_the_order_of_memory(self, right, x, w, b, order):
        """You flatten in the order in which x lies in memory, and that is not always by rows. The
        last axis varies fastest however x is stored: leave order="C" as it is."""
        if order == "F":
            return {"out": x.reshape(len(x), -1, order="F") @ w + b}

    @mistake
    def bias_added_to_x(self, right, x, w, b, order):
        """You add the bias before the product: it does not fit a row of x, which has D numbers and
        not M. It is added to every row of the product."""
        return {"out": raises("ValueError", "broadcast")}

    @mistake
    def bias_made_to_fit_x(self, right, x, w, b, order):
        """You add the bias before the product, made to fit the rows of x, so that w multiplies it.
        It is added to every row of the product."""
        rows = x.reshape(len(x), -1)
        return {"out": (rows + np.resize(b, rows.shape[1])) @ w}

    @mistake
    def three_axes_not_flattened(self, right, x, w, b, order):
        """Your product does not fit where x has three axes. An example may have any shape, not only
        that of a picture: flatten it whatever its axes are."""
        return unfit(right) if x.ndim == 3 else None

    @mistake
    def four_axes_taken_apart(self, right, x, w, b, order):
        """Your code takes the shape of x apart into four, so it stops where there are others. An
        example may have any number of axes."""
        return {"out": raises("ValueError", "to unpack")} if x.ndim != 4 else None

    @mistake
    def four_axes_looked_up(self, right, x, w, b, order):
        """Your code looks up axes that x need not have, so it stops where there are fewer. An
        example may have any number of axes."""
        return {"out": raises("IndexError", "index out of range")} if x.ndim < 4 else None


class affine_backward(ByTheCache):
    """The three gradients of an affine layer."""

    signature = "affine_backward(dout, cache) -> dx, dw, db"
    growth = {"dout": 1}, {"dx": 1, "dw": 1, "db": 1}
    needs = ("affine_forward",)
    any_width = ("dx", "dw", "db")
    minutes = 8
    difficulty = 2
    hints = (
        "The gradient with respect to an array has the shape of that array. Write the shapes "
        "down: only one product of dout with w has N rows and D columns, and only one of x with "
        "dout is D×M.",
        "An entry of b is added to every row of out. So through how many rows does a change of it "
        "affect the loss?",
    )

    def cases(self, rng):
        yield case_of(rng, "rows", 1, (4, 5), 3, dout=True)
        yield case_of(rng, "pictures, w is square", 0.5, (3, 2, 2, 4), 16, dout=True)
        yield case_of(rng, "pictures stored by columns", 0.5, (2, 3, 2, 2), 6, dout=True, order="F")
        yield case_of(rng, "a batch of one", 1, (1, 2, 3), 4, dout=True)
        yield case_of(rng, "single precision, one unit", 1, (2, 3, 4), 1, "f4", dout=True)

    def observe(self, code, x, w, b, dout, order):
        x = x if order == "C" else np.array(x, order=order)
        _, cache = code.affine_forward(x, w, b)
        forward_again(code.affine_forward, x, w, b)
        dx, dw, db = code.affine_backward(dout, cache)
        return {"dx": dx, "dw": dw, "db": db}

    def reference(self, x, w, b, dout, order):
        leaves = [torch.tensor(v, device=self.device, requires_grad=True) for v in (x, w, b)]
        out = torch.nn.functional.linear(leaves[0].flatten(1), leaves[1].T, leaves[2])
        found = torch.autograd.grad(out, leaves, torch.tensor(dout, device=self.device))
        return dict(zip(("dx", "dw", "db"), found, strict=True))

    # db.

    @mistake
    def db_averaged(self, right, x, **inputs):
        """Your db is the mean over the batch. b is added to every row, so their gradients add up;
        if the loss is a mean, dout has been divided already."""
        return {"db": right["db"] / len(x)}

    @mistake
    def db_over_the_units(self, right, dout, **inputs):
        """You sum dout over the wrong axis: a number for each example. b has one for each unit."""
        return {"db": dout.sum(1)}

    @mistake
    def db_one_number(self, right, dout, **inputs):
        """You sum dout over both axes. b has an entry for each unit, and so has db."""
        return {"db": dout.sum()}

    @mistake
    def db_not_summed(self, right, dout, **inputs):
        """Your db is dout itself, one row for each example. The same b served them all."""
        return {"db": dout}

    @mistake
    def db_of_the_first_example(self, right, dout, **inputs):
        """Your db is the first row of dout. The same b served all the examples: sum their rows."""
        return {"db": dout[0]}

    @mistake
    def db_of_the_last_example(self, right, dout, **inputs):
        """Your db is the last row of dout. The same b served all the examples: sum their rows."""
        return {"db": dout[-1]}

    @mistake
    def db_counts_the_examples(self, right, x, **inputs):
        """Your db is the number of examples everywhere: the gradient from above is missing in it.
        Each row hands its dout down."""
        return {"db": np.full_like(right["db"], len(x))}

    # dw.

    @mistake
    def dw_averaged(self, right, x, **inputs):
        """Your dw is divided by the number of examples. If the loss is a mean, dout has been
        divided already."""
        return {"dw": right["dw"] / len(x)}

    @mistake
    def dw_transposed(self, right, **inputs):
        """Your dw is transposed. It has to have the shape of w, D×M."""
        return {"dw": right["dw"].T}

    @mistake
    def dw_by_columns(self, right, x, dout, **inputs):
        """Your dw has its rows in another order than w: x is flattened in another order for it than
        forward, as when it is transposed first. Flatten each example as forward does."""
        return {"dw": x.reshape(len(x), -1, order="F").T @ dout}

    @mistake
    def dw_in_the_order_of_memory(self, right, x, dout, order, **inputs):
        """For dw you flatten x in the order in which it lies in memory, and that is not always by
        rows. The last axis varies fastest however x is stored, as it does forward."""
        if order == "F":
            return {"dw": x.reshape(len(x), -1, order="F").T @ dout}

    @mistake
    def dw_of_x_in_another_shape(self, right, x, w, b, dout, order):
        """For dw you reshape x to D×N. That fits, but it is no transpose: it mixes the examples.
        Flatten x to rows first, then transpose."""
        return {"dw": x.reshape(len(w), -1) @ dout}

    @mistake
    def dw_of_x_not_flattened(self, right, x, dout, **inputs):
        """Your dw is made of x as it is, with its axes transposed. Flatten each example first, then
        dw comes out as D×M."""
        return {"dw": np.dot(x.T, dout)} if x.ndim > 2 else None

    @mistake
    def dw_of_the_sums(self, right, x, dout, **inputs):
        """You sum over the examples before you multiply. Each example has a product of its own x
        and dout, and dw is the sum of those."""
        return {"dw": np.outer(x.reshape(len(x), -1).sum(0), dout.sum(0))}

    @mistake
    def dw_of_the_first_example(self, right, x, dout, **inputs):
        """Your dw is that of the first example. The same w served all of them: sum over the
        batch."""
        return {"dw": np.outer(x[0], dout[0])}

    # dx.

    @mistake
    def dx_left_flat(self, right, x, **inputs):
        """Your dx is flattened. Give it the shape of x: what comes next wants pictures back where
        pictures went in."""
        return {"dx": right["dx"].reshape(len(x), -1)}

    @mistake
    def dx_averaged(self, right, x, **inputs):
        """Your dx is divided by the number of examples. Nothing is averaged here: if the loss is a
        mean, dout has been divided already."""
        return {"dx": right["dx"] / len(x)}

    @mistake
    def dx_by_columns(self, right, x, w, dout, **inputs):
        """Your dx is brought back to the shape of x in another order than x was flattened in. The
        last axis varies fastest, on the way back, too."""
        return {"dx": (dout @ w.T).reshape(x.shape, order="F")}

    @mistake
    def w_not_transposed(self, right, x, w, dout, **inputs):
        """For dx you multiply by w as it is, which fits only where w is square. dx is N×D, and w
        went forward as D×M: it takes the transpose to come back."""
        if w.shape[0] != w.shape[1]:
            return unfit(right)
        return self.dx_transposed_where_square(right, x, w, dout)

    @mistake
    def dx_transposed_where_square(self, right, x, w, dout, **inputs):
        """Where w is square your dx is made with w where its transpose belongs. That a product fits
        does not say that it is the right one: w went forward as D×M."""
        if w.shape[0] == w.shape[1]:
            return {"dx": (dout @ w).reshape(x.shape)}

    @mistake
    def axes_of_one_dropped(self, right, **inputs):
        """Your gradients lack the axes of length 1, as squeeze() leaves them. Each has the shape of
        what it is the gradient of, whatever N, D and M are."""
        return {name: np.asarray(value).squeeze() for name, value in right.items()}

    @mistake
    def product_does_not_fit(self, right, **inputs):
        """Your product does not fit. Write the shapes down: dx is N×D before it is brought back to
        the shape of x, and only one product of dout, N×M, and w, D×M, gives that; dw is D×M."""
        return unfit(right)

    @mistake
    def dw_of_three_axes_not_flattened(self, right, x, dout, **inputs):
        """Where x has three axes, your dw is made of x as it is. An example may have any shape, not
        only that of a picture: flatten it whatever its axes are."""
        return {"dw": np.dot(x.T, dout)} if x.ndim == 3 else None
