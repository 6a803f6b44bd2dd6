"""Exercise of notebook 14: one net trained by three real processes.

The processes, and that they end, are in `course_utils.recipes.processes`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, near, raises
from course_utils.recipes.parallel import train_together

SHARES, PASSES, LEFT = "shares", "forward passes", "process groups left behind"
LISTED, PARAMETERS, BUFFERS = "what is listed", "the parameters", "the parameters and the buffers"
EACH, OTHERS = "each example on one rank, the same in every step", "other examples in other steps"
ALL, ALIKE = "all examples on every rank", "the same examples on all ranks"
TWICE, FEW = "some examples on more than one rank", "some examples on no rank"
NONE = "a rank without examples"


def share_words(marks, count):
    """How the examples lie on the ranks; `marks` holds, for each rank and pass, their numbers."""
    if any(set(one) != set(passes[0]) for passes in marks for one in passes):
        return OTHERS
    shares = [set(passes[0]) if passes else set() for passes in marks]
    if any(passes and not passes[0] for passes in marks):
        return NONE
    if all(len(share) == count for share in shares):
        return ALL
    if all(share == shares[0] for share in shares):
        return ALIKE
    if sum(map(len, shares)) > len(set().union(*shares)):
        return TWICE
    return EACH if len(set().union(*shares)) == count else FEW


def _and_the_buffer(values, weights) -> bool:
    """Whether a rank's list has all weights, and behind them the one buffer that the net has."""
    if not isinstance(values, list) or len(values) != len(weights) + 1:
        return False
    return np.shape(values[-1]) == (1,) and not np.any(values[-1])


