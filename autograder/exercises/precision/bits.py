"""Exercise of notebook 13 on signs as bits, eight in a byte. Products of them are in
`bit_products`, training with signs is in `binary`.
"""

import numpy as np

from autograder.exercise import Case, Exercise, mistake, raises
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
    reads = {"dtype": "the dtype of your bits is {seen}; {right} is asked for"}
    hints = (
        "A byte is eight bits, so 13 signs need two of them. What stands in the last three?",
        "numpy can pack truth values into bytes. Along which axis, and which values are true?",
    )

    def cases(self, rng):
        # Not all of a sign, and not the same backwards.
        yield Case("one row of eight", 1, x=np.append([1.0, -1], signs(rng, 6)))
        yield Case("five rows of thirteen", 1, x=signs(rng, 5, 13))
        yield Case("three axes, single precision", 1, x=signs(rng, 2, 3, 20).astype(np.float32))
        width = int(rng.integers(3, 8))
        yield Case("less than a byte, all positive", 1, x=np.ones((int(rng.integers(2, 5)), width)))

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
        """Your bytes are kept in eight bytes each: the dtype should be uint8."""
        return {"dtype": "int64"}

    @mistake
    def lowest_bit_first(self, right, x):
        """Your first sign is in the lowest bit. It belongs in the highest, so that the byte reads
        from left to right."""
        return {"bits": words(x > 0, first_is_highest=False)}

    @mistake
    def packed_flat_lowest_first(self, right, x):
        """You pack all values one behind the other, rows running into each other, and the first
        sign is in the lowest bit. Pack along the last axis, the first sign in the highest bit."""
        return {"bits": words((x > 0).reshape(-1), first_is_highest=False)}

    @mistake
    def negative_is_one(self, right, x):
        """Your bits are 1 where x is −1. +1 is the one that has bit 1."""
        return {"bits": words(x < 0)}

    @mistake
    def all_bits_turned(self, right, x):
        """Your bits are turned, the padding too: −1 has bit 1, and the bits that are left over are
        1. +1 has bit 1, and the padding is 0."""
        return {"bits": 255 - right["bits"]}

    @mistake
    def everything_is_true(self, right, x):
        """The bits of all your signs are 1: −1 is not 0, so it counts as true. Compare first."""
        return {"bits": words(x != 0)}

    @mistake
    def padded_with_ones(self, right, x):
        """Your bits that are left over in the last byte are 1. They are padding and should be
        0."""
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
    def row_padded_in_front(self, right, x):
        """Your padding comes before the first sign of a row, so all signs have moved. The signs
        come first, the padding fills the end of the last byte."""
        over = (-x.shape[-1]) % 8
        front = np.zeros((*x.shape[:-1], over), bool)
        return {"bits": words(np.concatenate([front, x > 0], axis=-1))}

    @mistake
    def a_byte_too_many(self, right, x):
        """Your rows have a byte of zeros too many where eight divides the number of signs: n // 8 +
        1 is right only where something is left over. Round n / 8 up."""
        if x.shape[-1] % 8 == 0:
            zeros = np.zeros((*right["bits"].shape[:-1], 1), np.uint8)
            return {"bits": np.concatenate([right["bits"], zeros], axis=-1)}

    @mistake
    def wants_full_bytes(self, right, x):
        """Your code stops where eight does not divide the number of signs: a row cannot be cut into
        whole bytes there. Pad it with zeros at its end first."""
        if x.shape[-1] % 8:
            return dict.fromkeys(right, raises("ValueError", "cannot reshape array"))

    @mistake
    def packed_along_axis_one(self, right, x):
        """You pack along axis 1. That is the last one only where there are two: pack along the
        last axis, however many there are."""
        if x.ndim > 2:
            return {"bits": np.moveaxis(words(np.moveaxis(x > 0, 1, -1)), -1, 1)}

    @mistake
    def last_byte_dropped(self, right, x):
        """Your signs of the last byte are missing: the number of bytes was rounded down. The last
        byte need not be full."""
        if x.shape[-1] % 8:
            return {"bits": right["bits"][..., : x.shape[-1] // 8]}

    @mistake
    def packed_flat(self, right, x):
        """You pack all values one behind the other, rows running into each other. Each row starts
        a byte of its own: pack along the last axis."""
        return {"bits": words((x > 0).reshape(-1))}

    @mistake
    def packed_flat_into_rows(self, right, x):
        """You pack all values one behind the other and put the bytes into rows afterwards, so that
        a row may begin in the middle of a byte. Each row starts a byte of its own: pack along the
        last axis."""
        bits = np.zeros_like(right["bits"])
        packed = words((x > 0).reshape(-1))
        bits.reshape(-1)[: len(packed)] = packed
        return {"bits": bits}

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
