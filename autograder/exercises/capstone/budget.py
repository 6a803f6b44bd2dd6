"""Exercise of notebook 17: a net within a budget. What is counted is in `course_utils.capstone`."""

import numpy as np

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.capstone.forms import LABELS, LOGITS, PROBABILITIES, form_of, same
from course_utils.capstone import CORNERS, size_in_bytes
from course_utils.recipes.capstone import built_again, facts_of

WITHIN, OVER = "within the budget", "over the budget"
SIZES = {"parameters": "parameters", "multiply-adds": "multiply_adds", "bytes": "bytes"}
MIXED, ALONE = "a picture alone and among others", "output of one picture"
BARE, NONE, SOME = "convolutions without a norm", "none", "some"
LAYERS, FLAT = "what holds the layers", "a flat nn.Sequential"
NESTED, DEEP = "an nn.Sequential with another inside", "an nn.Sequential of modules that hold more"
NO_SEQUENTIAL = "no nn.Sequential"
PLACES = {"flat": FLAT, "nested": NESTED, "deep": DEEP, "no sequential": NO_SEQUENTIAL}
SAME_NUMBERS, OTHER_NUMBERS = "the same numbers", "other numbers"
ANOTHER, SHARES, ALIKE = "a fresh one", "one that shares its arrays", "one with the same weights"
PARTLY, UNSEEDED = "one with some of the same weights", "one that torch's seed does not bring back"

RIGHT = {
    "returned": "a module", "parameters": WITHIN, "multiply-adds": WITHIN, "bytes": WITHIN,
    "output": LOGITS, "dtype": "float32", ALONE: LOGITS, MIXED: SAME_NUMBERS, "training": True,
    "idle": 0, BARE: NONE, LAYERS: FLAT, "another net": ANOTHER,
}  # fmt: skip


