"""Exercise of notebook 13 on half precision: what a sum of many numbers loses.

A step in half precision is in `loss_scaling`; next door are `fixed_point`, `dynamic_range`,
`binary`, `bits` and `bit_products`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near


def step_by_step(x, dtype):
    """The sum of x from first to last in an accumulator of `dtype`, rounded at every addition."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.add.accumulate(x.astype(dtype))[-1]


def exactly(value):
    return near(value, rtol=0.0, atol=0.0)


class half_accumulate(Exercise):
    """The same sum with a half and with a single precision accumulator."""

    signature = "half_accumulate(x) -> in_half, in_single"
    minutes = 8
    hints = (
        "Both sums are over the same float16 numbers. What differs is the variable that you add "
        "to, and it is rounded at every addition.",
        "np.sum is cleverer than its dtype says: it adds in pairs, and float16 in float32 inside. "
        "An accumulator is a loop, or the last entry of a running sum.",
    )

    reads = {"types": "one of your sums is a {seen} number; {right} is asked for"}

    def cases(self, rng):
        yield Case("a few thousand ones", 1, x=np.ones(int(rng.integers(2500, 3900))))
        small = np.full(int(rng.integers(400, 700)), 2.0**-11)
        yield Case("1, then many times 2**-11", 1, x=np.append(1.0, small))
        # Not rounded beforehand: half precision has none of these.
        x = rng.normal(size=600) * 10 ** rng.uniform(-3, 1.5, 600)
        yield Case("values of all sizes", 0.5, x=x)
        # By way of float32 each of these lands half-way between two and then on the even one.
        x = 2.0 ** rng.integers(-4, 4, 60) * (1 + 2.0**-11 + 2.0**-40)
        yield Case("a little more than half-way between two", 0.5, x=x)
        tenths = np.full(int(rng.integers(900, 1100)), 0.1, dtype=np.float32)
        yield Case("a thousand tenths, which half precision does not have", 1, x=tenths)
        x = np.append(np.full(300, 65504.0), np.ones(int(rng.integers(800, 1200))))
        yield Case("too much for both", 1, x=x)

    def observe(self, code, x):
        with np.errstate(over="ignore", invalid="ignore"):
            half, single = code.half_accumulate(x)
        return {
            "in_half": half,
            "in_single": single,
            "types": [str(np.asarray(half).dtype), str(np.asarray(single).dtype)],
        }

    def reference(self, x):
        # Rounded by numpy: torch goes from double to half by way of single.
        numbers = torch.tensor(x.astype(np.float16))
        totals = [torch.zeros((), dtype=dtype) for dtype in (torch.half, torch.float)]
        for number in numbers:
            totals = [total + number.to(total.dtype) for total in totals]
        return {
            "in_half": exactly(totals[0]),
            "in_single": exactly(totals[1]),
            "types": ["float16", "float32"],
        }

    @mistake
    def half_added_wide(self, right, x):
        """Your half precision sum loses less than an accumulator does that is rounded at every
        addition, as when something wider is rounded once, at the end. np.sum does that by itself,
        and so do torch's sum and cumsum. Add to a float16, from the first number to the last."""
        with np.errstate(over="ignore"):
            return {"in_half": step_by_step(x.astype(np.float16), np.float32).astype(np.float16)}

    @mistake
    def added_in_halves(self, right, x):
        """You add the sums of the two halves, and so on inside each half, as on many processors at
        once. That loses less. One accumulator takes the numbers from the first to the last."""

        def total(part):
            if len(part) == 1:
                return part[0]
            middle = len(part) // 2
            return total(part[:middle]) + total(part[middle:])

        with np.errstate(over="ignore"):
            return {"in_half": total(x.astype(np.float16))}

    @mistake
    def added_in_pairs(self, right, x):
        """You add neighbours in pairs, then the sums of pairs in pairs, and so on. That loses less.
        One accumulator takes the numbers from the first to the last."""
        x = x.astype(np.float16)
        with np.errstate(over="ignore"):
            while len(x) > 1:
                x = np.append(x[:-1:2] + x[1::2], x[len(x) - len(x) % 2 :])
        return {"in_half": x[0]}

    @mistake
    def half_grows_wide(self, right, x):
        """Your half precision accumulator takes the type of x at the first addition: a float16 and
        a wider number give the wider type. Round x to float16 first, and it stays a float16."""
        return {"in_half": step_by_step(x, x.dtype), "types": [str(x.dtype), "float32"]}

    @mistake
    def single_added_in_pairs(self, right, x):
        """Your float32 sum is better than that of one accumulator that goes from first to last, as
        when np.sum adds in pairs, or when something wider is rounded at the end. Add to a float32
        in the order given, and single precision shows its own limit, at 2²⁴."""
        return {"in_single": x.astype(np.float16).sum(dtype=np.float32)}

    @mistake
    def single_rounded_at_the_end(self, right, x):
        """Your float32 sum is better than that of one accumulator that goes from first to last, as
        when a Python float or a float64 is added to and rounded at the end, or when np.sum adds in
        pairs. The accumulator itself should be a float32, rounded at every addition."""
        return {"in_single": np.float32(step_by_step(x.astype(np.float16), np.float64))}

    @mistake
    def single_added_in_double(self, right, x):
        """Your second accumulator is double precision. It should be a float32, which loses
        something too."""
        return {"in_single": step_by_step(x.astype(np.float16), np.float64),
                "types": ["float16", "float64"]}  # fmt: skip

    @mistake
    def both_in_half(self, right, x):
        """Both of your accumulators are float16. A Python 0.0 takes the type of what is added to
        it: begin the second sum as a float32."""
        return {"in_single": right["in_half"], "types": ["float16", "float16"]}

    @mistake
    def single_returned_in_half(self, right, x):
        """You return the second sum as a float16, so what the float32 accumulator held is rounded
        away. It stays a float32."""
        with np.errstate(over="ignore"):
            return {"in_single": np.float16(right["in_single"]), "types": ["float16", "float16"]}

    @mistake
    def exchanged(self, right, x):
        """Your two sums have changed places: the half precision one comes first."""
        return {"in_half": right["in_single"], "in_single": right["in_half"],
                "types": ["float32", "float16"]}  # fmt: skip

    @mistake
    def exchanged_and_added_wide(self, right, x):
        """Two things: your two sums have changed places, as the half precision one comes first; and
        that one loses less than an accumulator does that is rounded at every addition, as when
        something wider is rounded once, at the end."""
        return self.exchanged(right, x) | {"in_single": self.half_added_wide(right, x)["in_half"]}

    def unrounded(self, x):
        total = np.float16(0)
        with np.errstate(over="ignore"):
            for value in x:
                total = np.float16(float(total) + float(value))
        return total

    @mistake
    def not_rounded_first(self, right, x):
        """You add x as it came. The numbers to be added are float16 numbers: round x to half
        precision first, for both sums."""
        return {"in_half": self.unrounded(x), "in_single": step_by_step(x, np.float32)}

    @mistake
    def not_rounded_for_the_half(self, right, x):
        """For the half precision sum you add x as it came, and round only the sum. The numbers to
        be added are float16 numbers: round x first."""
        return {"in_half": self.unrounded(x)}

    @mistake
    def not_rounded_for_the_single(self, right, x):
        """For the single precision sum you add x as it came. Both sums are of the same float16
        numbers: round x to half precision first."""
        return {"in_single": step_by_step(x, np.float32)}

    @mistake
    def wide_and_not_rounded(self, right, x):
        """Your half precision sum is rounded only at the end, and for the single precision sum you
        add x as it came. Round x to half precision first, and the accumulator at every addition."""
        shown = self.half_added_wide(right, x)
        return shown | {"in_single": step_by_step(x, np.float32)}

    @mistake
    def rounded_twice(self, right, x):
        """You round x to float32 and then to float16. A number just beyond half-way between two is
        half-way after the first rounding, and may go the wrong way in the second: round once."""
        x = x.astype(np.float32).astype(np.float16)
        return {"in_half": step_by_step(x, np.float16), "in_single": step_by_step(x, np.float32)}

    @mistake
    def single_from_half(self, right, x):
        """Your in_single is the half precision sum, stored in a wider type. What was rounded away
        does not come back: the accumulator itself has to be float32."""
        return {"in_single": np.float32(right["in_half"])}

    @mistake
    def stops_at_the_largest(self, right, x):
        """Your half precision sum stops at 65504, the largest float16. Beyond it comes infinity,
        as the accumulator shows by itself."""
        if np.isinf(right["in_half"]):
            return {"in_half": np.float16(np.copysign(65504, right["in_half"]))}

    @mistake
    def stops_when_infinite(self, right, x):
        """Both of your sums stop where the half precision one becomes infinite, so the float32 sum
        lacks the numbers that follow. It goes on to the last."""
        x = x.astype(np.float16)
        with np.errstate(over="ignore"):
            finite = np.isfinite(np.add.accumulate(x, dtype=np.float16))
        if not finite.all():
            return {"in_single": step_by_step(x[: finite.argmin() + 1], np.float32)}

    @mistake
    def stops_when_nothing_changes(self, right, x):
        """Your half precision sum ends at the first addition that changes nothing. A larger number
        may come later and still counts: go on to the last."""
        with np.errstate(over="ignore"):
            running = np.add.accumulate(x.astype(np.float16))
        still = np.flatnonzero(running[1:] == running[:-1])
        return {"in_half": running[still[0]]} if len(still) else None

    def sums(self, x):
        """Both sums of other numbers."""
        x = x.astype(np.float16)
        return {"in_half": step_by_step(x, np.float16), "in_single": step_by_step(x, np.float32)}

    @mistake
    def last_to_first(self, right, x):
        """You add from the last to the first. In floating point the order matters: here it is
        first to last."""
        return self.sums(x[::-1])

    @mistake
    def sorted_first(self, right, x):
        """You add the small numbers first. That is good practice, and not what is asked: add in
        the order in which they come."""
        return self.sums(np.sort(x.astype(np.float16)))

    @mistake
    def smallest_sizes_first(self, right, x):
        """You add the numbers of the smallest size first, whatever their sign. That is good
        practice, and not what is asked: add in the order in which they come."""
        x = x.astype(np.float16)
        return self.sums(x[np.argsort(np.abs(x), kind="stable")])

    @mistake
    def first_counted_twice(self, right, x):
        """You count the first number twice: the sums start with it, and then all of x is added.
        Start at 0, or go on from the second."""
        return self.sums(np.append(x[:1], x))

    @mistake
    def first_counted_twice_in_half(self, right, x):
        """Your half precision sum counts the first number twice: it starts with it, and then all of
        x is added. Start at 0, or go on from the second."""
        return {"in_half": self.sums(np.append(x[:1], x))["in_half"]}

    @mistake
    def first_counted_twice_in_single(self, right, x):
        """Your single precision sum counts the first number twice: it starts with it, and then all
        of x is added. Start at 0, or go on from the second."""
        return {"in_single": self.sums(np.append(x[:1], x))["in_single"]}

    @mistake
    def first_left_out(self, right, x):
        """The first number is missing from your sums."""
        return self.sums(x[1:])

    @mistake
    def last_left_out(self, right, x):
        """The last number is missing from your sums."""
        return self.sums(x[:-1])

    @mistake
    def compensated(self, right, x):
        """Your half precision sum loses less than a plain accumulator does, as with Kahan's
        compensation or a sum in pieces. Add one number after the other, and round each time."""
        total, lost = np.float16(0), np.float16(0)
        with np.errstate(over="ignore", invalid="ignore"):
            for value in x.astype(np.float16):
                value = value - lost
                new = total + value
                total, lost = new, (new - total) - value
        return {"in_half": total}

    @mistake
    def all_running_sums(self, right, x):
        """You return all running sums. Asked for is the last one of each: one number."""
        x = x.astype(np.float16)
        with np.errstate(over="ignore", invalid="ignore"):
            return {"in_half": np.add.accumulate(x, dtype=np.float16),
                    "in_single": np.add.accumulate(x, dtype=np.float32)}  # fmt: skip

    @mistake
    def means(self, right, x):
        """You return means. The sums are asked for, not divided by how many numbers there are."""
        return {"in_half": np.float16(right["in_half"] / np.float16(1) / len(x)),
                "in_single": np.float32(right["in_single"] / len(x))}  # fmt: skip

    @mistake
    def plain_floats(self, right, x):
        """Your sums are Python floats, which are double precision. Return what the accumulators
        hold: a float16 and a float32 number."""
        return {"types": ["float64", "float64"]}

    @mistake
    def two_of_a_type(self, right, x):
        """Both of your sums are float32. The first one should be the float16 that its accumulator
        held."""
        return {"types": ["float32", "float32"]}
