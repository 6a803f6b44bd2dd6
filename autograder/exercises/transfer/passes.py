"""Linear probes whose rows and labels come from different passes over a loader that shuffles.

The exercise is in `probe`.
"""

import numpy as np

from autograder.exercise import mistake
from autograder.exercises.transfer.oracle import order_of
from autograder.exercises.transfer.probing import Probed

BATCH = 100  # as in `observe`

class Passes(Probed, abstract=True):
    """The mistakes on passes."""

    def with_labels(self, passes, x, y, held_y, order, tested=True, **inputs):
        """Labels as they come in one pass, beside rows as they come in another.

        Without `tested` the held-out labels stand beside their own rows.
        """

        def labels(place):
            first, second = passes(place)
            said = []
            for its in (y, held_y):
                beside = its.copy()  # rows stay where they are, and get the other pass's labels
                said.append(beside)
                if tested or its is y:
                    there, here = (order_of(order, len(its), n) for n in (second, first))
                    beside[there] = its[here]
            return said

        return self.probe(**inputs, x=x, y=y, held_y=held_y, order=order, labels=labels)

    def mean_of_batches(self, held_y, order, layers, kept=False, **inputs):
        """Accuracies that are the means of the batches', of one pass or of a pass for each
        layer."""
        passes = iter([1] * len(layers) if kept else range(1, len(layers) + 1))

        def mean(right):
            drawn = right[order_of(order, len(held_y), next(passes))]
            return np.mean([drawn[i : i + BATCH].mean() for i in range(0, len(drawn), BATCH)])

        return self.probe(**inputs, held_y=held_y, order=order, layers=layers, mean=mean)

    @mistake
    def batches_weigh_alike(self, right, **inputs):
        """You average the accuracies of the batches, so that a picture in the short last batch
        weighs more than others. Count right answers over all batches."""
        return self.mean_of_batches(**inputs)

    @mistake
    def kept_batches_weigh_alike(self, right, **inputs):
        """You average the accuracies of the held-out batches, so that a picture in the short last
        one weighs more than others. Count right answers over all batches."""
        return self.mean_of_batches(**inputs, kept=True)

    @mistake
    def batches_weigh_alike_without_mean(self, right, **inputs):
        """Two things: your scores lack the targets' means; and you average the accuracies of the
        batches, so that a picture in the short last batch weighs more than others. Add the means,
        and count right answers over all batches."""
        return self.mean_of_batches(**inputs, add=False)

    @mistake
    def kept_batches_weigh_alike_without_mean(self, right, **inputs):
        """Two things: your scores lack the targets' means; and you average the accuracies of the
        held-out batches, so that a picture in the short last one weighs more than others. Add the
        means, and count right answers over all batches."""
        return self.mean_of_batches(**inputs, kept=True, add=False)

    @mistake
    def labels_of_another_pass(self, right, **inputs):
        """Your labels come from another pass over the loader than the rows, and its order is drawn
        anew. Take both in one pass."""
        return self.with_labels(lambda place: (2 * place + 1, 2 * place + 2), **inputs)

    @mistake
    def rows_of_another_pass(self, right, **inputs):
        """Your rows come from one pass over the loader and their labels from the next, in another
        order. Take both in one pass."""
        return self.with_labels(lambda place: (2 * place + 2, 2 * place + 1), **inputs)

    @mistake
    def labels_of_the_first_pass(self, right, **inputs):
        """You take the labels once, before the layers, and the loader draws a new order for every
        pass. Take rows and labels in one pass."""
        return self.with_labels(lambda place: (1, place + 2), **inputs)

    @mistake
    def labels_after_all_layers(self, right, layers, **inputs):
        """You read the labels in a pass of their own, after all layers' rows, and the loader draws
        a new order for every pass. Take rows and labels in one pass."""
        return self.with_labels(lambda place: (len(layers) + 1, place + 1), layers=layers, **inputs)

    @mistake
    def labels_of_the_first_layer(self, right, **inputs):
        """You keep the labels of the first layer's pass for all layers, and the loader draws a new
        order for every pass. Take rows and labels in one pass."""
        return self.with_labels(lambda place: (1, place + 1), **inputs)

    @mistake
    def labels_before_pictures(self, right, **inputs):
        """You collect the labels in one pass and the pictures in the next, and the loader draws a
        new order for every pass. Take rows and labels in one pass."""
        return self.with_labels(lambda place: (1, 2), **inputs)

    @mistake
    def pictures_before_labels(self, right, **inputs):
        """You collect the pictures in one pass and the labels in the next, and the loader draws a
        new order for every pass. Take rows and labels in one pass."""
        return self.with_labels(lambda place: (2, 1), **inputs)

    @mistake
    def training_labels_before_pictures(self, right, **inputs):
        """You collect the training labels in one pass and the pictures in the next, and the loader
        draws a new order for every pass. Take rows and labels in one pass."""
        return self.with_labels(lambda place: (1, 2), **inputs, tested=False)

    @mistake
    def training_pictures_before_labels(self, right, **inputs):
        """You collect the training pictures in one pass and the labels in the next, and the loader
        draws a new order for every pass. Take rows and labels in one pass."""
        return self.with_labels(lambda place: (2, 1), **inputs, tested=False)
