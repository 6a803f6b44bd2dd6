"""Exercise of notebook 17: the same net in a quarter of its bytes.

Tried on the course's own small net, whose accuracy before and after is asked on the same pictures:
more than 0.01 is lost where three standard errors of the paired difference do not explain it.
"""

import numpy as np

from autograder.exercise import Case, mistake, raises
from autograder.exercises.capstone.slips import (
    LOST,
    MUCH,
    NEAR,
    NO_BIAS,
    Folding,
    answers_with_slips,
)
from course_utils.recipes.shrinking import answers, asked, net_with, shrunk, trained_arrays

SIZE, OWN, KIND = "bytes", "your net", "returned"
ELSEWHERE, LATER = "into other numbers", "after another shrink"
LOGITS, NEARLY, LARGER, OTHERS = "logits", "nearly the net's", "far larger", "others"
QUARTER, THIRD, HALF, ALL = "a quarter or less", "over a quarter", "about half", "as many or more"
LITTLE = "0.01 or less"
KEPT, CHANGED, SHARED = "as it was", "changed", "tied to the arrays"
ARRAYS, FRESH = "a dict of arrays", "restored"
ALIKE, DIFFERENT = "the same answers", "other answers"
RIGHT = {
    KIND: ARRAYS, SIZE: QUARTER, LOST: LITTLE, OWN: KEPT, FRESH: "a net", ELSEWHERE: ALIKE,
    LATER: ALIKE, LOGITS: NEARLY,
}  # fmt: skip


def alike(some, others, near=0.05):
    """Whether a few outputs are those that begin another array, but for some last digits."""
    if some is None or others is None:
        return some is others
    if not np.isfinite(others[: len(some)]).all():
        return not np.isfinite(some).all()
    gap = np.abs(some - others[: len(some)]).max()
    return bool(gap <= near * np.abs(others).max())


def of_logits(before, after):
    """How the restored net's logits compare with the net's."""
    if np.linalg.norm(after - before) <= 0.5 * np.linalg.norm(before):
        return NEARLY
    return LARGER if np.linalg.norm(after) > 3 * np.linalg.norm(before) else OTHERS


