"""The questions of notebook 13: three about earlier notebooks, two about this one."""

import math

import torch

from autograder.exercise import Case, Question, mistake


class q13_exponential(Question):
    """From which logit on an unshifted softmax overflows in half precision (05)."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, k=int(rng.integers(4, 9)))

    def text(self, k):
        return (
            f"A net with {k} classes computes its softmax in half precision, as "
            "$e^{z_i} / \\sum_j e^{z_j}$, without shifting the logits first. The largest number in "
            "half precision is 65504. From about which logit on is the result NaN?\n\n"
            "- **a** 11\n- **b** 89\n- **c** 710\n- **d** 65504"
        )

    def reference(self, k):
        def breaks(z):
            scores = torch.zeros(k, device=self.device).half()
            scores[0] = z
            e = scores.exp()
            return bool((e / e.sum()).isnan().any())

        first = next(z for z in range(1, 1000) if breaks(z))
        choices = {"a": 11, "b": 89, "c": 710, "d": 65504}
        return {"answer": min(choices, key=lambda c: abs(choices[c] - first))}

    @mistake
    def single_precision(self, right, k):
        """That is where single precision ends: its largest number is 3.4·10³⁸. Take the logarithm
        of 65504."""
        return {"answer": "b"}

    @mistake
    def double_precision(self, right, k):
        """That is where double precision ends. Take the logarithm of 65504."""
        return {"answer": "c"}

    @mistake
    def logit_for_exponential(self, right, k):
        """The logit itself may be as large as that; its exponential is what overflows, much
        earlier."""
        return {"answer": "d"}


class q13_adam_epsilon(Question):
    """What half precision makes of Adam's ε (07)."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, steps=int(rng.integers(2, 9)))

    def text(self, steps):
        return (
            "Somebody keeps all of Adam (m, v and ε = 1e-8) in half precision, whose smallest "
            "number above 0 is 6e-8. One weight belongs to a pixel that is always black, so its "
            f"gradient is exactly 0. What is this weight after {steps} steps?\n\n"
            "- **a** unchanged: 0 divided by ε is 0\n"
            "- **b** NaN\n"
            "- **c** infinite\n"
            "- **d** it has moved by about the learning rate at each step"
        )

    def reference(self, steps):
        zero = torch.zeros((), device=self.device).half()
        w = zero + 1
        for _ in range(steps):
            w = w - 0.1 * zero / (zero.sqrt() + torch.tensor(1e-8, device=self.device).half())
        if w.isnan():
            return {"answer": "b"}
        return {"answer": "c" if w.isinf() else "a" if w == 1 else "d"}

    @mistake
    def as_in_single_precision(self, right, steps):
        """So it is in single precision, and that is what ε is for. To which half precision number
        is 1e-8 rounded?"""
        return {"answer": "a"}

    @mistake
    def divided_by_zero(self, right, steps):
        """The divisor is 0, that much is right. And what is divided by it?"""
        return {"answer": "c"}

    @mistake
    def normalised_step(self, right, steps):
        """Adam's steps are about as long as the rate when there is a gradient. Here m is 0 and v
        is 0."""
        return {"answer": "d"}