class build(Exercise):
    """A net that keeps within a budget of parameters, multiply-adds and bytes."""

    signature = "build(budget)"
    library = "torch"
    takes_seconds = True
    uses_global_random = True
    counted = ("parameters", "multiply-adds", "bytes")
    by_score = True
    minutes = 15
    difficulty = 3
    reads = {
        "returned": "what you return",
        "parameters": "your parameters are {seen}; {right} is right",
        "multiply-adds": "your multiply-adds are {seen}; {right} is right",
        "bytes": "the bytes of your parameters and buffers are {seen}; {right} is right",
        "output": "your net's output is {seen}; {right} is right",
        "dtype": "the dtype of your net's output",
        ALONE: "for a batch of one picture your net's output is {seen}; {right} is right",
        BARE: "of your convolutions {seen} are not directly followed by a batch norm; {right} is "
        "right",
        LAYERS: "your net is {seen}; {right} is right",
        MIXED: "to a picture alone and among others your net gives {seen}; {right} is right",
        "training": "training mode of the net that you return",
        "idle": "the number of your parameters that no gradient reaches",
        "another net": "a second call of build gives {seen}; {right} is right",
    }
    hints = (
        "Write a function of four widths that makes the net, and cost(net) tells what it costs. "
        "Then look for the widest that fits.",
        "Halving the map after a block makes the products of the next a quarter. Which block "
        "has most of the parameters, and which has most of the products?",
        "Each of the three limits allows other widths. Try widths from a grid, keep those that are "
        "within all three limits, and take the four with the greatest product.",
    )

    def cases(self, rng):
        classes = rng.permutation([5, 6, 7, 8, 9]).tolist()

        def case(name, points, budget, factor, others=()):
            sizes = {what: int(size * factor) for what, size in budget.items()}
            return Case(
                name, points, budget={**sizes, "classes": classes.pop()},
                seed=int(rng.integers(2**31)), others=list(others),
            )  # fmt: skip

        for corner, budget in CORNERS.items():
            yield case(f"a budget of {corner}", 2, budget, rng.uniform(0.85, 1.15))
        small = {"parameters": 2500, "multiply_adds": 200_000, "bytes": 14_000}
        yield case("a small budget", 1, small, rng.uniform(1, 1.2))
        # So few that the buffers of norms, too, are a part that one sees.
        short = {"parameters": 4500, "multiply_adds": 3_000_000, "bytes": 9000}
        # Widths go in steps: by one limit alone a net may stay below it by chance.
        bytes_ = rng.integers(9000, 14_000, 10).tolist()
        yield case("a small budget, of bytes above all", 1, short, rng.uniform(1, 1.1), bytes_)

    def observe(self, code, budget, seed, others):
        net = code.build(budget)
        seen = facts_of(net, code.build(dict(budget)), budget["classes"], seed)
        if seen["returned"] == "a module" and others:
            nets = [code.build({**budget, "bytes": most}) for most in others]
            seen["bytes of others"] = [size_in_bytes(net) for net in nets]
            seen["seeded"] = built_again(lambda: code.build(dict(budget)))
        return seen

    def read(self, seen, budget, seed, others):
        found = {**RIGHT, "returned": seen["returned"]}
        if seen["returned"] != "a module":
            return found
        for name, key in SIZES.items():
            found[name] = OVER if seen[key] > budget[key] else WITHIN
        pairs = zip(seen.get("bytes of others", ()), others, strict=False)
        if any(spent > most for spent, most in pairs):
            found["bytes"] = OVER
        found["output"] = form_of(seen["output"], 6, budget["classes"])
        found["dtype"] = str(seen["output"].dtype)
        together, alone = seen["output"][:1], seen["alone"]
        if np.shape(together) != np.shape(alone):
            found[ALONE] = f"of the shape {tuple(np.shape(alone))}"
        elif not same(together, alone):
            found[MIXED] = OTHER_NUMBERS
        found[BARE] = SOME if seen["bare"] else NONE
        found[LAYERS] = PLACES[seen["layers"]]
        found["training"], found["idle"] = seen["training"], seen["idle"]
        found["another net"] = (
            SHARES if seen["shared"] else ALIKE if seen["alike"] else PARTLY if seen["partly"]
            else ANOTHER if seen.get("seeded", True) else UNSEEDED
        )  # fmt: skip
        return found

    def reference(self, budget, seed, others):
        return dict(RIGHT)

    # Sizes.

    def in_corner(self, budget, corner):
        """Whether a case's budget is that of a corner: each has its own proportions."""
        ratio = CORNERS[corner]["multiply_adds"] / CORNERS[corner]["parameters"]
        return abs(budget["multiply_adds"] / budget["parameters"] - ratio) < 0.5

    def bytes_alone(self, budget):
        """Whether a case's budget is short of nothing but bytes."""
        return budget["multiply_adds"] > 500 * budget["parameters"]

    @mistake
    def one_net_for_all(self, right, budget, seed, others):
        """For a small budget your net is far too large. Choose its widths by the `budget` that
        build is called with."""
        if self.bytes_alone(budget):
            return {"parameters": OVER, "bytes": OVER}
        if budget["parameters"] < 5000:
            return dict.fromkeys(SIZES, OVER)

    @mistake
    def budget_not_read(self, right, budget, seed, others):
        """Your net is over the budget in all three sizes in every case. Count before you return it:
        cost(net).over(budget) says in words what is too large."""
        return dict.fromkeys(SIZES, OVER)

    @mistake
    def products_not_read(self, right, budget, seed, others):
        """Your net has few enough parameters and needs too many multiply-adds. A kernel is
        multiplied once for each place of the map that it makes: halve the map early, or make the
        first blocks narrow."""
        return None if self.bytes_alone(budget) else {"multiply-adds": OVER}

    @mistake
    def products_undercounted(self, right, budget, seed, others):
        """In several budgets your net needs too many multiply-adds, and only there. The products of
        a convolution belong to the map that it gives, before pooling makes that smaller; cost(net)
        counts them all."""
        if not self.bytes_alone(budget) and not self.in_corner(budget, "few weights"):
            return {"multiply-adds": OVER}

    @mistake
    def products_of_few_not_read(self, right, budget, seed, others):
        """In the corner where products are few you need too many of them. A kernel is multiplied
        once for each place of the map that it makes, and the maps of the first blocks are large."""
        if self.in_corner(budget, "few products"):
            return {"multiply-adds": OVER}

    @mistake
    def bytes_not_read(self, right, budget, seed, others):
        """Your parameters are few enough in number, and take too many bytes: four each in single
        precision, and those of the norms' buffers. Where bytes are few they bind long before the
        parameters do."""
        if self.in_corner(budget, "few bytes") or self.bytes_alone(budget):
            return {"bytes": OVER}

    @mistake
    def bytes_alone_not_kept(self, right, budget, seed, others):
        """In small budgets that are short of bytes alone your net takes too many of them. Count the
        very net that you return, and narrow it on while it is over: a parameter takes four bytes in
        single precision, and the buffers of the norms count, too."""
        if self.bytes_alone(budget):
            return {"bytes": OVER}

    @mistake
    def parameters_of_few_not_read(self, right, budget, seed, others):
        """In the corner where weights are few you have too many of them, and keep within the bytes:
        the number of parameters is a limit of its own."""
        if self.in_corner(budget, "few weights"):
            return {"parameters": OVER}

    # What comes out.

    @mistake
    def ten_classes(self, right, budget, seed, others):
        """Your net has ten outputs whatever the budget says. Here are other numbers of classes:
        budget["classes"]."""
        return {"output": "10 numbers a picture"}

    @mistake
    def eight_classes(self, right, budget, seed, others):
        """Your net has eight outputs whatever the budget says: budget["classes"] tells how many
        there are to be."""
        if budget["classes"] != 8:
            return {"output": "8 numbers a picture"}

    @mistake
    def softmax_at_the_end(self, right, budget, seed, others):
        """Your net ends with a softmax: its outputs are probabilities. Cross-entropy takes logits
        and does the softmax itself, so the gradients of a second one would be small."""
        return {"output": PROBABILITIES}

    @mistake
    def argmax_at_the_end(self, right, budget, seed, others):
        """Your net gives labels. Nothing can be learned through an argmax: return the logits."""
        return {"output": LABELS, "dtype": "int64"}

    @mistake
    def double_precision(self, right, budget, seed, others):
        """Your net computes in double precision or gives it back. float32 is asked for."""
        return {"dtype": "float64"}

    @mistake
    def looks_at_the_batch(self, right, budget, seed, others):
        """In evaluation mode your net's answer to a picture depends on which others are in the
        batch. A norm that keeps no running statistics does that."""
        return {MIXED: OTHER_NUMBERS}

    @mistake
    def one_picture_loses_its_axis(self, right, budget, seed, others):
        """For a batch of one picture your net gives one axis less, as squeeze does when it takes
        out every axis of length 1. The first axis counts pictures, however few there are."""
        return {ALONE: f"of the shape ({budget['classes']},)"}

    @mistake
    def no_norm_directly_behind(self, right, budget, seed, others):
        """After a convolution of yours something other than its batch norm comes first, or it has
        none. shrink is to fold a norm into the convolution just before it: keep them together."""
        return {BARE: SOME}

    @mistake
    def nested(self, right, budget, seed, others):
        """There is another `nn.Sequential` inside of yours. `shrink` counts on a flat one, in which
        every layer stands by itself: list all layers in one."""
        return {LAYERS: NESTED}

    @mistake
    def convolutions_inside_modules(self, right, budget, seed, others):
        """There are convolutions inside other modules of your `nn.Sequential`. `shrink` counts on a
        flat one, in which every layer stands by itself: list all layers in one."""
        return {LAYERS: DEEP}

    @mistake
    def no_sequential(self, right, budget, seed, others):
        """Your net is no `nn.Sequential`. `shrink` goes through the layers of a flat one in their
        order, and cannot know what another module does in its `forward`."""
        return {LAYERS: NO_SEQUENTIAL}

    @mistake
    def double_for_input(self, right, budget, seed, others):
        """Your net has weights in double precision, and pictures come in float32. Leave the net as
        torch makes it."""
        return dict.fromkeys(right, raises("RuntimeError", "Double"))

    # What it is.

    @mistake
    def evaluation_mode(self, right, budget, seed, others):
        """You return the net in evaluation mode, as after counting its cost. A fresh net is in
        training mode."""
        return {"training": False}

    @mistake
    def one_net_kept(self, right, budget, seed, others):
        """A second call of build gives the same net, or one that shares its weights: what is
        trained there changes here. Make new layers in every call."""
        return {"another net": SHARES}

    @mistake
    def seeded_inside(self, right, budget, seed, others):
        """Two nets have the same weights: you seed the generator inside build. Whoever calls it
        chooses the seed."""
        return {"another net": ALIKE}

    @mistake
    def partly_seeded(self, right, budget, seed, others):
        """Two nets have some of the same weights, though these are drawn: they come from a
        generator that build makes or seeds. All come from torch's global one, and whoever calls
        build chooses its seed."""
        return {"another net": PARTLY}

    @mistake
    def from_another_generator(self, right, budget, seed, others):
        """From the same seed of torch's generator two calls of build make nets with other weights.
        Some are drawn from another generator, such as numpy's: then a recipe's seed does not bring
        a net back."""
        if others:
            return {"another net": UNSEEDED}

    @mistake
    def affine_of_another_size(self, right, budget, seed, others):
        """Your net stops at an affine layer: what comes to it has another number of features than
        it was made for. Is there a Flatten before it, and is the map there as large as you
        thought?"""
        return dict.fromkeys(right, raises("RuntimeError", "shapes cannot be multiplied"))

    @mistake
    def returns_widths(self, right, budget, seed, others):
        """You return a list. The net itself is asked for, an nn.Module."""
        return {"returned": "list"}

    @mistake
    def returns_a_tuple(self, right, budget, seed, others):
        """You return a tuple. The net alone is asked for, an nn.Module."""
        return {"returned": "tuple"}

    @mistake
    def returns_nothing(self, right, budget, seed, others):
        """You return nothing. The net is asked for."""
        return {"returned": "NoneType"}
