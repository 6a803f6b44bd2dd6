"""Exercises of notebook 13 on signs as bits: eight in a byte, and products that are counts.

Training with signs is in `precision_binary`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.precision.binary import signs


def words(positive, first_is_highest=True):
    """Truth values along the last axis as bytes, by arithmetic."""
    width = -(-positive.shape[-1] // 8)
    padded = np.zeros((*positive.shape[:-1], 8 * width), dtype=np.int64)
    padded[..., : positive.shape[-1]] = positive
    values = 2 ** np.arange(8)[:: -1 if first_is_highest else 1]
    return (padded.reshape(*positive.shape[:-1], width, 8) @ values).astype(np.uint8)


class pack_bits(Exercise):
    """Eight signs in a byte."""

    signature = "pack_bits(x) -> bits"
    minutes = 7
    hints = (
        "A byte is eight bits, so 13 signs need two of them. What stands in the last three?",
        "numpy packs truth values into bytes. Mind along which axis, and which values are true.",
    )

    def cases(self, rng):
        yield Case("one row of eight", 1, x=np.array([1.0, -1, 1, 1, -1, -1, -1, 1]))
        yield Case("five rows of thirteen", 1, x=signs(rng, 5, 13))
        yield Case("three axes, single precision", 1, x=signs(rng, 2, 3, 20).astype(np.float32))
        yield Case("seven, and all positive", 1, x=np.ones((2, 7)))

    def observe(self, code, x):
        bits = code.pack_bits(x)
        return {"bits": bits, "dtype": str(getattr(bits, "dtype", None))}

    def reference(self, x):
        width = -(-x.shape[-1] // 8)
        packed = b""
        for row in x.reshape(-1, x.shape[-1]):
            digits = "".join("1" if v > 0 else "0" for v in row).ljust(8 * width, "0")
            packed += int(digits, 2).to_bytes(width, "big")
        bits = np.frombuffer(packed, dtype=np.uint8)
        return {"bits": bits.reshape(*x.shape[:-1], width), "dtype": "uint8"}

    @mistake
    def in_wide_numbers(self, right, x):
        """Your bytes have the right values, and each is kept in eight bytes: the dtype should be
        uint8."""
        return {"dtype": "int64"}

    @mistake
    def lowest_bit_first(self, right, x):
        """Your first sign is in the lowest bit. It belongs in the highest, so that the byte reads
        from left to right."""
        return {"bits": words(x > 0, first_is_highest=False)}

    @mistake
    def negative_is_one(self, right, x):
        """Your bits are 1 where x is −1. +1 is the one that has bit 1."""
        return {"bits": words(x < 0)}

    @mistake
    def everything_is_true(self, right, x):
        """All of your bits are 1: −1 is not 0, so it counts as true. Compare first."""
        return {"bits": words(x != 0)}

    @mistake
    def padded_with_ones(self, right, x):
        """The bits that are left over in the last byte are 1 in yours. They are padding and should
        be 0."""
        over = (-x.shape[-1]) % 8
        bits = right["bits"].copy()
        bits[..., -1] |= 2**over - 1
        return {"bits": bits}

    @mistake
    def padded_in_front(self, right, x):
        """Your padding comes before the signs of the last byte, which have moved to its low end.
        The signs come first, then the padding."""
        over = (-x.shape[-1]) % 8
        bits = right["bits"].copy()
        bits[..., -1] >>= over
        return {"bits": bits}

    @mistake
    def last_byte_dropped(self, right, x):
        """Signs are missing: the number of bytes was rounded down. The last byte need not be
        full."""
        if x.shape[-1] % 8:
            return {"bits": right["bits"][..., : x.shape[-1] // 8]}

    @mistake
    def packed_flat(self, right, x):
        """You pack all values one behind the other, rows running into each other. Each row starts
        a byte of its own: pack along the last axis."""
        return {"bits": words((x > 0).reshape(-1))}

    @mistake
    def packed_along_the_first_axis(self, right, x):
        """You pack along the first axis. The signs of one row belong together: pack along the
        last one."""
        if x.ndim > 1:
            return {"bits": np.moveaxis(words(np.moveaxis(x > 0, 0, -1)), -1, 0)}

    @mistake
    def a_byte_a_sign(self, right, x):
        """Each of your signs still takes a whole byte. Eight of them fit into one."""
        return {"bits": (x > 0).astype(np.uint8)}


class xnor_dot(Exercise):
    """The product of two vectors of signs, as a count of bits."""

    signature = "xnor_dot(a_bits, b_bits, n) -> out"
    needs = ("pack_bits",)
    minutes = 12
    difficulty = 2
    hints = (
        "Each pair of signs adds +1 where they agree and -1 where they do not. If d of n differ, "
        "how many agree, and what is the sum?",
        "Where two bits differ, their exclusive or is 1. Unpack it to count, or look counts up. "
        "What do the padding bits of a and b give?",
        "Counts of numpy come out unsigned, and below 0 an unsigned number starts again at the "
        "top.",
    )

    def cases(self, rng):
        yield Case("sixteen signs", 1, a=signs(rng, 16), b=signs(rng, 16))
        a = signs(rng, 21)
        b = -a
        b[:4] *= -1
        yield Case("twenty-one signs, mostly opposite", 1, a=a, b=b)
        yield Case("five rows with five rows", 1, a=signs(rng, 5, 37), b=signs(rng, 5, 37))
        yield Case("every row with every row", 1, a=signs(rng, 4, 1, 43), b=signs(rng, 1, 3, 43))
        a = signs(rng, 1003)
        yield Case("a thousand signs, all opposite", 1, a=a, b=-a)
        yield Case("three signs", 1, a=np.array([1.0, -1, 1]), b=np.array([-1.0, -1, -1]))

    def observe(self, code, a, b):
        n = a.shape[-1]
        out = code.xnor_dot(code.pack_bits(a), code.pack_bits(b), n)
        return {"out": np.asarray(out)}

    def reference(self, a, b):
        a, b = torch.tensor(a, device=self.device), torch.tensor(b, device=self.device)
        return {"out": (a * b).sum(-1).round().long()}

    def counts(self, a, b):
        """How many signs differ, how many there are, how many padding bits follow them."""
        n = a.shape[-1]
        return (a != b).sum(-1), n, (-n) % 8

    @mistake
    def padding_counted(self, right, a, b):
        """The padding counts as agreement in yours: where both bits are 0 the not-exclusive-or is
        1. Count what differs instead, or take the padding off."""
        _, _, padding = self.counts(a, b)
        return {"out": right["out"] + 2 * padding}

    @mistake
    def bits_for_length(self, right, a, b):
        """You take eight times the number of bytes for n. The last byte need not be full."""
        _, _, padding = self.counts(a, b)
        return {"out": right["out"] + padding}

    @mistake
    def bytes_for_length(self, right, a, b):
        """You take the number of bytes for n. It is the number of signs."""
        differ, n, padding = self.counts(a, b)
        return {"out": (n + padding) // 8 - 2 * differ}

    @mistake
    def sign_turned(self, right, a, b):
        """Yours has the wrong sign: what agrees counts as +1 and what differs as −1, and you have
        it the other way round."""
        return {"out": -right["out"]}

    @mistake
    def differences_counted(self, right, a, b):
        """That is how many signs differ. The product is what agrees minus what does not."""
        differ, _, _ = self.counts(a, b)
        return {"out": differ}

    @mistake
    def agreements_counted(self, right, a, b):
        """That is how many signs agree. The ones that differ still have to be taken off."""
        differ, n, _ = self.counts(a, b)
        return {"out": n - differ}

    @mistake
    def counted_in_a_byte(self, right, a, b):
        """Your count is kept in eight bits and starts again at 256."""
        differ, n, _ = self.counts(a, b)
        return {"out": n - 2 * (differ % 256)}

    @mistake
    def unsigned(self, right, a, b):
        """Where the product is negative yours is a huge number: the count is unsigned, and so is
        what is subtracted from it. Make it a signed integer first."""
        return {"out": right["out"].astype(np.uint64)}

    @mistake
    def and_for_xor(self, right, a, b):
        """You count where both bits are 1. Two −1 give +1 as well: look for bits that differ."""
        both = ((a > 0) & (b > 0)).sum(-1)
        return {"out": a.shape[-1] - 2 * both}

    @mistake
    def bytes_compared(self, right, a, b):
        """You count bytes that differ. A byte holds eight signs: its bits have to be counted."""
        differ = (words(a > 0) != words(b > 0)).sum(-1)
        return {"out": a.shape[-1] - 2 * differ}

    @mistake
    def one_sum_for_all(self, right, a, b):
        """You sum over everything, rows too. Only the last axis is summed; the others stay."""
        if right["out"].ndim:
            return {"out": right["out"].sum()}