class shrink(Folding):
    """A net's arrays in a quarter of the bytes, and back."""

    signature = ("shrink(net)", "restore(arrays, net)")
    library = "torch"
    takes_seconds = True
    by_score = True
    minutes = 20
    difficulty = 3
    reads = {
        KIND: "what shrink returns is {seen}; {right} is right",
        SIZE: "the bytes of your arrays are {seen} of the net's; {right} is right",
        LOST: "the accuracy that is lost is {seen}; {right} is right",
        LOGITS: "the logits of the restored net are {seen}; {right} are right",
        OWN: "the net that shrink is given is {seen} afterwards; {right} is right",
        FRESH: "what restore returns",
        ELSEWHERE: "restored into a net with other numbers, your arrays give {seen}; {right} are "
        "right",
        LATER: "restored after another net was shrunk, your arrays give {seen}; {right} are right",
    }
    hints = (
        "A quarter of four bytes is one: whole numbers from -127 to 127, and a scale that brings "
        "them back. How many scales does a net need whose channels differ in size?",
        "With single-precision scales and four arrays for each norm you need too many bytes. A "
        "norm in evaluation mode is a factor and a shift: fold the factor into the kernel.",
        "After folding, the norm of the restored net only has to add a shift. Choose its four "
        "arrays so, and remember its eps. Half precision is enough for scales and shifts.",
    )

    def cases(self, rng):
        seed = int(rng.integers(2**31))

        def case(name, points, kind, n):
            # Where learners' code is locked in there is no file of a trained net.
            return Case(name, points, arrays=trained_arrays(kind), kind=kind, n=n, seed=seed)

        yield case("the trained net", 3, "trained", 800)
        yield case("channels of very different sizes", 1, "uneven", 400)
        yield case("convolutions with biases", 1, "biased", 400)
        yield case("channels that hardly vary", 1, "still", 400)

    def observe(self, code, arrays, kind, n, seed):
        return shrunk(code.shrink, code.restore, arrays, kind, n, seed)

    def aid(self, arrays, kind, n, seed):
        x, labels = asked(n, seed)
        return {"labels": labels, "before": answers(net_with(kind, arrays), x),
                "slips": answers_with_slips(arrays, kind, x[:20])}  # fmt: skip

    def read(self, seen, arrays, kind, n, seed, labels, before, slips):
        found = {**RIGHT, KIND: seen["returned"]}
        if seen["returned"] != ARRAYS:
            return found
        found[FRESH] = seen["restored"]
        ratio = seen["bytes"] / seen["bytes of the net"]
        found[SIZE] = (
            QUARTER if ratio <= 0.25 else THIRD if ratio < 0.4 else HALF if ratio < 0.7 else ALL
        )
        found[OWN] = CHANGED if seen["changed"] else SHARED if seen["tied"] else KEPT
        if "after" in seen:
            after = np.asarray(seen["after"])
            right = after.argmax(1) == labels if np.isfinite(after).all() else np.zeros(n, bool)
            lost = (before.argmax(1) == labels).astype(float) - right
            error = lost.std() / np.sqrt(n)
            found[LOST] = LITTLE
            if lost.mean() - 3 * error > 0.01:
                first = seen["after"][:20]
                like = [slip for slip, out in slips if alike(out, first, NEAR)]
                found[LOST] = like[0] if like else MUCH
            else:
                found[LOGITS] = of_logits(before, after)
            if alike(seen["again"], seen["after"]):  # otherwise nothing is learned by comparing
                for what, name in ((ELSEWHERE, "elsewhere"), (LATER, "later")):
                    found[what] = ALIKE if alike(seen[name], seen["after"]) else DIFFERENT
        return found

    def reference(self, arrays, kind, n, seed):
        return dict(RIGHT)

    # Bytes.

    @mistake
    def half_precision(self, right, **inputs):
        """Your arrays have about half of the bytes, as in half precision. A quarter leaves one byte
        for each weight."""
        return {SIZE: HALF}

    @mistake
    def whole_numbers_in_wide_arrays(self, right, **inputs):
        """Your arrays have as many bytes as the net or more. Rounding alone saves nothing: a whole
        number in an array of four or eight bytes takes as many as a fraction."""
        return {SIZE: ALL}

    @mistake
    def norms_in_full(self, right, **inputs):
        """You are a little over a quarter. Weights of one byte each leave little room for what
        comes with them: look at the types of your scales and shifts, at a norm's four arrays where
        it is not folded, and whether all layers are stored in bytes."""
        return {SIZE: THIRD}

    @mistake
    def nothing_shrunk_but_rounded(self, right, **inputs):
        """Your arrays have as many bytes as the net, and the accuracy is gone as well."""
        return {SIZE: ALL, LOST: MUCH}

    # Accuracy.

    @mistake
    def one_scale_for_all_channels(self, right, kind, **inputs):
        """One scale for a whole layer does where channels are alike, and so does one for each
        channel that comes in. Where a channel that goes out is a hundred times as large as the
        others, hardly more than -1, 0 and 1 is left of these: it needs a scale of its own."""
        if kind == "uneven":
            return {LOST: MUCH}

    @mistake
    def biases_left_out(self, right, kind, **inputs):
        """Where convolutions have biases of their own, the restored net answers as one whose shifts
        leave them out. The norm's running mean was measured with the bias in: the shift needs
        both."""
        if kind == "biased":
            return {LOST: NO_BIAS}

    @mistake
    def biases_otherwise(self, right, kind, **inputs):
        """Where convolutions have biases of their own, the restored net answers otherwise than the
        net did. A bias is added before the norm: its factor multiplies the bias, too, and the
        running mean was measured with the bias in."""
        if kind == "biased":
            return {LOST: MUCH}

    @mistake
    def biases_stay(self, right, kind, **inputs):
        """Where convolutions have biases of their own, those of the net that comes into restore
        stay in it, and are added to its answers."""
        if kind == "biased":
            return {LOST: MUCH, ELSEWHERE: DIFFERENT}

    @mistake
    def eps_left_out(self, right, kind, **inputs):
        """Where some channels hardly vary, the restored net answers otherwise than the net did.
        There a norm's eps is the larger part of what it divides by."""
        if kind == "still":
            return {LOST: MUCH}

    @mistake
    def statistics_forgotten(self, right, **inputs):
        """The restored net answers otherwise than the net did. Look in this order: does what the
        norms have learned come along, factors, shifts, running statistics and eps among it, and
        every scale? Does a whole number go beyond -128 or 127, where int8 wraps round to the other
        sign? And how many levels are left for a weight? Four bits have sixteen."""
        return {LOST: MUCH}

    @mistake
    def something_stays(self, right, **inputs):
        """What the restored net answers depends on the net that comes in: something of it stays as
        it was. A net has buffers as well as parameters, and its numbers are others than those of a
        new one: all that its answers depend on has to be set."""
        return {LOST: MUCH, ELSEWHERE: DIFFERENT}

    @mistake
    def kept_aside(self, right, **inputs):
        """When another net is shrunk in between, the same arrays are restored to other answers:
        restore takes something that shrink left outside of them. All that it needs belongs in the
        arrays, for in another session there is nothing else."""
        return {LATER: DIFFERENT}

    @mistake
    def logits_far_larger(self, right, **inputs):
        """The restored net finds the classes, but its logits are several times as large as they
        were; nearly the same ones are asked for. Whole numbers need their scale back, in the last
        layer too, where a largest one stays largest without."""
        return {LOGITS: LARGER}

    @mistake
    def other_logits(self, right, **inputs):
        """The restored net finds the classes, but its logits are not nearly those of the net that
        was shrunk. Look at the last layer: weights, scales and bias."""
        return {LOGITS: OTHERS}

    # What is touched.

    @mistake
    def own_net_changed(self, right, **inputs):
        """shrink changes the net that it is given. Whoever wants to compare the two has lost the
        first: work on copies."""
        return {OWN: CHANGED}

    @mistake
    def views_of_the_net(self, right, **inputs):
        """Your arrays share memory with the net: what is done to it later is done to them."""
        return {OWN: SHARED}

    @mistake
    def restores_nothing(self, right, **inputs):
        """restore returns nothing. The net with the arrays in it is asked for."""
        return {FRESH: "a NoneType"}

    @mistake
    def restores_another_net(self, right, **inputs):
        """restore gives back another net than the one it is given, such as a copy. Put what you
        kept into the net that comes in, and give that back."""
        return {FRESH: "another net"}

    @mistake
    def bytes_for_a_dict(self, right, **inputs):
        """shrink returns bytes. A dict of numpy arrays is asked for: they can be read safely, and
        their bytes be counted."""
        return {KIND: "a bytes"}

    @mistake
    def tensors_for_arrays(self, right, **inputs):
        """shrink returns tensors. numpy arrays are asked for."""
        return {KIND: "a dict with a Tensor in it"}

    @mistake
    def another_kind_in_the_dict(self, right, **inputs):
        """There is a number in the dict that shrink returns. Make an array of it, so that its bytes
        count as well."""
        return {KIND: "a dict with a float in it"}

    @mistake
    def tuples_in_the_dict(self, right, **inputs):
        """There are tuples in the dict that shrink returns. Give each array a name of its own."""
        return {KIND: "a dict with a tuple in it"}

    @mistake
    def names_of_parameters_missing(self, right, **inputs):
        """restore asks your arrays for a name that shrink has not put there."""
        return dict.fromkeys(right, raises("KeyError"))
