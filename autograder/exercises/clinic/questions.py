"""Questions of notebook 16: three about earlier notebooks, two on the way."""

import math

from autograder.exercise import Case, Question, mistake, near


class q16_guessing(Question):
    """The loss of a net that knows nothing."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, classes=int(rng.choice([6, 7, 9])))

    def text(self, classes):
        return (
            f"A classifier for {classes} classes gives all of them the same score. What is its "
            "cross-entropy for one example? (Answer with a number. Three digits are enough.)"
        )

    def reference(self, classes):
        return {"answer": near(math.log(classes), rtol=0.01, atol=0)}

    @mistake
    def probability(self, right, classes):
        """That is the probability of the right class. The loss is minus its logarithm."""
        return {"answer": 1 / classes}

    @mistake
    def base_two(self, right, classes):
        """That is in bits. The cross-entropy of this course, and torch's, is in nats: the natural
        logarithm."""
        return {"answer": math.log2(classes)}

    @mistake
    def base_ten(self, right, classes):
        """That is the logarithm to base 10. Here it is the natural one."""
        return {"answer": math.log10(classes)}

    @mistake
    def minus_sign(self, right, classes):
        """A probability below 1 has a negative logarithm, and the loss is minus that."""
        return {"answer": -math.log(classes)}


class q16_smoothed(Question):
    """The least that a loss with smoothed labels can be."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, classes=int(rng.choice([5, 8, 10])),
                   smoothing=float(rng.choice([0.1, 0.2])))  # fmt: skip

    def text(self, classes, smoothing):
        return (
            f"The labels of {classes} classes are smoothed by {smoothing:g}: the right class has "
            f"the weight 1 - {smoothing:g} + {smoothing:g}/{classes}, each other one "
            f"{smoothing:g}/{classes}. What is the smallest cross-entropy that is possible? "
            "(Answer with a number. Three digits are enough.)"
        )

    def reference(self, classes, smoothing):
        from autograder.exercises.programs.writing import floor_of

        return {"answer": near(floor_of(smoothing, classes), rtol=0.01, atol=0)}

    @mistake
    def nothing(self, right, classes, smoothing):
        """0 is the floor of hard labels. A net that says 1 for one class pays without bound for the
        weight that the others have."""
        return {"answer": 0}

    @mistake
    def right_class_alone(self, right, classes, smoothing):
        """That is the part of the right class. The others have a weight, too, and cost."""
        share = 1 - smoothing + smoothing / classes
        return {"answer": -share * math.log(share)}

    @mistake
    def the_others_alone(self, right, classes, smoothing):
        """That is the part of the other classes. The right one costs too: its weight is below 1."""
        rest = smoothing / classes
        return {"answer": -(classes - 1) * rest * math.log(rest)}

    @mistake
    def one_of_the_others(self, right, classes, smoothing):
        """You count one of the other classes. There are more of them."""
        share, rest = 1 - smoothing + smoothing / classes, smoothing / classes
        return {"answer": -share * math.log(share) - rest * math.log(rest)}

    @mistake
    def of_the_largest(self, right, classes, smoothing):
        """That is minus the logarithm of the right class's weight, as if its label were hard."""
        return {"answer": -math.log(1 - smoothing + smoothing / classes)}


class q16_modes(Question):
    """What the two modes of a net are for."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, batch=int(rng.choice([16, 32, 64])))

    def text(self, batch):
        return f"""A net with dropout and batch norm is measured on validation pictures in batches
of {batch}, and nobody has called `net.eval()`. Which is true?

- **a** nothing changes: without a backward pass no weight moves
- **b** its answers depend on chance and on the other pictures of the batch, and its running
  statistics change
- **c** its answers are worse only because of dropout; batch norm uses its running statistics
- **d** its weights are trained on the validation pictures
"""

    def reference(self, batch):
        return {"answer": "b"}

    @mistake
    def nothing_moves(self, right, batch):
        """No weight moves, and yet: running statistics are no weights, and dropout draws in every
        forward pass."""
        return {"answer": "a"}

    @mistake
    def dropout_alone(self, right, batch):
        """Batch norm takes its running statistics in evaluation mode only. In training mode it
        takes the batch's."""
        return {"answer": "c"}

    @mistake
    def trained(self, right, batch):
        """Weights move in a step of the optimizer, and nobody makes one. The statistics move."""
        return {"answer": "d"}


class q16_alarms(Question):
    """How many alarms are in vain."""

    def cases(self, rng):
        yield Case("answer", 1, sick=int(rng.choice([2, 4, 5])), vain=20,
                   caught=int(rng.choice([50, 60])))  # fmt: skip

    def text(self, sick, vain, caught):
        return (
            f"You are given 100 programs, of which {sick} are sick. Your instrument gives an alarm "
            f"on {caught} % of the sick ones and on {vain} % of the healthy ones. What fraction of "
            "its alarms are false? (Answer with a number from 0 to 1. Three digits are enough.)"
        )

    def reference(self, sick, vain, caught):
        in_vain, true = (100 - sick) * vain, sick * caught
        return {"answer": near(in_vain / (in_vain + true), rtol=0, atol=0.003)}

    @mistake
    def as_if_half_were_sick(self, right, sick, vain, caught):
        """That would be so if half of the programs were sick. Few are, so most that can raise an
        alarm are healthy."""
        return {"answer": vain / (vain + caught)}

    @mistake
    def the_rate_itself(self, right, sick, vain, caught):
        """That is the fraction of the healthy ones with an alarm. The question is which fraction of
        its alarms are false."""
        return {"answer": vain / 100}

    @mistake
    def the_true_ones(self, right, sick, vain, caught):
        """That is the share of the alarms that are true."""
        in_vain, true = (100 - sick) * vain, sick * caught
        return {"answer": true / (in_vain + true)}

    @mistake
    def in_percent(self, right, sick, vain, caught):
        """That is in percent. A number from 0 to 1 is asked for."""
        return {"answer": 100 * right["answer"]}

    @mistake
    def what_it_misses(self, right, sick, vain, caught):
        """That is the share of the sick that it misses."""
        return {"answer": 1 - caught / 100}


class q16_softmax(Question):
    """The least that a loss with a softmax too many can be."""

    def cases(self, rng):
        yield Case("answer", 1, classes=int(rng.choice([4, 6, 8])))

    def text(self, classes):
        return (
            f"The scores of {classes} classes go through a softmax, and then into a cross-entropy, "
            "which has a softmax of its own. What is the smallest loss that is possible? (Answer "
            "with a number. Three digits are enough.)"
        )

    def reference(self, classes):
        return {"answer": near(math.log(math.e + classes - 1) - 1, rtol=0.01, atol=0)}

    @mistake
    def nothing(self, right, classes):
        """The scores that reach the loss lie between 0 and 1, so the second softmax cannot give a
        class all the weight."""
        return {"answer": 0}

    @mistake
    def guessing(self, right, classes):
        """That is the loss where all scores are the same. A sure net has 1 for one class and 0 for
        the others."""
        return {"answer": math.log(classes)}

    @mistake
    def logarithm_alone(self, right, classes):
        """That is the logarithm of the second softmax's sum. The loss takes the score of the right
        class, 1, off it."""
        return {"answer": math.log(math.e + classes - 1)}

    @mistake
    def one_other_class(self, right, classes):
        """That is so with two classes. Each of the others has a share of the second softmax."""
        return {"answer": math.log(math.e + 1) - 1}

    @mistake
    def all_classes_besides(self, right, classes):
        """You count the right class among the others as well."""
        return {"answer": math.log(math.e + classes) - 1}
