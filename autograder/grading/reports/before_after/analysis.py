"""Two tests of the same questions, before and after: who answered what, how good each question is,
and what was gained, with intervals by bootstrap over students. Numbers only; `page` shows them.

Methods: normalised gain after Hake (1998), Am. J. Phys. 66, 64. Percentile bootstrap after Efron
and Tibshirani (1993), students drawn with replacement. Fractions with Wilson's interval (1927).
Cronbach's alpha (1951), for questions that are right or wrong the same as KR-20. Discrimination is
the correlation of a question with the points of all others, its interval by Fisher's z.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from autograder.grading.reports.gain import FEWEST, Shares, too_few, topic

RESAMPLES = 10_000
SEED = 20_26  # of the bootstrap, so that the same marks give the same report
NORMAL = 1.959964  # 97.5 % of a normal distribution lie below
CHUNK = 500
# What is worth a look at a question's wording.
TOO_EASY, TOO_HARD, WEAK = 0.9, 0.1, 0.1


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval; None where it cannot be told."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Item:
    """One question of both tests, among those who took both."""

    question: str
    topic: str
    before: Estimate
    after: Estimate
    wrong_to_right: int
    right_to_wrong: int
    discrimination: Estimate
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Topic:
    """A topic, or all of them."""

    title: str
    questions: int
    before: Estimate
    after: Estimate
    gain: Estimate
    note: str = ""


@dataclass
class Analysis:
    """All that is said of the two tests.

    Attributes
    ----------
    roster, took_before, took_after, both : how many students
    left_out : questions that only one of the tests asks
    stayed, left : points before the course of those who took both, and of those who took the first
        test only: where they differ much, the gain is that of a selection
    effect : the mean difference in standard deviations of the points before the course
    alpha_before, alpha_after : how well the questions of a test agree with each other
    note : why there is no number; "" where there are
    """

    before: str
    after: str
    roster: int
    took_before: int
    took_after: int
    both: int
    left_out: list[str] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    topics: list[Topic] = field(default_factory=list)
    stayed: Estimate = Estimate(None)
    left: Estimate = Estimate(None)
    individual_gain: Estimate = Estimate(None)
    effect: Estimate = Estimate(None)
    alpha_before: float | None = None
    alpha_after: float | None = None
    note: str = ""


def analyse(pre: Shares, post: Shares, roster: int, before: str, after: str) -> Analysis:
    """The analysis of two tests.

    Parameters
    ----------
    pre, post : student → question → points, of one
    roster : how many students are in the class
    before, after : the tests' names
    """
    both = sorted(set(pre) & set(post))
    made = Analysis(before, after, roster, len(pre), len(post), len(both))
    first = dict.fromkeys(name for points in pre.values() for name in points)
    second = dict.fromkeys(name for points in post.values() for name in points)
    asked = [name for name in second if name in first]
    made.left_out = sorted(set(first) ^ set(second))
    if len(both) < FEWEST:
        made.note = too_few(len(both), "who took both tests")
        return made
    if not asked:
        made.note = f"{before} and {after} have no question in common"
        return made
    x, y = (np.array([[test[s].get(q, 0.0) for q in asked] for s in both]) for test in (pre, post))
    titles = [topic(name) for name in asked]
    made.items = [
        _item(name, title, x[:, i], y[:, i], y.sum(axis=1) - y[:, i])
        for i, (name, title) in enumerate(zip(asked, titles, strict=True))
    ]
    groups: dict[str, list[int]] = {title: [] for title in sorted(set(titles))}
    for i, title in enumerate(titles):
        groups[title].append(i)
    made.topics = _topics({**groups, "all questions": list(range(len(asked)))}, x, y)
    only = sorted(set(pre) - set(post))
    if len(only) >= FEWEST:
        table = np.array([[pre[s].get(q, 0.0) for q in asked] for s in only])
        made.stayed, made.left = _mean(x.mean(axis=1)), _mean(table.mean(axis=1))
    made.individual_gain, made.effect = _individual(x.mean(axis=1), y.mean(axis=1))
    made.alpha_before, made.alpha_after = alpha(x), alpha(y)
    return made


def weights(n: int, resamples: int = RESAMPLES):
    """How often each of n students is in each resample, in chunks."""
    rng = np.random.default_rng(SEED)
    for begin in range(0, resamples, CHUNK):
        yield rng.multinomial(n, np.full(n, 1 / n), min(CHUNK, resamples - begin)) / n


def percentiles(draws: np.ndarray) -> tuple[float | None, float | None]:
    """The middle 95 % of what resamples gave; those that tell nothing are left out."""
    draws = draws[np.isfinite(draws)]
    if len(draws) < RESAMPLES // 2:
        return None, None
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)


def _topics(groups: dict[str, list[int]], x: np.ndarray, y: np.ndarray) -> list[Topic]:
    before = np.stack([x[:, which].mean(axis=1) for which in groups.values()], axis=1)
    after = np.stack([y[:, which].mean(axis=1) for which in groups.values()], axis=1)
    drawn = [(w @ before, w @ after) for w in weights(len(x))]
    b, a = (np.concatenate([pair[side] for pair in drawn]) for side in (0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        g = np.where(b < 1, (a - b) / (1 - b), np.nan)
    made = []
    for i, (title, which) in enumerate(groups.items()):
        mean_before, mean_after = float(before[:, i].mean()), float(after[:, i].mean())
        full = mean_before >= 1
        gain = None if full else (mean_after - mean_before) / (1 - mean_before)
        made.append(Topic(
            title, len(which),
            Estimate(mean_before, *percentiles(b[:, i])),
            Estimate(mean_after, *percentiles(a[:, i])),
            Estimate(gain, *(percentiles(g[:, i]) if not full else (None, None))),
            "all was right before the course: nothing was left to gain" * full,
        ))  # fmt: skip
    return made


def _individual(before: np.ndarray, after: np.ndarray) -> tuple[Estimate, Estimate]:
    """The mean of the students' own gains, and the effect size, with intervals."""
    could = before < 1
    own = (after[could] - before[could]) / (1 - before[could])
    spread = float(before.std(ddof=1)) if len(before) > 1 else 0.0
    effect = Estimate(None)
    if spread > 0:
        draws = []
        for w in weights(len(before)):
            middle = w @ before
            variance = np.maximum(w @ before**2 - middle**2, 0) * len(before) / (len(before) - 1)
            with np.errstate(divide="ignore", invalid="ignore"):
                draws.append((w @ (after - before)) / np.sqrt(variance))
        found = float((after - before).mean()) / spread
        effect = Estimate(found, *percentiles(np.concatenate(draws)))
    return (_mean(own) if len(own) >= FEWEST else Estimate(None)), effect


