"""Exercise of notebook 09: what size a convolution leaves.

How far an output sees is in `architectures_field`, what layers cost in `architectures_cost`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, mistake, raises
from autograder.exercises.architectures.refusals import Refuses


def sized(size, kernel, stride, pad, dilation=1):
    """Output size as torch has it; "same" as every stride-th output of the one that keeps it."""
    x, w = torch.empty(1, 1, size, device="meta"), torch.empty(1, 1, kernel, device="meta")
    if pad == "same":
        kept = F.conv1d(F.pad(x, (0, dilation * (kernel - 1))), w, dilation=dilation)
        return kept[..., ::stride].shape[-1]
    pad = 0 if pad == "valid" else pad
    return F.conv1d(x, w, stride=stride, padding=pad, dilation=dilation).shape[-1]


class conv_output_size(Refuses):
    """The size that a convolution leaves along one axis."""

    signature = "conv_output_size(size, kernel, stride, pad, dilation=1)"
    library = "any"
    minutes = 8
    difficulty = 1
    reads = {
        "out": "the array of your sizes, question by question,",
        "where nothing fits": "where no kernel fits, what your code does",
        "the message has both numbers": "it is {seen} that the message of your ValueError has both "
        "numbers, the reach and the padded length; {right} is right",
    }
    hints = (
        "Draw seven squares in a row and lay a kernel of three over them, stride 2. How many "
        "places are there? With eight squares?",
        "Lay the kernel at the left end. How much room is left for it to move, and how many whole "
        "steps fit into that room? The first place is one more.",
        "With dilation d there are d - 1 empty squares between neighbouring weights: work with "
        "the kernel's reach, from its first weight to its last.",
    )

    def cases(self, rng):
        names = ("size", "kernel", "stride", "pad", "dilation")

        def questions(*rows):
            return [dict(zip(names, row, strict=False)) for row in rows]

        def one(kernel, stride, pad, rest=0, *dilation, steps=None):
            """A question whose stride leaves a rest of so many inputs."""
            steps = int(rng.integers(3, 9)) if steps is None else steps
            room = 0 if pad == "valid" else 2 * pad
            reach = (dilation or (1,))[0] * (kernel - 1) + 1
            return reach - room + steps * stride + rest, kernel, stride, pad, *dilation

        def same(kernel, stride, *dilation):
            return stride * int(rng.integers(4, 9)) + 1, kernel, stride, "same", *dilation

        yield Case("stride 1", 1, asked=questions(
            one(3, 1, 0), one(5, 1, 2), one(7, 1, 1), one(4, 1, 2)))  # fmt: skip
        yield Case("stride 2 and 3, whole steps", 1, asked=questions(
            one(3, 2, 0), one(4, 3, 0), one(5, 2, 1), one(3, 3, 1)))  # fmt: skip
        yield Case("a rest is left over", 2, asked=questions(
            one(3, 2, 0, 1), one(5, 2, 2, 1), one(4, 2, 1, 1), one(4, 4, 1, 3), one(3, 4, 1, 3),
        ))  # fmt: skip
        yield Case("dilation", 2, asked=questions(
            one(3, 1, 0, 0, 2), one(5, 2, 2, 0, 3), one(3, 2, 1, 1, 4), one(2, 3, 1, 1, 5),
        ))  # fmt: skip
        yield Case("same and valid", 1.5, asked=questions(
            same(3, 1), same(4, 1), same(4, 2), same(3, 3), same(3, 2, 2), same(2, 1, 3),
            (2 * int(rng.integers(4, 9)), 3, 2, "same"),
            one(3, 1, "valid"), one(3, 2, "valid", 1), one(3, 2, "valid", 1, 3)))  # fmt: skip
        k = int(rng.integers(5, 9))
        yield Case("same, with a kernel longer than the input", 0.5, asked=questions(
            (k - 2, k, 1, "same"), (k - 1, k + 2, 2, "same"), (4, k, 3, "same", 2)))  # fmt: skip
        yield Case("larger than the input, and padded", 1, asked=questions(
            (k - 1, k, 1, 2), (k - 2, k + 2, 2, 3), (k + 1, 4, 3, 3, 3)))  # fmt: skip
        yield Case("it just fits", 1, asked=questions(
            (k, k, 1, 0), (k + 2, k + 2, 2, 0), (2 * k - 1, k, 2, "valid", 2), one(3, 2, 1),
        ))  # fmt: skip
        yield Case("nothing fits", 1, impossible=True, asked=questions(
            (k - 1, k, 1, 0), (k - 3, k, 2, 1), (k + 1, k, 3, 1, 4), (k + 3, k, 1, "valid", 3),
        ))  # fmt: skip

    def observe(self, code, asked, impossible=False):
        import re

        answers, told = [], []
        for question in asked:
            if not impossible:
                answers.append(code.conv_output_size(**question))
                continue
            pad = 0 if question["pad"] == "valid" else question["pad"]
            reach = question.get("dilation", 1) * (question["kernel"] - 1) + 1
            try:
                answer = code.conv_output_size(**question)
                returned = isinstance(answer, BaseException)
                answers.append("an error, returned" if returned else f"the answer {answer}")
            except ValueError as error:
                answers.append("ValueError")
                numbers = {int(n) for n in re.findall(r"\d+", str(error))}
                told.append({reach, question["size"] + 2 * pad} <= numbers)
            except NotImplementedError:
                raise
            except (ArithmeticError, IndexError, RuntimeError):
                answers.append("another exception")
        if impossible:
            return {"where nothing fits": answers, "the message has both numbers": all(told)}
        return {"out": None if None in answers else np.array(answers)}

    def reference(self, asked, impossible=False):
        if impossible:
            return {"where nothing fits": ["ValueError"] * len(asked),
                    "the message has both numbers": True}  # fmt: skip
        return {"out": np.array([sized(**question) for question in asked])}

    def measured(self, right, asked, impossible, reach=None, pads=None):
        """What code shows that takes another reach or padding throughout, where it refuses, too."""
        found = []
        for q in asked:
            dilation, pad = q.get("dilation", 1), 0 if isinstance(q["pad"], str) else q["pad"]
            own = (reach or (lambda k, d: d * (k - 1) + 1))(q["kernel"], dilation)
            padded = q["size"] + (2 * pad if pads is None else pads(pad))
            if q["pad"] == "same":
                found.append(sized(**q))
            else:
                found.append(None if own > padded else (padded - own) // q["stride"] + 1)
        if impossible:
            return {"where nothing fits": [
                "ValueError" if n is None else f"the answer {n}" for n in found]}  # fmt: skip
        return {"out": raises("ValueError") if None in found else np.array(found)}

    def otherwise(self, asked, impossible, formula, same=None):
        """What another formula gives; it is asked for (room to move, stride, question)."""
        if impossible:
            return None
        found = []
        for q in asked:
            dilation = q.get("dilation", 1)
            if q["pad"] == "same":
                found.append(sized(**q) if same is None else same(q["size"], q["stride"]))
                continue
            pad = 0 if q["pad"] == "valid" else q["pad"]
            room = q["size"] + 2 * pad - dilation * (q["kernel"] - 1) - 1
            found.append(formula(room, q["stride"], {**q, "pad": pad, "dilation": dilation}))
        return {"out": np.array(found)}

    @mistake
    def rounds_up(self, right, asked, impossible=False):
        """A step that does not fit whole is not taken: the division is rounded down. You round
        up."""
        return self.otherwise(asked, impossible, lambda room, s, q: -(-room // s) + 1)

    @mistake
    def rounds_to_nearest(self, right, asked, impossible=False):
        """You round to the nearest whole number. A step that does not fit whole is not taken."""
        return self.otherwise(asked, impossible, lambda room, s, q: round(room / s) + 1)

    @mistake
    def not_whole(self, right, asked, impossible=False):
        """A size is a whole number. Yours comes from a division that leaves fractions (old
        programs are Python 2, where / between whole numbers rounded down)."""
        return self.otherwise(asked, impossible, lambda room, s, q: room / s + 1)

    @mistake
    def a_whole_float(self, right, asked, impossible=False):
        """Your sizes have the right value, but they are floats. What makes an array or a layer
        wants an int."""
        return None if impossible else {"out": right["out"].astype(float)}

    @mistake
    def padded_on_one_side(self, right, asked, impossible=False):
        """Padding stands on both sides. You count it once."""
        return self.otherwise(asked, impossible, lambda room, s, q: (room - q["pad"]) // s + 1)

    @mistake
    def padding_left_out(self, right, asked, impossible=False):
        """The padding is missing from your count."""
        return self.otherwise(asked, impossible, lambda room, s, q: (room - 2 * q["pad"]) // s + 1)

    @mistake
    def first_place_not_counted(self, right, asked, impossible=False):
        """You count the steps. There is one place more than there are steps."""
        return self.otherwise(asked, impossible, lambda room, s, q: room // s)

    @mistake
    def first_place_divided(self, right, asked, impossible=False):
        """The first place is counted before the division, so the stride divides it too."""
        return self.otherwise(asked, impossible, lambda room, s, q: (room + 1) // s)

    @mistake
    def dilation_left_out(self, right, asked, impossible=False):
        """The dilation has no effect in yours. It spreads the taps, so the kernel reaches
        further."""
        return self.otherwise(
            asked, impossible,
            lambda room, s, q: (room + (q["dilation"] - 1) * (q["kernel"] - 1)) // s + 1,
        )  # fmt: skip

    @mistake
    def dilation_times_kernel(self, right, asked, impossible=False):
        """You take the reach of a dilated kernel as dilation times kernel. Gaps are only between
        taps, and there are kernel - 1 of them."""
        return self.otherwise(asked, impossible,
                              lambda room, s, q: (room + 1 - q["dilation"]) // s + 1)  # fmt: skip

    @mistake
    def dilation_left_out_with_valid(self, right, asked, impossible=False):
        """With "valid" the dilation has no effect in yours. It spreads the taps there, too."""
        plain = [{**q, "dilation": 1} if q["pad"] == "valid" else q for q in asked]
        return self.measured(right, plain, impossible)

    @mistake
    def padded_on_one_side_throughout(self, right, asked, impossible=False):
        """Padding stands on both sides. You count it once, and so refuse kernels that would fit."""
        return self.measured(right, asked, impossible, pads=lambda pad: pad)

    @mistake
    def padding_left_out_throughout(self, right, asked, impossible=False):
        """The padding is missing from your count, and so you refuse kernels that would fit."""
        return self.measured(right, asked, impossible, pads=lambda pad: 0)

    @mistake
    def dilation_left_out_throughout(self, right, asked, impossible=False):
        """The dilation has no effect in yours, neither on the size nor on what fits. It spreads the
        taps, so the kernel reaches further."""
        return self.measured(right, asked, impossible, reach=lambda k, d: k)

    @mistake
    def dilation_times_kernel_throughout(self, right, asked, impossible=False):
        """You take the reach of a dilated kernel as dilation times kernel, and so refuse one that
        just fits. Gaps are only between taps, and there are kernel - 1 of them."""
        return self.measured(right, asked, impossible, reach=lambda k, d: d * k)

    @mistake
    def dilation_left_out_and_padded_once(self, right, asked, impossible=False):
        """Padding stands on both sides, and you count it once. And the dilation has no effect in
        yours: it spreads the taps, so the kernel reaches further."""
        return self.measured(right, asked, impossible, lambda k, d: k, lambda pad: pad)

    @mistake
    def same_whatever_the_stride(self, right, asked, impossible=False):
        """"same" keeps the size with stride 1 only. With stride s it leaves every s-th output."""
        return self.otherwise(asked, impossible, lambda room, s, q: room // s + 1,
                              lambda size, s: size)  # fmt: skip

    @mistake
    def same_rounds_down(self, right, asked, impossible=False):
        """With "same" you round size over stride down. It pads as much as it takes that no input
        is left out, so the first of every s counts, the last one begun too."""
        return self.otherwise(asked, impossible, lambda room, s, q: room // s + 1,
                              lambda size, s: size // s)  # fmt: skip

    @mistake
    def same_by_half_the_kernel(self, right, asked, impossible=False):
        """With "same" you pad half the kernel on each side, which is right for odd kernels without
        dilation only. What it pads follows from the size that it leaves, not the other way
        round."""
        return self.same_by(right, asked, impossible, lambda k, d: (k - 1) // 2)

    @mistake
    def same_by_half_the_reach(self, right, asked, impossible=False):
        """With "same" you pad both sides alike, half of the kernel's reach without its middle,
        rounded down. An even kernel then lacks one: "same" may pad one side more than the other."""
        return self.same_by(right, asked, impossible, lambda k, d: d * (k - 1) // 2)

    def same_by(self, right, asked, impossible, half):
        """What "same" gives by so much padding on each side."""
        asked = [
            {**q, "pad": half(q["kernel"], q.get("dilation", 1))} if q["pad"] == "same" else q
            for q in asked
        ]
        return self.measured(right, asked, impossible)

    @mistake
    def same_by_half_the_reach_rounded_up(self, right, asked, impossible=False):
        """With "same" you pad half the kernel's reach on each side, which is one too many in all
        where the reach is even: "same" may pad one side more than the other."""
        return self.same_by(right, asked, impossible, lambda k, d: (d * (k - 1) + 1) // 2)

    @mistake
    def same_by_half_the_kernel_rounded_down(self, right, asked, impossible=False):
        """With "same" you pad half of the kernel on each side, which for an even kernel is one too
        many in all, and too little where there is a dilation. What it pads follows from the size
        that it leaves, not the other way round."""
        return self.same_by(right, asked, impossible, lambda k, d: k // 2)

    @mistake
    def same_by_half_of_dilation_times_kernel(self, right, asked, impossible=False):
        """With "same" you pad half of dilation times kernel on each side. That is too much for an
        even kernel, and for one with a dilation: it reaches less far than that. What it pads
        follows from the size that it leaves, not the other way round."""
        return self.same_by(right, asked, impossible, lambda k, d: d * k // 2)

    @mistake
    def same_by_dilation_times_half_the_kernel(self, right, asked, impossible=False):
        """With "same" you pad dilation times half the kernel on each side, which is too much for an
        even kernel: "same" may pad one side more than the other."""
        return self.same_by(right, asked, impossible, lambda k, d: d * (k // 2))

    @mistake
    def same_refused(self, right, asked, impossible=False):
        """With "same" you refuse a kernel that reaches further than the input. "same" pads as much
        as it takes, so it always fits."""
        reaches = [(q["kernel"] - 1) * q.get("dilation", 1) + 1 for q in asked]
        if any(q["pad"] == "same" and r > q["size"] for q, r in zip(asked, reaches, strict=True)):
            return {"out": raises("ValueError")}

    @mistake
    def valid_and_same_exchanged(self, right, asked, impossible=False):
        """"valid" and "same" have changed places in your code: "valid" pads nothing, "same" pads as
        much as it takes."""
        words = {"valid": "same", "same": "valid"}
        if not any(q["pad"] in words for q in asked):
            return None
        turned = [{**q, "pad": words.get(q["pad"], q["pad"])} for q in asked]
        found = self.measured(right, turned, impossible)
        if impossible:  # "same" always fits
            return {"where nothing fits": found["where nothing fits"]}
        return found

    @mistake
    def same_not_read(self, right, asked, impossible=False):
        """Your code stops where `pad` is "same": it computes with the word. Turn words into numbers
        first."""
        if any(q["pad"] == "same" for q in asked):
            return dict.fromkeys(right, raises("TypeError"))

    @mistake
    def valid_not_read(self, right, asked, impossible=False):
        """Your code stops where `pad` is "valid": it computes with the word, which stands for 0.
        Turn words into numbers first."""
        if any(q["pad"] == "valid" for q in asked):
            return dict.fromkeys(right, raises("TypeError"))

    @mistake
    def rest_refused(self, right, asked, impossible=False):
        """Your code stops where the stride does not divide evenly, as an old assert does.
        Every framework rounds down instead: a rest is left out."""
        if not impossible and self.rests(asked):
            return {"out": raises("ValueError")}

    @mistake
    def refuses_a_rest(self, right, asked, impossible=False):
        """You stop where the stride does not divide evenly, as an old assert does. Every
        framework rounds down instead, and the lecture's own 28 → 13 (3×3, stride 2) needs it."""
        if not impossible and self.rests(asked):
            return {"out": raises("AssertionError")}

    def rests(self, asked):
        """Whether in one of the questions the stride does not divide evenly."""
        rooms = self.otherwise(asked, False, lambda room, s, q: room % s, lambda size, s: 0)
        return bool(rooms["out"].any())

    @mistake
    def asserts_where_it_should_round(self, right, asked, impossible=False):
        """Your assert stops two things: a kernel that fits nowhere, which should be a ValueError
        with a reason, and a stride that leaves a rest, which is no fault at all: round down."""
        if impossible or self.rests(asked):
            return dict.fromkeys(right, raises("AssertionError"))
