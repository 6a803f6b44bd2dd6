"""Exercise of notebook 07: an epoch of mini-batches. How much their gradients scatter is in
`noise`."""

import numpy as np
from torch.utils.data import BatchSampler, SequentialSampler

from autograder.exercise import Case, Exercise, mistake, raises

# Among these facts the first that is off is told; what follows from it is not judged.
KEPT = "when later ones come"
FINE = {
    "examples of an epoch": "each once",
    "rows of X": "whole",
    "labels": "with their examples",
    "order": "shuffled",
    "next epoch": "another order",
    "same generator again": "the same order",
    "another generator": "another order",
    KEPT: "as they were",
}


class minibatches(Exercise):
    """One epoch of mini-batches: every example once, in a new order."""

    signature = "minibatches(X, y, batch_size, rng)"
    minutes = 10
    difficulty = 2
    hints = (
        "Shuffle the numbers of the rows, not the rows: one order serves X and y.",
        "Cut that order into pieces of batch_size. The last piece may be shorter, but "
        "no piece is empty.",
    )
    reads = {
        "batch sizes": "the list of your batches' sizes",
        "examples of an epoch": "of the examples in an epoch {seen}; {right} is right",
        "rows of X": "the rows of X in your batches are {seen}; {right} is right",
        "labels": "your labels come {seen}; {right} is right",
        "order": "your examples come {seen}; {right} is right",
        "next epoch": "from the same rng the next epoch has {seen}; {right} is right",
        "same generator again": "a generator in the same state gives {seen}; {right} is right",
        "another generator": "a generator in another state gives {seen}; {right} is right",
        KEPT: "your batches are {seen} when later ones come; {right} is right",
    }

    def cases(self, rng):
        size = int(rng.integers(7, 10))
        whole = int(rng.integers(4, 7))
        few = int(rng.integers(9, 16))
        for name, points, n, batch_size, shape, dtype in [
            # A single one is left: some keep every rest but that.
            ("a short last batch", 2, 5 * size + 1, size, (2, 3), float),
            ("batches that come out even", 1, whole * int(rng.integers(4, 7)), whole, (4,), float),
            ("one example a batch (online)", 1, int(rng.integers(12, 30)), 1, (2, 3, 4), float),
            ("a batch larger than the data", 1, few, few + int(rng.integers(5, 50)), (3,),
             np.float32),
        ]:  # fmt: skip
            X = rng.normal(size=(n, *shape)).astype(dtype)
            X.reshape(n, -1)[:, 0] = np.arange(n)
            yield Case(name, points, X=X, y=100 + np.arange(n), batch_size=batch_size,
                       seed=int(rng.integers(1000)))  # fmt: skip

    def observe(self, code, X, y, batch_size, seed):
        import itertools

        import numpy as np

        stored = X.copy(), y.copy()
        kept = []

        def epoch(rng, X, y):
            # Somebody's loop may never end; a whole epoch has fewer batches than this.
            batches = itertools.islice(code.minibatches(X, y, batch_size, rng), len(X) + 10)
            # Copies: a batch may be a view of data that is shuffled in place later.
            given = [(rows, np.array(rows), np.array(labels)) for rows, labels in batches]
            kept.append(all(np.array_equal(rows, copy) for rows, copy, _ in given))
            return [(copy, labels) for _, copy, labels in given]

        rng = np.random.default_rng(seed)
        # Nothing that an epoch does to its data is left for the next one.
        first = epoch(rng, *(a.copy() for a in stored))
        second = epoch(rng, *(a.copy() for a in stored))
        again = epoch(np.random.default_rng(seed), *(a.copy() for a in stored))
        other = epoch(np.random.default_rng(seed + 1), X, y)
        return {
            "X": [rows for rows, _ in first],
            "y": [labels for _, labels in first],
            "next": [rows for rows, _ in second],
            "again": [rows for rows, _ in again],
            "other": [rows for rows, _ in other],
            "kept": kept[0],
        }

    def read(self, seen, X, y, batch_size, seed):
        def numbers(batches):
            """Which rows of X these are; each has its number in its first entry."""
            rows = [np.asarray(b, float).reshape(-1, *X.shape[1:]) for b in batches]
            joined = np.concatenate([np.empty((0, *X.shape[1:])), *rows])
            return joined[(slice(None), *[0] * (joined.ndim - 1))].round().astype(int), joined

        facts = {"batch sizes": [len(batch) for batch in seen["X"]], **FINE}
        if not seen["kept"]:
            facts[KEPT] = "changed"
        if any(np.shape(batch)[1:] != X.shape[1:] for batch in seen["X"]):
            return facts | {"rows of X": "in another shape"}
        ids, rows = numbers(seen["X"])
        labels = [np.asarray(b).reshape(-1) for b in seen["y"]]
        labels = np.concatenate([np.empty(0), *labels]).astype(int) - 100
        if not len(ids) or ids.min() < 0 or ids.max() >= len(X) or not np.array_equal(rows, X[ids]):
            return facts | {"rows of X": "changed"} if len(ids) else facts
        counts = np.bincount(ids, minlength=len(X))
        missed, twice = bool((counts == 0).any()), bool((counts > 1).any())
        facts["examples of an epoch"] = {
            (False, False): "each once", (True, False): "some are missing",
            (False, True): "all come, and some twice", (True, True): "some come twice, some never",
        }[missed, twice]  # fmt: skip
        if not np.array_equal(labels, ids):
            facts["labels"] = "with other examples"
        facts["order"] = self._mixed(ids, seen["X"])
        if facts["order"] == "in whole batches of neighbours":
            facts["batch sizes"].sort(reverse=True)  # the short one may come anywhere then

        def against(name):
            same = np.array_equal(numbers(seen[name])[0], ids)
            return "the same order" if same else "another order"

        if facts["order"] not in ("as stored", "from the last to the first"):
            facts["next epoch"] = against("next")
            facts["same generator again"] = against("again")
            facts["another generator"] = against("other")
        return facts

    def _mixed(self, ids, batches):
        """Whether the rows are shuffled, or come as they are stored, or in whole batches so."""
        if np.array_equal(ids, np.sort(ids)):
            return "as stored"
        if np.array_equal(ids, np.sort(ids)[::-1]) and len(ids) > 8:
            return "from the last to the first"
        ends = np.cumsum([len(b) for b in batches])[:-1]
        inside = [np.diff(part) for part in np.split(ids, ends)]
        together = all(np.all(steps == 1) for steps in inside)
        if together and any(len(steps) for steps in inside):
            return "in whole batches of neighbours"
        return "shuffled"

    def reference(self, X, y, batch_size, seed):
        sampler = BatchSampler(SequentialSampler(range(len(X))), batch_size, drop_last=False)
        return {"batch sizes": [len(batch) for batch in sampler], **FINE}

    @mistake
    def one_buffer(self, right, X, y, batch_size, seed):
        """Your batches share their memory: when the next one comes, those before it change, and
        who keeps them in a list has the last one many times. Let each batch be an array of its
        own."""
        if len(X) > batch_size:
            return {KEPT: "changed"}

    @mistake
    def last_batch_dropped(self, right, X, y, batch_size, seed):
        """The examples behind the last whole batch are never seen. The last batch may be short,
        even where it is the only one."""
        if len(X) < batch_size:
            return {"batch sizes": []}
        if len(X) % batch_size:
            sizes = right["batch sizes"][:-1]
            return {"batch sizes": sizes, "examples of an epoch": "some are missing"}

    @mistake
    def only_batch_left_empty(self, right, X, y, batch_size, seed):
        """Where there are fewer examples than batch_size, your only batch has none of them in it.
        It may be short: all examples belong into it."""
        if len(X) < batch_size:
            return {"batch sizes": [0]}

    @mistake
    def single_example_left_out(self, right, X, y, batch_size, seed):
        """A last batch of one example is left out, and the example is never seen. One example is a
        batch, too."""
        if batch_size > 1 and len(X) % batch_size == 1 and len(X) > batch_size:
            sizes = right["batch sizes"][:-1]
            return {"batch sizes": sizes, "examples of an epoch": "some are missing"}

    @mistake
    def last_batch_filled_up(self, right, X, y, batch_size, seed):
        """Your last batch is filled up with examples that had their turn already, so they count
        twice in this epoch. It may be short."""
        if len(X) % batch_size and len(X) > batch_size:
            sizes = [batch_size] * len(right["batch sizes"])
            return {"batch sizes": sizes, "examples of an epoch": "all come, and some twice"}

    @mistake
    def rest_shared_out(self, right, X, y, batch_size, seed):
        """You share the examples out evenly, so batches are smaller than batch_size. All have that
        size; only the last one takes what is left."""
        if len(X) > batch_size:
            pieces = np.array_split(np.arange(len(X)), -(-len(X) // batch_size))
            return {"batch sizes": [len(piece) for piece in pieces]}

    @mistake
    def rest_in_larger_batches(self, right, X, y, batch_size, seed):
        """You make no batch for the rest and put it into the others, so batches are larger than
        batch_size. The rest is a batch of its own, shorter than the others."""
        if len(X) > batch_size:
            pieces = np.array_split(np.arange(len(X)), len(X) // batch_size)
            return {"batch sizes": [len(piece) for piece in pieces]}

    @mistake
    def rest_in_the_last(self, right, X, y, batch_size, seed):
        """Your last whole batch takes the rest as well, so it is larger than batch_size. The rest
        is a batch of its own."""
        if len(X) > batch_size and len(X) % batch_size:
            *sizes, last, rest = right["batch sizes"]
            return {"batch sizes": [*sizes, last + rest]}

    @mistake
    def number_for_size(self, right, X, y, batch_size, seed):
        """You make batch_size batches. It says how many examples there are in one, not how many
        batches."""
        if 1 < batch_size < len(X):
            pieces = np.array_split(np.arange(len(X)), batch_size)
            return {"batch sizes": [len(piece) for piece in pieces]}

    @mistake
    def one_batch_only(self, right, X, y, batch_size, seed):
        """You draw one batch and stop. An epoch has as many batches as it takes for every example
        to come once."""
        if len(X) > batch_size:
            return {"batch sizes": [batch_size], "examples of an epoch": "some are missing"}
        return dict.fromkeys(right, raises("ValueError", "larger sample"))

    @mistake
    def short_batch_first(self, right, X, y, batch_size, seed):
        """Your short batch comes first. It is the last one that is shorter."""
        if len(X) % batch_size and len(X) > batch_size:
            return {"batch sizes": right["batch sizes"][::-1]}

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
        return {"order": "as stored"}

    @mistake
    def sorted_in_a_batch(self, right, X, y, batch_size, seed):
        """Where one batch holds everything its examples come as they are stored. Is this case
        answered before anything is drawn, or is what was drawn sorted? Its order is drawn, too."""
        if len(X) < batch_size:
            return {"order": "as stored"}

    @mistake
    def turned_round(self, right, X, y, batch_size, seed):
        """Your order is always the same, from the last example to the first. Draw it from rng."""
        return {"order": "from the last to the first"}

    @mistake
    def rows_reshaped(self, right, X, y, batch_size, seed):
        """Your rows have lost their shape. A batch is some rows of X as they are: its shape is that
        of X but for the first number."""
        if X.ndim > 2:
            return {"rows of X": "in another shape"}

    @mistake
    def joined_with_the_labels(self, right, X, y, batch_size, seed):
        """You join X and y into one array, which works only where X has two axes; images have
        more. Keep them apart: shuffle the numbers of the rows, and use one order for both."""
        if X.ndim > 2:
            return dict.fromkeys(right, raises("ValueError", "same number of dimensions"))

    @mistake
    def one_left_out_between(self, right, X, y, batch_size, seed):
        """After each batch an example is left out: your steps are one longer than your batches."""
        starts = range(0, len(X), batch_size + 1)
        if batch_size < len(X):
            sizes = [min(batch_size, len(X) - start) for start in starts]
            return {"batch sizes": sizes, "examples of an epoch": "some are missing"}

    @mistake
    def one_order_for_ever(self, right, X, y, batch_size, seed):
        """The order is the same in every epoch, as from a generator that you start anew each time.
        Draw it from rng, which moves on by itself."""
        return {"next epoch": "the same order", "another generator": "the same order"}

    @mistake
    def own_generator(self, right, X, y, batch_size, seed):
        """A generator in the same state gives you another order, as when one draws from a generator
        of one's own or from numpy's global one, so a run cannot be repeated. Draw from rng alone,
        and the same seed gives the same batches."""
        return {"same generator again": "another order"}

    @mistake
    def drawn_with_replacement(self, right, X, y, batch_size, seed):
        """You draw each index anew, so some examples come twice in an epoch and about a third
        never. Shuffle all the indices once instead."""
        return {"examples of an epoch": "some come twice, some never"}

    @mistake
    def each_batch_drawn_anew(self, right, X, y, batch_size, seed):
        """You draw each batch anew from all the examples, so some come twice in an epoch and others
        never. Shuffle all of them once, and cut that order into pieces."""
        if batch_size < len(X):
            return {"examples of an epoch": "some come twice, some never"}

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
            return {"order": "in whole batches of neighbours"}
        if batch_size >= len(X):
            return {"order": "as stored"}
