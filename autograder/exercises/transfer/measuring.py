"""What is looked at in a comparison of three ways to learn. No exercise lives here.

What the runs say is put into words in `comparison`.
"""

import numpy as np

from autograder.exercise import Case, Exercise, near
from autograder.exercises.transfer.comparison import (
    drawn,
    nested,
    outputs,
    runs_of,
    sizes_in_all,
    table_says,
    tested_on,
    updates,
)

BLOCKS = [f"features.block{i}.{end}" for i in range(1, 5)
          for end in ("affine.weight", "affine.bias", "norm.weight", "norm.bias")]  # fmt: skip
HEAD = ["head.weight", "head.bias"]


class Measured(Exercise, abstract=True):
    """The runs of a learner's comparison, each with its net, its pictures and its budget."""

    reads = {
        "runs": "the list of your runs",
        "updates of the runs": "the updates of your runs are {seen}; {right} is right",
        "labels": "the labels of your training pictures are {seen}; {right} is right",
        "training pictures": "your training pictures are {seen}; {right} is right",
        "smaller training sets": "your smaller training sets are {seen}; {right} is right",
        "test pictures": "of your test pictures this is seen: {seen}; {right} is right",
        "tested in": "you test in {seen}; {right} is right",
        "rng": "`rng` is {seen}; {right} is right",
        "frozen parts while fit runs": "while fit runs your frozen parts are in {seen}; {right} is "
        "right",
        "source afterwards": "the source is afterwards {seen}; {right} is right",
        "table": "your table is {seen}; {right} is right",
        "sizes as keys": "the sizes in your table are {seen}; {right} are right",
    } | {
        f"a net fitted again {how}": f"whether some net is fitted again {how}"
        for how in ("for another way", "for another size", "in one run")
    } | {
        f"{what} in {way}": f"the list of {words} for {way}"
        for what, words in (("rates", "parameters, with their rates, in your groups"),
                            ("trainable", "what is trainable in your nets"))
        for way in ("scratch", "features", "finetune")
    } | {
        f"outputs in {way}": f"your nets for {way} have outputs {{seen}}; {{right}} is right"
        for way in ("scratch", "features", "finetune")
    }  # fmt: skip

    def cases(self, rng):
        def case(name, points, sizes, targets):
            sets, first = {}, 0
            for target, (classes, each) in targets.items():
                # Sorted by class, as files on a disk are; every picture carries its number. There
                # are more of some classes than of others.
                counts = each + rng.permutation(classes)
                n = int(counts.sum())
                sets[target] = {
                    "x": np.stack([first + np.arange(n), rng.normal(size=n)], 1).astype(np.float32),
                    "y": np.repeat(np.arange(classes), counts),
                }
                first += n
            return Case(
                name, points, targets=sets, sizes=sizes, steps=int(rng.integers(20, 60)),
                lr=round(float(rng.uniform(2e-3, 0.03)), 4), seed=int(rng.integers(1000)),
            )  # fmt: skip

        yield case("two targets, two sizes", 4, [2, 6], {"near": (3, 14), "far": (4, 11)})
        yield case("sizes from large to small", 2, [5, 2, 1], {"one": (5, 9)})

    def observe(self, code, targets, sizes, lr, steps, seed):
        import torch

        from course_utils.recipes import transfer

        notes, built, nets = transfer.Notes(), [], []
        labels = {int(n): int(label) for part in targets.values()
                  for n, label in zip(part["x"][:, 0], part["y"], strict=True)}  # fmt: skip
        source = transfer.TellingNet(notes, seed, 7, labels).eval()
        before = {k: v.clone() for k, v in source.state_dict().items()}
        note = transfer.TellingFit(notes, source)

        def as_it_was():
            now = source.state_dict()
            return all(torch.equal(before[k], now[k]) for k in before)

        def fresh(classes):
            net = transfer.TellingNet(notes, seed + len(built) + 1, classes, labels)
            built.append(net)
            return net

        def fit(model, groups, train, steps):
            sound = as_it_was()
            note(model, groups, train, steps)
            nets.append(model)
            parts = [m for m in model.features.modules() if not any(m.children())]
            told = notes.fits[-1]
            told["net"] = next(i for i, net in enumerate(nets) if net is model)
            told["awake"] = any(m.training for m in parts)
            if not sound and not any(net is model for net in built):
                told["starts from"] = "the source"  # or what has become of it

        def flat(value, path=()):
            if isinstance(value, dict):
                return [
                    line
                    for key, part in value.items()
                    for line in flat(part, (*path, *(key if isinstance(key, tuple) else (key,))))
                ]
            return [(*path, float(value))]  # fmt: skip

        data = {name: (torch.tensor(part["x"]), torch.tensor(part["y"]))
                for name, part in targets.items()}  # fmt: skip
        rng = np.random.default_rng(seed)
        start = rng.bit_generator.state
        with torch.random.fork_rng(devices=[]):
            table = code.transfer_table(source, fresh, data, list(sizes), fit, lr, steps, rng)
        lines = flat(table)
        looks = [{"fit": run, "training": training, "pictures": pictures}
                 for run, training, pictures in notes.looks]  # fmt: skip
        names = [str(size) for size in sizes]
        text = any(isinstance(key, str) and key in names for line in lines for key in line)
        return {
            "table": [[*map(str, path), value] for *path, value in lines],
            "sizes as keys": "text" if text else "numbers",
            "fits": notes.fits,
            "looks": looks,
            "rng": "drawn from" if rng.bit_generator.state != start else "not used",
            "source": as_it_was() and all(p.requires_grad for p in source.parameters()),
        }

    def read(self, seen, targets, sizes, lr, steps, seed):
        """What the runs and the table say, in words."""
        runs = runs_of(seen["fits"], seen["looks"], targets)
        label = {int(n): int(y) for part in targets.values()
                 for n, y in zip(part["x"][:, 0], part["y"], strict=True)}  # fmt: skip
        in_all = sizes_in_all(runs, sizes)
        chosen = "so many in all" if in_all else drawn(runs, targets)
        beside = all([label[n] for n in r["pictures"]] == r["labels"] for r in runs)
        kept = {way: [r for r in runs if r["way"] == way]
                for way in ("scratch", "features", "finetune")}  # fmt: skip
        awake = any(r["awake"] for way in ("features", "finetune") for r in kept[way])
        found = {
            "runs": sorted(f"{r['target']}, {r['size']} a class, {r['way']}" for r in runs),
            "updates of the runs": updates(runs, steps),
            "labels": "beside their pictures" if beside else "mixed up",
            "training pictures": chosen,
            "rng": "drawn from" if chosen == "the first of each class" else seen["rng"],
            "smaller training sets": nested(runs),
            "test pictures": tested_on(runs, targets),
            "tested in": ("training", "evaluation")[all(r["evaluated"] for r in runs)] + " mode",
            "frozen parts while fit runs": ("evaluation", "training")[awake] + " mode",
            "source afterwards": "as it was" if seen["source"] else "changed",
            "a net fitted again in one run": any(r["fits"] > 1 for r in runs),
            "table": table_says(seen["table"], runs, targets, sizes),
            "sizes as keys": seen["sizes as keys"],
        }
        for how in ("for another way", "for another size"):
            found[f"a net fitted again {how}"] = any(r["again"] == how for r in runs)
        for way in kept:
            rates = [r["rates"] for r in kept[way]]
            same = all(r == rates[0] for r in rates)
            differ = "not the same in all runs"
            found[f"rates in {way}"] = (rates[0] if same else {differ: 0.0}) if rates else {}
            names = [r["trainable"] for r in kept[way]]
            same = all(n == names[0] for n in names)
            found[f"trainable in {way}"] = (names[0] if same else [differ]) if names else []
            found[f"outputs in {way}"] = outputs(kept[way])
        return found

    def reference(self, targets, sizes, lr, steps, seed):
        slow = dict.fromkeys(BLOCKS[8:], lr / 10)
        head = dict.fromkeys(HEAD, lr)
        rates = {"scratch": dict.fromkeys([*BLOCKS, *HEAD], lr), "features": head,
                 "finetune": slow | head}  # fmt: skip
        return {
            "runs": sorted(f"{t}, {n} a class, {w}" for t in targets for n in sizes for w in rates),
            "updates of the runs": "as given",
            "labels": "beside their pictures",
            "training pictures": "drawn at random",
            "rng": "drawn from",
            "smaller training sets": "part of the larger",
            "test pictures": "all that were never drawn, the same for all runs",
            "tested in": "evaluation mode",
            "frozen parts while fit runs": "evaluation mode",
            "source afterwards": "as it was",
            "a net fitted again in one run": False,
            "a net fitted again for another way": False,
            "a net fitted again for another size": False,
            "table": "accuracies, each in its place",
            "sizes as keys": "numbers",
            **{f"rates in {w}": near(given, rtol=1e-6, atol=0.0) for w, given in rates.items()},
            **{f"trainable in {way}": list(given) if way != "finetune" else [*BLOCKS[8:], *HEAD]
               for way, given in rates.items()},
            **{f"outputs in {way}": "as many as classes" for way in rates},
        }  # fmt: skip
