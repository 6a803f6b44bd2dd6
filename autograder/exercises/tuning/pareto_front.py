"""Exercise of notebook 08: choosing among runs that differ in cost.

Where such runs come from is in `search`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake

FORM, EQUALS, IN_ORDER = "form of front", "order of equals", "by rising index"
MASK = "yes and no for each run"


class pareto_front(Exercise):
    """Which runs are worth their time: none is both faster and more accurate."""

    signature = "pareto_front(seconds, accuracies)"
    growth = {"seconds": 1}, {}
    minutes = 8
    difficulty = 2
    extra = True
    reads = {
        FORM: "your front is made of {seen}; {right} is right",
        "front": "your front is {seen}; {right} is right",
        EQUALS: "of your front equal runs stand {seen}; {right} is right",
    }
    hints = (
        "Say for one pair when the second run makes the first one pointless. Then for one run: it "
        "stays when no other run does that to it.",
        "\"At least as good in both, and better in one\" are three comparisons. A run must not "
        "beat itself or its twin.",
    )

    def cases(self, rng):
        def case(name, points, seconds, accuracies):
            order = rng.permutation(len(seconds))  # equal ones may come in either order
            return Case(name, points, seconds=np.array(seconds)[order],
                        accuracies=np.array(accuracies)[order])  # fmt: skip

        n = int(rng.integers(9, 13))
        seconds = rng.permutation(n) + rng.uniform(0.1, 0.9, n)
        yield case("scattered runs", 2, seconds, 0.5 + 0.02 * seconds + rng.normal(0, 0.05, n))
        yield Case("of equally long runs the worse one first", 0.5,
                   seconds=np.array([2.0, 1.0, 2.0, 3.0, 3.0]) * rng.integers(1, 5),
                   accuracies=np.array([0.6, 0.4, 0.7, 0.75, 0.9]))  # fmt: skip
        yield case("equally long, equally good", 1, [3.0, 2.0, 2.0, 5.0, 4.0, 1.0],
                   [0.8, 0.6, 0.7, 0.9, 0.8, 0.4])  # fmt: skip
        yield case("twins", 0.5, [7.0, 2.0, 4.0, 2.0, 9.0], [0.9, 0.5, 0.4, 0.5, 0.9])
        # So many that a sort which does not keep the order of equal ones shows it.
        pairs = np.tile(np.arange(12.0), 2)
        # On a line, by numbers that binary fractions hold: nothing there depends on rounding.
        yield case("twelve pairs of twins", 0.5, 1 + pairs, 0.25 + pairs / 32)
        # Rounded to tenths all but two take as long, rounded to hundredths they are as good; in
        # whole seconds all take as long.
        yield case("less than a second apart", 0.5,
                   [3.02, *np.sort(rng.uniform(3.106, 3.144, 7)), 3.7],
                   [0.2, *rng.uniform(0.501, 0.504, 6), 0.5045, 0.95])  # fmt: skip
        yield case("the fastest has accuracy 0", 0.5, [1.5, 2.5, 4.0, 6.0], [0.0, 0.5, 0.4, 0.8])
        yield case("all on the front", 0.5, [4.0, 1.0, 3.0, 8.0], [0.9, 0.3, 0.5, 0.95])

    def observe(self, code, seconds, accuracies):
        front = code.pareto_front(seconds, accuracies)
        if iter(front) is front:
            return {"form of front": "what can be gone through once only, as a generator's"}
        kinds = {type(i).__name__ for i in front}
        if all(isinstance(i, (bool, np.bool_)) for i in front) and len(kinds):
            form = "yes and no for each run"
        elif all(isinstance(i, (int, float, np.number)) for i in front):
            form = "numbers"
        else:
            return {"form of front": ", ".join(f"{kind}s" for kind in sorted(kinds))}
        return {"form of front": form, "front": ", ".join(f"{float(i):g}" for i in front)}

    def aid(self, **inputs):
        return {"right": self.reference(**inputs)["front"]}

    def read(self, seen, seconds, accuracies, right):
        # Of another form that form alone is told.
        if "front" not in seen or seen[FORM] == MASK:
            return seen | {"front": right, EQUALS: IN_ORDER}
        places = [float(text) for text in seen["front"].split(", ") if text]
        indices = all(place.is_integer() and 0 <= place < len(seconds) for place in places)
        if not indices or np.any(np.diff([seconds[int(i)] for i in places]) < 0):
            return seen | {EQUALS: IN_ORDER}
        # How equal runs stand is told apart: sorting may leave them in any order.
        runs = [(seconds[int(i)], accuracies[int(i)]) for i in places]
        equals = {run: [i for i, other in enumerate(zip(seconds, accuracies, strict=True))
                        if other == run] for run in runs}  # fmt: skip
        told = ", ".join(f"{equals[run][runs[:k].count(run) % len(equals[run])]:g}"
                         for k, run in enumerate(runs))  # fmt: skip
        other = told == right != seen["front"]
        return seen | {"front": told, EQUALS: "in another order" if other else IN_ORDER}

    def reference(self, seconds, accuracies):
        found = words(front(seconds, accuracies, self.device))
        return {FORM: "numbers", "front": found, EQUALS: IN_ORDER}

    # Which runs stay.

    def kept(self, seconds, accuracies, beats):
        return {"front": words(front(seconds, accuracies, "cpu", beats))}

    @mistake
    def better_in_both_wanted(self, right, seconds, accuracies):
        """You drop a run only when another is better in both. One that is as fast and more
        accurate makes it pointless too."""
        return self.kept(seconds, accuracies, lambda fast, slow, good, bad: fast & good)

    @mistake
    def equal_accuracy_stays(self, right, seconds, accuracies):
        """Your front keeps a slower run of the same accuracy. One that is as accurate and faster
        makes it pointless."""
        return self.kept(seconds, accuracies, lambda fast, slow, good, bad: ~slow & good)

    @mistake
    def equal_time_stays(self, right, seconds, accuracies):
        """Your front keeps a less accurate run that takes the same time. One that is as fast and
        more accurate makes it pointless."""
        return self.kept(seconds, accuracies, lambda fast, slow, good, bad: fast & ~bad)

    @mistake
    def slow_is_better(self, right, seconds, accuracies):
        """More seconds are not better: you look for the upper right corner, the front is at the
        upper left."""
        beats = lambda fast, slow, good, bad: ~fast & ~bad & (slow | good)
        return self.kept(seconds, accuracies, beats)

    @mistake
    def low_accuracy_is_better(self, right, seconds, accuracies):
        """Your front prefers low accuracies, as if they were losses. Higher is better."""
        beats = lambda fast, slow, good, bad: ~slow & ~good & (fast | bad)
        return self.kept(seconds, accuracies, beats)

    @mistake
    def corner_for_corner(self, right, seconds, accuracies):
        """Your front is made of the runs that another one makes pointless. The others stay."""
        on = {int(i) for i in right["front"].split(", ")}
        rest = [i for i in range(len(seconds)) if i not in on]
        return {"front": words(sorted(rest, key=lambda i: (seconds[i], i)))}

    @mistake
    def next_in_time_alone(self, right, seconds, accuracies):
        """You compare each run with the next faster one only. Any faster run can make it
        pointless."""
        order = np.lexsort((np.arange(len(seconds)), -accuracies, seconds))
        pairs = [(seconds[i], accuracies[i]) for i in order]
        stay = [k == 0 or pairs[k][1] > pairs[k - 1][1] or pairs[k] == pairs[k - 1]
                for k in range(len(pairs))]  # fmt: skip
        kept = [int(i) for i, stays in zip(order, stay, strict=True) if stays]
        return {"front": words(sorted(kept, key=lambda i: (seconds[i], i)))}

    @mistake
    def ends_alone(self, right, seconds, accuracies):
        """Your front has the fastest and the most accurate run only. Those between that buy more
        accuracy for their time belong to it."""
        found = right["front"].split(", ")
        return {"front": ", ".join([found[0], found[-1]])}

    @mistake
    def worse_one_first(self, right, seconds, accuracies):
        """Of equally long runs your front keeps a worse one that comes first in the list. Before
        you go through the runs by time, sort equal times by falling accuracy."""
        return self.swept(seconds, accuracies, np.argsort(seconds, kind="stable"))

    @mistake
    def worse_one_before_the_better(self, right, seconds, accuracies):
        """Of equally long runs your front keeps a worse one that your sorting puts before the
        better. Before you go through the runs by time, sort equal times by falling accuracy."""
        return self.swept(seconds, accuracies, np.lexsort((accuracies, seconds)))

    def swept(self, seconds, accuracies, order):
        """The runs that are better than all before them in this order, and their twins."""
        kept, best = [], -np.inf
        for i in order:
            if accuracies[i] > best or kept and (seconds[i], accuracies[i]) == (
                seconds[kept[-1]], accuracies[kept[-1]],
            ):  # fmt: skip
                kept.append(int(i))
                best = accuracies[i]
        return {"front": words(kept)}

    @mistake
    def below_a_line_left_out(self, right, seconds, accuracies):
        """You leave out runs that lie below a line between two others. No run is better for it: a
        run goes only where another one beats it."""
        def slope(i, j):
            return (accuracies[j] - accuracies[i]) / (seconds[j] - seconds[i])

        kept = []
        for i in firsts(right, seconds, accuracies):
            while len(kept) > 1 and slope(kept[-1], i) >= slope(kept[-2], kept[-1]):
                kept.pop()
            kept.append(i)
        return {"front": words(kept)}

    @mistake
    def strictly_below_a_line_left_out(self, right, seconds, accuracies):
        """You leave out runs that lie below a line between two others, as a convex hull does. No
        run is better for it: a run goes only where another one beats it."""

        def apart(i, j):
            return seconds[j] - seconds[i], accuracies[j] - accuracies[i]

        kept = []
        for i in (int(i) for i in right["front"].split(", ")):
            while len(kept) > 1:
                (s, a), (t, b) = apart(kept[-2], kept[-1]), apart(kept[-2], i)
                if a * t >= b * s:
                    break
                kept.pop()
            kept.append(i)
        return {"front": words(kept)}

    def rounded(self, seconds, accuracies, tenths=True, hundredths=True):
        s = np.round(seconds, 1) if tenths else seconds
        a = np.round(accuracies, 2) if hundredths else accuracies
        kept = front(s, a, "cpu")
        return {"front": words(sorted(kept, key=lambda i: (seconds[i], i)))}

    @mistake
    def rounded_before(self, right, seconds, accuracies):
        """You round seconds and accuracies before you compare, so that runs which differ a little
        count as equal. Compare the numbers as they are."""
        return self.rounded(seconds, accuracies)

    @mistake
    def seconds_rounded_before(self, right, seconds, accuracies):
        """You round seconds before you compare, so that runs which differ a little count as equally
        long. Compare the numbers as they are."""
        return self.rounded(seconds, accuracies, hundredths=False)

    @mistake
    def accuracies_rounded_before(self, right, seconds, accuracies):
        """You round accuracies before you compare, so that runs which differ a little count as
        equally good. Compare the numbers as they are."""
        return self.rounded(seconds, accuracies, tenths=False)

    @mistake
    def whole_seconds(self, right, seconds, accuracies):
        """You compare whole seconds. Runs may be less than a second apart."""
        return {"front": words(sorted(front(np.floor(seconds), accuracies, "cpu"),
                                      key=lambda i: (seconds[i], i)))}  # fmt: skip

    @mistake
    def above_nothing(self, right, seconds, accuracies):
        """The fastest run is missing where its accuracy is 0: the best so far begins at 0 for you.
        Begin below every accuracy."""
        kept = [i for i in right["front"].split(", ") if accuracies[int(i)] > 0]
        return {"front": ", ".join(kept)}

    # Twins and order.

    @mistake
    def twins_lost(self, right, seconds, accuracies):
        """Two runs that are equal in both do not beat each other: both stay."""
        return {"front": words(firsts(right, seconds, accuracies))}

    @mistake
    def equals_beat_each_other(self, right, seconds, accuracies):
        """Twins throw each other out: with at least as good in both alone, each beats the other."""
        pairs = list(zip(seconds, accuracies, strict=True))
        kept = [int(i) for i in right["front"].split(", ")]
        return {"front": words(i for i in kept if pairs.count(pairs[i]) == 1)}

    @mistake
    def equals_beat_each_other_but_not_all(self, right, seconds, accuracies):
        """Twins throw each other out, and the most accurate run is put in where nothing is left.
        With at least as good in both alone, each twin beats the other: one must be better in
        something."""
        left = self.equals_beat_each_other(right, seconds, accuracies)["front"]
        return {"front": left or words([np.argmax(accuracies)])}

    @mistake
    def not_sorted_by_time(self, right, seconds, accuracies):
        """Your front is in the order in which the runs came. Sort it by time."""
        return {"front": words(sorted(int(i) for i in right["front"].split(", ")))}

    @mistake
    def not_sorted_and_equals_kept(self, right, seconds, accuracies):
        """You drop a run only when another is better in both, and your front is in the order in
        which the runs came. Equal in one and better in the other is enough; sort by time."""
        kept = front(seconds, accuracies, "cpu", lambda fast, slow, good, bad: fast & good)
        return {"front": words(sorted(kept))}

    @mistake
    def slowest_first(self, right, seconds, accuracies):
        """Your front begins with the slowest run. Seconds should rise along it."""
        kept = [int(i) for i in right["front"].split(", ")]
        return {"front": words(sorted(kept, key=lambda i: (-seconds[i], i)))}

    @mistake
    def reversed_front(self, right, seconds, accuracies):
        """Your front is the wrong way round: the slowest run, and of equal ones the later, stands
        first. Seconds should rise along it, and of equal ones the index."""
        return {"front": ", ".join(right["front"].split(", ")[::-1])}

    @mistake
    def later_twin_first(self, right, seconds, accuracies):
        """Of two equal runs the later one stands first in your front. They should come by rising
        index."""
        kept = [int(i) for i in right["front"].split(", ")]
        if len({(seconds[i], accuracies[i]) for i in kept}) < len(kept):
            return {EQUALS: "in another order"}

    @mistake
    def sorted_without_keeping_order(self, right, seconds, accuracies):
        """Equal runs should stand by rising index. Among many runs yours do not: `np.argsort` keeps
        the order of equal ones with kind="stable" alone, `sorted` always."""
        if len(seconds) > 16:
            return {EQUALS: "in another order"}

    @mistake
    def places_in_the_sorted_list(self, right, seconds, accuracies):
        """Your indices count in the list that you sorted by time. The runs' own places in what came
        in are wanted."""
        order = np.lexsort((np.arange(len(seconds)), seconds)).tolist()
        return {"front": words(order.index(int(i)) for i in right["front"].split(", "))}

    @mistake
    def pairs_for_indices(self, right, seconds, accuracies):
        """You return the runs themselves, as pairs. Their indices are wanted, their places in what
        came in."""
        return {FORM: "tuples"}

    @mistake
    def mask_returned(self, right, seconds, accuracies):
        """You return True and False for all runs. The indices of those on the front are wanted."""
        return {FORM: MASK}


def words(indices) -> str:
    """Indices as the learner reads them."""
    return ", ".join(f"{i:g}" for i in indices)


def front(seconds, accuracies, device, beats=None):
    """The indices of the runs that no other beats, by seconds; `beats` says when one does."""
    s = torch.tensor(seconds, dtype=torch.float64, device=device)
    a = torch.tensor(accuracies, dtype=torch.float64, device=device)
    fast, slow = s[:, None] < s, s[:, None] > s
    good, bad = a[:, None] > a, a[:, None] < a
    beaten = (beats or (lambda *_: ~slow & ~bad & (fast | good)))(fast, slow, good, bad).any(0)
    kept = torch.nonzero(~beaten).flatten().tolist()
    return sorted(kept, key=lambda i: (seconds[i], i))


def firsts(right, seconds, accuracies):
    """The front with one run of each pair of equals."""
    found = {}
    for i in (int(i) for i in right["front"].split(", ")):
        found.setdefault((seconds[i], accuracies[i]), i)
    return found.values()
