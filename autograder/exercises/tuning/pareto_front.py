"""Exercise of notebook 08: choosing among runs that differ in cost.

Where such runs come from is in `tuning_search`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake


class pareto_front(Exercise):
    """Which runs are worth their time: none is both faster and more accurate."""

    signature = "pareto_front(seconds, accuracies)"
    minutes = 8
    difficulty = 2
    extra = True
    hints = (
        "Say for one pair when the second run makes the first one pointless. Then for one run: it "
        "stays when no other run does that to it.",
        "\"At least as good in both, and better in one\" are three comparisons. A run must not "
        "beat itself or its twin.",
    )

    def cases(self, rng):
        n = int(rng.integers(9, 13))
        seconds = rng.permutation(n) + rng.uniform(0.1, 0.9, n)
        yield Case("scattered runs", 2, seconds=seconds,
                   accuracies=0.5 + 0.02 * seconds + rng.normal(0, 0.05, n))  # fmt: skip
        yield Case("equally long, equally good", 1,
                   seconds=np.array([3.0, 2.0, 2.0, 5.0, 4.0, 1.0]),
                   accuracies=np.array([0.8, 0.6, 0.7, 0.9, 0.8, 0.4]))  # fmt: skip
        yield Case("twins", 1, seconds=np.array([7.0, 2.0, 4.0, 2.0, 9.0]),
                   accuracies=np.array([0.9, 0.5, 0.4, 0.5, 0.9]))  # fmt: skip
        yield Case("all on the front", 1, seconds=np.array([4.0, 1.0, 3.0]),
                   accuracies=np.array([0.9, 0.3, 0.7]))  # fmt: skip

    def observe(self, code, seconds, accuracies):
        return {"front": [float(i) for i in code.pareto_front(seconds, accuracies)]}

    def reference(self, seconds, accuracies):
        return {"front": self.front(seconds, accuracies)}

    def front(self, seconds, accuracies, strict=False, fast=1):
        s = fast * torch.tensor(seconds, dtype=torch.float64, device=self.device)
        a = torch.tensor(accuracies, dtype=torch.float64, device=self.device)
        faster, better = s[:, None] < s, a[:, None] > a
        slower, worse = s[:, None] > s, a[:, None] < a
        beats = faster & better if strict else ~slower & ~worse & (faster | better)
        kept = torch.nonzero(~beats.any(0)).flatten().tolist()
        return [float(i) for i in sorted(kept, key=lambda i: (seconds[i], i))]

    @mistake
    def better_in_both_wanted(self, right, seconds, accuracies):
        """You drop a run only when another is better in both. One that is as fast and more
        accurate makes it pointless too."""
        return {"front": self.front(seconds, accuracies, strict=True)}

    @mistake
    def slow_is_better(self, right, seconds, accuracies):
        """More seconds are not better: you look for the upper right corner, the front is at the
        upper left."""
        return {"front": self.front(seconds, accuracies, fast=-1)}

    @mistake
    def not_sorted_by_time(self, right, seconds, accuracies):
        """The right runs, in the order in which they came. Sort them by time."""
        return {"front": sorted(right["front"])}

    @mistake
    def twins_lost(self, right, seconds, accuracies):
        """Two runs that are equal in both do not beat each other: both stay."""
        kept, seen = [], set()
        for i in right["front"]:
            pair = seconds[int(i)], accuracies[int(i)]
            if pair not in seen:
                kept.append(i)
            seen.add(pair)
        return {"front": kept}

    @mistake
    def equals_beat_each_other(self, right, seconds, accuracies):
        """Twins throw each other out: with at least as good in both alone, each beats the other."""
        pairs = list(zip(seconds, accuracies, strict=True))
        return {"front": [i for i in right["front"] if pairs.count(pairs[int(i)]) == 1]}

    @mistake
    def mask_returned(self, right, seconds, accuracies):
        """You return True and False for all runs. The indices of those on the front are wanted."""
        return {"front": [float(i in right["front"]) for i in range(len(seconds))]}
