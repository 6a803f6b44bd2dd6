"""Mistakes of notebook 09 in what is refused where a kernel fits nowhere; `output_size` has the
rest."""

from autograder.exercise import Exercise, mistake, raises


class Refuses(Exercise, abstract=True):
    """What code does where the kernel reaches further than the padded input, or just fits."""

    @mistake
    def padding_not_in_the_comparison(self, right, asked, impossible=False):
        """You refuse a kernel that is larger than the input although, with the padding, it fits."""
        padded = [q for q in asked if q["pad"] != "same"]
        reaches = [(q["kernel"] - 1) * q.get("dilation", 1) + 1 for q in padded]
        if not impossible and any(r > q["size"] for r, q in zip(reaches, padded, strict=True)):
            return {"out": raises("ValueError")}

    @mistake
    def refused_before_it_is_padded(self, right, asked, impossible=False):
        """You refuse a kernel that reaches further than the input without its padding, also with
        "same", which always fits. It is the padded input that counts."""
        reaches = [(q["kernel"] - 1) * q.get("dilation", 1) + 1 for q in asked]
        if not impossible and any(r > q["size"] for r, q in zip(reaches, asked, strict=True)):
            return {"out": raises("ValueError")}

    @mistake
    def refuses_what_just_fits(self, right, asked, impossible=False):
        """You refuse a kernel that is exactly as long as the padded input. It has one place."""
        rooms = self.otherwise(asked, impossible, lambda room, s, q: room, lambda size, s: size)
        if rooms and rooms["out"].min() == 0:
            return {"out": raises("ValueError")}

    @mistake
    def impossible_size_returned(self, right, asked, impossible=False):
        """Where the kernel is larger than the padded input you return a number, zero or less. The
        one who called is told much later, by something else."""
        if impossible:
            found = self.otherwise(asked, False, lambda room, s, q: room // s + 1)["out"]
            return {"where nothing fits": [f"the answer {n}" for n in found]}

    @mistake
    def dilation_not_in_the_comparison(self, right, asked, impossible=False):
        """You compare the kernel's own length with the padded input. A dilated kernel reaches
        further, and it is the reach that has to fit."""
        if impossible:
            found = self.otherwise(asked, False, lambda room, s, q: room // s + 1)["out"]
            pads = [0 if q["pad"] == "valid" else q["pad"] for q in asked]
            return {"where nothing fits": [
                "ValueError" if q["kernel"] > q["size"] + 2 * p else f"the answer {n}"
                for q, p, n in zip(asked, pads, found, strict=True)]}  # fmt: skip

    @mistake
    def bare_comparison(self, right, asked, impossible=False):
        """You compare the kernel's own length with the input as it is. Both grow: a dilated kernel
        reaches further, and padding makes the input longer. It is the reach that has to fit into
        the padded input."""
        refused = [q["pad"] != "same" and q["kernel"] > q["size"] for q in asked]
        if impossible:
            found = self.otherwise(asked, False, lambda room, s, q: room // s + 1)["out"]
            return {"where nothing fits": [
                "ValueError" if no else f"the answer {n}"
                for no, n in zip(refused, found, strict=True)]}  # fmt: skip
        return {"out": raises("ValueError")} if any(refused) else None

    @mistake
    def truncated_without_a_check(self, right, asked, impossible=False):
        """Where the kernel fits nowhere you return a number: `int` cuts towards zero, so that one
        which sticks out by less than a stride even gets a place. Compare reach and padded input,
        and refuse."""
        if impossible:
            found = self.otherwise(asked, False, lambda room, s, q: int(room / s) + 1)["out"]
            return {"where nothing fits": [f"the answer {n}" for n in found]}

    @mistake
    def truncated_before_the_check(self, right, asked, impossible=False):
        """A kernel that sticks out by less than a stride gets one place in yours: `int` cuts
        towards zero, so a negative fraction becomes 0 steps. Compare reach and padded input."""
        if impossible:
            found = self.otherwise(asked, False, lambda room, s, q: int(room / s) + 1)["out"]
            return {"where nothing fits": [
                f"the answer {n}" if n > 0 else "ValueError" for n in found]}  # fmt: skip

    @mistake
    def error_returned(self, right, asked, impossible=False):
        """Where the kernel fits nowhere your code returns an error as if it were a size. It is
        raised: `raise ValueError(...)`, with a message that says why."""
        if impossible:
            return {"where nothing fits": ["an error, returned"] * len(asked)}

    @mistake
    def another_error(self, right, asked, impossible=False):
        """Where the kernel fits nowhere your code stops with another exception. A ValueError is
        asked for, with a message that says why."""
        if impossible:
            return {"where nothing fits": ["another exception"] * len(asked)}

    @mistake
    def nothing_returned_where_nothing_fits(self, right, asked, impossible=False):
        """Where the kernel fits nowhere you return None, without an error. The one who called is
        told much later, by something else: raise a ValueError that says why."""
        if impossible:
            return {"where nothing fits": ["the answer None"] * len(asked)}

    @mistake
    def refused_by_assert(self, right, asked, impossible=False):
        """An assert stops where nothing fits, which is no ValueError: asserts are for one's own
        mistakes, and python -O leaves them out."""
        if impossible:
            return dict.fromkeys(right, raises("AssertionError"))

    @mistake
    def says_too_little(self, right, asked, impossible=False):
        """You refuse what cannot fit, but one of two numbers is not in the message, or both are
        not: how far the kernel reaches, and how long the input is with its padding."""
        return {"the message has both numbers": False} if impossible else None