def _mean(values: np.ndarray) -> Estimate:
    draws = np.concatenate([w @ values for w in weights(len(values))])
    return Estimate(float(values.mean()), *percentiles(draws))


def _item(name: str, title: str, x, y, rest) -> Item:
    before, after = wilson(float(x.sum()), len(x)), wilson(float(y.sum()), len(y))
    found = discrimination(y, rest)
    remarks = []
    if before.value > TOO_EASY:
        remarks.append("known before the course: it cannot show a gain")
    if after.value < TOO_HARD:
        remarks.append("hardly anybody is right after the course")
    if after.value < before.value - 0.1:
        remarks.append("fewer are right after the course than before")
    if found.value is not None and found.value < WEAK:
        remarks.append("it hardly tells those who know much from those who know little")
    return Item(
        name, title, before, after, int(((x < 0.5) & (y >= 0.5)).sum()),
        int(((x >= 0.5) & (y < 0.5)).sum()), found, tuple(remarks),
    )  # fmt: skip


def wilson(right: float, n: int) -> Estimate:
    """A fraction with Wilson's interval, which stays between 0 and 1."""
    p, z = right / n, NORMAL
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Estimate(p, max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half)))


def discrimination(item: np.ndarray, rest: np.ndarray) -> Estimate:
    """The correlation of a question with the points of the others; None where one is constant."""
    if np.ptp(item) == 0 or np.ptp(rest) == 0:
        return Estimate(None)
    r = float(np.corrcoef(item, rest)[0, 1])
    if len(item) < 4 or abs(r) >= 1:
        return Estimate(r)
    z, half = math.atanh(r), NORMAL / math.sqrt(len(item) - 3)
    return Estimate(r, math.tanh(z - half), math.tanh(z + half))


def alpha(table: np.ndarray) -> float | None:
    """Cronbach's alpha of a table of students × questions; None where it cannot be told."""
    k, total = table.shape[1], float(table.sum(axis=1).var(ddof=1))
    if k < 2 or total == 0:
        return None
    return float(k / (k - 1) * (1 - table.var(axis=0, ddof=1).sum() / total))
