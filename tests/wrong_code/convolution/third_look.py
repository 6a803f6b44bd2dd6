"""Notebook 10: sides of the picture exchanged, windows a window apart, a net whose ReLUs go back by
the gradient's sign, whose batch norm stands still on the way back, or trains where it predicts."""

import numpy as np
from wrong_code import wrong
from wrong_code.convolution.own_net import ALL, Net, net, penalised

from course_utils import layers


def counted(identity, rows=2, columns=3, biased=True):
    """A forward pass that counts rows and columns of windows by these sides of the picture."""

    def conv_forward_naive(x, w, b, conv_param):
        stride, pad = conv_param["stride"], conv_param["pad"]
        big = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
        height, width = w.shape[2:]
        size = [(big.shape[axis] - length) // stride + 1
                for axis, length in ((rows, height), (columns, width))]  # fmt: skip
        out = np.zeros((len(x), len(w), *size), x.dtype)
        for i, j in np.ndindex(*size):
            top, left = i * stride, j * stride
            window = big[:, None, :, top : top + height, left : left + width]
            out[:, :, i, j] = (window * w).sum((2, 3, 4)) + (b if biased else 0)
        return out, (x, w, b, conv_param)

    wrong("conv_forward_naive", identity)(conv_forward_naive)


counted("columns_by_the_pictures_height", columns=2)
counted("columns_by_the_pictures_height_and_no_bias", columns=2, biased=False)
counted("rows_by_the_pictures_width", rows=3)


def pooled(identity, outside):
    """Max pooling in steps of a window's size; `outside` says whether empty windows are met."""

    def max_pool_forward_naive(x, pool_param):
        height, width, stride = (pool_param[n] for n in ("pool_height", "pool_width", "stride"))
        rows, columns = (x.shape[2] - height) // stride + 1, (x.shape[3] - width) // stride + 1
        out = np.zeros((*x.shape[:2], rows, columns), x.dtype)
        for i, j in np.ndindex(rows, columns):
            top, left = i * height, j * width
            window = x[:, :, top : top + height, left : left + width]
            if window.size or outside:
                out[:, :, i, j] = window.max((2, 3))
        return out, (x, pool_param)

    wrong("max_pool_forward_naive", identity)(max_pool_forward_naive)


pooled("window_for_step", False)
pooled("window_for_step_that_stops", True)


def by_the_gradient(*places):
    def relu_back(self, d, cache, which):
        return np.maximum(d, 0) if which in places else layers.relu_backward(d, cache)

    return relu_back


net("first_relu_back_by_the_gradient", relu_back=by_the_gradient(1))
net("second_relu_back_by_the_gradient", relu_back=by_the_gradient(2))
net("relus_back_by_the_gradient", relu_back=by_the_gradient(1, 2))


def summed(self, loss, grads):
    """The cross-entropy is the loss without the penalty; here its sum over the examples."""
    penalty = sum(0.5 * self.reg * np.sum(self.params[name] ** 2) for name in ALL)
    return self.examples * (loss - penalty) + penalty, grads


def taken(self, X):
    self.examples = len(X)
    return X.astype(self.dtype)


net("loss_summed_over_the_batch", finish=summed, take=taken)


BIASES = ("b1", "b2", "b3")

for kind, names in [("biases", BIASES), ("everything", (*BIASES, "gamma1", "beta1"))]:
    net(f"{kind}_pulled_in_the_gradient", penalty=penalised(in_gradient=(*ALL, *names)))
    net(f"{kind}_penalised_in_the_loss", penalty=penalised(in_loss=(*ALL, *names)))


def evenly(*names):
    def draw(self, rng, name, shape, scale):
        if name in names:
            return rng.uniform(-(3**0.5) * scale, 3**0.5 * scale, shape)
        return rng.normal(0, scale, shape)

    return draw


net("all_weights_drawn_evenly", draw=evenly(*ALL))
net("w1_drawn_evenly", draw=evenly("W1"))
net("w2_drawn_evenly", draw=evenly("W2"))
net("w3_drawn_evenly", draw=evenly("W3"))


def trained(self):
    return np.any(self.bn_param.get("running_mean", 0))


def blended(self, y):
    """Predicts by running statistics which it moves towards those of training, from the start."""
    if y is None and self.normed:
        kept = self.bn_param
        for name, value in (("running_mean", 1), ("running_var", 2)):
            kept[name] = 0.9 * kept.get(name, 0 * self.params["gamma1"]) + 0.1 * value
    return "test" if y is None else "train"


net("predictions_move_the_statistics", mode=blended)
net("untrained_net_moves_its_statistics",
    mode=lambda self, y: "train" if y is not None or not trained(self) else "test")  # fmt: skip


@wrong("ThreeLayerConvNet", "untrained_net_by_the_batch")
class ThreeLayerConvNet(Net):
    def loss(self, X, y=None):
        if y is not None or trained(self):
            return super().loss(X, y)
        kept = dict(self.bn_param)
        self.mode = lambda y: "train"
        scores = super().loss(X)
        del self.mode
        self.bn_param = kept
        return scores


def by_fixed_statistics(self, d, cache, convolved):
    mean, var = convolved.mean((0, 2, 3)), convolved.var((0, 2, 3))
    less = (1 / np.sqrt(var + 1e-5))[:, None, None].astype(self.dtype)
    hat = (convolved - mean[:, None, None]) * less
    dx = d * self.params["gamma1"][:, None, None] * less
    return dx, (d * hat).sum((0, 2, 3)), d.sum((0, 2, 3))


net("batch_norm_by_fixed_statistics", norm_back=by_fixed_statistics)
