"""What goes wrong in `symmetry_after` with the examples of a step. No exercise lives here."""

from autograder.exercise import Exercise, mistake


def in_batches(size: int):
    """The mistake that each step goes through the examples in mini-batches of this size."""

    def show(self, right, **case):
        return self.seen(case, at_once=size) if len(case["x"]) > size else None

    show.__doc__ = """You go through x in mini-batches and take a step for each of them. One step
        uses all of x at once, with the mean of the losses."""
    return mistake(show)


def in_turn(size: int, round_and_round: bool = True):
    """The mistake that each step uses so many examples, in turn.

    At the end of x the next ones may begin in the middle, or else from the first one.
    """

    def part_of(step, examples):
        start = step * size % examples
        if not round_and_round:
            start = step % -(-examples // size) * size
        return slice(start, start + size)

    def show(self, right, **case):
        return self.seen(case, part_of=part_of)

    show.__doc__ = """Your steps use a part of the examples each, as when mini-batches take turns.
        Each step uses all of x at once, with the mean of the losses."""
    return mistake(show)


class Batches(Exercise, abstract=True):
    """For `symmetry_after`: mistakes about which examples a step uses."""

    in_batches_of_16, in_batches_of_32, in_batches_of_64 = map(in_batches, (16, 32, 64))
    parts_of_8, parts_of_16, parts_of_32, parts_of_64 = map(in_turn, (8, 16, 32, 64))
    slices_of_8, slices_of_16 = in_turn(8, False), in_turn(16, False)
    slices_of_32, slices_of_64 = in_turn(32, False), in_turn(64, False)

    @mistake
    def one_example_at_a_time(self, right, **case):
        """You take a step for each example. One step uses all of x at once, with the mean of the
        losses."""
        return self.seen(case, at_once=1)
