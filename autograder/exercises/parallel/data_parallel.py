"""Exercise of notebook 14: one gradient from many shards. What is sent: `communication`."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises
from course_utils.recipes.parallel import noting_net

AFTERWARDS, ROWS = ".grad afterwards", "rows of each call"
NAMES = ("W1", "b1", "W2", "b2")


class data_parallel_gradient(Exercise):
    """The gradient of the whole batch, from shards that never meet."""

    signature = "data_parallel_gradient(model, shards)"
    library = "torch"
    minutes = 10
    difficulty = 1
    counted = (ROWS,)
    reads = {
        **{f"gradient of {name}": f"your gradient of `{name}`" for name in NAMES},
        ROWS: "your code calls the model with {seen} rows; {right} rows are right",
        AFTERWARDS: "what stands in `.grad` afterwards is {seen}; {right} is right",
        "how many gradients": "the number of gradients in your list",
    }
    hints = (
        "The loss of the batch is a mean over its examples. Write it as a sum over shards. If a "
        "shard holds one example of sixteen, how much should it count?",
        "torch.autograd.grad gives the gradients of a loss as a tuple and leaves .grad alone. "
        "Let each shard's loss be a sum divided by the number of ALL examples: then the shards' "
        "gradients only have to be added.",
    )

    def cases(self, rng):
        def case(name, points, sizes, dtype="float64", stale=False):
            d, hidden, classes = 5, 4, 3
            shape = (hidden, d), (hidden,), (classes, hidden), (classes,)
            return Case(
                name, points, weights=[rng.normal(size=s).astype(dtype) for s in shape],
                x=[rng.normal(size=(n, d)).astype(dtype) for n in sizes],
                y=[rng.integers(0, classes, n) for n in sizes], stale=stale,
            )  # fmt: skip

        yield case("equal shards", 1, (6, 6, 6))
        yield case("shards of 1, 4 and 11", 2, (1, 4, 11))
        yield case("a worker without examples", 1, (7, 0, 2))
        yield case("a gradient left over from before", 1, (3, 8), stale=True)
        yield case("single precision, one worker", 1, (9,), "float32")

    def observe(self, code, weights, x, y, stale):
        rows = []
        model = noting_net(weights, rows)
        if stale:
            for p in model.parameters():
                p.grad = torch.ones_like(p)
        shards = [(torch.tensor(a), torch.tensor(b)) for a, b in zip(x, y, strict=True)]
        gradients = list(code.data_parallel_gradient(model, shards))
        grads = [p.grad for p in model.parameters()]
        if all(g is None for g in grads):
            after = "None"
        elif all(g is not None and bool((g == 1).all()) for g in grads):
            after = "what stood there before"
        elif all(g is not None and not g.any() for g in grads):
            after = "zeros"
        else:
            after = "something else"
        names = "W1", "b1", "W2", "b2"
        seen = {f"gradient of {n}": None for n in names[len(gradients) :]}
        seen |= {f"gradient of {n}": g for n, g in zip(names, gradients, strict=False)}
        seen["how many gradients"] = len(gradients)
        seen["rows of each call"] = ", ".join(str(n) for n in rows if n)
        seen[".grad afterwards"] = after
        return seen

    def reference(self, weights, x, y, stale):
        return self.seen([1.0] * len(x), weights, x, y) | {
            "how many gradients": 4,
            ROWS: ", ".join(str(len(b)) for b in y if len(b)),
            AFTERWARDS: "what stood there before" if stale else "None",
        }

    def seen(self, scales, weights, x, y, change=lambda scores: scores):
        """The gradients when a shard's examples weigh so much times what they should."""
        total = sum(map(len, y))
        w = [torch.tensor(a, device=self.device).requires_grad_() for a in weights]
        weigh = torch.tensor(np.repeat(np.array(scales) / total, [len(b) for b in y]))
        X = torch.tensor(np.concatenate(x), device=self.device)
        Y = torch.tensor(np.concatenate(y), device=self.device)
        scores = change(F.linear(torch.tanh(F.linear(X, w[0], w[1])), w[2], w[3]))
        each = F.cross_entropy(scores, Y, reduction="none")
        (each * weigh.to(each)).sum().backward()
        return {f"gradient of {n}": p.grad.cpu().numpy() for n, p in zip(NAMES, w, strict=True)}

    @staticmethod
    def gradients(right):
        return [right[f"gradient of {n}"] for n in NAMES]

    @mistake
    def mean_of_means(self, right, weights, x, y, stale):
        """You average the shards' mean gradients, empty shards too. That counts an example in a
        small shard more than one in a large shard: weigh each shard by its size."""
        total, n = sum(map(len, y)), len(y)
        return self.seen([total / (n * len(b)) if len(b) else 0 for b in y], weights, x, y)

    @mistake
    def mean_of_full_shards(self, right, weights, x, y, stale):
        """You average the mean gradients of the shards that have examples. That counts an example
        in a small shard more than one in a large shard: weigh each shard by its size."""
        full, total = sum(len(b) > 0 for b in y), sum(map(len, y))
        return self.seen([total / (full * len(b)) if len(b) else 0 for b in y], weights, x, y)

    @mistake
    def added_to_what_stood(self, right, weights, x, y, stale):
        """Your gradients hold what stood in `.grad` before, since backward adds to it. Let .grad
        alone: torch.autograd.grad gives gradients by themselves."""
        if stale:
            return {name: value + 1 for name, value in right.items() if "gradient of" in name}

    @mistake
    def sum_of_means(self, right, weights, x, y, stale):
        """You add the shards' mean gradients up, so the step grows with the number of workers."""
        total = sum(map(len, y))
        return self.seen([total / len(b) if len(b) else 0 for b in y], weights, x, y)

    @mistake
    def sum_over_examples(self, right, weights, x, y, stale):
        """That is the gradient of the sum of the losses. The loss of the batch is their mean."""
        return self.seen([float(sum(map(len, y)))] * len(y), weights, x, y)

    @mistake
    def counted_from_the_first_shard(self, right, weights, x, y, stale):
        """Your number of examples is that of the first shard times the number of shards. Sizes
        differ: add them up."""
        return self.seen([sum(map(len, y)) / (len(y) * len(y[0]))] * len(y), weights, x, y)

    @mistake
    def divided_by_workers_too(self, right, weights, x, y, stale):
        """You weigh the shards by their sizes, and divide by the number of workers besides. The
        weights add up to one already."""
        return self.seen([1 / len(y)] * len(y), weights, x, y)

    @mistake
    def divided_by_workers(self, right, weights, x, y, stale):
        """You divide the sum over the examples by the number of workers. Divide by the number of
        all examples."""
        return self.seen([sum(map(len, y)) / len(y)] * len(y), weights, x, y)

    @mistake
    def divided_by_shards_with_examples(self, right, weights, x, y, stale):
        """You divide the sum over the examples by the number of shards that have any. Divide by the
        number of all examples."""
        scale = sum(map(len, y)) / sum(len(b) > 0 for b in y)
        return self.seen([scale] * len(y), weights, x, y)

    @mistake
    def divided_by_those_so_far(self, right, weights, x, y, stale):
        """You divide by the number of examples up to and with each shard, so that the first shards
        count too much. N is the number of the examples of all shards: count them beforehand."""
        so_far = np.cumsum([len(b) for b in y])
        return self.seen(list(so_far[-1] / so_far), weights, x, y)

    def of_the_last(self, y):
        """The scale of a sum over all examples divided by the size of the last shard with any."""
        return [sum(map(len, y)) / [len(b) for b in y if len(b)][-1]] * len(y)

    @mistake
    def divided_by_the_last_shard(self, right, weights, x, y, stale):
        """You divide the sum over all examples by the size of the last shard that has any. Divide
        by the number of all examples."""
        return self.seen(self.of_the_last(y), weights, x, y)

    @mistake
    def softmax_and_the_last_shard(self, right, weights, x, y, stale):
        """You take a softmax of the scores before cross_entropy, which takes one itself; and you
        divide by the size of the last shard, not by the number of all examples."""
        return self.seen(self.of_the_last(y), weights, x, y, lambda scores: scores.softmax(1))

    @mistake
    def last_shard_only(self, right, weights, x, y, stale):
        """Only the last shard's gradient is left: each shard's replaces the one before."""
        total, n = sum(map(len, y)), len(y)
        return self.seen([0.0] * (n - 1) + [total / len(y[-1])], weights, x, y)

    @mistake
    def last_part_of_the_sum(self, right, weights, x, y, stale):
        """Your shards weigh what they should, but each one's gradient replaces the one before, so
        only the last part of the sum is left. Add them up."""
        return self.seen([0.0] * (len(y) - 1) + [1.0], weights, x, y)

    @mistake
    def first_shard_only(self, right, weights, x, y, stale):
        """Only the first shard is worked through. Does a return stand inside the loop?"""
        shown = self.seen([1.0] + [0.0] * (len(y) - 1), weights, x, y)
        return {**shown, ROWS: str(len(y[0]))}

    @mistake
    def mean_of_the_first_shard(self, right, weights, x, y, stale):
        """Your gradients are those of the first shard's mean loss; the other shards are not worked
        through. Does a return stand inside the loop?"""
        rest = [0.0] * (len(y) - 1)
        shown = self.seen([sum(map(len, y)) / len(y[0]), *rest], weights, x, y)
        return {**shown, ROWS: str(len(y[0]))}

    @mistake
    def sizes_squared(self, right, weights, x, y, stale):
        """A shard's size comes in twice: the gradient of a sum has it already, only that of a
        mean has to be multiplied by it."""
        return self.seen([float(len(b)) for b in y], weights, x, y)

    @mistake
    def shares_rounded_down(self, right, weights, x, y, stale):
        """Your gradients are 0 as soon as there are two shards: N_k // N rounds a shard's share
        down. Divide by /."""
        if len(y) > 1:
            return self.seen([0.0] * len(y), weights, x, y)

    @mistake
    def ends_at_an_empty_shard(self, right, weights, x, y, stale):
        """Your loop ends at a shard without examples, and those behind it are left out. Go on with
        the next one."""
        return self.until_an_empty_shard(weights, x, y)

    @mistake
    def mean_until_an_empty_shard(self, right, weights, x, y, stale):
        """Your loop ends at a shard without examples: those behind it are left out, of the sum and
        of the number by which you divide. Go on with the next one."""
        return self.until_an_empty_shard(weights, x, y, counted_alone=True)

    @mistake
    def means_averaged_until_an_empty_shard(self, right, weights, x, y, stale):
        """You average the shards' mean gradients, so that an example in a small shard counts more
        than one in a large shard; and your loop ends at a shard without examples. Weigh each shard
        by its size, and go on with the next one."""
        sizes = [len(b) for b in y]
        before, total = [*sizes, 0].index(0), sum(sizes)
        scales = [total / (before * n) for n in sizes[:before]] + [0.0] * (len(y) - before)
        return {**self.seen(scales, weights, x, y), ROWS: ", ".join(map(str, sizes[:before]))}

    def until_an_empty_shard(self, weights, x, y, counted_alone=False):
        """What is seen of the shards before the first empty one."""
        sizes = [len(b) for b in y]
        if 0 in sizes:
            before = sizes.index(0)
            weigh = sum(sizes) / sum(sizes[:before]) if counted_alone else 1.0
            shown = self.seen([weigh] * before + [0.0] * (len(y) - before), weights, x, y)
            return {**shown, ROWS: ", ".join(map(str, sizes[:before]))}

    @mistake
    def empty_shard_stops(self, right, weights, x, y, stale):
        """Your code stops at a shard without examples: nothing has no largest score. It adds
        nothing to the gradient, so leave it out."""
        if not all(map(len, y)):
            return dict.fromkeys(right, raises("RuntimeError", "numel() == 0"))

    @mistake
    def divided_by_an_empty_shard(self, right, weights, x, y, stale):
        """Your code divides by the size of a shard without examples. It adds nothing to the
        gradient, so leave it out."""
        if not all(map(len, y)):
            return dict.fromkeys(right, raises("ZeroDivisionError"))

    @mistake
    def softmax_before_the_loss(self, right, weights, x, y, stale):
        """You take a softmax of the scores before cross_entropy, which takes one itself. Give it
        the scores."""
        return self.seen([1.0] * len(y), weights, x, y, lambda scores: scores.softmax(1))

    @mistake
    def shards_joined(self, right, weights, x, y, stale):
        """You join the shards and call the model once. That is what cannot be done here: each shard
        lies on another machine."""
        return {ROWS: str(sum(map(len, y)))}

    def matrices(self, shown):
        """What is seen where only the gradients of W1 and W2 are in the list."""
        first, second = shown["gradient of W1"], shown["gradient of W2"]
        both = dict(zip(NAMES, (first, second, None, None), strict=True))
        return {f"gradient of {n}": g for n, g in both.items()} | {"how many gradients": 2}

    @mistake
    def biases_left_out(self, right, weights, x, y, stale):
        """Your list holds the gradients of the matrices only. The biases are parameters, too: take
        all of model.parameters()."""
        return self.matrices(right)

    @mistake
    def biases_left_out_and_summed(self, right, weights, x, y, stale):
        """Your list holds the gradients of the matrices only, and they are those of the sum of the
        losses. Take all of model.parameters(), and the mean over the examples."""
        total = float(sum(map(len, y)))
        return self.matrices(self.seen([total] * len(y), weights, x, y))

    @mistake
    def biases_left_out_and_means_averaged(self, right, weights, x, y, stale):
        """Your list holds the gradients of the matrices only, and each shard's mean counts alike.
        Take all of model.parameters(), and weigh each shard by its size."""
        return self.matrices(self.mean_of_means(right, weights, x, y, stale))

    @mistake
    def named(self, right, weights, x, y, stale):
        """You return a dict by names. A list is asked for, in the order of model.parameters()."""
        return {f"gradient of {n}": n for n in NAMES}

    @mistake
    def by_alphabet(self, right, weights, x, y, stale):
        """Your gradients are in the order of the parameters' names. The order is that of
        model.parameters()."""
        g = dict(zip(NAMES, self.gradients(right), strict=True))
        return {f"gradient of {n}": g[m] for n, m in zip(NAMES, sorted(NAMES), strict=True)}

    @mistake
    def one_vector(self, right, weights, x, y, stale):
        """You return one long vector. A list is asked for, with a tensor of its own shape for each
        parameter."""
        flat = np.concatenate([g.ravel() for g in self.gradients(right)])
        first = {f"gradient of {n}": flat[i] for i, n in enumerate(NAMES)}
        return {**first, "how many gradients": flat.size}

    @mistake
    def adds_to_stale_gradients(self, right, weights, x, y, stale):
        """You add to whatever stands in .grad: what is left there from an earlier step comes into
        this one."""
        changed = {AFTERWARDS: "something else"}
        if stale:
            changed |= {n: g + 1 for n, g in right.items() if n.startswith("gradient of")}
        return changed

    @mistake
    def grad_left_changed(self, right, weights, x, y, stale):
        """The model's .grad is not as you found it. torch.autograd.grad gives gradients without
        touching it."""
        return {AFTERWARDS: "something else"}

    @mistake
    def grad_cleared(self, right, weights, x, y, stale):
        """What stood in the model's .grad before is gone, as after zero_grad. It stays as it is:
        torch.autograd.grad gives gradients without touching it."""
        return {AFTERWARDS: "None"} if stale else None

    @mistake
    def grad_zeroed(self, right, weights, x, y, stale):
        """The model's .grad holds zeros afterwards. It stays as it was: torch.autograd.grad gives
        gradients without touching it."""
        return {AFTERWARDS: "zeros"}

    @mistake
    def grad_changed_where_there_was_one(self, right, weights, x, y, stale):
        """Where the model had a .grad it is another one afterwards, as when the tensor is kept and
        then written to in place: a kept tensor changes with it. Leave .grad alone."""
        return {AFTERWARDS: "something else"} if stale else None