class ddp_train(Exercise):
    """Several processes, one net: the weights of a single process on the joined batch."""

    signature = "ddp_train(rank, world, meeting, model, x, y, lr, steps)"
    library = "torch"
    minutes = 15
    difficulty = 2
    counted = (SHARES, PASSES, LEFT)
    reads = {
        "weights of rank 0": "what rank 0 returns",
        "weights of rank 1": "what rank 1 returns",
        "weights of rank 2": "what rank 2 returns",
        SHARES: "with your code there are {seen}; {right} is right",
        LISTED: "you return {seen}; {right} are right",
        PASSES: "the ranks call the model {seen} times; {right} is right",
        LEFT: "the number of ranks that have not left the process group",
    }
    hints = (
        "Four things in this order: join the group, wrap the model, train on this rank's share of "
        "the rows, leave the group. The training loop is the one you know.",
        "x[rank::world] is a share of equal size. DistributedDataParallel copies rank 0's weights "
        "to the others when it is made, and averages the gradients during backward; give its "
        "parameters to torch.optim.SGD.",
        "The call that leaves the group belongs in a finally block, so that an error does not keep "
        "the other rank waiting.",
    )

    def cases(self, rng):
        # One case only: each starts processes, which import torch.
        d, hidden, classes, rows = 6, 5, 3, 12
        shape = (hidden, d), (hidden,), (classes, hidden), (classes,)
        yield Case(
            "three processes, three steps", 6,
            weights=[[rng.normal(size=s) for s in shape] for _ in range(3)],
            x=rng.normal(size=(rows, d)), y=rng.integers(0, classes, rows), lr=0.5, steps=3,
        )  # fmt: skip

    def observe(self, code, weights, x, y, lr, steps):
        function = code.ddp_train

        def watched(rank, world, meeting, model, x, y, lr, steps):
            import torch

            marks = []

            def note(module, given):
                same = x[:, 0][None] == given[0].detach()[:, :1]
                marks.append([*(int(row.int().argmax()) if row.any() else -1 for row in same), -2])

            model.register_forward_pre_hook(note)
            model.register_buffer("noted", torch.zeros(1, dtype=torch.float64))
            returned = function(rank, world, meeting, model, x, y, lr, steps)
            kept = [] if returned is None else list(returned)
            # What is noted travels behind the weights; -2 ends a pass.
            numbers = [len(kept) if returned is not None else -1, *sum(marks, [])]
            return [*kept, torch.tensor(numbers)]

        ranks = train_together(watched, weights, x, y, lr, steps)
        seen = {"process groups left behind": sum(rank["group left"] for rank in ranks)}
        for i, rank in enumerate(ranks):
            *returned, numbers = rank["weights"]
            count, *marks = (int(n) for n in numbers)
            seen[f"weights of rank {i}"] = None if count < 0 else returned
            passes, one = [], []
            for number in marks:
                if number == -2:
                    passes, one = [*passes, one], []
                else:
                    one.append(number)
            seen[f"marks of rank {i}"] = passes
        return seen

    def read(self, seen, weights, x, y, lr, steps):
        """How the examples lie on the ranks, in words. Where some are missing the weights tell
        nothing more."""
        marks = [seen[f"marks of rank {i}"] for i in range(len(weights))]
        shares = share_words(marks, len(x))
        found = {f"weights of rank {i}": seen[f"weights of rank {i}"] for i in range(len(weights))}
        if shares in (TWICE, FEW, OTHERS, NONE):
            found = dict.fromkeys(found, "those of other examples")
        listed = PARAMETERS
        for name, values in found.items():
            if _and_the_buffer(values, weights[0]):
                found[name], listed = values[:-1], BUFFERS
        return {
            **found,
            LISTED: listed,
            SHARES: shares,
            PASSES: " and ".join(str(len(passes)) for passes in marks),
            LEFT: seen[LEFT],
        }

    def reference(self, weights, x, y, lr, steps):
        world = len(weights)
        whole = self.trained(weights[0], x, y, lr, steps)
        right = self.ranks([near(whole, rtol=1e-7, atol=1e-9)] * world)
        right |= {LISTED: PARAMETERS}
        return right | {SHARES: EACH, PASSES: " and ".join([str(steps)] * world), LEFT: 0}

    def trained(self, weights, x, y, lr, steps, accumulate=False, momentum=0.0):
        """One process: plain gradient descent on all of x."""
        w = [torch.tensor(a, device=self.device).requires_grad_() for a in weights]
        X, Y = torch.tensor(x, device=self.device), torch.tensor(y, device=self.device)
        optimizer = torch.optim.SGD(w, lr=lr, momentum=momentum)
        for _ in range(steps):
            if not accumulate:
                optimizer.zero_grad()
            scores = F.linear(torch.tanh(F.linear(X, w[0], w[1])), w[2], w[3])
            F.cross_entropy(scores, Y).backward()
            optimizer.step()
        return [p.detach().cpu().numpy() for p in w]

    def apart(self, firsts, x, y, lr, steps, averaged=lambda k: True, scale=1.0, blocks=False):
        """Each rank with weights of its own, which share the gradients that `averaged` names; its
        examples are every n-th one, or lie side by side in `blocks`."""
        w, n = [[torch.tensor(a).requires_grad_() for a in rank] for rank in firsts], len(firsts)
        if blocks:
            turned = np.arange(len(x)).reshape(n, -1).T.ravel()
            x, y = x[turned], y[turned]
        for _ in range(steps):
            grads = []
            for i, mine in enumerate(w):
                X, Y = torch.tensor(x[i::n]), torch.tensor(y[i::n])
                scores = F.linear(torch.tanh(F.linear(X, mine[0], mine[1])), mine[2], mine[3])
                grads.append(torch.autograd.grad(F.cross_entropy(scores, Y), mine))
            for mine, own in zip(w, grads, strict=True):
                for k, p in enumerate(mine):
                    step = sum(g[k] for g in grads) / n if averaged(k) else own[k]
                    p.data -= lr * scale * step
        return self.ranks([[p.detach().numpy() for p in mine] for mine in w])

    def ranks(self, each):
        return {f"weights of rank {i}": w for i, w in enumerate(each)}

    def all_alike(self, weights, *run, **change):
        """What is shown when all ranks end with the weights of this run."""
        return self.ranks([self.trained(*run, **change)] * len(weights))

    @mistake
    def nothing_exchanged(self, right, weights, x, y, lr, steps):
        """Every rank trains a net of its own: neither the first weights nor the gradients are
        exchanged. Is the model wrapped, and is it the wrapped one that you call?"""
        return self.apart(weights, x, y, lr, steps, averaged=lambda k: False)

    @mistake
    def gradients_not_averaged(self, right, weights, x, y, lr, steps):
        """All ranks start from the same weights, then each goes its own way: the gradients are not
        averaged. Call the wrapped model, not the one inside."""
        firsts = [weights[0]] * len(weights)
        return self.apart(firsts, x, y, lr, steps, averaged=lambda k: False)

    @mistake
    def nothing_exchanged_in_blocks(self, right, weights, x, y, lr, steps):
        """Every rank trains a net of its own: neither the first weights nor the gradients are
        exchanged. Is the model wrapped, and is it the wrapped one that you call?"""
        return self.apart(weights, x, y, lr, steps, averaged=lambda k: False, blocks=True)

    @mistake
    def gradients_not_averaged_in_blocks(self, right, weights, x, y, lr, steps):
        """All ranks start from the same weights, then each goes its own way: the gradients are not
        averaged. Call the wrapped model, not the one inside."""
        firsts = [weights[0]] * len(weights)
        return self.apart(firsts, x, y, lr, steps, averaged=lambda k: False, blocks=True)

    @mistake
    def biases_not_averaged(self, right, weights, x, y, lr, steps):
        """The gradients of the biases are not averaged, only those of the matrices. Every parameter
        has one."""
        firsts = [weights[0]] * len(weights)
        return self.apart(firsts, x, y, lr, steps, averaged=lambda k: weights[0][k].ndim > 1)

    @mistake
    def sum_of_gradients(self, right, weights, x, y, lr, steps):
        """Your steps are too long by the number of ranks. all_reduce adds up, so divide by world
        (DistributedDataParallel has done so already), and leave the rate as it is."""
        return self.all_alike(weights, weights[0], x, y, lr * len(weights), steps)

    @mistake
    def averaged_twice(self, right, weights, x, y, lr, steps):
        """Your steps are too short by the number of ranks: the mean over ranks is one already."""
        return self.all_alike(weights, weights[0], x, y, lr / len(weights), steps)

    @mistake
    def sum_of_losses(self, right, weights, x, y, lr, steps):
        """Each rank's loss is a sum over its examples in yours. The mean is asked for: the steps
        are too long by the size of a share."""
        return self.all_alike(weights, weights[0], x, y, lr * len(x) / len(weights), steps)

    @mistake
    def sum_of_all_losses(self, right, weights, x, y, lr, steps):
        """Your step is along the gradient of the sum over all examples. The mean is asked for."""
        return self.all_alike(weights, weights[0], x, y, lr * len(x), steps)

    @mistake
    def same_share_for_all(self, right, weights, x, y, lr, steps):
        """All ranks train on the same share, so the rest of the examples is never seen. The share
        depends on the rank."""
        first = slice(0, len(x) // len(weights))
        shown = self.all_alike(weights, weights[0], x[first], y[first], lr, steps)
        return {**shown, SHARES: ALIKE}

    @mistake
    def same_strided_share_for_all(self, right, weights, x, y, lr, steps):
        """All ranks train on rank 0's rows: x[::world] is the same everywhere. Begin at the
        rank."""
        n = len(weights)
        return {**self.all_alike(weights, weights[0], x[::n], y[::n], lr, steps), SHARES: ALIKE}

    @mistake
    def whole_batch_everywhere(self, right, weights, x, y, lr, steps):
        """Every rank works through all rows. That gives the weights of one process, and nothing is
        gained by a second machine: each rank takes its share."""
        return {SHARES: ALL}

    @mistake
    def other_share_in_each_step(self, right, weights, x, y, lr, steps):
        """A rank works on other examples in other steps. Each machine keeps its own share: only
        gradients are sent."""
        return {**self.ranks(["those of other examples"] * len(weights)), SHARES: OTHERS}

    @mistake
    def shares_overlap(self, right, weights, x, y, lr, steps):
        """Some of the examples lie on more than one rank, as when each rank draws by itself. Cut
        the rows up by the rank's number, and by how many ranks there are."""
        return {**self.ranks(["those of other examples"] * len(weights)), SHARES: TWICE}

    @mistake
    def a_rank_without_examples(self, right, weights, x, y, lr, steps):
        """A rank has no examples, as when the rows are halved however many ranks there are. Each
        works on N/world of them."""
        return {**self.ranks(["those of other examples"] * len(weights)), SHARES: NONE}

    @mistake
    def examples_left_out(self, right, weights, x, y, lr, steps):
        """Some examples lie on no rank: your shares are too short. world divides N, so N/world
        rows for each rank make up all of them."""
        return {**self.ranks(["those of other examples"] * len(weights)), SHARES: FEW}

    @mistake
    def labels_of_others(self, right, weights, x, y, lr, steps):
        """A rank's examples get the labels of others: x is cut up by strides and y in pieces. Cut
        both alike."""
        n = len(weights)
        rows = np.concatenate([np.arange(len(x))[i::n] for i in range(n)])
        return self.all_alike(weights, weights[0], x[rows], y, lr, steps)

    @mistake
    def labels_by_strides(self, right, weights, x, y, lr, steps):
        """A rank's examples get the labels of others: x is cut up in pieces and y by strides. Cut
        both alike."""
        n = len(weights)
        rows = np.concatenate([np.arange(len(x))[i::n] for i in range(n)])
        return self.all_alike(weights, weights[0], x, y[rows], lr, steps)

    @mistake
    def gradients_pile_up(self, right, weights, x, y, lr, steps):
        """Gradients add up in .grad from step to step: set them to zero before each backward."""
        return self.all_alike(weights, weights[0], x, y, lr, steps, accumulate=True)

    @mistake
    def with_momentum(self, right, weights, x, y, lr, steps):
        """Your steps have a momentum of 0.9. Plain SGD is asked for."""
        return self.all_alike(weights, weights[0], x, y, lr, steps, momentum=0.9)

    @mistake
    def one_step_too_few(self, right, weights, x, y, lr, steps):
        """You make one step too few. `steps` says how many updates there are."""
        passes = " and ".join([str(steps - 1)] * len(weights))
        return {**self.all_alike(weights, weights[0], x, y, lr, steps - 1), PASSES: passes}

    @mistake
    def one_step_too_many(self, right, weights, x, y, lr, steps):
        """You make one step too many. `steps` says how many updates there are."""
        passes = " and ".join([str(steps + 1)] * len(weights))
        return {**self.all_alike(weights, weights[0], x, y, lr, steps + 1), PASSES: passes}

    @mistake
    def never_updated(self, right, weights, x, y, lr, steps):
        """Your weights are still the first ones of rank 0: no update reaches them.
        model.parameters() can be gone through once; make a list of it to use it again."""
        return self.ranks([weights[0]] * len(weights))

    @mistake
    def uphill(self, right, weights, x, y, lr, steps):
        """You go along the gradient, uphill."""
        return self.apart([weights[0]] * len(weights), x, y, lr, steps, scale=-1.0)

    @mistake
    def averaged_at_the_end(self, right, weights, x, y, lr, steps):
        """You average the weights once, at the end. For one step that is the same; for more, the
        gradients have to be averaged in every step."""
        n = len(weights)
        each = [self.trained(weights[0], x[i::n], y[i::n], lr, steps) for i in range(n)]
        return self.ranks([[np.mean(w, axis=0) for w in zip(*each, strict=True)]] * n)

    @mistake
    def own_first_weights(self, right, weights, x, y, lr, steps):
        """The ranks begin with different weights and stay apart, though they share their gradients.
        Rank 0's weights have to be sent to all first."""
        return self.apart(weights, x, y, lr, steps)

    @mistake
    def own_first_weights_and_summed(self, right, weights, x, y, lr, steps):
        """The ranks begin with different weights and stay apart, and their gradients are added up
        and not averaged. Send rank 0's weights to all first, and divide by world."""
        return self.apart(weights, x, y, lr, steps, scale=len(weights))

    @mistake
    def own_first_weights_in_blocks(self, right, weights, x, y, lr, steps):
        """The ranks begin with different weights and stay apart, though they share their gradients.
        Rank 0's weights have to be sent to all first."""
        return self.apart(weights, x, y, lr, steps, blocks=True)

    @mistake
    def mean_of_first_weights(self, right, weights, x, y, lr, steps):
        """All ranks begin with the mean of their first weights. They should all begin with rank
        0's."""
        mean = [np.mean(w, axis=0) for w in zip(*weights, strict=True)]
        return self.all_alike(weights, mean, x, y, lr, steps)

    @mistake
    def weights_of_the_last_rank(self, right, weights, x, y, lr, steps):
        """All ranks begin with the last rank's weights. Rank 0's count."""
        return self.all_alike(weights, weights[-1], x, y, lr, steps)

    @mistake
    def only_one_rank_returns(self, right, weights, x, y, lr, steps):
        """Only rank 0 returns the weights. Every rank does: all of them have them."""
        return dict.fromkeys([f"weights of rank {i}" for i in range(1, len(weights))])

    @mistake
    def buffers_too(self, right, **inputs):
        """You return the model's buffers as well, as state_dict has them. The parameters are asked
        for: model.parameters()."""
        return {LISTED: BUFFERS}

    @mistake
    def group_left_behind(self, right, weights, x, y, lr, steps):
        """The process group is still there when your function returns. Leave it, in a finally, so
        that it is left after an error too."""
        return {LEFT: len(weights)}

    @mistake
    def only_one_rank_leaves(self, right, weights, x, y, lr, steps):
        """One rank leaves the process group and the others do not. Every process leaves it for
        itself."""
        return {LEFT: len(weights) - 1}

    @mistake
    def address_not_used(self, right, weights, x, y, lr, steps):
        """torch looks for an address in environment variables that are not set. The ranks meet at
        the one that you are given: init_method."""
        return dict.fromkeys(right, raises("ValueError", "environment variable"))