class q13_memory(Question):
    """The bytes of a weight in training with mixed precision (07, 12)."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, millions=int(rng.choice([20, 30, 60, 70, 90])))

    def text(self, millions):
        return (
            f"A net with {millions} million weights is trained with Adam in mixed precision. For "
            "each weight there are a copy and a gradient in half precision (16 bits), and in "
            "single precision (32 bits) another copy (the master weight) and Adam's two moments. "
            "How many megabytes (10⁶ bytes) do they take, without activations? (Answer with a "
            "number.)"
        )

    def reference(self, millions):
        kinds = [torch.half, torch.half, torch.float, torch.float, torch.float]
        return {"answer": float(millions * sum(torch.finfo(k).bits // 8 for k in kinds))}

    @mistake
    def half_of_everything(self, right, millions):
        """You count two bytes for each of the five numbers. Three of them are single precision."""
        return {"answer": 10.0 * millions}

    @mistake
    def all_single(self, right, millions):
        """You count four bytes for each of the five numbers. Two of them are half precision."""
        return {"answer": 20.0 * millions}

    @mistake
    def one_number_missing(self, right, millions):
        """One of the three numbers in single precision is missing in your sum: the master weight,
        m, v."""
        return {"answer": 12.0 * millions}

    @mistake
    def only_weights(self, right, millions):
        """That is the copy in half precision alone."""
        return {"answer": 2.0 * millions}


class q13_largest_sum(Question):
    """Where a half precision sum of ones comes to a stop."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, value=float(rng.choice([0.125, 0.25, 4, 8])))

    def text(self, value):
        return (
            f"You add {value:g} again and again to a half precision number that starts at 0. "
            "At which value does it stop growing? (Answer with a number.)"
        )

    def reference(self, value):
        total, step = torch.zeros(()).half(), torch.tensor(value).half()
        while total + step != total:
            total = total + step
        return {"answer": float(total)}

    @mistake
    def stops_for_ones(self, right, value):
        """That is where it stops for ones. What counts is the ratio of the sum to what is
        added."""
        return {"answer": 2048.0}

    @mistake
    def one_bit_early(self, right, value):
        """There the spacing of the numbers is just what you add, so it still fits. It is lost when
        it is half a spacing, and a tie goes to the even neighbour."""
        return {"answer": 1024 * value}

    @mistake
    def one_bit_late(self, right, value):
        """It stops earlier: at half of your value what is added is half a spacing already, and
        the tie goes to the even neighbour, which is the sum as it was."""
        return {"answer": 4096 * value}

    @mistake
    def largest_number(self, right, value):
        """65504 is the largest number, but long before it the steps between the numbers are too
        wide for what you add."""
        return {"answer": 65504.0}


class q13_alexnet(Question):
    """Why half precision gains nothing where arithmetic is waited for."""

    extra = True

    def cases(self, rng):
        flops, intensity = float(rng.choice([5, 6, 7])), float(rng.choice([150, 180]))
        yield Case("answer", 1, tflops=flops, bandwidth=336.0, intensity=intensity)

    def text(self, tflops, bandwidth, intensity):
        return (
            f"A GPU does {tflops:g} TFLOP/s, with the same units for both precisions (half "
            "precision numbers are widened when they are loaded), and "
            f"moves {bandwidth:g} GB/s. A layer does {intensity:g} operations for each byte it "
            "moves in single precision. How many times faster can it get when all that it moves is "
            "stored in half precision?\n\n"
            "- **a** twice as fast, half of the bytes\n"
            "- **b** four times: half of the bytes, and twice the arithmetic\n"
            "- **c** not at all\n"
            f"- **d** {intensity / 100:g} times"
        )

    def reference(self, tflops, bandwidth, intensity):
        def seconds(bytes_moved):
            return max(intensity / (tflops * 1e12), bytes_moved / (bandwidth * 1e9))

        gain = seconds(1.0) / seconds(0.5)
        choices = {"a": 2.0, "b": 4.0, "c": 1.0, "d": intensity / 100}
        return {"answer": min(choices, key=lambda c: abs(math.log(choices[c] / gain)))}

    @mistake
    def bytes_decide(self, right, tflops, bandwidth, intensity):
        """So it would be if the layer waited for memory. How many operations can this GPU do in
        the time in which one byte arrives?"""
        return {"answer": "a"}

    @mistake
    def arithmetic_doubled(self, right, tflops, bandwidth, intensity):
        """The units are the same for both, so the arithmetic takes as long as before."""
        return {"answer": "b"}

    @mistake
    def intensity_for_gain(self, right, tflops, bandwidth, intensity):
        """Operations a byte say what a layer waits for. They are no gain by themselves."""
        return {"answer": "d"}
