"""Exercise of notebook 08: three checks of a net before it is trained.

The net itself is in `net`, what its curves say in `diagnosis`.
"""

import numpy as np

from autograder.exercise import Case, Setting, mistake, near
from autograder.exercises.tuning.sanity_oracle import (
    STATE,
    SecondLoss,
    answers,
    cost,
    examine,
    first_all_right,
    first_wrong_again,
    memorise,
    weights_for,
)
from course_utils.recipes.tuning import PenalisedSoftmax


class sanity_checks(SecondLoss):
    """Three questions to a net before it is trained: first loss, penalty, twenty examples."""

    signature = "sanity_checks(model, X, y, learning_rate=0.1, steps=200)"
    minutes = 12
    difficulty = 2
    settings = {
        "learning_rate": Setting(0.1, others=(0.01, 1.0)),
        "steps": Setting(200, others=(100, 1000)),
    }
    reads = {
        "report lacks": "your report lacks {seen}",
        **{name: f"in your report `{name}`" for name in
           ("first_loss", "expected_loss", "loss_with_reg", "accuracy_on_20", "sound")},
        "W afterwards": "the `W` of the model that you leave",
        "reg afterwards": "the `reg` of the model that you leave",
        STATE: "it is {seen} that the rest of the model, its running statistics, is found as it "
        "was; {right} is right",
    }
    hints = (
        "All three need model.reg to be something else for a while, and the last one changes the "
        "weights. So begin by writing down what you will have to put back, or work on a copy.",
        "The number of classes is in the shape of model.loss(X). A copy of the dictionary alone "
        "would go on pointing to the arrays that you train.",
    )

    def cases(self, rng):
        def case(name, points, scale=0.01, ratio=None, penalty=1.0, gradient=1.0, rate=3.0,
                 steps=25, n=45, wide=1.0, keeps=False, d=26, more=False):  # fmt: skip
            classes = int(rng.integers(5, 9))
            X, y = wide * rng.normal(size=(n, d)), rng.integers(0, classes - 2, n)
            W = scale * rng.normal(size=(d, classes))
            if ratio:
                W = weights_for(ratio, W, X, y)
            return Case(
                name, points, X=X, y=y, W=W, b=np.zeros(classes), reg=0.4, penalty=penalty,
                gradient=gradient, learning_rate=rate, steps=steps, keeps=keeps, more=more,
            )  # fmt: skip

        yield case("a sound net", 2)
        yield case("first weights too large", 1, scale=2.0)
        yield case("first loss 7 % above ln C", 1, ratio=1.07)
        yield case("first loss 10.5 % above ln C", 1, ratio=1.105)
        yield case("first loss 15 % below ln C", 1, ratio=0.85)
        yield case("a penalty without effect", 1, penalty=0.0)
        yield case("a penalty that is subtracted", 1, penalty=-1.0)
        yield case("gradients that point uphill", 1, gradient=-1.0)
        yield case("three faults", 1, scale=2.0, penalty=-1.0, gradient=-1.0)
        yield case("two steps", 1, scale=0.05, rate=0.1, steps=2)
        yield case("five long steps", 1, scale=0.05, rate=8.0, steps=5)
        alike = case("two equal examples, two labels", 1)
        alike.inputs["X"][11], alike.inputs["y"][11] = alike.inputs["X"][4], 1
        alike.inputs["y"][4] = 0
        yield alike
        yield case("a net with running statistics", 1, keeps=True)
        yield case("other arrays first and last in params", 0.5, more=True)
        yield case("no learning_rate given", 0.5, scale=0.05, wide=0.36, rate=None, steps=40)
        for _ in range(80):  # one draw in four serves, so of 80 one does but once in 10**9
            over = case("right on the way, wrong at last", 0.5, scale=0.05, rate=4.5, d=12)
            if steps := first_wrong_again(**over.inputs | {"steps": 16}):
                over.inputs["steps"] = steps
                break
        yield over
        yield case("no steps given", 0.5, scale=0.05, wide=0.16, rate=0.1, steps=None)

    def observe(self, code, W, b, reg, penalty, gradient, X, y, learning_rate, steps, keeps,
                more):  # fmt: skip
        class Net(PenalisedSoftmax):
            """Each loss moves its running mean, where it keeps one; frozen arrays have gradient 0.
            """

            frozen = {}

            def loss(self, X, y=None):
                if keeps and y is not None:
                    self.kept["running_mean"] = 0.9 * self.kept["running_mean"] + 0.1 * X.mean(0)
                found = super().loss(X, y)
                if y is not None:
                    found[1].update((name, 0 * array) for name, array in self.frozen.items())
                return found

        model = Net(W, b, reg, penalty, gradient)
        if more:  # its first and its last array have no size of the scores
            model.frozen = {"begin": np.zeros((3, 4)), "end": np.zeros(11)}
            begin, end = model.frozen.items()
            model.params = dict([begin, *sorted(model.params.items(), reverse=True), end])
        model.kept = {"running_mean": np.zeros(X.shape[1])}
        given = {"learning_rate": learning_rate, "steps": steps}
        given = {name: value for name, value in given.items() if value is not None}
        report = dict(code.sanity_checks(model, X, y, **given))
        names = "first_loss", "expected_loss", "loss_with_reg", "accuracy_on_20"
        seen = {name: float(report[name]) for name in names if name in report}
        if "sound" in report:
            seen["sound"] = bool(report["sound"])
        lacks = ", ".join(name for name in (*names, "sound") if name not in report)
        return seen | {
            "report lacks": lacks or "nothing",
            "W afterwards": model.params["W"],
            "reg afterwards": float(model.reg),
            "rest of the model unchanged": not model.kept["running_mean"].any(),
        }

    def reference(self, **inputs):
        right = examine(self.device, **inputs)
        return {
            name: near(value, rtol=1e-6, atol=1e-9) if isinstance(value, float) else value
            for name, value in right.items()
        }

    # The losses.

    @mistake
    def classes_in_the_labels(self, right, y, **inputs):
        """You count the classes in y. Some may not occur there, and still the net has a score for
        each: ask the scores."""
        return self.report(right, expected_loss=float(np.log(len(np.unique(y)))))

    @mistake
    def classes_in_the_last_array(self, right, **inputs):
        """You take C from the size of an array in params, as from its last one. Which arrays a net
        has there, and in which order, is its own affair: ask the scores, which are N×C."""
        return self.report(right, expected_loss=float(np.log(11))) if inputs["more"] else None

    @mistake
    def classes_in_the_first_array(self, right, **inputs):
        """You take C from the size of an array in params, as from its first one. Which arrays a net
        has there, and in which order, is its own affair: ask the scores, which are N×C."""
        return self.report(right, expected_loss=float(np.log(4))) if inputs["more"] else None

    @mistake
    def ten_classes(self, right, **inputs):
        """Your expected loss is that of ten classes, whatever the net. C is the number of its
        scores for one example."""
        if len(inputs["b"]) != 10:
            return self.report(right, expected_loss=float(np.log(10)))

    @mistake
    def decimal_logarithm(self, right, **inputs):
        """Your expected loss is a decimal logarithm. ln is the natural one."""
        return self.report(right, expected_loss=float(np.log10(len(inputs["b"]))))

    @mistake
    def negative_logarithm(self, right, **inputs):
        """Your expected loss has the wrong sign. A loss is above 0, and so is ln C."""
        return self.report(right, expected_loss=-right["expected_loss"])

    @mistake
    def first_loss_with_penalty(self, right, **inputs):
        """Your first loss holds the penalty. ln C is the loss of guessing alone: set reg to 0 for
        it."""
        return self.report(right, first_loss=self.loss(right, inputs["reg"]))

    @mistake
    def losses_of_twenty(self, right, **inputs):
        """Your two losses are those of the first 20 examples. They are wanted for all; only what is
        learned by heart is 20 examples."""
        w = inputs["W"], inputs["b"]
        first = cost(w, inputs["X"][:20], inputs["y"][:20])
        second = right["loss_with_reg"] - right["first_loss"] + first
        return self.report(right, first_loss=first, loss_with_reg=second)

    @mistake
    def never_without_penalty(self, right, **inputs):
        """After the loss with reg = 1 you never set reg to 0: the first loss is that number too,
        and the 20 examples are learned with the penalty on."""
        _, accuracy = memorise(**inputs | {"reg": 1.0})
        return self.report(right, first_loss=right["loss_with_reg"], accuracy_on_20=accuracy)

    # Twenty examples.

    @mistake
    def penalised_while_memorising(self, right, **inputs):
        """You train on the 20 examples with the penalty on, which holds the weights back.
        Memorising is a test of the gradients: reg is 0."""
        return self.memorised(right, inputs, reg=1.0)

    @mistake
    def own_penalty_while_memorising(self, right, **inputs):
        """You train on the 20 examples with the model's own reg. Memorising is a test of the
        gradients: reg is 0."""
        return self.memorised(right, inputs, reg=inputs["reg"])

    @mistake
    def climbs(self, right, **inputs):
        """Your steps go uphill: what a step subtracts is the rate times the gradient."""
        return self.memorised(right, inputs, gradient=-inputs["gradient"])

    @mistake
    def memorises_everything(self, right, **inputs):
        """You train on all examples. Twenty are enough to see that the net can learn, and quick."""
        return self.memorised(right, inputs, few=slice(None))

    @mistake
    def memorises_the_last(self, right, **inputs):
        """You train and measure on the last 20 examples. The first 20 are wanted."""
        return self.memorised(right, inputs, few=slice(-20, None), measured=slice(-20, None))

    @mistake
    def nineteen_examples(self, right, **inputs):
        """Your accuracy is that of 19 examples. A slice up to 20 has twenty."""
        return self.memorised(right, inputs, few=slice(19), measured=slice(19))

    @mistake
    def one_example_a_step(self, right, **inputs):
        """Each of your steps sees one of the 20 examples. All 20 are one batch."""
        return self.memorised(right, inputs, one_by_one=True)

    @mistake
    def a_step_for_each_example(self, right, **inputs):
        """You take a step for each of the 20 examples, `steps` times over. All 20 are one batch,
        and one step is taken for it."""
        return self.memorised(right, inputs, rounds=True)

    @mistake
    def everything_for_twenty(self, right, **inputs):
        """You train on all examples and measure on all. Twenty are wanted, the first ones, for
        both: they are learned quickly."""
        return self.memorised(right, inputs, few=slice(None), measured=slice(None))

    @mistake
    def one_step_too_few(self, right, **inputs):
        """You make one step less than `steps` says."""
        return self.memorised(right, inputs, fewer=1)

    @mistake
    def trains_with_momentum(self, right, **inputs):
        """Your accuracies are those of training with momentum, where each update adds nine tenths
        of the one before. Here a step is plain gradient descent, the rate times the gradient."""
        return self.memorised(right, inputs, momentum=0.9)

    @mistake
    def stops_when_all_are_right(self, right, **inputs):
        """You stop as soon as all 20 are right, or keep the best accuracy. `steps` says how many
        steps there are, and a later one may spoil it again."""
        steps = first_all_right(**inputs)
        return self.memorised(right, inputs, steps=steps) if steps is not None else None

    @mistake
    def best_on_the_way(self, right, **inputs):
        """Your accuracy is the best on the way. The one after the last step counts."""
        return self.memorised(right, inputs, best=True)

    @mistake
    def best_on_the_way_with_penalty(self, right, **inputs):
        """You train on the 20 examples with reg = 1, and your accuracy is the best on the way.
        Memorising is done with reg = 0, and the accuracy after the last step counts."""
        return self.memorised(right, inputs, best=True, reg=1.0)

    @mistake
    def biases_not_trained(self, right, **inputs):
        """You train the weights and leave the biases as they are. A step is for every array in
        params."""
        return self.memorised(right, inputs, biases=False)

    @mistake
    def accuracy_on_everything(self, right, **inputs):
        """You train on 20 examples and measure on all. Whether the net generalises is a later
        question: can it memorise these 20?"""
        return self.memorised(right, inputs, measured=slice(None))

    @mistake
    def accuracy_before_training(self, right, **inputs):
        """Your accuracy is that of the first weights. Has the training changed model.params?"""
        return self.memorised(right, inputs, steps=0)

    # What is left behind.

    @mistake
    def leaves_it_trained(self, right, **inputs):
        """Your check leaves the model trained on 20 examples. It should be found as it was: keep
        copies of the arrays (a copy of the dictionary holds the same arrays)."""
        return {"W afterwards": memorise(**inputs | {"reg": 0.0})[0][0]}

    @mistake
    def leaves_reg_changed(self, right, **inputs):
        """You do not put model.reg back: the training that follows would have no penalty."""
        return {"reg afterwards": 0.0}

    @mistake
    def leaves_reg_at_one(self, right, **inputs):
        """You leave model.reg at 1, the value of your test. Put back what was there."""
        return {"reg afterwards": 1.0}

    @mistake
    def leaves_running_statistics(self, right, **inputs):
        """Your losses move more in the model than params and reg, such as the running statistics of
        batch norm, and that stays moved. A deep copy of the model can be used up instead."""
        return {STATE: False} if inputs["keeps"] else None

    # The verdict.

    @mistake
    def two_of_three_will_do(self, right, **inputs):
        """You say "sound" of every net. A net is sound when all three checks say so."""
        return {"sound": True}

    @mistake
    def never_sound(self, right, **inputs):
        """You never say "sound", not even where all three checks are passed, as when one of them
        compares numbers that cannot be equal (a percentage, or a count, with 1)."""
        return {"sound": False}

    @mistake
    def first_loss_decides(self, right, **inputs):
        """You say "sound" when the first loss fits. The penalty and the accuracy have to be right
        as well."""
        return {"sound": answers(right)[0]}

    @mistake
    def penalty_not_asked(self, right, **inputs):
        """Your "sound" does not ask whether the penalty raises the loss."""
        return {"sound": answers(right)[0] and answers(right)[2]}

    @mistake
    def accuracy_not_asked(self, right, **inputs):
        """Your "sound" does not ask whether the 20 examples were learned."""
        return {"sound": answers(right)[0] and answers(right)[1]}

    @mistake
    def first_loss_not_asked(self, right, **inputs):
        """Your "sound" does not ask whether the first loss is near ln C."""
        return {"sound": answers(right)[1] and answers(right)[2]}

    @mistake
    def one_of_three_will_do(self, right, **inputs):
        """You say "sound" as soon as one of the three checks is passed. All three have to be."""
        return {"sound": any(answers(right))}

    @mistake
    def equal_loss_will_do(self, right, **inputs):
        """A loss that stays the same when reg rises is a penalty that was forgotten. It has to
        rise."""
        if inputs["penalty"] == 0:
            return {"sound": True}

    @mistake
    def tenth_of_a_unit(self, right, **inputs):
        """Your first loss may be 0.1 away from ln C. The docstring has 10 % of ln C."""
        return self.near_when(right, abs(right["first_loss"] - right["expected_loss"]) < 0.1)

    @mistake
    def tenth_of_the_first_loss(self, right, **inputs):
        """Your first loss may be away from ln C by 10 % of itself. The docstring has 10 % of ln C.
        """
        first = right["first_loss"]
        return self.near_when(right, abs(first - right["expected_loss"]) < 0.1 * first)

    @mistake
    def low_first_loss_will_do(self, right, **inputs):
        """You accept any first loss below ln C. One that is far below is as strange as one far
        above: the net has not learned anything yet."""
        return self.near_when(right, right["first_loss"] < 1.1 * right["expected_loss"])

    @mistake
    def nearly_all_learned_will_do(self, right, **inputs):
        """You say "sound" although one of the 20 examples is wrong. The accuracy has to be 1."""
        if right["accuracy_on_20"] == 0.95:
            return {"sound": all(answers(right)[:2])}

    def near_when(self, right, near_it) -> dict:
        return {"sound": bool(near_it) and all(answers(right)[1:])}

    # What a mistake computes anew.

    def memorised(self, right, inputs, **change) -> dict:
        return self.report(right, accuracy_on_20=memorise(**inputs | {"reg": 0.0} | change)[1])
