"""Exercises of notebook 01: the net as a module, and one step of an optimizer."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises


def through(weights, x, dout, device, hidden=torch.relu, last=lambda out: out):
    """Output and gradients of two linear layers with these weights."""
    tensors = {k: torch.tensor(v, device=device, requires_grad=True) for k, v in weights.items()}
    first, second = (
        (tensors[f"linear{i}.weight"], tensors.get(f"linear{i}.bias")) for i in (1, 2)
    )  # fmt: skip
    out = last(F.linear(hidden(F.linear(torch.tensor(x, device=device), *first)), *second))
    upstream = torch.tensor(dout, device=device)
    (grad,) = torch.autograd.grad(out, tensors["linear1.weight"], upstream)
    return {"out": out.detach(), "gradient of linear1.weight": grad}


class TwoLayerNet(Exercise):
    """The net as a module."""

    signature = "TwoLayerNet(D_in, H, D_out, bias=True)"
    library = "torch"
    minutes = 8
    difficulty = 1
    hints = (
        "Three things: tell nn.Module that a module begins, make the layers as attributes, use "
        "them in forward.",
        "The attributes are linear1 and linear2, both nn.Linear; bias goes to both.",
    )

    def cases(self, rng):
        def case(name, points, n, d_in, h, d_out, bias=True, idle=False):
            shapes = {"linear1.weight": (h, d_in), "linear1.bias": (h,),
                      "linear2.weight": (d_out, h), "linear2.bias": (d_out,)}  # fmt: skip
            weights = {k: rng.normal(size=s) for k, s in shapes.items() if bias or "weight" in k}
            if idle:
                weights["linear1.weight"][1] = 0
                weights["linear1.bias"][1] = 0
            return Case(name, points, sizes=[d_in, h, d_out], bias=bias, weights=weights,
                        x=rng.normal(size=(n, d_in)), dout=rng.normal(size=(n, d_out)))  # fmt: skip

        yield case("three sizes", 2, 6, 4, 5, 3)
        yield case("without biases", 1, 4, 3, 7, 2, bias=False)
        yield case("a unit at exactly zero", 1, 5, 4, 3, 2, idle=True)

    def observe(self, code, sizes, bias, weights, x, dout):
        import torch

        from course_utils.recipes import modules

        options = {} if bias else {"bias": False}
        nets = [modules.seeded(lambda: code.TwoLayerNet(*sizes, **options), s) for s in (1, 2)]
        net = nets[0].double()
        found = {name: list(p.shape) for name, p in net.named_parameters()}
        pairs = zip(nets[0].parameters(), nets[1].double().parameters(), strict=True)
        alike = all(torch.equal(*pair) for pair in pairs)
        seen = {
            "list of parameters": found,
            "two nets start": "alike" if alike else "differently",
        }
        if found == {name: list(value.shape) for name, value in weights.items()}:
            with torch.no_grad():
                for name, p in net.named_parameters():
                    p.copy_(torch.tensor(weights[name]))
            seen["out"] = net(torch.tensor(x))
            first = net.get_parameter("linear1.weight")
            (grad,) = torch.autograd.grad(seen["out"], first, torch.tensor(dout))
            seen["gradient of linear1.weight"] = grad
        return seen

    def reference(self, sizes, bias, weights, x, dout):
        return {
            "list of parameters": {name: list(value.shape) for name, value in weights.items()},
            "two nets start": "differently",
            **through(weights, x, dout, self.device),
        }

    @mistake
    def relu_forgotten(self, right, sizes, bias, weights, x, dout):
        """Two linear layers in a row are one linear layer. Something is missing between them."""
        return through(weights, x, dout, "cpu", hidden=lambda z: z)

    @mistake
    def relu_at_the_end(self, right, sizes, bias, weights, x, dout):
        """The output goes through a ReLU too, so the net can never answer a negative number. Only
        the hidden layer has one."""
        return through(weights, x, dout, "cpu", last=torch.relu)

    @mistake
    def softmax_at_the_end(self, right, sizes, bias, weights, x, dout):
        """The output goes through a softmax. This net returns scores; where probabilities are
        wanted, the loss makes them."""
        return through(weights, x, dout, "cpu", last=lambda out: out.softmax(1))

    @mistake
    def slope_one_at_zero(self, right, sizes, bias, weights, x, dout):
        """The output is right; at exactly 0 the gradient is that of clamp, which is 1 there. relu
        has 0."""
        return through(weights, x, dout, "cpu", hidden=lambda z: z.clamp(min=0))

    @mistake
    def bias_ignored(self, right, sizes, bias, weights, x, dout):
        """Your layers have biases although bias=False was asked for. Hand the argument on."""
        if not bias:
            _, h, d_out = sizes
            biases = {"linear1.bias": [h], "linear2.bias": [d_out]}
            return {"list of parameters": right["list of parameters"] | biases}

    @mistake
    def never_a_bias(self, right, sizes, bias, weights, x, dout):
        """Your layers never have a bias. It belongs there unless bias=False is asked for."""
        if bias:
            shapes = right["list of parameters"]
            return {"list of parameters": {k: v for k, v in shapes.items() if k.endswith("weight")}}

    @mistake
    def not_registered(self, right, sizes, bias, weights, x, dout):
        """Your net has no parameters, so an optimizer would find nothing to train. A module sees
        layers that are its attributes; a plain list or dict hides them."""
        return {"list of parameters": {}}

    @mistake
    def other_names(self, right, sizes, bias, weights, x, dout):
        """Your layers have other names. Code that wants to look at them, or to load weights into
        them, goes by name: linear1 and linear2."""
        shapes = right["list of parameters"].items()
        return {"list of parameters": {k.replace("linear", "fc"): v for k, v in shapes}}

    @mistake
    def second_as_wide_as_first(self, right, sizes, bias, weights, x, dout):
        """Your second layer has as many outputs as there are hidden units. It gives D_out
        scores."""
        d_in, h, d_out = sizes
        shapes = right["list of parameters"] | {"linear2.weight": [h, h]}
        return {"list of parameters": shapes | ({"linear2.bias": [h]} if bias else {})}

    @mistake
    def sizes_exchanged(self, right, sizes, bias, weights, x, dout):
        """The hidden layer and the output have each other's size. The arguments come in the order
        of the way through: D_in, H, D_out."""
        d_in, h, d_out = sizes
        shapes = {"linear1.weight": [d_out, d_in], "linear1.bias": [d_out],
                  "linear2.weight": [h, d_out], "linear2.bias": [h]}  # fmt: skip
        return {"list of parameters": {k: v for k, v in shapes.items() if k in weights}}

    @mistake
    def module_not_begun(self, right, **inputs):
        """nn.Module has to set itself up before you give it layers: call its __init__ first."""
        return dict.fromkeys(right, raises("AttributeError", "__init__() call"))


# A step.


def stepped(
    W, b, xs, ys, lr, momentum, left, *,
    clear="first", soft=False, reduction="mean", after=False, normalised=True,
):  # fmt: skip
    """What training a linear layer step by step gives, right or with one of its mistakes."""
    weights = [torch.tensor(W, requires_grad=True), torch.tensor(b, requires_grad=True)]
    speeds = [torch.zeros_like(p) for p in weights]
    held = [torch.full_like(p, left) for p in weights]
    losses = []

    def loss_of(x, y):
        scores = F.linear(torch.tensor(x), *weights)
        if not normalised:
            return F.nll_loss(scores, torch.tensor(y), reduction=reduction)
        return F.cross_entropy(scores.softmax(1) if soft else scores, torch.tensor(y),
                               reduction=reduction)  # fmt: skip

    for x, y in zip(xs, ys, strict=True):
        loss = loss_of(x, y)
        grads = torch.autograd.grad(loss, weights)
        if clear in ("never", "last"):
            grads = [h + g for h, g in zip(held, grads, strict=True)]
        held = [torch.zeros_like(g) for g in grads] if clear == "last" else grads
        if clear != "before the step":
            for p, v, g in zip(weights, speeds, grads, strict=True):
                v.mul_(momentum).add_(g)
                p.data -= lr * v
        losses.append((loss_of(x, y) if after else loss).item())
    return {"weight": weights[0].detach(), "bias": weights[1].detach(),
            "losses": np.array(losses)}  # fmt: skip


class train_step(Exercise):
    """One step of training a classifier."""

    signature = "train_step(model, optimizer, x, y) -> loss"
    library = "torch"
    minutes = 8
    difficulty = 1
    hints = (
        "Five lines. Only their order is difficult: what must be empty before backward, and full "
        "before the step?",
        "CrossEntropyLoss takes the scores as they come out of the net. A loss tensor's .item() is "
        "a number without a graph.",
    )

    def cases(self, rng):
        def case(name, points, steps, momentum=0.0, left=0.0):
            n, d, c = 5, 4, 3
            return Case(name, points, W=rng.normal(size=(c, d)), b=rng.normal(size=c),
                        xs=rng.normal(size=(steps, n, d)), ys=rng.integers(0, c, (steps, n)),
                        lr=0.3, momentum=momentum, left=left)  # fmt: skip

        yield case("one step", 1, 1)
        yield case("three steps", 1, 3)
        yield case("gradients left over from before", 1, 2, left=0.7)
        yield case("an optimizer with momentum", 1, 3, momentum=0.9)

    def observe(self, code, W, b, xs, ys, lr, momentum, left):
        import torch

        from course_utils.recipes import modules

        model = modules.seeded(lambda: torch.nn.Linear(W.shape[1], W.shape[0]).double(), 0)
        with torch.no_grad():
            model.weight.copy_(torch.tensor(W))
            model.bias.copy_(torch.tensor(b))
        for p in model.parameters():
            p.grad = torch.full_like(p, left) if left else None
        optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)
        losses = [
            code.train_step(model, optimizer, torch.tensor(x), torch.tensor(y))
            for x, y in zip(xs, ys, strict=True)
        ]
        return {
            "weight": model.weight.detach(),
            "bias": model.bias.detach(),
            "losses": np.array([float(loss) for loss in losses]),
            "loss is": "a number" if all(isinstance(v, float) for v in losses) else "a tensor",
        }

    def reference(self, W, b, xs, ys, lr, momentum, left):
        model = torch.nn.Linear(W.shape[1], W.shape[0], dtype=torch.float64, device=self.device)
        model.weight.data[:], model.bias.data[:] = torch.tensor(W), torch.tensor(b)
        optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)
        losses = []
        for x, y in zip(xs, ys, strict=True):
            x, y = torch.tensor(x, device=self.device), torch.tensor(y, device=self.device)
            logs = torch.log_softmax(model(x), 1)
            loss = -logs[torch.arange(len(y)), y].mean()
            for p, g in zip(
                model.parameters(), torch.autograd.grad(loss, list(model.parameters())), strict=True
            ):
                p.grad = g
            optimizer.step()
            losses.append(loss.item())
        return {"weight": model.weight.detach(), "bias": model.bias.detach(),
                "losses": np.array(losses), "loss is": "a number"}  # fmt: skip

    @mistake
    def never_cleared(self, right, **inputs):
        """The gradients of earlier steps are still in there: backward adds to .grad. Clear it in
        every step."""
        return stepped(**inputs, clear="never")

    @mistake
    def cleared_only_at_the_end(self, right, **inputs):
        """You clear the gradients after the step, which leaves the first step with whatever was
        there before. Clear them before backward."""
        return stepped(**inputs, clear="last")

    @mistake
    def nothing_to_step_on(self, right, **inputs):
        """The weights never move: the optimizer has not stepped, or had no gradients when it did.
        Clear, backward, step, in this order."""
        return stepped(**inputs, clear="before the step")

    @mistake
    def softmax_twice(self, right, **inputs):
        """CrossEntropyLoss has the softmax in it. You put probabilities where it expects scores,
        and the loss can hardly fall."""
        return stepped(**inputs, soft=True)

    @mistake
    def scores_as_logarithms(self, right, **inputs):
        """NLLLoss takes logarithms of probabilities, and you give it scores: it has no softmax in
        it. CrossEntropyLoss has."""
        return stepped(**inputs, normalised=False)

    @mistake
    def summed(self, right, **inputs):
        """Your loss is a sum over the batch. Here it is the mean, as CrossEntropyLoss does it
        unasked, so that the rate need not change with the batch."""
        return stepped(**inputs, reduction="sum")

    @mistake
    def loss_after_the_step(self, right, **inputs):
        """The loss you return is that after the step. The one that was differentiated costs
        nothing extra: return it."""
        return stepped(**inputs, after=True)

    @mistake
    def loss_keeps_its_graph(self, right, **inputs):
        """You return a tensor, and whoever collects it keeps the graph of every step in memory.
        Return a number."""
        return {"loss is": "a tensor"}
