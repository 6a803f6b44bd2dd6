"""The exercise of notebook 15 in which transfer is measured, fairly: four pairs, three ways."""

import numpy as np

from autograder.exercise import Case, Exercise, mistake
from course_utils.recipes.transfer import luck

WAYS = ("scratch", "features", "finetune")
BLOCKS = [f"features.block{i}.{end}" for i in range(1, 5)
          for end in ("affine.weight", "affine.bias", "norm.weight", "norm.bias")]  # fmt: skip
HEAD = ["head.weight", "head.bias"]
DIFFER = "not the same in all runs"


class transfer_table(Exercise):
    """Scratch, frozen features and fine-tuning on several targets, at several sizes."""

    signature = "transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng)"
    needs = ("freeze_and_replace", "finetune_groups")
    library = "torch"
    minutes = 20
    difficulty = 3
    hints = (
        "First the split, once for each target: a random order of each class's pictures, the first "
        "of them to draw training sets from, all others to test on. Then the runs.",
        "A run is four lines: a net (fresh, or a copy of the source made ready), its groups, fit, "
        "the accuracy on the test pictures.",
        "Every run begins anew. What a run before it has trained must not come back in the next: "
        "not the source, not a head.",
    )

    def cases(self, rng):
        def case(name, points, sizes, targets):
            sets, first = {}, 0
            for target, (classes, each) in targets.items():
                n = classes * each
                # Sorted by class, as files on a disk are; every picture carries its number.
                sets[target] = {
                    "x": np.stack([first + np.arange(n), rng.normal(size=n)], 1).astype(np.float32),
                    "y": np.repeat(np.arange(classes), each),
                }
                first += n
            return Case(
                name, points, targets=sets, sizes=sizes, lr=float(rng.choice([0.003, 0.02])),
                steps=int(rng.integers(20, 60)), seed=int(rng.integers(1000)),
            )  # fmt: skip

        yield case("two targets, two sizes", 4, [2, 6], {"near": (3, 14), "far": (4, 11)})
        yield case("sizes from large to small", 2, [5, 2, 1], {"one": (5, 9)})

    def observe(self, code, targets, sizes, lr, steps, seed):
        import torch

        from course_utils.recipes import transfer

        notes = transfer.Notes()
        labels = {int(n): int(label) for part in targets.values()
                  for n, label in zip(part["x"][:, 0], part["y"], strict=True)}  # fmt: skip
        source = transfer.TellingNet(notes, seed, 7, labels).eval()
        before = {k: v.clone() for k, v in source.state_dict().items()}
        fit = transfer.TellingFit(notes, source)
        built = []

        def fresh(classes):
            built.append(int(classes))
            return transfer.TellingNet(notes, seed + len(built), classes, labels)

        data = {name: (torch.tensor(part["x"]), torch.tensor(part["y"]))
                for name, part in targets.items()}  # fmt: skip
        rng = np.random.default_rng(seed)
        with torch.random.fork_rng(devices=[]):
            table = code.transfer_table(source, fresh, data, list(sizes), fit, lr, steps, rng)
        after = source.state_dict()
        looks = [{"fit": run, "training": training, "pictures": pictures}
                 for run, training, pictures in notes.looks]  # fmt: skip
        return {
            "table": {
                str(name): {
                    str(size): {str(way): float(value) for way, value in ways.items()}
                    for size, ways in by_size.items()
                }
                for name, by_size in table.items()
            },
            "fits": notes.fits,
            "looks": looks,
            "source": all(torch.equal(before[k], after[k]) for k in before)
            and all(p.requires_grad for p in source.parameters()),
        }

    def read(self, seen, targets, sizes, lr, steps, seed):
        """What the runs and the table say, in words."""
        fits, looks = seen["fits"], seen["looks"]
        pictures = {name: {int(n) for n in part["x"][:, 0]} for name, part in targets.items()}
        label = {int(n): int(y) for part in targets.values()
                 for n, y in zip(part["x"][:, 0], part["y"], strict=True)}  # fmt: skip
        runs = []
        for i, one in enumerate(fits):
            tested = [n for look in looks if look["fit"] == i for n in look["pictures"]]
            met = set(one["pictures"]) or set(tested)  # a training set may be empty
            target = next((t for t, own in pictures.items() if met <= own), "mixed")
            size = len(one["pictures"]) / one["classes"]
            runs.append(one | {
                "way": _way(one), "target": target,
                "size": int(size) if size == int(size) else size,
                "tested": tested,
                "evaluated": not any(look["training"] for look in looks if look["fit"] == i),
            })  # fmt: skip
        in_all = _sizes_in_all(runs, sizes)
        listed = sorted(f"{r['target']}, {r['size']} a class, {r['way']}" for r in runs)
        kept = {way: [r for r in runs if r["way"] == way] for way in WAYS}
        found = {
            "runs": listed,
            "updates of the runs": sorted({r["steps"] for r in runs}),
            "labels": "beside their pictures"
            if all([label[n] for n in r["pictures"]] == r["labels"] for r in runs)
            else "mixed up",
            "training pictures": "so many in all" if in_all else _drawn(runs, targets),
            "smaller training sets": _nested(runs),
            "test pictures": _tested(runs, pictures, max(sizes)),
            "tested in": ("training", "evaluation")[all(r["evaluated"] for r in runs)] + " mode",
            "nets fitted twice": sum(bool(r["fitted before"]) for r in runs),
            "source afterwards": "as it was" if seen["source"] else "changed",
            "table": _table(seen["table"], runs, targets, sizes),
        }
        for way in WAYS:
            rates = [r["rates"] for r in kept[way]]
            same = all(r == rates[0] for r in rates)
            found[f"rates in {way}"] = (rates[0] if same else {DIFFER: 0.0}) if rates else {}
            names = [r["trainable"] for r in kept[way]]
            same = all(n == names[0] for n in names)
            found[f"trainable in {way}"] = (names[0] if same else [DIFFER]) if names else []
        return found

    def reference(self, targets, sizes, lr, steps, seed):
        slow = dict.fromkeys(BLOCKS[8:], lr / 10)
        head = dict.fromkeys(HEAD, lr)
        return {
            "runs": sorted(f"{t}, {n} a class, {w}" for t in targets for n in sizes for w in WAYS),
            "updates of the runs": [steps],
            "labels": "beside their pictures",
            "training pictures": "drawn at random",
            "smaller training sets": "part of the larger",
            "test pictures": "all that were never drawn, the same for all runs",
            "tested in": "evaluation mode",
            "nets fitted twice": 0,
            "source afterwards": "as it was",
            "table": "accuracies, each in its place",
            "rates in scratch": self.near(dict.fromkeys([*BLOCKS, *HEAD], lr)),
            "rates in features": self.near(head),
            "rates in finetune": self.near(slow | head),
            "trainable in scratch": [*BLOCKS, *HEAD],
            "trainable in features": HEAD,
            "trainable in finetune": [*BLOCKS[8:], *HEAD],
        }

    def near(self, rates):
        from autograder.exercise import near

        return near(rates, rtol=1e-6, atol=0.0)

    @mistake
    def sizes_in_all(self, right, **inputs):
        """Your sizes count the pictures of a training set in all. They are pictures a class: with
        three classes, size 2 is six pictures, two of each."""
        return {"training pictures": "so many in all"}

    @mistake
    def tested_on_training_pictures(self, right, **inputs):
        """Some pictures that a net was trained on are among its test pictures. What it knows by
        heart says nothing."""
        return {"test pictures": "some were trained on"}

    @mistake
    def other_test_set_for_each_size(self, right, **inputs):
        """The test pictures are not the same for all runs of a target, so their accuracies cannot
        be compared. Set aside what the largest training set leaves, once."""
        return {"test pictures": "not the same for all runs"}

    @mistake
    def test_pictures_wasted(self, right, **inputs):
        """You test on fewer pictures than there are. All that no training set could draw are for
        testing: the more, the smaller the error of your accuracies."""
        return {"test pictures": "some are never used"}

    @mistake
    def first_of_each_class(self, right, **inputs):
        """Your training sets are the first pictures of each class. Pictures that come one after
        the other are alike (the same day, the same hand): draw with rng."""
        return {"training pictures": "the first of each class"}

    @mistake
    def classes_not_balanced(self, right, sizes, **inputs):
        """Sizes are pictures a class, and yours differ from class to class: you draw from all
        pictures at once."""
        return {"training pictures": "not so many a class"}

    @mistake
    def drawn_anew_for_each_size(self, right, sizes, **inputs):
        """Each size has other pictures. Let the smaller sets be part of the larger, so that a
        difference is due to what was added, not to luck."""
        if len(sizes) > 2:  # the largest may be all that can be drawn
            return {"smaller training sets": "drawn on their own"}

    @mistake
    def updates_with_size(self, right, sizes, steps, **inputs):
        """Larger training sets get more updates, so you cannot tell more pictures from more work.
        The budget of a run is `steps`, whatever its size."""
        if len(sizes) == 2:
            return {"updates of the runs": sorted({steps * n for n in sizes})}

    @mistake
    def a_net_fitted_twice(self, right, targets, sizes, **inputs):
        """Some net was trained in one run and goes on in another, so it had a larger budget. Begin
        every run with a net of its own."""
        return {"nets fitted twice": len(targets) * len(sizes)}

    @mistake
    def source_trained(self, right, **inputs):
        """The source is another net afterwards: every run that comes later starts from what the
        runs before it have made of it. Work on copies."""
        return {"source afterwards": "changed"}

    @mistake
    def tested_in_training_mode(self, right, **inputs):
        """You test in training mode: what the net says of a picture depends on its neighbours."""
        return {"tested in": "training mode"}

    @mistake
    def everything_finetuned(self, right, lr, **inputs):
        """Your fine-tuning moves the whole net at one rate. The head learns at lr, the middle at a
        tenth of it, the rest stays."""
        return {"rates in finetune": dict.fromkeys([*BLOCKS, *HEAD], lr),
                "trainable in finetune": [*BLOCKS, *HEAD]}  # fmt: skip

    @mistake
    def finetuned_ten_times_slower(self, right, lr, **inputs):
        """In your fine-tuning the head learns ten times more slowly than in the other two ways.
        finetune_groups divides what it is given by ten and by a hundred: give it ten times lr."""
        rates = {n: r / 10 for n, r in right["rates in finetune"].items()}
        return {"rates in finetune": rates}

    @mistake
    def counts_for_shares(self, right, **inputs):
        """Your table has numbers of right answers, or of percent. Accuracies are shares, from 0 to
        1."""
        return {"table": "not shares"}

    @mistake
    def errors_for_accuracies(self, right, **inputs):
        """Your table has the shares of wrong answers."""
        return {"table": "shares of errors"}

    @mistake
    def places_exchanged(self, right, **inputs):
        """Your table has right numbers in wrong places: it is table[target][size][way]."""
        return {"table": "accuracies in other places"}

    @mistake
    def scratch_left_out(self, right, targets, sizes, **inputs):
        """There is no run from scratch. Without it nobody knows whether the source was of any
        use."""
        runs = [r for r in right["runs"] if not r.endswith("scratch")]
        return {"runs": runs, "rates in scratch": {}, "trainable in scratch": []}


