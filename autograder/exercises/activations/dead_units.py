"""Exercise of notebook 02 on units that never fire. Outputs where an activation is nearly flat are
in `saturated_units`."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises


class dead_fraction(Exercise):
    """Which share of ReLU units never fires on the whole data set."""

    signature = "dead_fraction(activations)"
    growth = {"activations": 1}, {}
    reads = {"share": "your share"}
    minutes = 8
    hints = (
        "Ask for each unit, over all the batches together, whether it ever gave something above "
        "0.",
        "A unit that is silent in one batch may fire in the next. Collect the evidence first, "
        "decide at the end.",
    )

    def cases(self, rng):
        def layer(sizes, dead, alive, rate=0.5, low=0.0):
            """Batches of a layer of `dead` and `alive` units in random order; which ones live.

            Where a unit does not fire it gives something between 0 and -low.
            """
            rates = rng.permutation([0.0] * dead + [rate] * alive)
            batches = []
            for n in sizes:
                fires = rng.uniform(size=(n, dead + alive)) < rates
                silent = -low * rng.uniform(0.3, 1, fires.shape) if low else 0.0
                batches.append(np.where(fires, rng.uniform(0.1, 2, fires.shape), silent))
            return batches, np.flatnonzero(rates)

        def count(low, high):
            return int(rng.integers(low, high + 1))

        # How many are dead and alive is drawn from so many that a share hardly comes twice.
        batches, alive = layer([30], count(3, 11), count(7, 18), rate=0.6)
        batches[0][0, alive] = 0.7
        batches[0][[5, 17]] = 0  # so that not every example fires some unit
        width = batches[0].shape[1]
        yield Case("one batch", 1, activations=batches)
        batches, alive = layer([12, 12, 5], count(3, 9), count(6, 16))
        for rows in batches:
            rows[3, alive] = 0.7
        for place, unit in enumerate(rng.permutation(alive)[:5]):
            batches[place % 3][:, unit] = -0.0
            batches[(place + 1) % 3][place % 4, unit] = 0.7
        batches[0][0, alive[-1]] = batches[2][4, alive[-1]] = 0.4
        yield Case("units that are silent in some batches", 1, activations=batches)
        batches, alive = layer([9, 4, 11, 9], count(3, 9), count(12, 20))
        # Another number of units fires only in first rows, in last ones, in each batch but one, in
        # those of another size than the first: how many are dead says what has been left out.
        places = [(0, 0), (0, -1), (1, -1), (2, 4), (2, 7), (2, 9), (2, -1), (3, 3), (3, 5)]
        places.append((3, -1))
        for rows in batches:
            rows[2, alive[len(places) :]] = 0.7  # so that two batches cannot look alike
        for (batch, row), unit in zip(places, alive, strict=False):
            for rows in batches:
                rows[:, unit] = 0
            batches[batch][row, unit] = 10.0 ** rng.uniform(-11, -9)  # little, and above 0
        batches[1][1] = batches[0][5] = 0
        yield Case("a unit that fires once", 1, activations=batches)
        batches, alive = layer([6, 3], 0, count(4, 7))
        batches[0][0], batches[1][1] = 0.4, 0
        yield Case("all alive", 1, activations=batches)
        # As wide as the first, so that what is kept of that one shows.
        dead = count(3, min(11, width - 7))
        batches, alive = layer([17], dead, width - dead, low=0.8)
        for unit in alive[: count(2, 3)]:
            batches[0][:, unit] = -rng.uniform(0.2, 0.8, 17)
            batches[0][count(0, 16), unit] = 0.3
        batches[0][:, alive[-1]] = rng.uniform(0.1, 1, 17)  # no example is silent
        yield Case("a leaky layer", 1, activations=batches)

    def observe(self, code, activations):
        return {"share": code.dead_fraction(activations)}

    def reference(self, activations):
        fired = torch.cat([torch.tensor(a, device=self.device) for a in activations]).amax(0) > 0
        return {"share": 1 - float(fired.double().mean())}

    @mistake
    def share_of_zeros(self, right, activations):
        """You count outputs, not units. A live ReLU gives 0 for about half its inputs: that is
        sparse, and healthy. A dead one gives 0 for every input."""
        return {"share": float(np.mean(np.concatenate(activations) == 0))}

    @mistake
    def silent_in_one_batch(self, right, activations):
        """You bury a unit that is silent in one batch, although it fires in another. Dead is
        what never fires in any batch."""
        silent = np.any([np.all(a <= 0, axis=0) for a in activations], axis=0)
        return {"share": float(np.mean(silent))}

    @mistake
    def silent_for_one_example(self, right, activations):
        """You bury a unit as soon as it is silent for one example. Dead is what fires for no
        example at all."""
        return {"share": float(np.mean(np.any(np.concatenate(activations) <= 0, axis=0)))}

    @mistake
    def mean_over_batches(self, right, activations):
        """You average a share per batch. A unit that is silent in this batch may fire in the
        next: decide once, over all of them."""
        return {"share": float(np.mean([np.mean(np.all(a <= 0, axis=0)) for a in activations]))}

    @mistake
    def last_batch_only(self, right, activations):
        """Only the last batch counts in yours. Is something overwritten in the loop that should
        be kept?"""
        return {"share": float(np.mean(np.all(activations[-1] <= 0, axis=0)))}

    @mistake
    def last_examples_left_out(self, right, activations):
        """The last example of each batch is not looked at: a unit that fires for it alone is dead
        in yours. Does your loop end one row too early?"""
        joined = np.concatenate([a[:-1] for a in activations])
        return {"share": float(np.mean(np.all(joined <= 0, axis=0)))}

    @mistake
    def first_examples_left_out(self, right, activations):
        """The first example of each batch is not looked at: a unit that fires for it alone is dead
        in yours. Does your loop begin one row too late?"""
        joined = np.concatenate([a[1:] for a in activations])
        return {"share": float(np.mean(np.all(joined <= 0, axis=0)))}

    @mistake
    def first_batch_only(self, right, activations):
        """Only the first batch counts in yours. Is there a return inside the loop?"""
        return {"share": float(np.mean(np.all(activations[0] <= 0, axis=0)))}

    @mistake
    def other_sizes_left_out(self, right, activations):
        """Batches of another size than the first one's are not looked at: a unit that fires only
        there is dead in yours. All examples count."""
        joined = np.concatenate([a for a in activations if len(a) == len(activations[0])])
        return {"share": float(np.mean(np.all(joined <= 0, axis=0)))}

    @mistake
    def last_batch_left_out(self, right, activations):
        """The last batch of several is not looked at: a unit that fires only there is dead in
        yours. Does your loop end one batch too early?"""
        joined = np.concatenate(activations[:-1] or activations)
        return {"share": float(np.mean(np.all(joined <= 0, axis=0)))}

    @mistake
    def first_batch_left_out(self, right, activations):
        """The first batch of several is not looked at: a unit that fires only there is dead in
        yours. Does your loop begin one batch too late?"""
        joined = np.concatenate(activations[1:] or activations)
        return {"share": float(np.mean(np.all(joined <= 0, axis=0)))}

    @mistake
    def silent_examples(self, right, activations):
        """You look along the wrong axis: yours is the share of examples for which no unit fires.
        Rows are examples, columns are units."""
        return {"share": float(np.mean(np.all(np.concatenate(activations) <= 0, axis=1)))}

    @mistake
    def silent_examples_among_units(self, right, activations):
        """You look along the wrong axis: you count the examples for which no unit fires, and divide
        by the number of units. Rows are examples, columns are units."""
        silent = np.all(np.concatenate(activations) <= 0, axis=1)
        return {"share": float(silent.sum() / activations[0].shape[1])}

    @mistake
    def all_dead(self, right, activations):
        """Your share is 1 in every case: no unit ever counts as one that has fired. What you keep
        about a unit should begin as silent, and change for good when it fires once."""
        return {"share": 1.0}

    @mistake
    def examples_that_fire(self, right, activations):
        """You look along the wrong axis, and the wrong way round: yours is the share of examples
        for which some unit fires. Asked for are the units, in the columns, that never do."""
        return {"share": float(np.mean(np.any(np.concatenate(activations) > 0, axis=1)))}

    @mistake
    def exactly_zero_only(self, right, activations):
        """You count units that always give exactly 0. In a leaky layer a unit that does not fire
        gives something below 0: ask for what is above."""
        return {"share": float(np.mean(np.all(np.concatenate(activations) == 0, axis=0)))}

    @mistake
    def zero_counts_as_firing(self, right, activations):
        """A unit that never gives more than 0 counts as alive in yours if it gives exactly 0
        somewhere. It fires where its output is above 0: 0 is no firing."""
        return {"share": float(np.mean(np.concatenate(activations).max(axis=0) < 0))}

    @mistake
    def share_alive(self, right, activations):
        """That is the share of units that are alive: the complement."""
        return {"share": 1 - right["share"]}

    @mistake
    def count_not_share(self, right, activations):
        """That is how many units are dead. Divide by how many there are."""
        return {"share": round(right["share"] * activations[0].shape[1])}

    @mistake
    def sum_of_outputs(self, right, activations):
        """You add up what a unit gives. In a leaky layer the negative outputs outweigh a rare
        firing: ask whether any output is above 0."""
        total = np.concatenate(activations).sum(axis=0)
        return {"share": float(np.mean(total <= 0))}

    @mistake
    def faint_is_silent(self, right, activations):
        """A unit that fires only faintly is dead in yours, as with a tolerance. Whatever is above
        0 counts."""
        return {"share": float(np.mean(np.concatenate(activations).max(axis=0) < 1e-6))}

    @mistake
    def batches_stacked(self, right, activations):
        """Your code puts the batches into one array, and they need not be of one size (the last is
        often shorter). Join them along the examples, or take one after the other."""
        if len({len(a) for a in activations}) > 1:
            return {"share": raises("ValueError", "shape")}

    @mistake
    def divided_by_the_examples(self, right, activations):
        """You divide the number of dead units by the number of examples. It is a share of the
        units."""
        dead = right["share"] * activations[0].shape[1]
        return {"share": dead / sum(map(len, activations))}

    @mistake
    def nothing_behind_the_point(self, right, activations):
        """Your share is 0 in every case, as when `//` divides: it drops what is behind the
        point."""
        return {"share": float(int(right["share"]))}
