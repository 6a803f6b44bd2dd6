"""Exercise of notebook 01: the net as a module."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.gradients.module_ways import (
    drawn,
    in_place_of_relu,
    made_in_forward,
    through,
    two_faults,
)

ALIKE = "the same as in training mode"
DRAWN = {"out": None, "in evaluation mode": "something else", "gradient of linear1.weight": None}


class TwoLayerNet(Exercise):
    """The net as a module."""

    signature = "TwoLayerNet(D_in, H, D_out, bias=True)"
    library = "torch"
    minutes = 8
    difficulty = 1
    reads = {
        "parameters": "your net's list of parameters",
        "layers": "the layers of your net are called {seen}; {right} is right",
        "out": "what your net gives",
        "gradient of linear1.weight": "the gradient of linear1.weight",
        "in evaluation mode": "in evaluation mode your net gives {seen}; {right} is right",
        "two calls": "the scores of two calls on the same x {seen}; that they {right} is right",
        "two nets": "two nets made one after the other start {seen}; {right} is right",
        "first weights": "the weights that a new net starts with are {seen}; {right} is right",
        "first biases": "the biases that a new net starts with are {seen}; {right} is right",
    }
    hints = (
        "Do three things: let nn.Module set itself up, make the layers as attributes, and use them "
        "in forward.",
        "The attributes are linear1 and linear2, both nn.Linear; bias goes to both.",
    )

    def cases(self, rng):
        def case(name, points, n, d_in, h, d_out, bias=None, idle=False, size=1.0):
            shapes = {"linear1.weight": (h, d_in), "linear1.bias": (h,),
                      "linear2.weight": (d_out, h), "linear2.bias": (d_out,)}  # fmt: skip
            weights = {k: rng.normal(size=s) for k, s in shapes.items()
                       if bias is not False or "weight" in k}  # fmt: skip
            if idle:
                weights["linear1.weight"][1] = 0
                weights["linear1.bias"][1] = 0
            return Case(name, points, sizes=[d_in, h, d_out], bias=bias, weights=weights,
                        x=size * rng.normal(size=(n, d_in)),
                        dout=rng.normal(size=(n, d_out)))  # fmt: skip

        yield case("three sizes", 1.5, 6, 4, 5, 3)
        yield case("without biases", 1, 4, 3, 7, 2, bias=False)
        yield case("a unit at exactly zero", 1, 5, 4, 3, 2, bias=True, idle=True)
        # No unit may be cut off, however large what comes in.
        yield case("larger layers, larger numbers", 0.5, 1, 40, 30, 20, size=1000.0)

    def observe(self, code, sizes, bias, weights, x, dout):
        import torch

        from course_utils.recipes import modules

        options = {} if bias is None else {"bias": bias}
        nets = [modules.seeded(lambda: code.TwoLayerNet(*sizes, **options), s) for s in (1, 2)]
        first, other = (dict(net.double().named_parameters()) for net in nets)
        start = {name: p.detach().clone() for name, p in first.items()}
        drawn = [n for n in first if n in other and n.endswith("weight")] or list(first)
        alike = all(torch.equal(first[name], other[name]) for name in drawn)
        seen = {
            "parameters": [[name, list(p.shape)] for name, p in first.items()],
            "start": start,
            "two nets": "alike" if alike else "differently",
            "out": None,
            "two calls": "are alike",
            "in evaluation mode": None,
            "gradient": None,
        }
        layers = {name.rpartition(".")[0] for name in first if name.endswith("weight")}
        if len(layers) > 1 or (first and not layers):  # one that forward makes anew is drawn
            # By name; or, under other names, by their order. What is not wanted is made 0.
            taken = [n for n in first if n.endswith("weight")] + [n for n in first if "bias" in n]
            places = dict(zip(taken, sorted(weights, key=lambda n: "bias" in n), strict=False))
            if set(weights) & set(first):
                places = {name: name for name in first}
            with torch.no_grad():
                for name, p in first.items():
                    value = torch.tensor(weights.get(places.get(name), 0.0)).to(p)
                    p.copy_(value if value.shape == p.shape else torch.zeros_like(p))
            state = torch.get_rng_state()
            seen["out"] = out = nets[0](torch.tensor(x))
            again = nets[0](torch.tensor(x))
            if torch.is_tensor(out) and torch.is_tensor(again):
                if not torch.equal(out.detach().nan_to_num(), again.detach().nan_to_num()):
                    seen["two calls"] = "differ"
                    torch.set_rng_state(state)  # that it draws is told by what it does
            seen["in evaluation mode"] = nets[0].eval()(torch.tensor(x))
            leaf = next((p for n, p in first.items() if places.get(n) == "linear1.weight"), None)
            graded = getattr(out, "requires_grad", False) and out.numel() == dout.size
            if leaf is not None and graded:
                above = torch.tensor(dout).reshape(out.shape)
                (grad,) = torch.autograd.grad(out, leaf, above, allow_unused=True)
                seen["gradient"] = grad
        return seen

    def read(self, seen, sizes, bias, weights, x, dout):
        """Names, shapes and the way in which a net starts, each by itself."""
        found = {name: list(shape) for name, shape in seen["parameters"]}
        layers = list(dict.fromkeys(name.rpartition(".")[0] for name in found))
        renamed = len(layers) == 2 and set(layers) != {"linear1", "linear2"}
        if renamed:
            called = dict(zip(layers, ("linear1", "linear2"), strict=True))
            found = {f"{called[n.rpartition('.')[0]]}.{n.rpartition('.')[2]}": shape
                     for n, shape in found.items()}  # fmt: skip
        values = {
            "parameters": found,
            "layers": "otherwise" if renamed else "linear1 and linear2",
            "two nets": seen["two nets"],
            "two calls": seen["two calls"],
            "out": seen["out"],
            "in evaluation mode": _against(seen["in evaluation mode"], seen["out"]),
            "gradient of linear1.weight": seen["gradient"],
        }
        if seen["two calls"] != "are alike":  # the values are those of one draw
            values |= DRAWN
        if sizes[0] > 10:
            start = {n: np.asarray(v) for n, v in seen["start"].items()}
            sides = {"weight": [], "bias": []}
            for name, value in start.items():
                layer, _, part = name.rpartition(".")
                inner = start.get(f"{layer}.weight")
                if part in sides and inner is not None and inner.ndim == 2:
                    sides[part].append(value * np.sqrt(inner.shape[1]))
            values["first weights"] = drawn(sides["weight"], 0.95, 0.25)
            zeros = sides["bias"] and not any(np.any(v) for v in sides["bias"])
            others = "zeros" if zeros else drawn(sides["bias"], 0.3, 1.0)
            values["first biases"] = others if sides["bias"] else "torch's"
        return values

    def reference(self, sizes, bias, weights, x, dout):
        right = {
            "parameters": {name: list(value.shape) for name, value in weights.items()},
            "layers": "linear1 and linear2",
            "two nets": "differently",
            "two calls": "are alike",
            "in evaluation mode": ALIKE,
            **through(weights, x, dout, self.device),
        }
        if sizes[0] > 10:
            right |= {"first weights": "torch's", "first biases": "torch's"}
        return right

    # The way through.

    @mistake
    def relu_forgotten(self, right, weights, x, dout, **inputs):
        """Two linear layers in a row are one linear layer. Something is missing between them."""
        return through(weights, x, dout, hidden=lambda z: z)

    @mistake
    def relu_before_the_first_layer(self, right, weights, x, dout, **inputs):
        """Your ReLU comes before the first layer. It belongs between the two: without it there
        they are one linear layer."""
        return through(weights, x, dout, first=torch.relu, hidden=lambda z: z)

    @mistake
    def relu_at_the_end(self, right, weights, x, dout, **inputs):
        """Your output goes through a ReLU too, so the net can never answer a negative number. Only
        the hidden layer has one."""
        return through(weights, x, dout, last=torch.relu)

    @mistake
    def relu_only_at_the_end(self, right, weights, x, dout, **inputs):
        """Your ReLU comes behind the second layer. It belongs between the two, and the output has
        none."""
        return through(weights, x, dout, hidden=lambda z: z, last=torch.relu)

    @mistake
    def softmax_at_the_end(self, right, weights, x, dout, **inputs):
        """Your output goes through a softmax. This net returns scores; where probabilities are
        wanted, the loss makes them."""
        return through(weights, x, dout, last=lambda out: out.softmax(1))

    @mistake
    def log_softmax_at_the_end(self, right, weights, x, dout, **inputs):
        """Your output goes through a log-softmax. This net returns scores; where logarithms of
        probabilities are wanted, the loss makes them."""
        return through(weights, x, dout, last=lambda out: out.log_softmax(1))

    @mistake
    def sigmoid_at_the_end(self, right, weights, x, dout, **inputs):
        """Your output goes through a sigmoid, so it lies between 0 and 1. This net returns
        scores."""
        return through(weights, x, dout, last=torch.sigmoid)

    tanh_for_relu = in_place_of_relu("a tanh.", torch.tanh)
    sigmoid_for_relu = in_place_of_relu("a sigmoid.", torch.sigmoid)
    gelu_for_relu = in_place_of_relu("a GELU.", F.gelu)
    silu_for_relu = in_place_of_relu("a SiLU, x·sigmoid(x).", F.silu)
    elu_for_relu = in_place_of_relu("an ELU.", F.elu)
    leaky_relu = in_place_of_relu("a leaky ReLU, with the slope 0.01 below 0.", F.leaky_relu)
    relu6 = in_place_of_relu("a ReLU that is cut off at 6, as ReLU6 is.", F.relu6)

    leaky_relu_and_softmax = two_faults(
        "your hidden layer has a leaky ReLU, and your output goes through a softmax.",
        F.leaky_relu, lambda out: out.softmax(1),
    )  # fmt: skip
    relu_forgotten_and_softmax = two_faults(
        "there is no ReLU between your layers, and your output goes through a softmax.",
        lambda z: z, lambda out: out.softmax(1),
    )  # fmt: skip
    sigmoid_for_relu_and_softmax = two_faults(
        "your hidden layer has a sigmoid, and your output goes through a softmax.",
        torch.sigmoid, lambda out: out.softmax(1),
    )  # fmt: skip
    tanh_for_relu_and_softmax = two_faults(
        "your hidden layer has a tanh, and your output goes through a softmax.",
        torch.tanh, lambda out: out.softmax(1),
    )  # fmt: skip

    @mistake
    def drawn_in_forward(self, right, **inputs):
        """Two calls on the same x give different scores: something is drawn anew in your forward,
        as with dropout. Nothing in this net is random but the weights that it starts with."""
        return DRAWN | {"two calls": "differ"}

    @mistake
    def squeezed(self, right, **inputs):
        """Your scores lack an axis of length 1, as squeeze() leaves them. One example is a batch,
        too: N×D_out is asked for, whatever N and D_out are."""
        return {"out": right["out"].squeeze()}

    @mistake
    def otherwise_in_evaluation_mode(self, right, **inputs):
        """In evaluation mode your net gives something else than in training mode. Nothing in this
        net depends on the mode: it returns scores in both."""
        return {"in evaluation mode": "something else"}

    @mistake
    def slope_one_at_zero(self, right, weights, x, dout, **inputs):
        """Your gradient at exactly 0 is that of clamp, which has slope 1 there. relu has 0."""
        return through(weights, x, dout, hidden=lambda z: z.clamp(min=0))

    @mistake
    def slope_half_at_zero(self, right, weights, x, dout, **inputs):
        """Your gradient at exactly 0 is half of that of a unit that is on, as torch.maximum has it.
        relu has slope 0 there."""
        return through(weights, x, dout, hidden=lambda z: torch.maximum(z, torch.zeros_like(z)))

    @mistake
    def no_gradient_to_linear1(self, right, **inputs):
        """No gradient gets to your linear1: something on the way cuts it off, as detach(), .data
        and torch.no_grad() do, or a new tensor made of the numbers."""
        return {"gradient of linear1.weight": None}

    # The parameters.

    @mistake
    def bias_ignored(self, right, sizes, bias, **inputs):
        """Your layers have biases although bias=False was asked for. Hand the argument on."""
        return self._more_biases(right, sizes, bias, 1, 2)

    @mistake
    def bias_of_linear1_ignored(self, right, sizes, bias, **inputs):
        """Your linear1 has a bias although bias=False was asked for. Hand the argument on to both
        layers."""
        return self._more_biases(right, sizes, bias, 1)

    @mistake
    def bias_of_linear2_ignored(self, right, sizes, bias, **inputs):
        """Your linear2 has a bias although bias=False was asked for. Hand the argument on to both
        layers."""
        return self._more_biases(right, sizes, bias, 2)

    def _more_biases(self, right, sizes, bias, *layers):
        if bias is False:
            biases = {f"linear{i}.bias": [sizes[i]] for i in layers}
            return {"parameters": right["parameters"] | biases}

    def _no_biases(self, right, weights, x, dout, *layers):
        left = {k: v for k, v in weights.items() if k not in [f"linear{i}.bias" for i in layers]}
        shapes = {k: list(v.shape) for k, v in left.items()}
        return through(left, x, dout) | {"parameters": shapes}

    @mistake
    def never_a_bias(self, right, bias, weights, x, dout, **inputs):
        """Your layers never have a bias. It belongs there unless bias=False is asked for."""
        return None if bias is False else self._no_biases(right, weights, x, dout, 1, 2)

    @mistake
    def no_bias_by_default(self, right, bias, weights, x, dout, **inputs):
        """Your layers have no bias where nothing is said about it. The default is bias=True."""
        return self._no_biases(right, weights, x, dout, 1, 2) if bias is None else None

    @mistake
    def linear1_without_bias(self, right, bias, weights, x, dout, **inputs):
        """Your linear1 never has a bias. Both layers have one unless bias=False is asked for."""
        return None if bias is False else self._no_biases(right, weights, x, dout, 1)

    @mistake
    def linear2_without_bias(self, right, bias, weights, x, dout, **inputs):
        """Your linear2 never has a bias. Both layers have one unless bias=False is asked for."""
        return None if bias is False else self._no_biases(right, weights, x, dout, 2)

    @mistake
    def not_registered(self, right, **inputs):
        """Your net has no parameters once it is made, so an optimizer would find nothing to train.
        Make the layers in __init__ and as attributes: a plain list or dict hides them, and layers
        made in forward are new in every call."""
        gone = {"parameters": {}, "out": None, "gradient of linear1.weight": None}
        others = {"two nets": "alike"}
        if "first weights" in right:
            others |= {"first weights": "others"}
        return gone | others

    linear1_not_registered = made_in_forward(1, left=2)
    linear2_not_registered = made_in_forward(2, left=1)

    def _half_gone(self, right, left):
        kept = {k: v for k, v in right["parameters"].items() if k.startswith(f"linear{left}")}
        return {"parameters": kept, "out": None, "gradient of linear1.weight": None}

    @mistake
    def other_names(self, right, **inputs):
        """Your layers have other names. Code that wants to look at them, or to load weights into
        them, goes by name: linear1 and linear2."""
        return {"layers": "otherwise"}

    @mistake
    def second_as_wide_as_first(self, right, sizes, weights, x, **inputs):
        """Your second layer has as many outputs as there are hidden units. It gives D_out
        scores."""
        return self._shaped(weights, x, sizes[0], sizes[1], sizes[1])

    @mistake
    def sizes_exchanged(self, right, sizes, weights, x, **inputs):
        """Your hidden layer and your output have each other's size. The arguments come in the order
        of the way through: D_in, H, D_out."""
        return self._shaped(weights, x, sizes[0], sizes[2], sizes[1])

    def _shaped(self, weights, x, d_in, h, d_out):
        shapes = {"linear1.weight": [h, d_in], "linear1.bias": [h],
                  "linear2.weight": [d_out, h], "linear2.bias": [d_out]}  # fmt: skip
        # The case's weights do not fit in, so 0 comes out; of that no gradient is taken.
        return {"parameters": {k: v for k, v in shapes.items() if k in weights},
                "out": np.zeros((len(x), d_out)), "gradient of linear1.weight": None}  # fmt: skip

    @mistake
    def module_not_begun(self, right, **inputs):
        """nn.Module has to set itself up before you give it layers: call its __init__ first."""
        return dict.fromkeys(right, raises("AttributeError", "__init__() call"))

    @mistake
    def layers_do_not_fit(self, right, **inputs):
        """Your layers do not fit to the rows that come in, or to one another. nn.Linear is told how
        many inputs it has first, and then how many outputs."""
        return dict.fromkeys(right, raises("RuntimeError", "cannot be multiplied"))

    # How it starts.

    @mistake
    def biases_start_at_zero(self, right, **inputs):
        """Your biases start at 0. The layers keep what torch gives them: change nothing in them."""
        return {"first biases": "zeros"} if "first biases" in right else None

    @mistake
    def weights_drawn_anew(self, right, **inputs):
        """Your net draws its weights by a rule of its own. The layers keep what torch gives them:
        change nothing in them."""
        return {"first weights": "others"} if "first weights" in right else None

    @mistake
    def biases_drawn_anew(self, right, **inputs):
        """Your net gives its biases values of its own. The layers keep what torch gives them:
        change nothing in them."""
        return {"first biases": "others"} if "first biases" in right else None

    @mistake
    def the_same_start_each_time(self, right, **inputs):
        """Your nets all start with the same weights: a seed is set in them, or one value is given
        to all. Leave that to whoever makes a net."""
        return {"two nets": "alike"}


def _against(out, in_training):
    return ALIKE if np.array_equal(np.asarray(out), np.asarray(in_training)) else "something else"
