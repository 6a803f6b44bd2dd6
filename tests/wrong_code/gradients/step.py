"""Notebook 01: steps of a classifier in further ways in which people really write them wrong."""

import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong


def step(loss=F.cross_entropy, told=lambda loss, scores, y: loss, clear=True):
    """A step with another loss, or another value returned."""

    def train_step(model, optimizer, x, y):
        if clear:
            optimizer.zero_grad()
        scores = model(x)
        value = loss(scores, y)
        value.backward()
        optimizer.step()
        return told(value, scores, y).item()

    return train_step


def log_of(probability):
    return -torch.log(probability).mean()


def of_the_class(scores, y):
    return F.softmax(scores, dim=1).gather(1, y[:, None])


def summed(scores, y):
    return F.cross_entropy(scores, y, reduction="sum")


def entries(**by_name):
    for name, code in by_name.items():
        wrong("train_step", name)(code)


entries(
    softmax_twice_and_never_cleared=step(
        lambda s, y: F.cross_entropy(s.softmax(1), y), clear=False
    ),
    sigmoid_first=step(lambda s, y: F.cross_entropy(torch.sigmoid(s), y)),
    probabilities_as_logarithms=step(lambda s, y: F.nll_loss(s.softmax(1), y)),
    softmax_over_the_examples=step(lambda s, y: F.nll_loss(F.log_softmax(s, dim=0), y)),
    log_of_softmax=step(lambda s, y: log_of(of_the_class(s, y))),
    epsilon_1e_7=step(lambda s, y: log_of(of_the_class(s, y) + 1e-7)),
    epsilon_1e_8=step(lambda s, y: log_of(of_the_class(s, y) + 1e-8)),
    epsilon_1e_12=step(lambda s, y: log_of(of_the_class(s, y) + 1e-12)),
    summed=step(summed),
    divided_twice=step(lambda s, y: F.cross_entropy(s, y) / len(y)),
    sum_returned=step(told=lambda loss, s, y: loss * len(y)),
    mean_divided_again=step(told=lambda loss, s, y: loss / len(y)),
    sum_differentiated=step(summed, told=lambda loss, s, y: loss / len(y)),
    squared_error=step(lambda s, y: F.mse_loss(s, F.one_hot(y, s.shape[1]).to(s))),
    binary_cross_entropy=step(
        lambda s, y: nn.BCEWithLogitsLoss()(s, torch.eye(s.shape[1], dtype=s.dtype)[y])
    ),
    accuracy_returned=step(told=lambda loss, s, y: (s.argmax(1) == y).double().mean()),
    label_smoothing=step(nn.CrossEntropyLoss(label_smoothing=0.1)),
)


@wrong("train_step", "steps_before_backward")
def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    optimizer.step()
    model.zero_grad()
    loss.backward()
    return loss.item()


@wrong("train_step", "steps_twice")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    for _ in range(2):
        optimizer.step()
    return loss.item()


@wrong("train_step", "gradient_may_be_none")
def train_step(model, optimizer, x, y):
    for p in model.parameters():
        p.grad.data.zero_()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "loss_without_gradient")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    with torch.no_grad():
        scores = model(x)
    loss = F.cross_entropy(scores, y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "clipped")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1)
    optimizer.step()
    return loss.item()


def with_own(make):
    def train_step(model, optimizer, x, y):
        return step()(model, make(model.parameters()), x, y)

    return train_step


entries(
    own_rate_0_01=with_own(lambda p: torch.optim.SGD(p, lr=0.01)),
    own_rate_0_1=with_own(lambda p: torch.optim.SGD(p, lr=0.1)),
    own_rate_0_001=with_own(lambda p: torch.optim.SGD(p, lr=0.001, momentum=0.9)),
    own_adam=with_own(torch.optim.Adam),
)


@wrong("train_step", "momentum_lost")
def train_step(model, optimizer, x, y):
    rate = optimizer.param_groups[0]["lr"]
    return step()(model, torch.optim.SGD(model.parameters(), lr=rate), x, y)


@wrong("train_step", "loss_after_the_step")
def train_step(model, optimizer, x, y):
    step()(model, optimizer, x, y)
    return F.cross_entropy(model(x), y).item()


@wrong("train_step", "loss_keeps_its_graph")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.detach()


@wrong("train_step", "rounded_to_four")
def train_step(model, optimizer, x, y):
    return round(step()(model, optimizer, x, y), 4)


@wrong("train_step", "rounded_to_four", "cleared_only_at_the_end")
def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return round(loss.item(), 4)


wrong("train_step", "loss_with_its_arguments_exchanged")(
    step(loss=lambda scores, y: F.cross_entropy(y, scores))
)
