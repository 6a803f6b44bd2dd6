"""Notebook 00: hits counted in further ways in which people really do it wrong."""

import numpy as np
from wrong_code import wrong


@wrong("accuracy", "error_rate_in_percent")
def accuracy(scores, y):
    return 100.0 * np.mean(scores.argmax(axis=1) != y)


@wrong("accuracy", "divided_by_the_classes")
def accuracy(scores, y):
    return np.sum(scores.argmax(axis=1) == y) / scores.shape[1]


@wrong("accuracy", "one_picture_left_out")
def accuracy(scores, y):
    hits = 0
    for i in range(1, len(y)):
        hits += np.argmax(scores[i]) == y[i]
    return hits / len(y)


@wrong("accuracy", "mean_over_classes")
def accuracy(scores, y):
    predicted = np.argmax(scores, axis=1)
    return float(np.mean([(predicted[y == c] == c).mean() for c in set(y.tolist())]))


@wrong("accuracy", "all_against_all")
def accuracy(scores, y):
    return np.mean(np.argmax(scores, axis=1, keepdims=True) == y)


@wrong("accuracy", "first_labels_only")
def accuracy(scores, y):
    predicted = scores.argmax(axis=0)
    return sum(int(p == label) for p, label in zip(predicted, y)) / len(predicted)  # noqa: B905


@wrong("accuracy", "best_picture_of_its_class")
def accuracy(scores, y):
    best = scores.argmax(axis=0)
    return np.mean([best[label] == i for i, label in enumerate(y)])


@wrong("accuracy", "place_in_the_whole_table")
def accuracy(scores, y):
    return np.mean(np.argmax(scores) == y)


@wrong("accuracy", "largest_of_the_whole_table")
def accuracy(scores, y):
    return np.mean([row[label] == np.max(scores) for row, label in zip(scores, y, strict=True)])


@wrong("accuracy", "labels_from_one")
def accuracy(scores, y):
    return np.mean(np.argmax(scores, axis=1) == y - 1)


@wrong("accuracy", "one_class_too_low")
def accuracy(scores, y):
    return np.mean(np.argmax(scores, axis=1) - 1 == y)


@wrong("accuracy", "class_zero_left_out")
def accuracy(scores, y):
    hits = 0
    for row, label in zip(scores, y, strict=True):
        best = 1
        for c in range(1, len(row)):
            if row[c] > row[best]:
                best = c
        hits += best == label
    return hits / len(y)


@wrong("accuracy", "last_class_left_out")
def accuracy(scores, y):
    hits = 0
    for row, label in zip(scores, y, strict=True):
        best = 0
        for c in range(len(row) - 1):
            if row[c] > row[best]:
                best = c
        hits += best == label
    return hits / len(y)


@wrong("accuracy", "absolute_scores")
def accuracy(scores, y):
    return np.mean(np.argmax(np.abs(scores), axis=1) == y)


@wrong("accuracy", "search_begins_at_zero")
def accuracy(scores, y):
    hits = 0
    for row, label in zip(scores, y, strict=True):
        best, answer = 0, 0
        for c, score in enumerate(row):
            if score > best:
                best, answer = score, c
        hits += answer == label
    return hits / len(y)


@wrong("accuracy", "no_answer_below_zero")
def accuracy(scores, y):
    found = (scores.argmax(axis=1) == y) & (scores.max(axis=1) > 0)
    return found.mean()


@wrong("accuracy", "exponentials_overflow")
def accuracy(scores, y):
    with np.errstate(all="ignore"):
        p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return np.mean(p.argmax(axis=1) == y)


@wrong("accuracy", "mean_largest_score")
def accuracy(scores, y):
    return float(np.mean(scores.max(axis=1)))


@wrong("accuracy", "above_zero")
def accuracy(scores, y):
    return np.mean(scores[np.arange(len(y)), y] > 0)


@wrong("accuracy", "last_of_a_tie")
def accuracy(scores, y):
    hits = 0
    for row, label in zip(scores, y, strict=True):
        best = 0
        for c in range(len(row)):
            if row[c] >= row[best]:
                best = c
        hits += best == label
    return hits / len(y)


@wrong("accuracy", "ties_count_as_wrong")
def accuracy(scores, y):
    hits = 0
    for row, label in zip(scores, y, strict=True):
        hits += all(row[label] > other for c, other in enumerate(row) if c != label)
    return hits / len(y)


def rounded(digits):
    def accuracy(scores, y):
        return round(float(np.mean(np.argmax(scores, axis=1) == y)), digits)

    return accuracy


wrong("accuracy", "rounded_to_two_digits")(rounded(2))
wrong("accuracy", "rounded_to_three_digits")(rounded(3))
wrong("accuracy", "rounded_to_four_digits")(rounded(4))


@wrong("accuracy", "any_is_enough")
def accuracy(scores, y):
    return float(np.any(np.argmax(scores, axis=1) == y))


@wrong("accuracy", "rounded_down")
def accuracy(scores, y):
    return float((np.argmax(scores, axis=1) == y).all())


@wrong("accuracy", "divided_by_all_scores")
def accuracy(scores, y):
    return np.sum(scores.argmax(axis=1) == y) / scores.size


@wrong("accuracy", "divided_by_one_less")
def accuracy(scores, y):
    return np.sum(scores.argmax(axis=1) == y) / (len(y) - 1)


@wrong("accuracy", "among_the_two_best")
def accuracy(scores, y):
    best = np.argsort(-scores, axis=1, kind="stable")[:, :2]
    return np.mean([label in row for row, label in zip(best, y, strict=True)])


@wrong("accuracy", "scores_cut_to_whole_numbers")
def accuracy(scores, y):
    return np.mean(scores.astype(int).argmax(axis=1) == y)


@wrong("accuracy", "error_rate_of_labels_from_one")
def accuracy(scores, y):
    return 1 - np.mean(scores.argmax(axis=1) + 1 == y)


@wrong("accuracy", "error_rate_of_the_smallest")
def accuracy(scores, y):
    return np.mean(scores.argmin(axis=1) != y)


@wrong("accuracy", "half_of_the_probability")
def accuracy(scores, y):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return float(np.mean(p[np.arange(len(y)), y] >= 0.5))


@wrong("accuracy", "one_hot_entry_by_entry")
def accuracy(scores, y):
    one_hot = np.eye(scores.shape[1])
    return float((one_hot[scores.argmax(axis=1)] == one_hot[y]).mean())


@wrong("accuracy", "each_pair_counted_once")
def accuracy(scores, y):
    table = np.zeros((scores.shape[1],) * 2)
    table[y, scores.argmax(axis=1)] += 1
    return float(np.trace(table) / table.sum())


@wrong("accuracy", "farthest_from_the_mean")
def accuracy(scores, y):
    centred = scores - scores.mean(axis=1)[:, None]
    return np.mean(np.argmax(centred**2, axis=1) == y)
