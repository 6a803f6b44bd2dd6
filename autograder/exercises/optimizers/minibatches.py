"""Exercises of notebook 07: mini-batches, and how much their gradients scatter."""

import numpy as np
import torch
from torch.utils.data import BatchSampler, SequentialSampler

from autograder.exercise import Case, Exercise, mistake, raises, statistic
from course_utils.recipes.models import LeastSquares


class minibatches(Exercise):
    """One epoch of mini-batches: every example once, in a new order."""

    signature = "minibatches(X, y, batch_size, rng)"
    minutes = 10
    difficulty = 2
    hints = (
        "Shuffle the numbers of the rows, not the rows: one order serves X and y.",
        "Cut that order into pieces of batch_size. The last piece may be shorter; it is still a "
        "batch, and an empty one is none.",
    )

    def cases(self, rng):
        for name, points, n, batch_size in [
            ("a short last batch", 2, 23, 5),
            ("batches that come out even", 1, 24, 6),
            ("one example a batch (online)", 1, 12, 1),
            ("a batch larger than the data", 1, 13, 64),
        ]:
            X = rng.normal(size=(n, 2, 3))
            X[:, 0, 0] = np.arange(n)
            yield Case(name, points, X=X, y=100 + np.arange(n), batch_size=batch_size,
                       seed=int(rng.integers(1000)))  # fmt: skip

    def observe(self, code, X, y, batch_size, seed):
        import itertools

        import numpy as np

        stored = X.copy(), y.copy()

        def epoch(rng, X, y):
            # Somebody's loop may never end; a whole epoch has fewer batches than this.
            batches = itertools.islice(code.minibatches(X, y, batch_size, rng), len(X) + 10)
            # Copies: a batch may be a view of data that is shuffled in place.
            return [(np.array(rows), np.array(labels)) for rows, labels in batches]

        rng = np.random.default_rng(seed)
        first, second = epoch(rng, X, y), epoch(rng, *(a.copy() for a in stored))
        again = epoch(np.random.default_rng(seed), *(a.copy() for a in stored))
        other = epoch(np.random.default_rng(seed + 1), *(a.copy() for a in stored))
        return {
            "X": [rows for rows, _ in first],
            "y": [labels for _, labels in first],
            "next": [labels for _, labels in second],
            "again": [labels for _, labels in again],
            "other": [labels for _, labels in other],
        }

    def read(self, seen, X, y, batch_size, seed):
        def order(batches):
            labels = [np.atleast_1d(b) for b in batches]
            return np.concatenate(labels).tolist() if labels else []

        labels = order(seen["y"])
        rows = np.concatenate([np.asarray(b).reshape(-1, *X.shape[1:]) for b in seen["X"]])
        ids = rows[:, 0, 0].round().astype(int)
        counts = np.bincount(ids, minlength=len(X))
        missed, twice = bool((counts == 0).any()), bool((counts > 1).any())
        together = len(labels) == len(ids) and np.array_equal(np.array(labels) - 100, ids)
        known = ids.max(initial=0) < len(X) and np.array_equal(rows, X[ids])
        batches = [np.asarray(b) for b in seen["y"]]
        mixed = any(len(b) > 1 and np.any(np.diff(b) != 1) for b in batches) or batch_size == 1

        def against(name):
            return "the same order" if order(seen[name]) == labels else "another order"

        return {
            "batch sizes": [len(batch) for batch in seen["X"]],
            "examples of an epoch": {
                (False, False): "each once", (True, False): "some are missing",
                (False, True): "all, and some twice", (True, True): "some twice, some never",
            }[missed, twice],
            "labels": "with their examples" if together else "with other examples",
            "rows of X": "whole" if known else "changed",
            "order": "shuffled" if labels != sorted(labels) else "as stored",
            "batches": "mixed" if mixed else "neighbours stay together",
            "next epoch": against("next"),
            "same generator again": against("again"),
            "another generator": against("other"),
        }  # fmt: skip

    def reference(self, X, y, batch_size, seed):
        sampler = BatchSampler(SequentialSampler(range(len(X))), batch_size, drop_last=False)
        return {
            "batch sizes": [len(batch) for batch in sampler],
            "examples of an epoch": "each once",
            "labels": "with their examples",
            "rows of X": "whole",
            "order": "shuffled",
            "batches": "mixed",
            "next epoch": "another order",
            "same generator again": "the same order",
            "another generator": "another order",
        }

    @mistake
    def last_batch_dropped(self, right, X, y, batch_size, seed):
        """The examples behind the last whole batch are never seen. The last batch may be short,
        also where it is the only one."""
        if len(X) < batch_size:
            return dict.fromkeys(right, None) | {"batch sizes": []}
        if len(X) % batch_size:
            sizes = right["batch sizes"][:-1]
            return {"batch sizes": sizes, "examples of an epoch": "some are missing"}

    @mistake
    def last_batch_filled_up(self, right, X, y, batch_size, seed):
        """Your last batch is filled up with examples that had their turn already, so they count
        twice in this epoch. It may be short."""
        if len(X) % batch_size and len(X) > batch_size:
            sizes = [batch_size] * len(right["batch sizes"])
            return {"batch sizes": sizes, "examples of an epoch": "all, and some twice"}

    @mistake
    def empty_batch_at_the_end(self, right, X, y, batch_size, seed):
        """When the batches come out even, yours ends with an empty one, and the mean over no
        examples is NaN."""
        if len(X) % batch_size == 0:
            return {"batch sizes": [*right["batch sizes"], 0]}

    @mistake
    def never_shuffled(self, right, X, y, batch_size, seed):
        """The examples come in the order in which they are stored. Data sets are often sorted by
        class, and then each batch would teach one class."""
        return {
            "order": "as stored", "next epoch": "the same order",
            "another generator": "the same order",
            "batches": "mixed" if batch_size == 1 else "neighbours stay together",
        }  # fmt: skip

    @mistake
    def one_order_for_ever(self, right, X, y, batch_size, seed):
        """The order is the same in every epoch: it comes from a generator that you start anew
        each time. Draw it from rng, which moves on by itself."""
        return {"next epoch": "the same order", "another generator": "the same order"}

    @mistake
    def own_generator(self, right, X, y, batch_size, seed):
        """You draw from a generator of your own, so a run cannot be repeated. Draw from rng, and
        the same seed gives the same batches."""
        return {"same generator again": "another order"}

    @mistake
    def drawn_with_replacement(self, right, X, y, batch_size, seed):
        """You draw each index anew, so some examples come twice in an epoch and about a third
        never. Shuffle all the indices once instead."""
        return {"examples of an epoch": "some twice, some never"}

    @mistake
    def no_pairs(self, right, **inputs):
        """What you give is not one pair of rows and labels for each batch. Is it a single batch
        (return ends the function, yield goes on), or are they indices?"""
        return dict.fromkeys(right, raises("ValueError", "values to unpack"))

    @mistake
    def labels_left_behind(self, right, X, y, batch_size, seed):
        """X and y are in different orders, so examples get other examples' labels. One order must
        serve both."""
        return {"labels": "with other examples"}

    @mistake
    def only_batches_shuffled(self, right, X, y, batch_size, seed):
        """You shuffle whole batches, so the same neighbours meet in every epoch. Shuffle the
        examples, then cut."""
        if 1 < batch_size < len(X):
            return {"batches": "neighbours stay together"}


