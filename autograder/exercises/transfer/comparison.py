"""What the runs of a comparison say about how it was made, in words. No exercise lives here."""

import numpy as np

from course_utils.recipes.transfer import luck

WAYS = ("scratch", "features", "finetune")
FAIR = "all that were never drawn, the same for all runs"


def runs_of(fits, looks, targets):
    """One entry a run: its way, target, size, what it was trained and tested on.

    Two fits of one net on the same pictures, with no look between them, are one run.
    """
    pictures = {name: {int(n) for n in part["x"][:, 0]} for name, part in targets.items()}
    classes = {name: len(set(part["y"].tolist())) for name, part in targets.items()}
    runs = []
    for i, one in enumerate(fits):
        shown = [look for look in looks if look["fit"] == i]
        tested = [n for look in shown for n in look["pictures"]]
        met = set(one["pictures"]) or set(tested)  # a training set may be empty
        target = next((t for t, own in pictures.items() if met <= own), "mixed")
        there = classes.get(target, one["classes"])
        labels = set(one["labels"])
        met_all = len(labels) == one["classes"]  # all that the net has an output for
        size = len(one["pictures"]) / (len(labels) if met_all else there)
        run = one | {
            "fit": i, "target": target, "there": there, "tested": tested, "fits": 1,
            "size": int(size) if size == int(size) else size,
            "evaluated": not any(look["training"] for look in shown),
        }  # fmt: skip
        before = [r for r in runs if r["net"] == one["net"]]
        last = before[-1] if before else None
        if last and not last["tested"] and last["pictures"] == one["pictures"]:
            last |= run | {"fits": last["fits"] + 1, "steps": last["steps"] + one["steps"],
                           "way": last["way"], "again": last["again"]}  # fmt: skip
            continue
        again = last and ((last["target"], last["size"]) == (target, run["size"]))
        run["again"] = {None: "", True: "for another way", False: "for another size"}[again]
        started = before[0]["way"] == "scratch" if before else one["starts from"] == "scratch"
        head_only = all(n.startswith("head") for n in one["trainable"])
        run["way"] = "scratch" if started else "features" if head_only else "finetune"
        runs.append(run)
    for run in runs:
        place = run["target"], run["size"]
        beside = {r["way"] for r in runs if r is not run and (r["target"], r["size"]) == place}
        if run["way"] == "features" and beside == {"scratch", "features"} and middle_in_groups(run):
            run["way"] = "finetune"
    return runs


def middle_in_groups(run):
    """Whether the middle learns by the groups: it is frozen again where they were made too early,
    and what is trainable does not tell fine-tuning from features."""
    return {name.split(".")[1] for name in run["rates"] if ".block" in name} == {"block3", "block4"}


def sizes_in_all(runs, sizes):
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
            order = sorted(sizes, key=lambda size, c=group[0]["there"]: count(size, c))
            expected = [count(size, group[0]["there"]) for size in order]
            if [len(run["pictures"]) for run in group] != expected:
                break
            meant += zip(group, order, strict=True)
        else:
            for run, size in meant:
                run["size"] = size
            return bool(meant)
    return False


def drawn(runs, targets):
    """How the pictures of the training sets were chosen."""
    at_the_front = True
    for run in runs:
        if run["target"] not in targets:
            return "of several targets"
        part = targets[run["target"]]
        numbers, y = part["x"][:, 0].astype(int), part["y"]
        met = np.bincount(y[np.isin(numbers, run["pictures"])], minlength=run["classes"])
        if any(met != met[0]) and len(set(run["pictures"])) == len(run["pictures"]):
            # A class for which the net has no output may be missing altogether.
            known = met[: min(run["classes"], run["there"])]
            if any(known != known[0]):
                return "not so many a class"
        firsts = {int(n) for c in set(y.tolist()) for n in numbers[y == c][: met[0]]}
        at_the_front &= set(run["pictures"]) <= firsts
        if len(set(run["pictures"])) < len(run["pictures"]):
            return "some twice"
    return "the first of each class" if at_the_front else "drawn at random"


