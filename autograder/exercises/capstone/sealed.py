"""Exercise of notebook 17: a trained net, asked once about pictures that nobody has seen.

The labels stay with the judge (`kept_back`); whose shapes a picture belongs to is told by the name
that is handed in. What a net's outputs are is in `forms`, the levels in `levels`.
"""

import numpy as np

from autograder.exercise import Case, Exercise, mistake, raises, reaching
from autograder.exercises.capstone.forms import (
    LABELS,
    LOGITS,
    NAN,
    PROBABILITIES,
    form_of,
    same,
)  # fmt: skip
from autograder.exercises.capstone.levels import FULL, NOTHING, PRACTICE_FULL
from course_utils.capstone import CLASSES, DIFFICULTY, SHAPES, cost, variant
from course_utils.data.shapes import colour_shapes
from course_utils.recipes.capstone import handed_in, logits, state

FEW, MANY, PRACTICE = 24, 2000, 200
WITHIN, OVER = "within your variant's budget", "over your variant's budget"
SIZES = {"parameters": "parameters", "multiply-adds": "multiply_adds", "bytes": "bytes"}
COMPANY, SAME_NUMBERS, OTHER_NUMBERS = "company", "the same numbers", "other numbers"
ARRAYS, KEPT, MOVED = "arrays while asked", "as they were", "changed"
ACCURACY = "sealed accuracy"
LEARNED, SOMETHING, LITTLE = "learned", "something", "too little"
RIGHT = {"output": LOGITS, **dict.fromkeys(SIZES, WITHIN), COMPANY: SAME_NUMBERS, ARRAYS: KEPT}