class gradient_noise(Exercise):
    """How far a mini-batch's gradient lies from the true one."""

    signature = "gradient_noise(model, X, y, batch_sizes, rng, draws, replace)"
    minutes = 12
    difficulty = 2
    extra = True
    hints = (
        "First the gradient on all of X. Then, for each size, `draws` batches: how far is each "
        "one's gradient from it?",
        "A root mean square: square the distances over all components, take the mean over the "
        "draws, then the root.",
    )

    def cases(self, rng):
        for name, n, sizes, replace in [
            ("drawn with replacement", 60, [2, 8, 40], True),
            ("drawn without replacement", 40, [2, 8, 32], False),
            ("the whole set, without replacement", 24, [24, 12], False),
            ("a batch larger than the set", 6, [24, 3], True),
        ]:
            yield Case(
                name, 1, w=2 + rng.normal(size=12), X=0.1 * rng.normal(size=(n, 12)),
                y=rng.normal(size=n), batch_sizes=sizes, draws=250, replace=replace,
                seed=int(rng.integers(1000)),
            )  # fmt: skip

    def observe(self, code, w, X, y, batch_sizes, draws, replace, seed):
        model = LeastSquares(w)
        rng = np.random.default_rng(seed)
        noise = code.gradient_noise(model, X, y, batch_sizes, rng, draws, replace)
        kept = np.array_equal(model.params["w"], w)
        return {"noise": noise, "model": "as it was" if kept else "with other weights"}

    def reference(self, w, X, y, batch_sizes, draws, replace, seed):
        """In closed form, from every example's own gradient; no batch is drawn."""
        w, X, y = (torch.tensor(a, device=self.device) for a in (w, X, y))

        def loss(w, x, target):
            return 0.5 * (x @ w - target) ** 2

        each = torch.func.vmap(torch.func.grad(loss), (None, 0, 0))(w, X, y)
        apart = each - each.mean(0)
        n, sizes = len(X), torch.tensor(batch_sizes, dtype=torch.float64, device=self.device)
        variance = (apart**2).sum(1).mean() / sizes
        if not replace:
            variance = variance * (n - sizes) / (n - 1)
        noise = torch.sqrt(variance)
        # The mean of `draws` squared lengths scatters by √(2 Σλ²/draws) / Σλ of itself, λ the
        # covariance's eigenvalues; heavy tails of single examples add to it in small batches.
        spread = torch.linalg.eigvalsh(apart.T @ apart / n)
        fourth = (apart**2).sum(1).var() / (apart**2).sum(1).mean() ** 2
        relative = torch.sqrt((2 * (spread**2).sum() / spread.sum() ** 2 + fourth / sizes) / draws)
        error = (noise * relative / 2).clamp(min=1e-9)
        return {"noise": statistic(noise, error.cpu().numpy()), "model": "as it was"}

    @mistake
    def other_way_of_drawing(self, right, w, X, y, batch_sizes, draws, replace, seed):
        """You draw the other way: with replacement where it should be without, or the reverse.
        Without replacement a batch of everything has no noise at all."""
        n, sizes = len(X), np.array(batch_sizes, dtype=float)
        if replace and sizes.max() > n:
            return None
        change = np.sqrt((n - sizes) / (n - 1))
        if replace:
            return {"noise": right["noise"] * change}
        whole = np.sqrt(self.variance(w, X, y) / sizes)
        return {"noise": whole}

    def variance(self, w, X, y):
        each = X * (X @ w - y)[:, None]
        return ((each - each.mean(0)) ** 2).sum(1).mean()

    @mistake
    def root_forgotten(self, right, **inputs):
        """Yours is the mean of the squared distances. Its root has the gradient's unit."""
        return {"noise": right["noise"] ** 2}

    @mistake
    def length_for_distance(self, right, w, X, y, **inputs):
        """You measure how long the mini-batches' gradients are, not how far they are from the
        gradient on all of X."""
        whole = (X * (X @ w - y)[:, None]).mean(0)
        return {"noise": np.sqrt(right["noise"] ** 2 + whole @ whole)}

    @mistake
    def mean_over_components(self, right, w, **inputs):
        """You average over the gradient's components. A distance sums their squares."""
        return {"noise": right["noise"] / np.sqrt(len(w))}

    @mistake
    def takes_a_step(self, right, **inputs):
        """Your function leaves the model with other weights. It is to look, not to train."""
        return {"model": "with other weights"}