def nested(runs):
    """How the training sets of one target lie in one another."""
    sets, by_size = {}, {}
    for run in runs:
        own = set(run["pictures"])
        sets.setdefault(run["target"], []).append(own)
        by_size.setdefault((run["target"], run["size"]), []).append(own)
    if any(own != same[0] for same in by_size.values() for own in same):
        return "not the same for all ways"
    for found in sets.values():
        found.sort(key=len)
        if not all(a <= b for a, b in zip(found, found[1:], strict=False)):
            return "drawn on their own"
    return "part of the larger"


def tested_on(runs, targets):
    """What the pictures are that the nets were tested on."""
    for run in runs:
        if set(run["tested"]) & set(run["pictures"]):
            return "some were trained on"
    for target, part in targets.items():
        own = {int(n) for n in part["x"][:, 0]}
        tested = [sorted(r["tested"]) for r in runs if r["target"] == target]
        if not tested or any(t != tested[0] for t in tested):
            return "not the same for all runs"
        drawn_here = [n for r in runs if r["target"] == target for n in set(r["pictures"])]
        repeated = any(len(set(r["pictures"])) < len(r["pictures"]) for r in runs)
        # Where a picture is drawn twice another one is left over.
        if set(tested[0]) != own - set(drawn_here) and not repeated:
            return "some are never used"
        if len(set(tested[0])) < len(tested[0]):
            return "some are used twice"
    return FAIR


def updates(runs, steps):
    """How the updates are shared out."""

    def each(key):
        groups = {}
        for run in runs:
            groups.setdefault(run[key], set()).add(run["steps"])
        return [min(groups[k]) for k in sorted(groups)] if all(
            len(given) == 1 for given in groups.values()) else None  # fmt: skip

    given = {run["steps"] for run in runs}
    if given <= {steps}:
        return "as given"
    if len(given) == 1:
        return "another number in all runs"
    by_size = each("size")
    if by_size:
        rising = all(a < b for a, b in zip(by_size, by_size[1:], strict=False))
        return "more for larger training sets" if rising else "not the same for all sizes"
    return "not the same for all ways" if each("way") else "not the same"


def outputs(runs):
    """How many outputs the nets have."""
    more = any(run["classes"] > run["there"] for run in runs)
    fewer = any(run["classes"] < run["there"] for run in runs)
    words = [w for w, is_so in (("more", more), ("fewer", fewer)) if is_so]
    return f"{' or '.join(words)} than there are classes" if words else "as many as classes"


def table_says(table, runs, targets, sizes):
    """Whether the table says what the nets got right on the pictures they were shown."""
    places = {(t, str(n), w) for t in targets for n in sizes for w in WAYS}
    said = {tuple(path): value for *path, value in table}
    if set(said) != places:
        levels = {tuple(sorted(path)) for path in said} == {tuple(sorted(p)) for p in places}
        return "with its levels in another order" if levels else "with other rows and columns"
    made, balanced = {}, {}
    for run in runs:
        if not run["tested"]:
            return "made without a test"
        right = [luck(n, run["fit"]) and run["evaluated"] for n in run["tested"]]
        place = run["target"], str(run["size"]), run["way"]
        made[place] = sum(right) / len(right)
        label = {int(n): int(c) for part in targets.values()
                 for n, c in zip(part["x"][:, 0], part["y"], strict=True)}  # fmt: skip
        by_class = {}
        for n, one in zip(run["tested"], right, strict=True):
            by_class.setdefault(label.get(n), []).append(one)
        balanced[place] = np.mean([np.mean(ones) for ones in by_class.values()])
    if set(made) != places:
        return "of other runs"

    def all_near(of, within=1e-5):
        return max(abs(said[k] - of(k)) for k in places) < within

    counts = {(r["target"], str(r["size"]), r["way"]): len(r["tested"]) for r in runs}
    forms = (
        ("accuracies, each in its place", made.get),
        ("means of the classes' accuracies", balanced.get),
        ("shares of errors", lambda k: 1 - made[k]),
        ("in percent", lambda k: 100 * made[k]),
        ("numbers of right answers", lambda k: counts[k] * made[k]),
    )
    for words, of in forms:
        if all_near(of):
            return words
    if np.allclose(sorted(said.values()), sorted(made.values()), atol=1e-5):
        return "accuracies in other places"
    return "rounded accuracies" if all_near(made.get, 0.051) else "other numbers"
