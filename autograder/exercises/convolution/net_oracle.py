"""The net of `net` on torch's operators. Runs in the judge; no exercise is in here."""

import torch
import torch.nn.functional as F

from autograder.exercises.learners_net.oracle import observations

ADDED = "params added"
# What is seen besides scores, loss and gradients.
ALIKE = "two predictions alike"
KEYS, RETURNED, LEFT_ALONE = "keys of grads", "what loss(X, y) returns", "params left alone"
SCORES_TYPE, GRADS_TYPE, PARAMS_TYPE = "type of scores", "type of gradients", "type of parameters"


def map_size(side, filter_size):
    """A side's length behind convolution and pooling."""
    return (side + 2 * ((filter_size - 1) // 2) - filter_size + 1) // 2


class _BackAsInTraining(torch.autograd.Function):
    """A norm by any statistics, whose way back is that by the batch's own."""

    @staticmethod
    def forward(ctx, h, mean, deviation):
        hat = (h - mean) / deviation
        ctx.save_for_backward(hat, deviation)
        return hat

    @staticmethod
    def backward(ctx, d):
        (hat, deviation), axes = ctx.saved_tensors, (0, 2, 3)
        mean, along = d.mean(axes, keepdim=True), (d * hat).mean(axes, keepdim=True)
        return (d - mean - hat * along) / deviation, None, None


class _BackByTheGradient(torch.autograd.Function):
    """A ReLU whose way back goes by the sign of what comes back."""

    @staticmethod
    def forward(ctx, h):
        return F.relu(h)

    @staticmethod
    def backward(ctx, d):
        return F.relu(d)


def follow(device, weights, X, y, earlier, reg, dtype, filter_size, use_batchnorm,
           relu_conv=True, relu_hidden=True, relu_last=False, back_conv=None, back_hidden=None,
           norm=True, norm_last=False, axes=(0, 2, 3), momentum=0.9, unbiased=False, eps=1e-5,
           start_var=0.0, back_norm=False, modes="right", never_trains=False, forgets=False,
           shared=False, stays=(), fixed=False, whole_maps=False, scaled=1.0, pool=F.max_pool2d,
           **_):  # fmt: skip
    """All observations of a net, with one thing changed."""
    p = {n: torch.tensor(w, device=device).requires_grad_() for n, w in weights.items()}
    state = {}

    def normalised(h, training):
        gamma, beta = (p[name][:, None, None] for name in ("gamma1", "beta1"))
        mean = h.mean(axes, keepdim=True)
        var = h.var(axes, correction=0, keepdim=True)
        if fixed:  # of them no gradient is taken
            mean, var = mean.detach(), var.detach()
        anew = forgets == "in training" and training or forgets is True
        old = state if state and not anew else {"mean": 0 * mean, "var": 0 * var + start_var}
        if training:
            more = h.numel() / mean.numel()
            kept = var * more / (more - 1) if unbiased else var
            left = {name: old[name].detach() for name in stays}
            moved = {
                "mean": (momentum * old["mean"] + (1 - momentum) * mean).detach(),
                "var": (momentum * old["var"] + (1 - momentum) * kept).detach(),
            }
            state.update(moved | left)
        else:
            mean, var = old["mean"].detach(), old["var"].detach()
        if back_norm:
            return _BackAsInTraining.apply(h, mean, (var + eps).sqrt()) * gamma + beta
        return (h - mean) / (var + eps).sqrt() * gamma + beta

    def relu(h, on=True, back=None):
        """`back` is what is looked at on the way back: "all" where nothing is."""
        if not on:
            return h
        if back is None:
            return F.relu(h)
        if isinstance(back, str) and back == "gradient":
            return _BackByTheGradient.apply(h)
        passed = h if isinstance(back, str) else h * (back > 0)
        return F.relu(h).detach() + passed - passed.detach()

    def scores_of(batch, training):
        training = training and not never_trains
        h = torch.tensor(batch.astype(dtype), device=device) * scaled
        conv = h = F.conv2d(h, p["W1"], p["b1"], padding=(filter_size - 1) // 2)
        if whole_maps and batch.dtype.kind in "iu":
            conv = h = h + (h.trunc() - h).detach()
        normalise = use_batchnorm and norm
        if normalise and not norm_last:
            h = normalised(h, training)
        h = relu(h, relu_conv, conv if back_conv == "conv" else back_conv)
        if normalise and norm_last:
            h = normalised(h, training)
        h = pool(h, 2).flatten(1)
        h = F.linear(h, p["W2"].T, p["b2"])
        h = relu(h, relu_hidden, back_hidden)
        h = F.linear(h, p["W3"].T, p["b3"])
        return F.relu(h) if relu_last else h

    # Another net goes forward, too, before this one predicts.
    seen = [*earlier, *(-batch for batch in earlier[:1])] if shared else earlier
    found = observations(p, scores_of, X, y, seen, reg, dtype, modes)
    # How the next room's case has it; "dtypes" and "gradients for" are what notebook 08 looks at.
    found = {n: v for n, v in found.items() if n not in ("dtypes", "gradients for")}
    return found | {
        KEYS: ", ".join(sorted(p)), RETURNED: "loss, grads", LEFT_ALONE: True, ALIKE: True,
        ADDED: False, SCORES_TYPE: dtype, GRADS_TYPE: dtype,
    }  # fmt: skip
