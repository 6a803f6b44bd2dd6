"""What is looked at in linear probes. No exercise lives here."""

import numpy as np

from autograder.exercise import Case, near
from autograder.exercises.transfer import ridge as probes
from autograder.exercises.transfer.edges import Wanting
from autograder.exercises.transfer.oracle import (
    AFTERWARDS,
    MIXED,
    PARAMETERS,
    TRAINABLE,
    UNFROZEN,
    state,
    statistics,
)


class Probed(Wanting, abstract=True):
    """The accuracies of a learner's probes, and the state in which the net comes back."""

    any_width = ("accuracies",)
    reads = AFTERWARDS | {
        "keys": "you return {seen}; {right} is right",
        "accuracies": "the accuracies, layer by layer: one of yours",
    }

    def cases(self, rng):
        def case(name, points, layers, n, ridge=None, dead=False, training=False, tested=430):
            seed, share = int(rng.integers(1000)), [0.5, 0.3, 0.2]
            y = rng.choice(3, n + 2 * tested, p=share)
            y[:3] = [0, 1, 2]
            bump = np.stack([y == 0, y == 1], 1)[:, :, None, None] * rng.uniform(0.4, 0.8)
            x = rng.normal(size=(len(y), 2, 4, 5)) + bump
            # The tested part has another mean and spread, as another day's photographs have.
            x[n:] = 1.7 * x[n:] + 0.9
            given = {} if ridge is None else {"ridge": ridge}
            held_x, held_y = x[n:], y[n:]
            clear = self.clear(seed, dead, layers, x[:n], y[:n], held_x, ridge or 1.0)
            kept = np.flatnonzero(clear)[:tested]
            return Case(
                name, points, layers=layers, seed=seed, x=x[:n], y=y[:n], held_x=held_x[kept],
                held_y=held_y[kept], dead=dead, training=training,
                order=int(rng.integers(1000)), **given,
            )  # fmt: skip

        yield case("three depths", 2, ["stem.norm", "body.block1", "hidden"], 150, 1.0)
        yield case("a strong penalty", 1, ["body.block10", "body.block1.conv"], 120, 300.0)
        yield case("few pictures, and no penalty given", 1, ["hidden", "body.block10"], 14)
        yield case("a channel that never fires; a net in training mode", 2,
                   ["stem", "body.block10", "moments:1"], 130, 1.0, True, True)  # fmt: skip

    def clear(self, seed, dead, layers, x, y, held_x, ridge):
        """Which pictures get the same class whichever standard deviation is meant, and clearly."""
        clear = np.ones(len(held_x), bool)
        for layer in layers:
            rows = [probes.pooled(probes.layer_of(seed, dead, part, layer)) for part in (x, held_x)]
            said = [probes.scores(*scale(*rows), y, ridge)
                    for scale in (probes.standardised, probes.unbiased)]  # fmt: skip
            clear &= said[0].argmax(1) == said[1].argmax(1)
            for scores in said:
                two = np.sort(scores, 1)[:, -2:]
                clear &= two[:, 1] - two[:, 0] > 1e-3
        return clear

    def observe(self, code, layers, seed, x, y, held_x, held_y, dead, training, order, ridge=None):
        import torch

        from course_utils.recipes import modules, transfer

        class Loader(transfer.ShufflingLoader):
            def __iter__(self):
                for pictures, labels in super().__iter__():
                    yield pictures.as_subclass(torch.Tensor), labels

        net = transfer.PartsNet(seed).train(training)
        if training:
            net.stem.norm.eval()
            net.classifier.eval()
            net.stem.requires_grad_(False)
        if dead:
            with torch.no_grad():
                net.stem.norm.weight[0], net.stem.norm.bias[0] = 0, -1
        loaders = [Loader(*pair, 100, order) for pair in ((x, y), (held_x, held_y))]
        given = () if ridge is None else (ridge,)
        found = code.linear_probe_by_depth(net, *loaders, layers, *given)
        keys = f"a {type(found).__name__}"
        if isinstance(found, dict):
            right = [str(key) for key in found] == layers or set(map(str, found)) == set(layers)
            keys = "a dict by layer" if right else "a dict with other keys"
            found = [found[layer] for layer in layers] if right else list(found.values())
        return {
            "keys": keys,
            "accuracies": np.array([float(value) for value in found]),
            "running statistics afterwards": transfer.statistics(net),
            "parts in training mode afterwards": transfer.modes(net),
            "trainable parameters afterwards": transfer.trainable(net),
            "hooks left": modules.hooks(net),
        }

    def probe(self, layers, seed, x, y, held_x, held_y, dead, ridge=1.0, *, pool=probes.pooled,
              scale=probes.standardised, score=probes.scores, tested=None, rows=None, labels=None,
              mean=np.mean, **how):  # fmt: skip
        """Accuracies of probes with one thing changed; `rows` makes those of a layer."""
        how = {k: v for k, v in how.items() if k not in ("training", "order")}
        found = []
        for place, layer in enumerate(layers):
            made = [
                rows(place, layer, part) if rows else pool(probes.layer_of(seed, dead, part, layer))
                for part in (x, held_x)
            ]
            trained, asked = scale(*made)
            its, theirs = labels(place) if labels else (y, held_y)
            if tested == "training":
                asked, theirs = trained, its
            said = score(trained, asked, its, ridge, **how).argmax(1)
            found.append(float(mean(said == theirs)))
        return {"accuracies": np.array(found)}

    def reference(self, layers, seed, x, y, held_x, held_y, dead, training, order, ridge=1.0):
        from sklearn.linear_model import RidgeClassifier
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        found = []
        for layer in layers:
            rows = [probes.pooled(probes.layer_of(seed, dead, part, layer)) for part in (x, held_x)]
            fitted = make_pipeline(StandardScaler(), RidgeClassifier(alpha=ridge)).fit(rows[0], y)
            found.append(float(fitted.score(rows[1], held_y)))
        return {
            "keys": "a dict by layer",
            "accuracies": near(np.array(found), rtol=1e-5, atol=0.0),
            "running statistics afterwards": statistics(state(seed, dead=dead)),
            "parts in training mode afterwards": MIXED if training else [],
            TRAINABLE: UNFROZEN if training else PARAMETERS,
            "hooks left": 0,
        }
