"""The course's own layers, losses and update rules, for where yours do not pass yet.

Every function has the signature that the exercises use, takes and returns numpy arrays, and is
torch's operator with torch's autograd inside: no derivative is written out here. `my_layers`
starts from these; `keep` (in `course_utils.keeping`) puts yours in their place.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F


def _floats(value):
    """Whole numbers become floats; everything else stays."""
    whole = isinstance(value, np.ndarray) and value.dtype.kind != "f"
    return value * 1.0 if whole else value


def _tensor(value, dtype=None):
    """Arrays become float tensors that collect a gradient; everything else stays."""
    if isinstance(value, np.ndarray):
        value = _floats(value)
        return torch.tensor(value.astype(dtype or value.dtype), requires_grad=True)
    return value


def _layer(operator, name: str, doc: str, as_x: bool = False):
    """The pair `name_forward`, `name_backward` of a torch operator of (x, ...).

    `as_x`: the output has the dtype of x, whatever that of the weights is.
    """

    def forward(*inputs, **options):
        # float64 pixels and float32 weights make float64, as in numpy; torch would stop.
        arrays = [_floats(value) for value in inputs if isinstance(value, np.ndarray)]
        common = np.result_type(np.float16, *arrays)
        tensors = [_tensor(value, common) for value in inputs]
        out = operator(*tensors, **options)
        leaves = [t for t in tensors if isinstance(t, torch.Tensor) and t.requires_grad]
        given = out.detach().numpy()
        return given.astype(arrays[0].dtype if as_x else given.dtype), (out, leaves)

    def backward(dout, cache):
        out, leaves = cache
        upstream = torch.as_tensor(np.asarray(dout), dtype=out.dtype)
        found = torch.autograd.grad(out, leaves, upstream, retain_graph=True, allow_unused=True)
        grads = tuple(
            np.zeros(leaf.shape, np.float64) if g is None else g.numpy()
            for g, leaf in zip(found, leaves, strict=True)
        )
        # Of an input alone the gradient has the dtype of the one that came in.
        return grads[0].astype(_floats(np.asarray(dout)).dtype) if len(grads) == 1 else grads

    forward.__name__, backward.__name__ = f"{name}_forward", f"{name}_backward"
    forward.__doc__ = f"{doc}\n\nReturns (out, cache)."
    backward.__doc__ = f"The gradients of {name}_forward's float inputs, in their order."
    return forward, backward


def _affine(x, w, b):
    return x.reshape(len(x), -1) @ w + b


def _per_channel(vector, x):
    """A vector with one entry per channel, shaped to meet N×C or N×C×H×W inputs."""
    return vector.reshape(1, -1, *[1] * (x.ndim - 2))


def _normalise(x, gamma, beta, axes, eps):
    mean = x.mean(axes, keepdim=True)
    var = x.var(axes, correction=0, keepdim=True)
    return (x - mean) / torch.sqrt(var + eps) * gamma + beta


def _batchnorm(x, gamma, beta, bn_param):
    """Batch normalization over all axes but the channels; updates the running statistics."""
    axes = [0, *range(2, x.ndim)]
    gamma, beta = _per_channel(gamma, x), _per_channel(beta, x)
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    zeros = np.zeros(x.shape[1], x.detach().numpy().dtype)
    running_mean = bn_param.get("running_mean", zeros)
    running_var = bn_param.get("running_var", zeros)
    if bn_param["mode"] == "test":
        mean, var = torch.as_tensor(running_mean), torch.as_tensor(running_var)
        scaled = (x - _per_channel(mean, x)) / torch.sqrt(_per_channel(var, x) + eps)
        return scaled * gamma + beta
    now = x.detach()
    mean, var = now.mean(axes).numpy(), now.var(axes, correction=0).numpy()
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    return _normalise(x, gamma, beta, axes, eps)


def _layernorm(x, gamma, beta, ln_param):
    return _normalise(x, gamma, beta, [1], ln_param.get("eps", 1e-5))


def _groupnorm(x, gamma, beta, G, gn_param):
    return F.group_norm(x, G, gamma.reshape(-1), beta.reshape(-1), gn_param.get("eps", 1e-5))


def _dropout(x, dropout_param):
    """Inverted dropout; `p` is the probability to keep."""
    if dropout_param["mode"] == "test":
        return x * 1
    rng = dropout_param.get("rng")
    if rng is None:
        rng = np.random.default_rng(dropout_param.get("seed"))
    p = dropout_param["p"]
    return x * torch.as_tensor((rng.random(tuple(x.shape)) < p) / p).to(x.dtype)


def _conv(x, w, b, conv_param):
    return F.conv2d(x, w, b, conv_param["stride"], conv_param["pad"])


def _max_pool(x, pool_param):
    window = pool_param["pool_height"], pool_param["pool_width"]
    return F.max_pool2d(x, window, pool_param["stride"])


def _maxout(x, W1, b1, W2, b2):
    first, second = x @ W1 + b1, x @ W2 + b2
    # Not torch.maximum: where the two are equal it gives each half of the gradient.
    return torch.where(first >= second, first, second)


def _prelu(x, alpha):
    return F.prelu(x, alpha)


sigmoid_forward, sigmoid_backward = _layer(torch.sigmoid, "sigmoid", "1 / (1 + exp(-x)).")
tanh_forward, tanh_backward = _layer(torch.tanh, "tanh", "The hyperbolic tangent.")
relu_forward, relu_backward = _layer(F.relu, "relu", "max(0, x).")
leaky_relu_forward, leaky_relu_backward = _layer(
    lambda x, alpha=0.01: F.leaky_relu(x, alpha), "leaky_relu", "x, or alpha x below 0."
)
prelu_forward, prelu_backward = _layer(_prelu, "prelu", "Leaky ReLU, one learned alpha a channel.")
elu_forward, elu_backward = _layer(
    lambda x, alpha=1.0: F.elu(x, alpha), "elu", "x, or alpha (exp(x) - 1) below 0."
)
maxout_forward, maxout_backward = _layer(_maxout, "maxout", "The larger of two affine maps.")
affine_forward, affine_backward = _layer(_affine, "affine", "x w + b, x flattened to N×D.")
batchnorm_forward, batchnorm_backward = _layer(_batchnorm, "batchnorm", "Batch normalization.")
batchnorm_backward_alt = batchnorm_backward
spatial_batchnorm_forward, spatial_batchnorm_backward = _layer(
    _batchnorm, "spatial_batchnorm", "Batch normalization per channel of N×C×H×W."
)
layernorm_forward, layernorm_backward = _layer(_layernorm, "layernorm", "Layer normalization.")
spatial_groupnorm_forward, spatial_groupnorm_backward = _layer(
    _groupnorm, "spatial_groupnorm", "Group normalization of N×C×H×W in G groups."
)
dropout_forward, dropout_backward = _layer(_dropout, "dropout", "Inverted dropout.")
conv_forward_naive, conv_backward_naive = _layer(
    _conv, "conv", "Cross-correlation of N×C×H×W.", as_x=True
)
max_pool_forward_naive, max_pool_backward_naive = _layer(_max_pool, "max_pool", "Max pooling.")


def _loss(criterion, scores, labels):
    scores = _tensor(np.asarray(scores))
    loss = criterion(scores, torch.as_tensor(np.asarray(labels)))
    (gradient,) = torch.autograd.grad(loss, scores)
    return float(loss.detach()), gradient.numpy()


def softmax_loss(x, y):
    """Softmax and cross-entropy, mean over the batch. Returns (loss, dx)."""
    return _loss(F.cross_entropy, x, y)


def svm_loss(x, y, margin=1.0):
    """The multiclass hinge loss, mean over the batch. Returns (loss, dx)."""
    classes = np.asarray(x).shape[1]
    # torch divides the sum over the classes by their number; the course does not.
    return _loss(lambda s, t: classes * F.multi_margin_loss(s, t, margin=margin), x, y)


def _rule(optimizer, defaults: dict, options: dict, remembered, velocity: bool = False):
    """An update rule (w, dw, config) -> (next_w, config) made of a torch optimizer.

    Parameters
    ----------
    defaults : the classic settings, by their keys in config
    options : what torch's optimizer calls them, made from config
    remembered : classic key → torch's key of what is carried from one step to the next
    velocity : the state is a sum of steps, with the rate inside and a minus before it; torch sums
        gradients, and multiplies by the rate afterwards
    """

    def rule(w, dw, config=None):
        config = {} if config is None else config
        for key, value in defaults.items():
            config.setdefault(key, value)
        parameter = torch.nn.Parameter(torch.tensor(w))
        rate = config["learning_rate"]
        inner = optimizer([parameter], lr=1.0 if velocity else rate, **options(config))
        sign = -1.0 if velocity else 1.0
        if all(key in config for key in remembered):
            fresh = {"step": torch.tensor(0.0)} if "step" not in remembered.values() else {}
            inner.state[parameter] = fresh | {
                theirs: torch.tensor(config[ours] * sign, dtype=_dtype(theirs, w))
                for ours, theirs in remembered.items()
            }
        parameter.grad = torch.tensor(dw * rate if velocity else dw, dtype=parameter.dtype)
        inner.step()
        # With a momentum of 0 torch keeps nothing: the velocity is the last step.
        kept = inner.state[parameter] if inner.defaults.get("momentum") != 0 or not velocity else {}
        for ours, theirs in remembered.items():
            value = kept.get(theirs, parameter.grad)
            config[ours] = int(value) if theirs == "step" else value.numpy() * sign
        return parameter.detach().numpy().copy(), config

    return rule


def _dtype(key: str, w):
    return torch.float32 if key == "step" else torch.tensor(w).dtype


def _momentum(nesterov: bool):
    def options(config):
        momentum = config["momentum"]  # of 0 it is plain SGD, which torch wants to be told
        return {"momentum": momentum, "nesterov": nesterov and momentum > 0}

    defaults = {"learning_rate": 1e-2, "momentum": 0.9}
    return _rule(torch.optim.SGD, defaults, options, {"velocity": "momentum_buffer"}, True)


sgd = _rule(torch.optim.SGD, {"learning_rate": 1e-2}, lambda config: {}, {})
sgd_momentum, nesterov = _momentum(False), _momentum(True)
adagrad = _rule(
    torch.optim.Adagrad,
    {"learning_rate": 1e-2, "epsilon": 1e-8},
    lambda config: {"eps": config["epsilon"]},
    {"cache": "sum"},
)
rmsprop = _rule(
    torch.optim.RMSprop,
    {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8},
    lambda config: {"alpha": config["decay_rate"], "eps": config["epsilon"]},
    {"cache": "square_avg"},
)
adam = _rule(
    torch.optim.Adam,
    {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    lambda config: {"betas": (config["beta1"], config["beta2"]), "eps": config["epsilon"]},
    {"m": "exp_avg", "v": "exp_avg_sq", "t": "step"},
)

__all__ = [name for name in dir() if not name.startswith("_") and name not in (
    "annotations", "functools", "np", "torch", "F",
)]  # fmt: skip
