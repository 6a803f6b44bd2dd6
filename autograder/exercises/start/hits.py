"""The second warm-up of notebook 00: how many of the predicted classes are right."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises


def rounded(digits):
    """The mistake of rounding the result to so many digits."""

    def show(self, right, scores, y):
        return {"accuracy": round(right["accuracy"], digits)}

    show.__doc__ = f"Your accuracy is rounded to {digits} digits. Return it as it is."
    return mistake(show)


class accuracy(Exercise):
    """The share of pictures whose largest score is at their label."""

    signature = "accuracy(scores, y)"
    minutes = 5
    reads = {"accuracy": "your accuracy is {seen}; {right} is right"}
    hints = (
        "The class that a net predicts for a picture is the place of the largest score in its row.",
        "Compare predictions and labels one by one. True counts as 1 and False as 0, so what does "
        "their mean tell you?",
    )

    def cases(self, rng):
        def numbers(low, high):
            return int(rng.integers(low, high))

        def pictures(n, classes, lowest, shift):
            """Pictures in which code that always answers class 0 looks like no other mistake."""
            while True:
                right = numbers(n // 2 + 3, n - 2 * lowest)
                scores, y = _pictures(rng, n, classes, right, lowest)
                scores[0] += 2.0  # the largest of all is in the first row
                inputs = {"scores": scores + shift, "y": y}
                if not np.isclose(self._numbers_shown(**inputs), np.mean(y == 0)).any():
                    return inputs

        yield Case("all scores are negative", 1, **pictures(numbers(61, 98), 5, 9, -7.0))
        while True:
            n = numbers(11, 24)
            scores, y = _pictures(rng, n, n, right=numbers(n // 2 + 1, n - 4), lowest=2)
            if 0 < np.mean(scores.argmax(0) == y) < 0.5:
                break
        yield Case("as many pictures as classes", 1, scores=scores + 6.0, y=y)
        yield Case("scores of a thousand", 1, **pictures(numbers(41, 60), 7, 5, 1000.0))
        yield Case("two scores that tie", 1, **_tied(rng))

    def _numbers_shown(self, **inputs):
        """What the mistakes show that do not answer class 0 each time, and what is right."""
        always_0 = "search_begins_at_zero", "exponentials_overflow"
        right = self.reference(**inputs)
        others = [show for name, show in self.mistakes().items() if name not in always_0]
        shown = [right, *(show(self, right, **inputs) for show in others)]
        return [s["accuracy"] for s in shown if s and not isinstance(s["accuracy"], raises)]

    def observe(self, code, scores, y):
        return {"accuracy": code.accuracy(scores, y)}

    def reference(self, scores, y):
        scores, y = torch.tensor(scores, device=self.device), torch.tensor(y, device=self.device)
        first = (scores == scores.amax(1, keepdim=True)).int().argmax(1)
        return {"accuracy": float((first == y).double().mean())}

    # The count.

    @mistake
    def number_not_share(self, right, scores, y):
        """You count the pictures that are right. As a share, it can be compared between sets of
        different size."""
        return {"accuracy": right["accuracy"] * len(y)}

    @mistake
    def percent(self, right, scores, y):
        """That is the accuracy in percent. Here it is a share between 0 and 1."""
        return {"accuracy": right["accuracy"] * 100}

    @mistake
    def error_rate(self, right, scores, y):
        """That is the share of pictures that are wrong: the error rate."""
        return {"accuracy": 1 - right["accuracy"]}

    @mistake
    def error_rate_in_percent(self, right, scores, y):
        """That is the error rate in percent. The share of pictures that are right is asked for,
        between 0 and 1."""
        return {"accuracy": 100 - 100 * right["accuracy"]}

    @mistake
    def divided_by_the_classes(self, right, scores, y):
        """You divide the number of hits by the number of classes. Divide it by the number of
        pictures."""
        return {"accuracy": right["accuracy"] * len(y) / scores.shape[1]}

    @mistake
    def rounded_down(self, right, scores, y):
        """Your accuracy is 0, though some pictures are right. Is the share cut to a whole number,
        as // does it? Or do you ask whether all are right?"""
        return {"accuracy": right["accuracy"] // 1}

    @mistake
    def any_is_enough(self, right, scores, y):
        """Your accuracy is 1, though some pictures are wrong. Is it rounded up, or do you ask
        whether any is right? The share of the right ones is asked for."""
        return {"accuracy": 1.0}

    @mistake
    def divided_by_all_scores(self, right, scores, y):
        """You divide the number of hits by the number of all scores, N·C. Divide it by the number
        of pictures."""
        return {"accuracy": right["accuracy"] / scores.shape[1]}

    @mistake
    def divided_by_one_less(self, right, scores, y):
        """You divide by one less than the number of pictures. Divide by N."""
        return {"accuracy": right["accuracy"] * len(y) / (len(y) - 1)}

    @mistake
    def one_picture_left_out(self, right, scores, y):
        """You count one hit too few: your count leaves out the first or the last picture. Look at
        where your loop begins and ends."""
        return {"accuracy": right["accuracy"] - 1 / len(y)}

    @mistake
    def mean_over_classes(self, right, scores, y):
        """That is the mean of the classes' own accuracies, which gives a rare class as much weight
        as a frequent one. Here each picture has the same weight."""
        hits = scores.argmax(1) == y
        return {"accuracy": np.mean([hits[y == c].mean() for c in np.unique(y)])}

    @mistake
    def one_hot_entry_by_entry(self, right, scores, y):
        """You compare rows of zeros and a one entry by entry, so a wrong prediction, too, has all
        entries right but two. A picture counts once: its class is right or wrong."""
        return {"accuracy": 1 - 2 * (1 - right["accuracy"]) / scores.shape[1]}

    @mistake
    def each_pair_counted_once(self, right, scores, y):
        """However often a label and a prediction occur together, you count the pair once, as `+= 1`
        does at places of a table that are given by arrays. Each picture counts."""
        pairs = np.unique(np.stack([y, scores.argmax(1)]), axis=1)
        return {"accuracy": np.mean(pairs[0] == pairs[1])}

    @mistake
    def all_against_all(self, right, scores, y):
        """You compare each prediction with the labels of all pictures, N×N pairs, as numpy does
        with a column and a row. Compare it with the label of its own picture."""
        return {"accuracy": np.mean(scores.argmax(1)[:, None] == y)}

    # The prediction.

    @mistake
    def best_picture_of_each_class(self, right, scores, y):
        """Your largest scores are taken down the columns: that is the picture that fits each class
        best. The predicted class of a picture is found along its row."""
        if scores.shape[0] != scores.shape[1]:
            return {"accuracy": raises("ValueError", "broadcast")}
        return {"accuracy": np.mean(scores.argmax(0) == y)}

    @mistake
    def first_labels_only(self, right, scores, y):
        """Your largest scores are taken down the columns, and compared with the first labels. That
        is the picture that fits each class best; a picture's class is found along its row."""
        c = scores.shape[1]
        return {"accuracy": np.mean(scores.argmax(0) == y[:c])}

    @mistake
    def best_picture_of_its_class(self, right, scores, y):
        """You ask of each picture whether it has the largest score in its label's column. Ask
        whether its label has the largest score in the picture's row."""
        return {"accuracy": np.mean(scores.argmax(0)[y] == np.arange(len(y)))}

    @mistake
    def place_in_the_whole_table(self, right, scores, y):
        """You look for the largest score of the whole table: argmax without an axis. Each picture
        has a largest score of its own, in its row."""
        return {"accuracy": np.mean(scores.argmax() == y)}

    @mistake
    def largest_of_the_whole_table(self, right, scores, y):
        """You compare each label's score with the largest of the whole table. Compare it with the
        largest in its own row."""
        return {"accuracy": np.mean(scores[np.arange(len(y)), y] == scores.max())}

    @mistake
    def smallest_score(self, right, scores, y):
        """You take the class with the smallest score. Scores are larger the better a class fits;
        only losses are better when they are small."""
        return {"accuracy": np.mean(scores.argmin(1) == y)}

    @mistake
    def among_the_two_best(self, right, scores, y):
        """You count a picture as right where its label is among the two largest scores. Only the
        largest counts."""
        best = (-scores).argsort(1, kind="stable")[:, :2]
        return {"accuracy": np.mean((best == y[:, None]).any(1))}

    @mistake
    def labels_from_one(self, right, scores, y):
        """Your classes are counted from 1, so each prediction is one too high. Both argmax and the
        labels count from 0."""
        return {"accuracy": np.mean(scores.argmax(1) + 1 == y)}

    @mistake
    def one_class_too_low(self, right, scores, y):
        """Your predictions are one too low for the labels, or the labels one too high. Both argmax
        and the labels count from 0."""
        return {"accuracy": np.mean(scores.argmax(1) == y + 1)}

    @mistake
    def class_zero_left_out(self, right, scores, y):
        """Class 0 is never your answer. Begin the search at the first column, which is column
        0."""
        return {"accuracy": np.mean(scores[:, 1:].argmax(1) + 1 == y)}

    @mistake
    def last_class_left_out(self, right, scores, y):
        """The last class is never your answer. Search all the columns."""
        return {"accuracy": np.mean(scores[:, :-1].argmax(1) == y)}

    @mistake
    def absolute_scores(self, right, scores, y):
        """You take the score that is largest without its sign. A score of −6 is smaller than one
        of −2: leave the sign."""
        return {"accuracy": np.mean(np.abs(scores).argmax(1) == y)}

    @mistake
    def farthest_from_the_mean(self, right, scores, y):
        """You take the score that is farthest from the mean of its row, to whichever side. One far
        below the mean is no answer: leave the sign of the difference."""
        off = scores - scores.mean(1, keepdims=True)
        return {"accuracy": np.mean(np.abs(off).argmax(1) == y)}

    @mistake
    def scores_cut_to_whole_numbers(self, right, scores, y):
        """You cut the scores to whole numbers before you compare them, which makes ties where there
        are none. Compare them as they are."""
        return {"accuracy": np.mean(scores.astype(int).argmax(1) == y)}

    @mistake
    def search_begins_at_zero(self, right, scores, y):
        """Where all scores of a picture are negative your answer is class 0, as when the largest
        score so far begins at 0. Begin with the first score of the row."""
        if scores.max() < 0:
            return {"accuracy": np.mean(y == 0)}

    @mistake
    def no_answer_below_zero(self, right, scores, y):
        """A picture whose scores are all negative never counts as right in yours. Scores are no
        probabilities: compare them with each other, and with no threshold."""
        if scores.max() < 0:
            return {"accuracy": 0.0}

    @mistake
    def exponentials_overflow(self, right, scores, y):
        """Where all scores of a picture are large your answer is class 0. That happens when exp of
        them is taken, for a softmax or a sigmoid, and overflows or saturates. The largest score
        needs no exp to be found."""
        if scores.min() > 700:
            return {"accuracy": np.mean(y == 0)}

    @mistake
    def mean_score_of_the_label(self, right, scores, y):
        """That is the mean score of the right class. Accuracy only asks whether it is the largest
        one in its row, not how large it is."""
        return {"accuracy": np.mean(scores[np.arange(len(y)), y])}

    @mistake
    def mean_largest_score(self, right, scores, y):
        """That is the mean of the largest scores. Ask of each picture whether the largest score
        stands at its label."""
        return {"accuracy": np.mean(scores.max(1))}

    @mistake
    def above_a_half(self, right, scores, y):
        """You count a picture as right where its label's score is above 0.5. Scores are no
        probabilities: compare them with each other."""
        return {"accuracy": np.mean(scores[np.arange(len(y)), y] > 0.5)}

    @mistake
    def half_of_the_probability(self, right, scores, y):
        """You count a picture as right where its label has half of the probability, or more. The
        largest may be less than a half: compare the classes of a picture with each other."""
        e = np.exp(scores - scores.max(1, keepdims=True))
        return {"accuracy": np.mean((e / e.sum(1, keepdims=True))[np.arange(len(y)), y] > 0.5)}

    @mistake
    def above_zero(self, right, scores, y):
        """You count a picture as right where its label's score is above 0. Compare the scores of a
        row with each other."""
        return {"accuracy": np.mean(scores[np.arange(len(y)), y] > 0)}

    @mistake
    def largest_score_itself(self, right, scores, y):
        """You compare the largest score of each row with the label. The prediction is not how large
        that score is but where in the row it stands."""
        return {"accuracy": np.mean(scores.max(1) == y)}

    # Ties.

    @mistake
    def ties_count_as_right(self, right, scores, y):
        """Where two classes share the largest score, a net can still name only one; here it is the
        first. You count such a picture as right whenever its label is among them."""
        own = scores[np.arange(len(y)), y]
        return {"accuracy": np.mean(own == scores.max(1))}

    @mistake
    def last_of_a_tie(self, right, scores, y):
        """Where two classes share the largest score your answer is the last of them. Here it is the
        first, as argmax has it."""
        last = scores.shape[1] - 1 - scores[:, ::-1].argmax(1)
        return {"accuracy": np.mean(last == y)}

    @mistake
    def ties_count_as_wrong(self, right, scores, y):
        """Where two classes share the largest score you never count the picture as right. The first
        of them is the answer, and it may be the label."""
        alone = (scores == scores.max(1, keepdims=True)).sum(1) == 1
        return {"accuracy": np.mean((scores.argmax(1) == y) & alone)}

    # The share of the wrong ones, with another mistake.

    @mistake
    def error_rate_of_labels_from_one(self, right, scores, y):
        """Two things: your classes are counted from 1, so each prediction is one too high (both
        argmax and the labels count from 0), and you give the share of the wrong ones, the error
        rate."""
        return {"accuracy": np.mean(scores.argmax(1) + 1 != y)}

    @mistake
    def error_rate_of_the_smallest(self, right, scores, y):
        """Two things: you take the class with the smallest score, and you give the share of the
        wrong ones, the error rate. Scores are larger the better a class fits."""
        return {"accuracy": np.mean(scores.argmin(1) != y)}

    rounded_to_two_digits = rounded(2)
    rounded_to_three_digits = rounded(3)
    rounded_to_four_digits = rounded(4)


def _pictures(rng, n, classes, right, lowest):
    """Scores near 0, 1, 2, ... without ties, and labels: so many right, so many at the lowest.

    The first picture and the last are among the right ones: leaving one out shows.
    """
    scores = rng.permuted(np.tile(np.arange(float(classes)), (n, 1)), axis=1)
    scores += rng.uniform(-0.2, 0.2, scores.shape)
    order = scores.argsort(1)
    y = np.concatenate([order[:right, -1], order[right : n - lowest, -2], order[n - lowest :, 0]])
    mixed = np.concatenate([[0], 2 + rng.permutation(n - 2), [1]])
    return scores[mixed], y[mixed]


def _tied(rng):
    """Pictures of which some have their label first in a tie, some in the middle, some last.

    How many there are of each differs, so that each rule for ties gives another number.
    """
    n = int(rng.integers(37, 58))
    scores, y = _pictures(rng, n, 4, right=int(rng.integers(12, 16)), lowest=4)
    scores += 0.3  # the lowest scores are above 0 and below a half
    others = np.flatnonzero(scores[np.arange(n), y] > 1)[1:-1]
    tied = rng.permutation(others)[:15]
    for at, label in zip(tied, [1] * 3 + [2] * 5 + [3] * 7, strict=True):
        scores[at], y[at] = [0.0, 2.0, 2.0, 2.0], label
    # Close together: the largest is often below half of the probability. 1 is a label, too.
    return {"scores": scores / 2, "y": y}