def _way(fit):
    if fit["starts from"] == "scratch":
        return "scratch"
    return "features" if all(n.startswith("head") for n in fit["trainable"]) else "finetune"


def _sizes_in_all(runs, sizes):
    """Whether sizes were taken for pictures in all; if so, every run gets the size it was for."""
    ways_to_count = (
        lambda size, classes: size,
        lambda size, classes: size // classes * classes,
        lambda size, classes: max(size // classes, 1) * classes,
    )
    groups = {}
    for run in runs:
        groups.setdefault((run["target"], run["way"]), []).append(run)
    for count in ways_to_count:
        meant = []
        for group in groups.values():
            group = sorted(group, key=lambda run: len(run["pictures"]))
            order = sorted(sizes, key=lambda size, c=group[0]["classes"]: count(size, c))
            expected = [count(size, group[0]["classes"]) for size in order]
            if [len(run["pictures"]) for run in group] != expected:
                break
            meant += zip(group, order, strict=True)
        else:
            for run, size in meant:
                run["size"] = size
            return bool(meant)
    return False


def _drawn(runs, targets):
    """How the pictures of the training sets were chosen, in words."""
    at_the_front = True
    for run in runs:
        if run["target"] not in targets:
            return "of several targets"
        part = targets[run["target"]]
        numbers, y = part["x"][:, 0].astype(int), part["y"]
        met = np.bincount(y[np.isin(numbers, run["pictures"])], minlength=run["classes"])
        if any(met != met[0]):
            return "not so many a class"
        firsts = {int(n) for c in set(y.tolist()) for n in numbers[y == c][: met[0]]}
        at_the_front &= firsts == set(run["pictures"])
        if len(set(run["pictures"])) < len(run["pictures"]):
            return "some twice"
    return "the first of each class" if at_the_front else "drawn at random"


def _nested(runs):
    sets = {}
    for run in runs:
        sets.setdefault(run["target"], []).append(set(run["pictures"]))
    for drawn in sets.values():
        drawn.sort(key=len)
        if not all(a <= b for a, b in zip(drawn, drawn[1:], strict=False)):
            return "drawn on their own"
    return "part of the larger"


def _tested(runs, pictures, largest):
    for run in runs:
        if set(run["tested"]) & set(run["pictures"]):
            return "some were trained on"
    for target, own in pictures.items():
        tested = [sorted(r["tested"]) for r in runs if r["target"] == target]
        if not tested or any(t != tested[0] for t in tested):
            return "not the same for all runs"
        drawn = {n for r in runs if r["target"] == target for n in r["pictures"]}
        if set(tested[0]) != own - drawn:
            return "some are never used"
        if len(set(tested[0])) < len(tested[0]):
            return "some are used twice"
    return "all that were never drawn, the same for all runs"


def _table(table, runs, targets, sizes):
    """Whether the table says what the nets got right on the pictures they were shown."""
    places = {(t, str(n), w) for t in targets for n in sizes for w in WAYS}
    said = {(t, n, w): v for t, row in table.items() for n, ways in row.items()
            for w, v in ways.items()}  # fmt: skip
    if set(said) != places:
        return "with other rows and columns"
    made = {}
    for i, run in enumerate(runs):
        if not run["tested"]:
            return "made without a test"
        right = [luck(n, i) and run["evaluated"] for n in run["tested"]]
        made[run["target"], str(run["size"]), run["way"]] = sum(right) / len(right)
    if set(made) != places:
        return "of other runs"
    off = {k: abs(said[k] - made[k]) for k in places}
    if max(off.values()) < 1e-5:
        return "accuracies, each in its place"
    if max(abs(said[k] - 1 + made[k]) for k in places) < 1e-5:
        return "shares of errors"
    if max(said.values()) > 1:
        return "not shares"
    if np.allclose(sorted(said.values()), sorted(made.values()), atol=1e-5):
        return "accuracies in other places"
    return "other numbers"
