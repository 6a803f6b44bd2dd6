"""Exercise of notebook 07: how much the gradients of mini-batches scatter."""

import contextlib

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near, raises, statistic

BESIDES, RELATIVE = "divided besides", "the length of the gradient over X"


def added(noise):
    """What each size adds, in a sum of squares that is never set back; NaN where nothing."""
    more = np.diff(np.square(noise), prepend=0.0)
    return np.sqrt(np.where(more > 0, more, np.nan))


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
    counted = ("batches drawn", "labels", "rng")
    reads = {
        "noise": "your noise",
        BESIDES: "your noise is divided by {seen} besides; {right} is right",
        "model": "afterwards the model is {seen}; {right} is right",
        "batches drawn": "your code draws {seen} batches; {right} are asked for",
        "labels": "the labels that the model is given are {seen}; {right} is right",
        "rng": "the rng is {seen}; {right} is right",
    }

    def cases(self, rng):
        def case(name, points, n, sizes, replace, draws=120, apart=None):
            X, y = 0.1 * rng.normal(size=(n, 7)), rng.uniform(1, 9) * rng.normal(1, 1, n)
            w, b = 2 + rng.normal(size=7), 0.5
            if apart is not None:
                # One picture for all, and targets that are `apart`: so are the gradients.
                X[:] = X[0]
                y = X @ w + b - rng.uniform(2, 12) * rng.permutation(apart)
            return Case(name, points, w=w, b=b, X=X, y=y, batch_sizes=sizes, draws=draws,
                        replace=replace, seed=int(rng.integers(1000)))  # fmt: skip

        yield case("drawn with replacement", 1, 60, [2, 8, 40], True)
        yield case("drawn without replacement", 1, 40, [2, 8, 32], False)
        # Half of the gradients are the mean itself: so far the mean distance and the root of the
        # mean square are from each other nowhere else.
        yield case("batches of one", 1, 8, [1], True, 500, [0, 0, 0, 0, 1, 1, -1, -1])
        yield case("a batch larger than the set", 0.5, 6, [24, 3], True)
        # Each gradient has the same distance, so a single draw shows it exactly.
        yield case("a single draw", 0.25, 6, [1, 1], False, 1, [1, 1, 1, -1, -1, -1])
        yield case("two draws", 0.25, 6, [1, 1], False, 2, [1, 1, 1, -1, -1, -1])

    def observe(self, code, w, b, X, y, batch_sizes, draws, replace, seed):
        asked, foreign = [0], [0]
        order = np.argsort(X[:, 0])

        class Line:
            """Predictions Xw + b; the loss is half the mean squared error."""

            def __init__(self, times=1.0):
                self.params = {"w": times * w, "b": np.array([times * b])}

            def loss(self, rows, labels=None):
                predictions = rows @ self.params["w"] + self.params["b"]
                if labels is None:
                    return predictions
                if len(rows) != len(X) or not np.array_equal(rows, X):
                    asked[0] += 1
                    if not alike:
                        place = np.searchsorted(X[order, 0], rows[:, 0]).clip(max=len(X) - 1)
                        foreign[0] += not np.array_equal(y[order[place]], labels)
                off = predictions - labels
                return float(off @ off) / (2 * len(rows)), {
                    "w": rows.T @ off / len(rows), "b": off.mean(keepdims=True),
                }  # fmt: skip

        model = Line()
        alike = bool((X == X[0]).all())  # then no row tells which label is its own
        rng = np.random.default_rng(seed)
        before = rng.bit_generator.state
        noise = code.gradient_noise(model, X, y, batch_sizes, rng, draws, replace)
        kept = np.array_equal(model.params["w"], w) and np.array_equal(model.params["b"], [b])
        counts, grows = (asked[0], foreign[0]), True
        with contextlib.suppress(Exception):  # the same with all gradients twice as large
            few = [
                np.asarray(code.gradient_noise(
                    Line(times), X, times * y, batch_sizes, np.random.default_rng(seed),
                    min(draws, 3), replace,
                ), float)
                for times in (1.0, 2.0)
            ]  # fmt: skip
            grows = not np.allclose(few[1], few[0]) or np.allclose(few[1], 2 * few[0])
        asked[0], foreign[0] = counts
        # What it takes to find the gradient over X example by example is not counted.
        more = asked[0] - draws * len(batch_sizes)
        return {
            "noise": noise,
            "grows": bool(grows),
            "model": "as it was" if kept else "with other weights",
            "batches drawn": asked[0] - more if 0 <= more <= len(X) else asked[0],
            "labels": "of other rows" if foreign[0] else "of the same rows",
            "rng": "never drawn from" if rng.bit_generator.state == before else "drawn from",
        }

    def aid(self, w, b, X, y, **inputs):
        right = self.reference(w, b, X, y, **inputs)["noise"]
        off = X @ w + b - y
        whole = float(np.linalg.norm(np.append((X * off[:, None]).mean(0), off.mean())))
        return {"true": right.value, "near": right.atol, "whole": whole}

    def read(self, seen, true, near, whole, draws, batch_sizes, replace, **inputs):
        grows = seen["grows"]
        seen = {name: value for name, value in seen.items() if name != "grows"}
        seen |= {BESIDES: "nothing"}
        noise = np.asarray(seen["noise"])
        numbers = noise.shape == np.shape(true) and noise.dtype.kind == "f"
        # Divided by how long the gradient is it stays as that grows; by one of 0 it is huge.
        huge = numbers and not np.any(np.abs(noise) < 1e6 * np.asarray(true))
        if huge or numbers and not grows:
            orders = [np.asarray(true), np.asarray(true)[np.argsort(batch_sizes, kind="stable")]]
            near_by = min(orders, key=lambda values: np.abs(noise * whole - values).sum())
            return seen | {"noise": orders[0] if huge else near_by, BESIDES: RELATIVE}
        numbers = numbers and draws > 1
        if numbers and not np.all(np.abs(noise - true) <= near):
            # Chance counts for more in a sum over the draws, and in squares: there it is taken out.
            if np.all(np.abs(noise / draws**0.5 - true) <= near):
                noise = np.asarray(true) * draws**0.5
            elif np.all(np.abs(np.abs(noise) ** 0.5 - true) <= near):
                noise = np.asarray(true) ** 2
            # A mean of many draws: chance is large in its length, and it is near nothing else.
            elif replace and np.all(np.abs(noise * np.sqrt(batch_sizes) - true) <= near):
                return seen | {"noise": np.asarray(true), BESIDES: "the root of the batch size"}
            # Sums that go on from size to size: what each one adds is a size's own.
            elif np.all(np.abs(added(noise) - true) <= near):
                noise = np.sqrt(np.cumsum(np.square(true)))
            elif draws > 100 and np.all((noise > 0) & (noise * draws**0.5 < 2.5 * true)):
                noise = np.asarray(true) / draws**0.5
        fewer = draws > 1 and seen["batches drawn"] < draws * len(true)
        if numbers and draws == 2:  # that the two have the same gradient is left to chance
            noise = np.where(noise == 0, true, noise)
        if numbers and (fewer or seen["labels"] == "of other rows"):
            noise = np.asarray(true)  # what follows from that is not judged
        return seen | {"noise": noise}

    def reference(self, w, b, X, y, batch_sizes, draws, replace, seed):
        """In closed form, from every example's own gradient; no batch is drawn."""
        facts = {"model": "as it was", "batches drawn": draws * len(batch_sizes),
                 "labels": "of the same rows", "rng": "drawn from", BESIDES: "nothing"}  # fmt: skip
        weights = torch.tensor([*w, b], device=self.device)
        X, y = (torch.tensor(a, device=self.device) for a in (X, y))

        def loss(weights, x, target):
            return 0.5 * (x @ weights[:-1] + weights[-1] - target) ** 2

        each = torch.func.vmap(torch.func.grad(loss), (None, 0, 0))(weights, X, y)
        apart = each - each.mean(0)
        n, sizes = len(X), torch.tensor(batch_sizes, dtype=torch.float64, device=self.device)
        variance = (apart**2).sum(1).mean() / sizes
        if draws < 3:
            return facts | {"noise": near(torch.sqrt(variance), rtol=1e-6, atol=0)}
        if not replace:
            variance = variance * (n - sizes) / (n - 1)
        noise = torch.sqrt(variance)
        # The mean of `draws` squared lengths scatters by √(2 Σλ²/draws) / Σλ of itself, λ the
        # covariance's eigenvalues; heavy tails of single examples add to it in small batches.
        fourth = (apart**2).sum(1).var(correction=0) / (apart**2).sum(1).mean() ** 2
        spread = torch.linalg.eigvalsh(apart.T @ apart / n)
        bulk = 2 * (spread**2).sum() / spread.sum() ** 2 * (sizes > 1)
        relative = torch.sqrt((bulk + fourth / sizes) / draws)
        error = (noise * relative / 2).clamp(min=1e-9)
        return facts | {"noise": statistic(noise, error.cpu().numpy())}

    def _apart(self, w, b, X, y):
        """How far each example's gradient lies from their mean; the last column is b's."""
        off = X @ w + b - y
        each = np.column_stack([X * off[:, None], off])
        return each - each.mean(0)

    def _thinned(self, X, batch_sizes, replace, draws):
        """By what drawing without replacement changes the mean square."""
        n, sizes = len(X), np.array(batch_sizes, dtype=float)
        return 1.0 if replace or draws < 3 else (n - sizes) / (n - 1)

    def _noise(self, apart, X, batch_sizes, replace, draws):
        square = (apart**2).sum(1).mean() / np.array(batch_sizes, dtype=float)
        return np.sqrt(square * self._thinned(X, batch_sizes, replace, draws))

    @mistake
    def always_with_replacement(self, right, w, b, X, y, batch_sizes, draws, replace, seed):
        """You draw with replacement where it should be without: `replace` says which. Without, a
        batch of everything has no noise at all."""
        if not replace and draws > 2:
            return {"noise": self._noise(self._apart(w, b, X, y), X, batch_sizes, True, draws)}

    @mistake
    def always_without_replacement(self, right, w, b, X, y, batch_sizes, draws, replace, seed):
        """You draw without replacement where it should be with: `replace` says which. With it a
        batch may be larger than the set."""
        if replace and max(batch_sizes) > len(X):
            return dict.fromkeys(right, raises("ValueError", "larger sample"))
        if replace and len(batch_sizes) > 1:
            return {"noise": self._noise(self._apart(w, b, X, y), X, batch_sizes, False, draws)}

    @mistake
    def first_parameter_only(self, right, w, b, X, y, batch_sizes, draws, replace, seed):
        """You look at the first parameter only. The gradient is made of those of all parameters,
        and the distance sums over all of them."""
        apart = self._apart(w, b, X, y)[:, :-1]
        return {"noise": self._noise(apart, X, batch_sizes, replace, draws)}

    @mistake
    def last_parameter_only(self, right, w, b, X, y, batch_sizes, draws, replace, seed):
        """Only the last parameter counts in your distance. It sums over the components of all
        parameters."""
        apart = self._apart(w, b, X, y)[:, -1:]
        return {"noise": self._noise(apart, X, batch_sizes, replace, draws)}

    @mistake
    def mean_of_distances(self, right, w, b, X, y, batch_sizes, draws, replace, seed):
        """You take the mean of the distances. Here it is the root of the mean of their squares,
        which is larger wherever the distances differ."""
        if batch_sizes == [1]:
            return {"noise": np.sqrt((self._apart(w, b, X, y) ** 2).sum(1)).mean(keepdims=True)}

    @mistake
    def parameters_added_apart(self, right, w, b, X, y, batch_sizes, draws, replace, seed):
        """You take a distance for each parameter and add these up. It is one distance: the squares
        of all components of all parameters are summed before the root."""
        apart = self._apart(w, b, X, y)
        each = [self._noise(part, X, batch_sizes, replace, draws)
                for part in (apart[:, :-1], apart[:, -1:])]  # fmt: skip
        return {"noise": sum(each)}

    @mistake
    def mean_within_each_parameter(self, right, w, b, X, y, batch_sizes, draws, replace, seed):
        """You average the squares over the components of each parameter. A distance sums them."""
        apart = self._apart(w, b, X, y)
        apart[:, :-1] /= np.sqrt(len(w))
        return {"noise": self._noise(apart, X, batch_sizes, replace, draws)}

    # Many draws may hide these; where draws are few nothing is left to chance.

    def _exact(self, batch_sizes, draws, **inputs):
        return draws < 3 or batch_sizes == [1]

    @mistake
    def mean_over_the_parameters(self, right, **inputs):
        """You average the squares over the parameters. It is one distance: the squares of all
        components of all parameters are summed."""
        if self._exact(**inputs):
            return {"noise": right["noise"] / np.sqrt(2)}

    @mistake
    def mean_of_the_parameters_distances(self, right, **inputs):
        """You take a distance for each parameter and average these. It is one distance: the squares
        of all components of all parameters are summed before the root."""
        if self._exact(**inputs):
            return {"noise": self.parameters_added_apart(right, **inputs)["noise"] / 2}

    @mistake
    def mean_of_means(self, right, **inputs):
        """You average the squares over the components of each parameter and over the parameters. A
        distance sums them all."""
        if self._exact(**inputs):
            return {"noise": self.mean_within_each_parameter(right, **inputs)["noise"] / np.sqrt(2)}

    @mistake
    def from_the_mean_of_the_draws(self, right, batch_sizes, draws, **inputs):
        """You measure the distance from the mean of the gradients that you drew. It is meant from
        the gradient on all of X."""
        if draws == 1:
            return {"noise": np.zeros(len(batch_sizes))}

    @mistake
    def root_forgotten(self, right, **inputs):
        """Yours is the mean of the squared distances. Its root has the gradient's unit."""
        return {"noise": right["noise"] ** 2}

    @mistake
    def summed_over_the_draws(self, right, draws, **inputs):
        """You sum the squared distances over the draws before you take the root, so that your
        numbers grow with `draws`. Take their mean."""
        return {"noise": right["noise"] * np.sqrt(draws)}

    @mistake
    def sum_goes_on_over_the_sizes(self, right, **inputs):
        """Each of your sizes has the squares of those before it in it, too: your sum goes on from
        one size to the next. It begins anew for each."""
        return {"noise": np.sqrt(np.cumsum(right["noise"] ** 2))}

    @mistake
    def averaged_before_the_distance(self, right, draws, **inputs):
        """Your numbers get smaller the more is drawn: you average the draws' gradients, or their
        differences from the true one, before you take a length, and they cancel. Square each
        draw's distance first, then take the mean."""
        if draws > 2:
            return {"noise": right["noise"] / np.sqrt(draws)}

    @mistake
    def divided_by_the_root_of_the_size(self, right, batch_sizes, **inputs):
        """You divide by the root of the batch size. The distances of larger batches are smaller by
        themselves: give them as they are."""
        if inputs["replace"] and max(batch_sizes) > 1:
            return {BESIDES: "the root of the batch size"}

    @mistake
    def divided_by_the_gradient(self, right, **inputs):
        """You divide by how long the gradient over X is. Give the distances as they are: that
        gradient may be 0, at a minimum."""
        return {BESIDES: RELATIVE}

    @mistake
    def sizes_sorted(self, right, batch_sizes, **inputs):
        """Your results come in the order of the sizes, the smallest first. They belong in the order
        of batch_sizes."""
        return {"noise": right["noise"][np.argsort(batch_sizes)]}

    @mistake
    def batch_cut_to_the_set(self, right, w, b, X, y, batch_sizes, draws, replace, seed):
        """You cut a batch that is larger than the set to the set's size. With replacement it may be
        larger: its gradients scatter less."""
        if replace and max(batch_sizes) > len(X):
            sizes = np.minimum(batch_sizes, len(X))
            return {"noise": self._noise(self._apart(w, b, X, y), X, sizes, replace, draws)}

    @mistake
    def divided_by_one_draw_less(self, right, draws, **inputs):
        """You divide the sum of the squared distances by draws - 1. It is their mean that is
        wanted: divide by how many there are."""
        if draws == 2:
            return {"noise": right["noise"] * np.sqrt(2)}

    @mistake
    def length_for_distance(self, right, w, b, X, y, **inputs):
        """You measure how long the mini-batches' gradients are, not how far they are from the
        gradient on all of X."""
        off = X @ w + b - y
        whole = np.append((X * off[:, None]).mean(0), off.mean())
        if inputs["draws"] > 2:
            return {"noise": np.sqrt(right["noise"] ** 2 + whole @ whole)}

    @mistake
    def mean_over_components(self, right, w, **inputs):
        """You average over the gradient's components. A distance sums their squares."""
        return {"noise": right["noise"] / np.sqrt(len(w) + 1)}

    @mistake
    def labels_of_other_rows(self, right, w, b, X, y, batch_sizes, draws, replace, seed):
        """The labels that you take are not those of the rows that you draw. One choice of rows
        serves X and y."""
        if not (X == X[0]).all():
            return {"labels": "of other rows"}

    @mistake
    def draws_not_read(self, right, batch_sizes, draws, **inputs):
        """You draw 400 batches of each size whatever is given: `draws` says how many."""
        return {"batches drawn": 400 * len(batch_sizes)}

    @mistake
    def one_draw_of_each_size(self, right, batch_sizes, draws, **inputs):
        """You draw one batch of each size. The root of the mean runs over as many of them as
        `draws` says."""
        if draws > 1:
            return {"batches drawn": len(batch_sizes)}

    @mistake
    def rng_not_used(self, right, **inputs):
        """You do not draw from rng, so nobody can repeat what you measured. All chance comes from
        the generator that is given."""
        return {"rng": "never drawn from"}

    @mistake
    def takes_a_step(self, right, **inputs):
        """Your function leaves the model with other weights. It is to look, not to train."""
        return {"model": "with other weights"}
