"""Notebook 01: modules, steps and functions of torch as people really write them wrong."""

import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong


@wrong("TwoLayerNet", "not_registered")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.layers = [nn.Linear(D_in, H, bias=bias), nn.Linear(H, D_out, bias=bias)]

    def forward(self, x):
        return self.layers[1](torch.relu(self.layers[0](x)))


@wrong("TwoLayerNet", "other_names")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.fc1 = nn.Linear(D_in, H, bias=bias)
        self.fc2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


@wrong("TwoLayerNet", "slope_one_at_zero")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.linear2(self.linear1(x).clamp(min=0))


@wrong("TwoLayerNet", "module_not_begun")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.linear2(torch.relu(self.linear1(x)))


@wrong("train_step", "never_cleared")
def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "nothing_to_step_on")
def train_step(model, optimizer, x, y):
    loss = nn.CrossEntropyLoss()(model(x), y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@wrong("train_step", "nothing_to_step_on")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    optimizer.step()
    loss.backward()
    return loss.item()


@wrong("train_step", "cleared_only_at_the_end")
def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@wrong("train_step", "softmax_twice", "loss_keeps_its_graph")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(torch.softmax(model(x), dim=1), y)
    loss.backward()
    optimizer.step()
    return loss


@wrong("Swish", "one_term_of_two")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        (x,) = ctx.saved_tensors
        return dout * torch.sigmoid(x)


@wrong("Swish", "kept_on_ctx")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.x = x
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        s = torch.sigmoid(ctx.x)
        return dout * s * (1 + ctx.x * (1 - s))


@wrong("Swish", "output_for_input")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        out = x * torch.sigmoid(x)
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx, dout):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return dout * s * (1 + x * (1 - s))


@wrong("TwoLayerNet", "second_as_wide_as_first")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, H, bias=bias)

    def forward(self, x):
        return self.linear2(torch.relu(self.linear1(x)))


@wrong("train_step", "scores_as_logarithms")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.nll_loss(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "nothing_to_step_on")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    return loss.item()
