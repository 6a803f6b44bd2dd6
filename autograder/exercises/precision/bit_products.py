"""Exercise of notebook 13 on products of signs: counts of bits. The bits are in `bits`."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.precision.binary import signs
from autograder.exercises.precision.bits import words


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
        "numpy's counts are unsigned integers. An unsigned number that would go below 0 starts "
        "again at the top of its range.",
    )

    def cases(self, rng):
        yield Case("sixteen signs", 1, a=signs(rng, 16), b=signs(rng, 16))
        a = signs(rng, 21)
        b = -a
        b[:4] *= -1
        yield Case("twenty-one signs, mostly opposite", 1, a=a, b=b)
        yield Case("five rows with five rows", 0.5, a=signs(rng, 5, 37), b=signs(rng, 5, 37))
        yield Case("one row with every row", 0.5, a=signs(rng, 1, 1, 43), b=signs(rng, 1, 3, 43))
        yield Case("every row with every row", 1, a=signs(rng, 4, 1, 43), b=signs(rng, 1, 3, 43))
        a = signs(rng, int(rng.choice([1003, 1005, 1011, 1014, 1019, 1022])))
        yield Case("a thousand signs, all opposite", 1, a=a, b=-a)
        a = signs(rng, int(rng.integers(3, 7)))
        b = a.copy()
        b[: int(rng.integers(1, a.size))] *= -1
        yield Case("a few signs", 1, a=a, b=b)

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
        """Your padding counts as agreement: where both bits are 0 the not-exclusive-or is
        1. Count what differs instead, or take the padding off."""
        return {"out": right["out"] + 2 * self.counts(a, b)[2]}

    @mistake
    def a_byte_of_padding_too_many(self, right, a, b):
        """Where 8 divides n you take 8 bits off for padding, and there is none then."""
        return None if a.shape[-1] % 8 else {"out": right["out"] - 16}

    @mistake
    def bits_for_length(self, right, a, b):
        """Your product counts the padding, as when eight times the number of bytes is taken for n,
        or when signs are made of all bits. What comes after the n-th bit does not count."""
        return {"out": right["out"] + self.counts(a, b)[2]}

    @mistake
    def bytes_for_length(self, right, a, b):
        """You take the number of bytes for n. It is the number of signs."""
        differ, n, padding = self.counts(a, b)
        return {"out": (n + padding) // 8 - 2 * differ}

    @mistake
    def sign_turned(self, right, a, b):
        """Your product has the wrong sign: what agrees counts as +1 and what differs as −1, and you
        have it the other way round."""
        return {"out": -right["out"]}

    @mistake
    def differences_counted(self, right, a, b):
        """Your result is how many signs differ. The product is what agrees minus what does not."""
        return {"out": self.counts(a, b)[0]}

    @mistake
    def agreements_counted(self, right, a, b):
        """Your result is how many signs agree. The ones that differ still have to be taken off."""
        differ, n, _ = self.counts(a, b)
        return {"out": n - differ}

    @mistake
    def agreements_with_padding(self, right, a, b):
        """Your result is how many bits agree, those of the padding among them. Leave the padding
        out, and take the ones that differ off."""
        differ, n, padding = self.counts(a, b)
        return {"out": n + padding - differ}

    @mistake
    def agreements_minus_length(self, right, a, b):
        """You subtract n from the number of signs that agree. Each agreement takes the sum up by 2
        from −n, not by 1: it is +1 in place of −1."""
        return {"out": -self.counts(a, b)[0]}

    @mistake
    def padded_agreements_minus_length(self, right, a, b):
        """You subtract n from the number of bits that agree, those of the padding among them.
        Starting from −n, each agreement raises the sum by 2, but the padding is no agreement."""
        differ, _, padding = self.counts(a, b)
        return {"out": padding - differ}

    @mistake
    def counted_in_a_byte(self, right, a, b):
        """Your count is kept in eight bits and starts again at 256."""
        differ, n, _ = self.counts(a, b)
        return {"out": n - 2 * (differ % 256)}

    @mistake
    def counted_in_a_signed_byte(self, right, a, b):
        """Your count is kept in eight bits with a sign, as int8 has them: beyond 127 it starts
        again at −128."""
        differ, n, _ = self.counts(a, b)
        return {"out": n - 2 * differ.astype(np.int8).astype(np.int64)}

    @mistake
    def unsigned(self, right, a, b):
        """Your result is a huge number where the product is negative: the count is unsigned, and so
        is what is reckoned with it. Make it a signed integer first."""
        return {"out": right["out"].astype(np.uint64)}

    @mistake
    def result_in_a_byte(self, right, a, b):
        """Your result is kept in eight bits, so it starts again at the other end beyond 127 and
        −128. Take a wider integer."""
        return {"out": right["out"].astype(np.int8).astype(np.int64)}

    @mistake
    def signs_unpacked_unsigned(self, right, a, b):
        """You make signs of the bits in eight bits without a sign, where 2·0 − 1 is 255. Make the
        bits signed integers first."""
        differ, n, _ = self.counts(a, b)
        return {"out": n - differ + 255 * differ}

    @mistake
    def padding_unpacked_unsigned(self, right, a, b):
        """You make signs of the bits in eight bits without a sign, where 2·0 − 1 is 255, and the
        padding is among them. Make the bits signed integers, and leave the padding out."""
        differ, n, padding = self.counts(a, b)
        return {"out": n + padding - differ + 255 * differ}

    @mistake
    def positives_in_common(self, right, a, b):
        """You count where both signs are +1, as the product of bits 0 and 1 does. Two −1 give +1 as
        well, and what differs gives −1."""
        return {"out": ((a > 0) & (b > 0)).sum(-1)}

    @mistake
    def one_count_for_all(self, right, a, b):
        """You count the bits that differ in everything, rows too. Count along the last axis; the
        others stay."""
        if right["out"].ndim:
            return {"out": a.shape[-1] - 2 * self.counts(a, b)[0].sum()}

    @mistake
    def agreements_over_everything(self, right, a, b):
        """You take off what differs once: that leaves what agrees, and what differs has still to be
        taken off. And you count over everything, rows too. Count along the last axis; the others
        stay."""
        differ, n, _ = self.counts(a, b)
        return {"out": n - differ.sum()}

    @mistake
    def one_count_in_every_place(self, right, a, b):
        """All your results are the same number, n minus twice the bits that differ in everything.
        Count along the last axis: each pair has a count of its own."""
        if (shape := right["out"].shape) and a.ndim:
            return {"out": np.full(shape, a.shape[-1] - 2 * self.counts(a, b)[0].sum())}

    def byte_counts(self, a, b):
        """How many bits differ in each byte."""
        return np.unpackbits((words(a > 0) ^ words(b > 0))[..., None], axis=-1).sum(-1, dtype=int)

    @mistake
    def a_count_for_each_byte(self, right, a, b):
        """You count the bits of each byte and leave the bytes apart. The counts of a row's bytes
        are added."""
        return {"out": a.shape[-1] - 2 * self.byte_counts(a, b)}

    @mistake
    def summed_along_the_first_axis(self, right, a, b):
        """You sum along the first axis. The bits of a row are along the last one."""
        counts = self.byte_counts(a, b)
        if counts.ndim > 1:
            return {"out": a.shape[-1] - 2 * counts.sum(0)}

    @mistake
    def values_of_bytes_added(self, right, a, b):
        """You add the values of the bytes. What counts is how many bits of a byte are 1, whatever
        place they have."""
        values = words(a > 0) ^ words(b > 0)
        return {"out": a.shape[-1] - 2 * values.sum(-1, dtype=int)}

    @mistake
    def every_row_with_every_row(self, right, a, b):
        """You pair every row with every row. The axes before the last broadcast as in any operation
        of numpy: rows that stand side by side are paired, and two vectors give a number."""
        a, b = (v.reshape(-1, v.shape[-1]) for v in (a, b))
        return {"out": (a @ b.T).astype(np.int64)}

    @mistake
    def matrices_row_by_row(self, right, a, b):
        """Of two matrices you pair every row with every row. The axes before the last broadcast as
        in any operation of numpy: rows that stand side by side are paired."""
        if a.ndim == b.ndim == 2:
            return {"out": (a @ b.T).astype(np.int64)}

    @mistake
    def floats_for_counts(self, right, a, b):
        """Your result is of floats. Products of signs are whole numbers: integers are asked for."""
        if right["out"].ndim:
            return {"out": right["out"].astype(np.float64)}

    @mistake
    def divided_by_the_length(self, right, a, b):
        """You divide by n. That is the mean of the products; their sum is asked for."""
        return {"out": right["out"] / a.shape[-1]}

    @mistake
    def and_for_xor(self, right, a, b):
        """You count where both bits are 1. Two −1 give +1 as well: look for bits that differ."""
        both = ((a > 0) & (b > 0)).sum(-1)
        return {"out": a.shape[-1] - 2 * both}

    @mistake
    def common_positives_minus_the_rest(self, right, a, b):
        """You count a pair as an agreement only where both signs are +1, as `&` does. Two −1 agree
        as well."""
        both = ((a > 0) & (b > 0)).sum(-1)
        return {"out": 2 * both - a.shape[-1]}

    @mistake
    def common_positives_minus_all_bits(self, right, a, b):
        """You count a pair as an agreement only where both signs are +1, as `&` does, and take the
        padding for signs. Two −1 agree as well, and n says how many signs there are."""
        both, (_, n, padding) = ((a > 0) & (b > 0)).sum(-1), self.counts(a, b)
        return {"out": 2 * both - n - padding}

    @mistake
    def and_for_xor_among_all_bits(self, right, a, b):
        """You count where both bits are 1, and take the padding for signs. Two −1 give +1 as well:
        look for bits that differ; and n says how many signs there are."""
        both, (_, n, padding) = ((a > 0) & (b > 0)).sum(-1), self.counts(a, b)
        return {"out": n + padding - 2 * both}

    @mistake
    def and_for_xor_over_everything(self, right, a, b):
        """You count where both bits are 1, and over everything, rows too. Two −1 give +1 as well:
        look for bits that differ; and only the last axis is summed, the others stay."""
        if right["out"].ndim:
            return {"out": a.shape[-1] - 2 * ((a > 0) & (b > 0)).sum()}
        return self.and_for_xor(right, a, b)

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
