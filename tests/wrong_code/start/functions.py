"""Notebook 00: the two warm-up functions as people really write them wrong."""

import numpy as np
from wrong_code import wrong


@wrong("standardize", "rows_instead_of_columns")
def standardize(x):
    return (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)


@wrong("standardize", "one_number_for_everything")
def standardize(x):
    return (x - np.mean(x)) / np.std(x)


@wrong("standardize", "only_centred")
def standardize(x):
    return x - x.mean(axis=0)


@wrong("standardize", "divided_by_the_variance")
def standardize(x):
    var = x.var(axis=0)
    return (x - x.mean(axis=0)) / np.where(var == 0, 1, var)


@wrong("standardize", "only_scaled")
def standardize(x):
    std = x.std(axis=0)
    return x / np.where(std == 0, 1, std)


@wrong("standardize", "scaled_to_one")
def standardize(x):
    low, high = x.min(axis=0), x.max(axis=0)
    return (x - low) / np.maximum(high - low, 1e-12)


@wrong("standardize", "zero_spread")
def standardize(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


@wrong("standardize", "large_epsilon")
def standardize(x):
    return (x - x.mean(axis=0)) / (x.std(axis=0) + 1e-3)


@wrong("standardize", "unbiased_spread")
def standardize(x):
    deviation = x - x.mean(axis=0)
    std = np.sqrt((deviation**2).sum(axis=0) / max(len(x) - 1, 1))
    std[std == 0] = 1
    return deviation / std


@wrong("standardize", "unbiased_spread_of_one_row")
def standardize(x):
    std = x.std(axis=0, ddof=1)
    return (x - x.mean(axis=0)) / np.where(std == 0, 1, std)


@wrong("standardize", "changed:x")
def standardize(x):
    if x.dtype.kind == "f":
        x -= x.mean(axis=0)
    else:
        x = x - x.mean(axis=0)
    std = x.std(axis=0)
    return x / np.where(std == 0, 1, std)


@wrong("accuracy", "number_not_share")
def accuracy(scores, y):
    return np.sum(np.argmax(scores, axis=1) == y)


@wrong("accuracy", "percent")
def accuracy(scores, y):
    return 100 * np.mean(np.argmax(scores, axis=1) == y)


@wrong("accuracy", "error_rate")
def accuracy(scores, y):
    return np.mean(np.argmax(scores, axis=1) != y)


@wrong("accuracy", "best_picture_of_each_class")
def accuracy(scores, y):
    return np.mean(np.argmax(scores, axis=0) == y)


@wrong("accuracy", "smallest_score")
def accuracy(scores, y):
    return np.mean(np.argmin(scores, axis=1) == y)


@wrong("accuracy", "mean_score_of_the_label")
def accuracy(scores, y):
    return scores[np.arange(len(y)), y].mean()


@wrong("accuracy", "above_a_half")
def accuracy(scores, y):
    return np.mean(scores[np.arange(len(y)), y] > 0.5)


@wrong("accuracy", "rounded_down")
def accuracy(scores, y):
    right = 0
    for row, label in zip(scores, y, strict=True):
        right += int(np.argmax(row) == label)
    return right // len(y)


@wrong("accuracy", "ties_count_as_right")
def accuracy(scores, y):
    right = [row[label] >= row.max() for row, label in zip(scores, y, strict=True)]
    return sum(right) / len(right)


@wrong("accuracy", "largest_score_itself")
def accuracy(scores, y):
    return float(np.mean(np.max(scores, axis=1) == y))
