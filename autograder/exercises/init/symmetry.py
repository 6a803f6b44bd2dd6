"""Exercise of notebook 04 on weights that are alike."""

import contextlib

import numpy as np
import torch

from autograder.exercise import Case, mistake, near
from autograder.exercises.init.batches import Batches
from autograder.exercises.init.descent import trained
from autograder.exercises.init.rounding import ROUNDED, Rounding
from autograder.exercises.init.spreads import Spreads
from course_utils.recipes.nets import chain


def compared(table):
    """How many different rows a table has, and the largest difference within a column."""
    different = len(np.unique(np.round(table, 6), axis=0))
    return {"different": different, "spread": float(np.ptp(table, axis=0).max())}


class symmetry_after(Rounding, Batches, Spreads):
    """Do hidden units that start alike ever become different?"""

    signature = "symmetry_after(net, steps, x, y, learning_rate=0.5) -> different, spread"
    library = "any"
    minutes = 15
    difficulty = 2
    hints = (
        "A hidden unit is a row of net[0].weight with its entry of net[0].bias. Put them side by "
        "side into one table with a row for each unit.",
        "copy.deepcopy gives you a net of your own to train. Whose parameters does your "
        "optimizer hold?",
        "torch.unique can find the different rows of a table: give it a dim.",
    )

    reads = {
        "different": "the number of different units that you count",
        "spread": "your spread",
        "net is as it was": "whether the net is as it was",
        "gradients left": "whether the net is left with gradients",
        "compared": "you compare units by {seen}; {right} are right",
        "mode": "the net that was passed in is {seen} afterwards; {right} is right",
    }

    def cases(self, rng):
        d, h, c, n = 4, 5, 3, 12

        def case(name, points, weights, biases, steps, activation="tanh", times=1, **more):
            x, y = rng.normal(size=(n * times, d)), rng.permutation([0, 0, 1, 2] * (3 * times))
            return Case(name, points, weights=weights, biases=biases, activation=activation,
                        x=x, y=y, steps=steps, **more)  # fmt: skip

        def random(*shape):
            return rng.uniform(0.2, 1, shape) * rng.choice([-1, 1], shape)

        def some(units):
            """Units of a few kinds, not the same number of kinds under every seed."""
            kinds = int(rng.integers(2, units))
            more = rng.integers(kinds, size=units - kinds)
            return kinds, rng.permutation([*range(kinds), *more])

        constant = [np.full((h, d), 0.3), np.full((c, h), -0.2)]
        yield case("constant weights, biases of 0", 1, constant, [np.zeros(h), np.zeros(c)], 3)
        kinds, which = some(h)
        yield case("constant weights, random biases, before training", 1, constant,
                   [random(kinds)[which], np.zeros(c)], 0, "sigmoid")  # fmt: skip
        wide = int(rng.integers(6, 9))
        weights = random(wide, d)
        weights[0] *= 0.2  # the first unit is no extreme one
        yield case("random weights, biases of 0", 1, [weights, random(c, wide)],
                   [np.zeros(wide), np.zeros(c)], 3, learning_rate=0.25)  # fmt: skip
        kinds, which = some(6)
        yield case("a few kinds of unit", 1, [random(kinds, d)[which], random(c, kinds)[:, which]],
                   [random(kinds)[which], random(c)], 3, "sigmoid")  # fmt: skip
        pairs = [[0, 0], [0, 1], [1, 0], [1, 1], *([[0, 2]] * int(rng.integers(2))), [0, 0]]
        of_weights, of_biases = rng.permutation(pairs).T
        yield case("weights and biases in other pairs, before training", 0.5,
                   [random(2, d)[of_weights], random(c, len(pairs))],
                   [random(3)[of_biases], np.zeros(c)], 0)  # fmt: skip
        yield case("alike below, different above, one step", 1, [constant[0], random(c, h)],
                   [np.full(h, 0.1), np.zeros(c)], 1, times=6, learning_rate=1.0)  # fmt: skip
        # Alike to six decimals but not to more, to five, to four; one is parted by cutting off.
        alike = np.full((7, d), 0.25)
        alike[0, 3], alike[1, 2] = 0.25003, 0.250002
        alike[3, 0], alike[4, 1] = 0.2500002, 0.2499996
        alike[2, 1] += 0.0007 * int(rng.integers(2))
        alike[:, 3] -= 0.25
        alike[5, 3] = -4e-7  # rounds to a 0 with a sign
        yield case("nearly alike, before training", 0.5, [rng.permutation(alike), random(c, 7)],
                   [np.zeros(7), np.zeros(c)], 0, "relu")  # fmt: skip

    def observe(self, code, weights, biases, activation, x, y, steps, learning_rate=None):
        net = chain(weights, biases, activation)
        given = () if learning_rate is None else (learning_rate,)
        different, spread = code.symmetry_after(
            net, steps, torch.tensor(x), torch.tensor(y), *given
        )
        fine = []
        with contextlib.suppress(Exception):  # where it stops, nothing rests on it
            for apart in (0.0, 1e-9):  # for two units that are as good as alike
                table = 0.3000003 + apart * np.array([[0.0], [1.0]]) * np.ones(x.shape[1])
                pair = chain([table, np.zeros((3, 2))], [np.zeros(2), np.zeros(3)], activation)
                fine.append(int(code.symmetry_after(pair, 0, torch.tensor(x), torch.tensor(y))[0]))
        left = zip(net.parameters(), (a for p in zip(weights, biases) for a in p))  # noqa: B905 - as many as the net still has
        same = all(np.array_equal(mine.detach().numpy(), its) for mine, its in left)
        asks = all(p.requires_grad for p in net.parameters())
        mode = "in training mode" if net.training else "in evaluation mode"
        return {"different": different, "spread": spread, "net is as it was": same,
                "gradients left": any(p.grad is not None for p in net.parameters()),
                "mode": mode if asks else "no longer trainable", "two alike": fine}  # fmt: skip

    def reference(self, **case):
        found = self.seen(case)
        if case["steps"] and found["different"] < len(case["weights"][0]):
            found["compared"] = ROUNDED
        if not case["steps"]:  # where spreads are small, and nothing has been rounded on the way
            found["spread"] = near(found["spread"], rtol=1e-7, atol=3e-8)
        return found | {"net is as it was": True, "gradients left": False,
                        "mode": "in training mode"}  # fmt: skip

    def table(self, case, look=lambda p: np.column_stack(p[:2]), **how):
        """`look` at the parameters after training in some way; a row a unit when left out."""
        rate = how.pop("rate", case.get("learning_rate", 0.5))
        given = {name: value for name, value in case.items() if name != "learning_rate"}
        return look(trained(self.device, **{**given, **how}, rate=rate))

    def seen(self, case, *look, **how):
        return compared(self.table(case, *look, **how))

    @mistake
    def biases_left_out(self, right, **case):
        """You compare weights only. Two units with the same weights and different biases compute
        different things."""
        return self.seen(case, lambda p: p[0])

    @mistake
    def inputs_compared(self, right, **case):
        """You compare along the wrong axis: yours asks how many inputs are treated differently.
        A unit is a row of the weight."""
        return self.seen(case, lambda p: np.column_stack(p[:2]).T)

    @mistake
    def output_layer(self, right, **case):
        """You look at the last layer. The hidden units are those of the first."""
        return self.seen(case, lambda p: np.column_stack(p[2:]))

    @mistake
    def gradients_accumulate(self, right, **case):
        """From the second step on your gradients hold those of the steps before: backward adds
        to .grad, and nothing sets it back but you."""
        return self.seen(case, accumulate=True)

    @mistake
    def one_step_too_many(self, right, **case):
        """You take one step too many: with steps=0 nothing should be trained."""
        return self.seen(case, steps=case["steps"] + 1)

    @mistake
    def one_step_at_least(self, right, **case):
        """You take a step also where steps is 0. Then nothing is to be trained."""
        return self.seen(case, steps=max(case["steps"], 1))

    @mistake
    def not_trained(self, right, **case):
        """Your numbers are those before training. Does the optimizer hold the parameters of the
        net that you look at? It keeps those that it was given, not their copies."""
        return self.seen(case, steps=0)

    @mistake
    def rate_ignored(self, right, **case):
        """Your learning rate is 0.5 whatever the argument says."""
        return self.seen(case, rate=0.5)

    @mistake
    def softmax_twice(self, right, **case):
        """Your scores go through a softmax twice: F.cross_entropy has one inside."""
        return self.seen(case, softmax_before=True)

    @mistake
    def softmax_twice_and_rate_ignored(self, right, **case):
        """Two things: your scores go through a softmax twice, because F.cross_entropy has one
        inside, and your learning rate is 0.5 whatever the argument says."""
        return self.seen(case, softmax_before=True, rate=0.5)

    @mistake
    def net_is_trained(self, right, **case):
        """You train the net that was passed in. Its owner still needs it as it was: train a copy,
        a deep one."""
        if case["steps"]:
            return {"net is as it was": False}

    @mistake
    def deviation_for_spread(self, right, **case):
        """Your spread is a standard deviation. Asked for is the largest value less the smallest
        one, at the weight or bias where that is largest."""
        return {"spread": float(self.table(case).std(0, ddof=1).max())}  # as torch takes it

    @mistake
    def loss_summed(self, right, **case):
        """Your steps are too long by the number of examples: the loss is the mean over the batch,
        not the sum."""
        return self.seen(case, rate=case.get("learning_rate", 0.5) * len(case["x"]))

    @mistake
    def loss_summed_and_rate_ignored(self, right, **case):
        """Two things: your loss is the sum over the examples, where their mean is asked for, and
        your learning rate is 0.5 whatever the argument says."""
        return self.seen(case, rate=0.5 * len(case["x"]))

    @mistake
    def over_the_whole_table(self, right, **case):
        """You take the largest and the smallest entry of the whole table. Compare like with like:
        units differ in one weight at a time, so take the difference within each column first."""
        return {"spread": float(np.ptp(self.table(case)))}

    # How the copy is trained.

    @mistake
    def uphill(self, right, **case):
        """You go uphill: each step adds the gradient, and it is to be subtracted."""
        return self.seen(case, rate=-case.get("learning_rate", 0.5))

    @mistake
    def with_momentum(self, right, **case):
        """Your steps carry the steps before along, as an optimizer with momentum does. Plain
        gradient descent is asked for."""
        return self.seen(case, momentum=0.9)

    @mistake
    def one_step_too_few(self, right, **case):
        """You take one step too few: with steps=1 one step is to be taken."""
        return self.seen(case, steps=max(case["steps"] - 1, 0))

    @mistake
    def one_step_only(self, right, **case):
        """You take one step only, whatever `steps` says."""
        return self.seen(case, steps=min(case["steps"], 1))

    @mistake
    def first_layer_trained_alone(self, right, **case):
        """You train the first layer alone. The layer above moves in each step, too, and with it the
        gradients of the layer below."""
        return self.seen(case, moving=2)

    @mistake
    def biases_not_trained(self, right, **case):
        """Your biases are not trained. They are parameters, and move in each step."""
        return self.seen(case, weights_only=True)

    @mistake
    def rate_of_a_tenth_by_default(self, right, **case):
        """Where no learning rate is given yours is 0.1. The default is 0.5."""
        if "learning_rate" not in case:
            return self.seen(case, rate=0.1)

    @mistake
    def rate_of_a_hundredth_by_default(self, right, **case):
        """Where no learning rate is given yours is 0.01. The default is 0.5."""
        if "learning_rate" not in case:
            return self.seen(case, rate=0.01)

    @mistake
    def gradients_left(self, right, **case):
        """The net that was passed in is left with gradients on its parameters. It is to be left as
        it is: train a copy, a deep one."""
        if case["steps"]:
            return {"gradients left": True}

    @mistake
    def left_in_evaluation_mode(self, right, **case):
        """The net that was passed in is in evaluation mode afterwards. It is to be left as it
        is."""
        return {"mode": "in evaluation mode"}

    @mistake
    def left_frozen(self, right, **case):
        """The parameters of the net that was passed in ask for no gradients any more, so nobody can
        train it. It is to be left as it is."""
        return {"mode": "no longer trainable"}

    # How units are counted.

    def count(self, table):
        return {"different": len(np.unique(np.round(table, 6), axis=0))}

    @mistake
    def biases_left_out_of_the_count(self, right, **case):
        """You count different weights and leave the biases out. Two units with the same weights and
        different biases compute different things."""
        return self.count(self.table(case, lambda p: p[0]))

    @mistake
    def weights_left_out_of_the_count(self, right, **case):
        """You count different biases and leave the weights out. A unit is both."""
        return self.count(self.table(case, lambda p: p[1][:, None]))

    @mistake
    def counted_apart(self, right, **case):
        """You count different weights and different biases, each by themselves, and take the larger
        number. A unit is a pair of both: put them side by side first."""
        parts = (self.table(case, look) for look in (lambda p: p[0], lambda p: p[1][:, None]))
        return {"different": max(self.count(part)["different"] for part in parts)}

    @mistake
    def columns_counted(self, right, **case):
        """You count different columns, which are inputs. A unit is a row of the weight."""
        return self.count(self.table(case, lambda p: p[0].T))

    @mistake
    def columns_of_both_counted(self, right, **case):
        """You count different columns of weights and biases side by side. A unit is a row."""
        return self.count(self.table(case).T)

    @mistake
    def numbers_counted(self, right, **case):
        """You count different numbers, not different units: torch.unique takes all entries by
        themselves unless it is told along which axis to compare."""
        return {"different": len(np.unique(np.round(self.table(case), 6)))}

    @mistake
    def neighbours_compared(self, right, **case):
        """You compare neighbours only, so units that are alike and do not stand side by side count
        twice. Compare each unit with all others."""
        table = np.round(self.table(case), 6)
        return {"different": 1 + int((table[1:] != table[:-1]).any(1).sum())}

    @mistake
    def compared_with_the_first(self, right, **case):
        """You compare every unit with the first one only, so units that differ from it and are like
        each other count one by one. Compare each with all others."""
        table = np.round(self.table(case), 6)
        return {"different": 1 + int((table != table[0]).any(1).sum())}

    @mistake
    def pairs_counted(self, right, **case):
        """You count pairs of units that differ. How many different units there are is asked for."""
        table = np.round(self.table(case), 6)
        return {"different": int((table[:, None] != table).any(2).sum()) // 2}

    @mistake
    def units_counted(self, right, **case):
        """You count all units of the layer, whether they are alike or not."""
        return {"different": len(self.table(case))}

    @mistake
    def rounded_to_four(self, right, **case):
        """You count units as the same that differ by more than 0.000001: six decimals are asked
        for, and fewer count."""
        return {"different": len(np.unique(np.round(self.table(case), 4), axis=0))}

    @mistake
    def rounded_to_five(self, right, **case):
        """You round to five decimals before you count. Six are asked for."""
        return {"different": len(np.unique(np.round(self.table(case), 5), axis=0))}

    @mistake
    def cut_off(self, right, **case):
        """You cut your numbers off behind six decimals, which parts 0.2499996 from 0.25. Round
        them."""
        if not case["steps"]:
            return {"different": len(np.unique(np.floor(self.table(case) * 1e6), axis=0))}

    @mistake
    def compared_as_text(self, right, **case):
        """A weight that rounds to 0 from below counts as different from one that rounds to 0 from
        above, as when units are compared as text: "-0.000000" is not "0.000000". They are the same
        number."""
        rows = {" ".join(f"{value:.6f}" for value in row) for row in self.table(case)}
        return {"different": len(rows)}
