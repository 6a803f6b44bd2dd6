"""Exercise of notebook 03: which examples are for training, for validation, for testing.

What is done to the pictures themselves is in `preprocessing` and `augmentation*`.
"""

import numpy as np

from autograder.exercise import Case, Exercise, mistake


class split(Exercise):
    """Training, validation and test indices."""

    signature = "split(n, fractions, rng, labels=None)"
    minutes = 12
    difficulty = 2
    hints = (
        "One shuffled order of all indices, cut into pieces: then no index can be in two of them.",
        "Cut at rounded running totals of the fractions, and no index falls between two pieces.",
        "With labels: do the same for the members of each class, then put the pieces together.",
    )

    def cases(self, rng):
        seed = int(rng.integers(1000))
        yield Case("three parts", 1, n=57, fractions=[0.6, 0.25, 0.15], labels=None, seed=seed)
        # 0.29 · 100 is a little below 29 in a float.
        yield Case("two parts", 1, n=101, fractions=[0.71, 0.29], labels=None, seed=seed + 1)
        counts = rng.permutation(np.arange(40, 100, 6))
        labels = np.repeat(np.arange(10), counts)
        shares = {"fractions": [0.6, 0.25, 0.15], "seed": seed + 2}
        yield Case("labels, sorted by class", 2, n=len(labels), labels=labels, **shares)
        yield Case("labels, mixed", 1, n=len(labels), labels=rng.permutation(labels), **shares)

    def observe(self, code, n, fractions, labels, seed):
        import numpy as np

        def parts(seed):
            rng = np.random.default_rng(seed)
            given = (n, fractions, rng) if labels is None else (n, fractions, rng, labels)
            return [np.array(part) for part in code.split(*given)]

        return {"parts": parts(seed), "again": parts(seed), "other": parts(seed + 1)}

    def read(self, seen, n, fractions, labels, seed):
        parts = [np.asarray(part).reshape(-1) for part in seen["parts"]]
        sizes = [len(part) for part in parts]
        every = np.concatenate(parts).astype(int)
        counts = np.bincount(every[(every >= 0) & (every < n)], minlength=n)
        strange = bool(((every < 0) | (every >= n)).any())
        kinds = {
            (False, False): "each in one part", (True, False): "some in no part",
            (False, True): "some in two parts", (True, True): "some in no part, some in two",
        }  # fmt: skip
        classes = np.zeros(n, int) if labels is None else labels
        return {
            # Rounding is the learner's own business.
            "sizes": [
                round(f * n) if abs(size - f * n) < (2 if labels is None else 11) else size
                for size, f in zip(sizes, [*fractions, *[0.0] * len(sizes)], strict=False)
            ],
            "indices": "beyond the data" if strange
            else kinds[bool((counts == 0).any()), bool((counts > 1).any())],
            "order": "as stored" if _as_stored(parts, classes, n) else "shuffled",
            "classes": _class_shares(parts, fractions, labels),
            "same generator again": _against(parts, seen["again"]),
            "another generator": _against(parts, seen["other"]),
        }  # fmt: skip

    def reference(self, n, fractions, labels, seed):
        return {
            "sizes": [round(f * n) for f in fractions],
            "indices": "each in one part",
            "order": "shuffled",
            "classes": "no labels" if labels is None else "in each part as in the whole",
            "same generator again": "the same parts",
            "another generator": "other parts",
        }

    @mistake
    def not_shuffled(self, right, n, fractions, labels, seed):
        """The parts are cut from the order in which the data are stored. Data sets are often
        sorted by class or by the day they were recorded: shuffle first."""
        classes = {"classes": "off"} if labels is not None else {}
        return {"order": "as stored", "another generator": "the same parts"} | classes

    @mistake
    def not_shuffled_within_a_class(self, right, n, fractions, labels, seed):
        """Each class is shared out, but in the order in which it is stored. Shuffle the members
        of a class before you cut."""
        if labels is not None:
            return {"order": "as stored", "another generator": "the same parts"}

    @mistake
    def each_part_drawn_for_itself(self, right, n, fractions, labels, seed):
        """Each part is drawn from all the data, so some examples are trained on AND tested on, and
        some are never used. Cut one shuffled order into pieces."""
        classes = {"classes": "off"} if labels is not None else {}
        return {"indices": "some in no part, some in two"} | classes

    @mistake
    def labels_ignored(self, right, n, fractions, labels, seed):
        """Where labels are given, every part should have each class in the proportion in which the
        whole has it. Yours leaves that to luck, which is bad luck for rare classes."""
        if labels is not None:
            return {"classes": "off"}

    @mistake
    def remainder_lost(self, right, n, fractions, labels, seed):
        """Each size is rounded down for itself, so a few examples fall out at the end and belong
        to no part."""
        return {"indices": "some in no part"}

    @mistake
    def training_part_is_everything(self, right, n, fractions, labels, seed):
        """Your first part holds all the data, the test examples too. Then the test measures what
        the net has learned by heart."""
        found = {"sizes": [n, *right["sizes"][1:]], "indices": "some in two parts"}
        return found | ({"classes": "off"} if labels is not None else {})

    @mistake
    def own_generator(self, right, n, fractions, labels, seed):
        """Every rng gives the same split: the order comes from a generator that you start
        yourself. Draw it from the rng that is passed in."""
        return {"another generator": "the same parts"}

    @mistake
    def rng_not_used(self, right, n, fractions, labels, seed):
        """The same rng state gives another split each time. A split must be repeatable, or nobody
        can say later what was test data: draw from the rng that is passed in and nothing else."""
        return {"same generator again": "other parts"}


def _as_stored(parts, classes, n):
    """Whether, within each class, the parts follow one another as the data do."""
    where = np.full(n, -1)
    for number, part in enumerate(parts):
        inside = part[(part >= 0) & (part < n)].astype(int)
        where[inside] = number
    return all(np.all(np.diff(where[classes == c]) >= 0) for c in np.unique(classes))


def _class_shares(parts, fractions, labels):
    if labels is None:
        return "no labels"
    for part, fraction in zip(parts, fractions, strict=False):
        for label in np.unique(labels):
            count = np.sum(labels[part.astype(int)] == label)
            if abs(count - fraction * np.sum(labels == label)) >= 2:
                return "off"
    return "in each part as in the whole"


def _against(parts, others):
    members = [sorted(part.tolist()) for part in parts]
    same = members == [sorted(np.reshape(part, -1).tolist()) for part in others]
    return "the same parts" if same else "other parts"
