"""Exercise of notebook 14: one net trained by two real processes.

The processes, and that they end, are in `course_utils.recipes.processes`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, near
from course_utils.recipes.parallel import train_together


class ddp_train(Exercise):
    """Two processes, one net: the weights of a single process on the joined batch."""

    signature = "ddp_train(rank, world, meeting, model, x, y, lr, steps)"
    library = "torch"
    minutes = 15
    difficulty = 2
    counted = ("rows of each forward pass", "process groups left behind")
    hints = (
        "Four things in this order: join the group, wrap the model, train on this rank's share of "
        "the rows, leave the group. The training loop is the one you know.",
        "x[rank::world] is a share of equal size. DistributedDataParallel copies rank 0's weights "
        "to the others when it is made, and averages the gradients during backward; give its "
        "parameters to torch.optim.SGD.",
        "The call that leaves the group belongs into a finally: an error must not keep the other "
        "rank waiting.",
    )

    def cases(self, rng):
        # One case only: each starts processes, which import torch.
        d, hidden, classes, rows = 6, 5, 3, 12
        shape = (hidden, d), (hidden,), (classes, hidden), (classes,)
        yield Case(
            "two processes, three steps", 6,
            weights=[[rng.normal(size=s) for s in shape] for _ in range(2)],
            x=rng.normal(size=(rows, d)), y=rng.integers(0, classes, rows), lr=0.5, steps=3,
        )  # fmt: skip

    def observe(self, code, weights, x, y, lr, steps):
        ranks = train_together(code.ddp_train, weights, x, y, lr, steps)
        seen = {f"weights of rank {i}": rank["weights"] for i, rank in enumerate(ranks)}
        seen["rows of each forward pass"] = [rank["rows"] for rank in ranks]
        seen["process groups left behind"] = sum(rank["group left"] for rank in ranks)
        return seen

    def reference(self, weights, x, y, lr, steps):
        world = len(weights)
        whole = self.trained(weights[0], x, y, lr, steps)
        right = self.ranks([near(whole, rtol=1e-7, atol=1e-9)] * world)
        right["rows of each forward pass"] = [[len(x) // world] * steps] * world
        return right | {"process groups left behind": 0}

    def trained(self, weights, x, y, lr, steps, accumulate=False):
        """One process: plain gradient descent on all of x."""
        w = [torch.tensor(a, device=self.device).requires_grad_() for a in weights]
        X, Y = torch.tensor(x, device=self.device), torch.tensor(y, device=self.device)
        optimizer = torch.optim.SGD(w, lr=lr)
        for _ in range(steps):
            if not accumulate:
                optimizer.zero_grad()
            scores = F.linear(torch.tanh(F.linear(X, w[0], w[1])), w[2], w[3])
            F.cross_entropy(scores, Y).backward()
            optimizer.step()
        return [p.detach().cpu().numpy() for p in w]

    def ranks(self, each):
        return {f"weights of rank {i}": w for i, w in enumerate(each)}

    @mistake
    def nothing_exchanged(self, right, weights, x, y, lr, steps):
        """Every rank trains a net of its own: neither the first weights nor the gradients are
        exchanged. Is the model wrapped, and is it the wrapped one that you call?"""
        n = len(weights)
        return self.ranks(
            self.trained(w, x[i::n], y[i::n], lr, steps) for i, w in enumerate(weights)
        )

    @mistake
    def gradients_not_averaged(self, right, weights, x, y, lr, steps):
        """All ranks start from the same weights, then each goes its own way: the gradients are not
        averaged. Call the wrapped model, not the one inside."""
        n = len(weights)
        return self.ranks(
            self.trained(weights[0], x[i::n], y[i::n], lr, steps) for i in range(n)
        )

    @mistake
    def sum_of_gradients(self, right, weights, x, y, lr, steps):
        """Your steps are too long by the number of ranks: all_reduce adds up, so divide by world
        (DistributedDataParallel has done so already)."""
        return self.ranks([self.trained(weights[0], x, y, lr * len(weights), steps)] * len(weights))

    @mistake
    def averaged_twice(self, right, weights, x, y, lr, steps):
        """Your steps are too short by the number of ranks: the mean over ranks is one already."""
        return self.ranks([self.trained(weights[0], x, y, lr / len(weights), steps)] * len(weights))

    @mistake
    def same_share_for_all(self, right, weights, x, y, lr, steps):
        """All ranks train on the same share, so the rest of the examples is never seen. The share
        depends on the rank."""
        n = len(weights)
        first = slice(0, len(x) // n)
        return self.ranks([self.trained(weights[0], x[first], y[first], lr, steps)] * n)

    @mistake
    def same_strided_share_for_all(self, right, weights, x, y, lr, steps):
        """All ranks train on rank 0's rows: x[::world] is the same everywhere. Begin at the
        rank."""
        n = len(weights)
        return self.ranks([self.trained(weights[0], x[::n], y[::n], lr, steps)] * n)

    @mistake
    def whole_batch_everywhere(self, right, weights, x, y, lr, steps):
        """Every rank works through all rows. The weights come out right, and nothing is gained by
        a second machine: each rank takes its share."""
        return {"rows of each forward pass": [[len(x)] * steps] * len(weights)}

    @mistake
    def gradients_pile_up(self, right, weights, x, y, lr, steps):
        """Gradients add up in .grad from step to step: set them to zero before each backward."""
        if steps > 1:
            whole = self.trained(weights[0], x, y, lr, steps, accumulate=True)
            return self.ranks([whole] * len(weights))

    @mistake
    def averaged_at_the_end(self, right, weights, x, y, lr, steps):
        """You average the weights once, at the end. For one step that is the same; for more, the
        gradients have to be averaged in every step."""
        if steps > 1:
            n = len(weights)
            each = [self.trained(weights[0], x[i::n], y[i::n], lr, steps) for i in range(n)]
            return self.ranks([[np.mean(w, axis=0) for w in zip(*each, strict=True)]] * n)

    @mistake
    def own_first_weights(self, right, weights, x, y, lr, steps):
        """The gradients are averaged, but the ranks begin with different weights and stay apart.
        Rank 0's have to be sent to all first."""
        w = [[torch.tensor(a).requires_grad_() for a in rank] for rank in weights]
        n = len(w)
        for _ in range(steps):
            grads = []
            for i, mine in enumerate(w):
                X, Y = torch.tensor(x[i::n]), torch.tensor(y[i::n])
                scores = F.linear(torch.tanh(F.linear(X, mine[0], mine[1])), mine[2], mine[3])
                grads.append(torch.autograd.grad(F.cross_entropy(scores, Y), mine))
            for mine in w:
                for k, p in enumerate(mine):
                    p.data -= lr * sum(g[k] for g in grads) / n
        return self.ranks([[p.detach().numpy() for p in mine] for mine in w])

    @mistake
    def group_left_behind(self, right, weights, x, y, lr, steps):
        """The process group is still there when your function returns. Leave it, in a finally, so
        that it is left after an error too."""
        return {"process groups left behind": len(weights)}