class Sealed(Exercise, abstract=True):
    """Pictures of all ten shapes, of which a person's eight are counted; fewer for practice."""

    library = "torch"
    takes_seconds = True
    uses_global_random = True  # as build does
    kept_back = ("labels",)
    practising = False

    def drawn_cases(self, seed):
        self.practising = seed == 0  # a kit holds these pictures
        return super().drawn_cases(seed)

    def drawn(self, rng, n):
        """Pictures, their labels among the ten shapes, and batches in which to show them."""
        seed = int.from_bytes(rng.bytes(16), "big")
        images, labels = colour_shapes(n, seed=seed, difficulty=DIFFICULTY, shapes=SHAPES)
        order = rng.permutation(n)
        cuts = np.cumsum(rng.integers(90, 140, n // 90))
        batches = [part.tolist() for part in np.split(order, cuts[cuts < n])]
        return {"images": images.transpose(0, 3, 1, 2).copy(), "batches": batches, "labels": labels}


def share_right(name, output, labels):
    """The share of right answers among the pictures of a person's eight shapes."""
    own = [SHAPES.index(shape) for shape in variant(name).shapes]
    counted = np.isin(labels, own)
    answers = np.array(own)[np.asarray(output).argmax(1)]
    return float(np.mean(answers[counted] == labels[counted]))


class hand_in(Sealed):
    """Your net, asked once about sealed pictures."""

    signature = "hand_in() -> name, weights"
    needs = ("build",)
    counted = tuple(SIZES)
    practised = (
        "Here that says that your net has learned something; how much shows on the sealed pictures "
        "only."
    )
    minutes = 10
    difficulty = 2
    reads = {
        "output": "your net's output is {seen}; {right} is right",
        "parameters": "your net's parameters are {seen}; {right} is right",
        "multiply-adds": "your net's multiply-adds are {seen}; {right} is right",
        "bytes": "the bytes of your net, or of what you hand in, are {seen}; {right} is right",
        COMPANY: "to a picture alone and in other company your net gives {seen}; {right} is right",
        ARRAYS: "while your net is asked, its arrays are {seen}; {right} is right",
        ACCURACY: "your accuracy on the sealed pictures",
        LEARNED: "your net has learned {seen}; {right} is asked for",
    }
    hints = (
        "save keeps arrays_of(net) in a file beside the notebook, and from_file reads them; "
        "to_text and from_text keep them inside the notebook, where nothing can get lost.",
        "The weights must fit the net that build makes for the budget of your variant: the same "
        "name, and build as it was when you trained.",
    )

    def cases(self, rng):
        yield Case("a few pictures in changing company", 2, **self.drawn(rng, FEW))
        if self.practising:
            yield Case("practice pictures", 8, **self.drawn(rng, PRACTICE))
        else:
            yield Case("the sealed pictures", 8, **self.drawn(rng, MANY))

    def observe(self, code, images, batches):
        name, arrays, net = handed_in(code)
        before = state(net)
        output = logits(net, images, batches)
        few = len(images) if len(images) < 100 else 1  # one case asks about company
        alone = logits(net, images[:few], [[row] for row in range(few)])
        again = logits(net, images[:few], [list(range(few))])
        return {
            "name": name, "arrays": arrays, "output": output, "alone": alone, "again": again,
            "kept": state(net) == before, "cost": vars(cost(net)),
        }  # fmt: skip

    def read(self, seen, images, batches, labels):
        output, few = seen["output"], len(seen["alone"])
        found = {**RIGHT, "output": form_of(output, len(labels), CLASSES)}
        budget = variant(seen["name"]).budget
        handed = sum(array.nbytes for array in seen["arrays"].values())
        for name, what in SIZES.items():
            spent = max(seen["cost"][what], handed if what == "bytes" else 0)
            found[name] = WITHIN if spent <= budget[what] else OVER
        company = same(seen["alone"], seen["again"]) and same(output[:few], seen["again"])
        found[COMPANY] = SAME_NUMBERS if company else OTHER_NUMBERS
        found[ARRAYS] = KEPT if seen["kept"] else MOVED
        if len(labels) > few:
            # Where the form is wrong that is said, and nothing of an accuracy.
            usable = found["output"] in (LOGITS, PROBABILITIES)
            share = share_right(seen["name"], output, labels) if usable else FULL
            practice = len(labels) == PRACTICE
            enough = PRACTICE_FULL if practice else NOTHING
            found[LEARNED] = SOMETHING if share >= enough else LITTLE
            # In practice never how much: it would be looked at every day.
            found[ACCURACY] = FULL if practice else share
        return found

    def reference(self, images, batches, labels):
        if len(labels) == FEW:
            return dict(RIGHT)
        return {**RIGHT, LEARNED: SOMETHING, ACCURACY: reaching(FULL, nothing_at=NOTHING)}

    # What the net gives.

    @mistake
    def probabilities(self, right, **inputs):
        """Your net gives probabilities. Logits are asked for: a softmax belongs to the loss, which
        does it by itself."""
        return {"output": PROBABILITIES}

    @mistake
    def labels(self, right, **inputs):
        """Your net gives labels. Its logits are asked for; which is largest is for the judge to
        see."""
        return {"output": LABELS}

    @mistake
    def ten_outputs(self, right, **inputs):
        """Your net gives ten numbers a picture. Your variant has eight shapes."""
        return {"output": "10 numbers a picture"}

    @mistake
    def not_finite(self, right, **inputs):
        """Your net gives NaN or infinite numbers, though its weights are finite: something in it
        divides by zero, or overflows."""
        return {"output": NAN}

    @mistake
    def looks_around(self, right, **inputs):
        """What your net says of a picture depends on which others it is shown with. A sealed
        picture is asked about by itself: batch statistics, and a mean over the batch, are for
        training."""
        return {COMPANY: OTHER_NUMBERS}

    @mistake
    def learns_while_asked(self, right, **inputs):
        """Your net changes its arrays while it is asked, and its answers depend on what it was
        asked before: something in it keeps statistics or learns in evaluation mode too."""
        return {ARRAYS: MOVED, COMPANY: OTHER_NUMBERS}

    @mistake
    def counts_while_asked(self, right, **inputs):
        """Your net changes its arrays while it is asked, in evaluation mode. Its answers are the
        same all the same; a net that is being measured keeps still."""
        return {ARRAYS: MOVED}

    @mistake
    def over_the_parameters(self, right, **inputs):
        """Your net has more parameters than the budget of your variant. The accuracy of a larger
        net says nothing about what this budget can do."""
        return {"parameters": OVER}

    @mistake
    def over_the_products(self, right, **inputs):
        """Your net needs more multiply-adds for a picture than the budget of your variant. The
        accuracy of a dearer net says nothing about what this budget can do."""
        return {"multiply-adds": OVER}

    @mistake
    def over_the_bytes(self, right, **inputs):
        """Your net, or the arrays that you hand in, take more bytes than the budget of your variant
        allows."""
        return {"bytes": OVER}

    @mistake
    def untrained(self, right, labels, **inputs):
        """Your net knows few of these pictures. Are its weights trained, and for long enough? For
        this name, and not for another, which has other shapes? And is output k that of the shape
        with label k?"""
        if len(labels) == PRACTICE:
            return {LEARNED: LITTLE}
        if LEARNED in right:
            return {LEARNED: LITTLE, ACCURACY: NOTHING - 1e-6}  # or any that is further away

    @mistake
    def text_for_weights(self, right, **inputs):
        """Where the weights belong you hand in a text, such as your name or a file's. The name
        comes first, then the weights: a dict of arrays, which weights.arrays_of makes of a net,
        from_file of a file and from_text of a text."""
        return dict.fromkeys(right, raises("Unusable", "by name, not a str"))

    @mistake
    def nothing_for_weights(self, right, **inputs):
        """Where the weights belong you hand in nothing. A dict of arrays is asked for, which
        weights.arrays_of makes of your net."""
        return dict.fromkeys(right, raises("Unusable", "by name, not a NoneType"))

    @mistake
    def arrays_without_names(self, right, **inputs):
        """Your weights are a list. A dict is asked for, in which each array has its name:
        weights.arrays_of makes it."""
        return dict.fromkeys(right, raises("Unusable", "by name, not a list"))

    @mistake
    def arrays_of_a_module(self, right, **inputs):
        """What you hand in as weights is no dict of arrays, as when it is the net itself. A dict
        is asked for, which weights.arrays_of makes: arrays can be read safely, a net is code."""
        return dict.fromkeys(right, raises("Unusable", "Weights are a dict of arrays"))

    @mistake
    def tensors(self, right, **inputs):
        """You hand in tensors, as state_dict has them. numpy arrays are asked for:
        weights.arrays_of makes them."""
        return dict.fromkeys(right, raises("Unusable", "is no numpy array"))

    @mistake
    def other_names(self, right, **inputs):
        """The arrays that you hand in have other names than those of the net that build makes for
        this name's budget. They belong to another net, or are not as weights.arrays_of gives
        them, such as what shrink returns: that goes through restore first."""
        return dict.fromkeys(right, raises("Unusable", "do not fit this net: they have no"))

    @mistake
    def more_than_the_net_has(self, right, **inputs):
        """For every name in the net that build makes you hand in an array, and another besides
        that this net does not have. Leave that out: arrays_of gives what belongs to a net."""
        return dict.fromkeys(right, raises("Unusable", "which it has not"))

    @mistake
    def no_name(self, right, **inputs):
        """A variant is drawn for a name, which is a text such as your student id, and what you give
        for it is none, as when you hand in the variant itself. The first of the two things to
        return is that name."""
        return dict.fromkeys(right, raises("ValueError", "drawn for a name"))

    @mistake
    def of_another_net(self, right, **inputs):
        """Your weights belong to another net than build makes for this name's budget: the names
        are the same, and shapes are not. Train the net that build makes, and hand in the name that
        you trained it for."""
        return dict.fromkeys(right, raises("Unusable", "belong to another net"))

    @mistake
    def not_complete(self, right, **inputs):
        """Some of your net's arrays are missing from your weights; those that are there fit. A
        net has buffers as well as parameters, the running statistics of norms among them."""
        return dict.fromkeys(right, raises("Unusable", "are not complete"))

    @mistake
    def gone_astray(self, right, **inputs):
        """Your weights have NaN or infinite values: the training diverged. Take those from before,
        or train with a lower rate."""
        return dict.fromkeys(right, raises("Unusable", "NaN or infinite"))

    @mistake
    def too_large(self, right, **inputs):
        """Your weights are larger than 2 MB. No budget needs as much: hand in the parameters and
        buffers of the net that build makes, and nothing else."""
        return dict.fromkeys(right, raises("Unusable", "MB are allowed"))

    @mistake
    def no_file(self, right, **inputs):
        """The file with your weights is not there. Save it beside the notebook and hand in both, or
        keep the weights in the notebook as text."""
        return dict.fromkeys(right, raises("Unusable", "cannot be read"))

    @mistake
    def unreadable(self, right, **inputs):
        """What you hand in as weights cannot be read as arrays. Only what weights.save or
        weights.to_text wrote is read, never code."""
        return dict.fromkeys(right, raises("Unusable", "keep"))
