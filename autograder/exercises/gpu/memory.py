"""The exercise of notebook 12 about memory: where the gigabytes of a training step are."""

import torch

from autograder.exercise import Case, mistake
from autograder.exercises.gpu.by_hand import by_hand
from autograder.exercises.gpu.memory_modules import LooksAtModules
from autograder.exercises.gpu.memory_units import SIZES

STATES = {"sgd": 0, "momentum": 1, "adam": 2}
# So many outputs that some of them lie where a free one lay, however memory is given out.
DEEP = 24


class activation_memory(LooksAtModules):
    """The bytes of one training step: activations, parameters, gradients, optimizer."""

    signature = "activation_memory(model, input_shape, dtype, optimizer)"
    library = "torch"
    minutes = 18
    difficulty = 3
    reads = {
        "activations": "your count of the activations",
        "activation_gradients": "your count of the activations' gradients",
        "parameters": "your count of the parameters",
        "parameter_gradients": "your count of the parameters' gradients",
        "optimizer": "your count of what the optimizer keeps",
        "model unchanged": "the model's parameters and statistics stay as they were: {seen}; "
        "{right} is right",
        "ints": "your numbers are ints: {seen}; {right} is right",
        "modes as they were": "the modes of the model's modules stay as they were: {seen}; {right} "
        "is right",
        "hooks are left": "hooks of yours are left on the model: {seen}; {right} is right",
    }
    uses_global_random = True  # a forward pass may hold dropout
    hints = (
        "Send one input of zeros through the model and look at what comes out of each module that "
        "has no modules inside. Which of these outputs is memory of its own?",
        "A forward hook sees every output. Two tensors share their memory when their "
        "untyped_storage() begins at the same address; but an address is free again as soon as "
        "nobody holds the tensor. Work on a copy of the model, since batch norm remembers.",
    )

    def cases(self, rng):
        def case(name, points, model, batch, dtype, optimizer, **sizes):
            return Case(name, points, model=model, sizes=sizes, batch=batch, dtype=dtype,
                        optimizer=optimizer)  # fmt: skip

        a, b, c = (int(n) for n in rng.choice(range(3, 14), 3, replace=False))
        yield case("affine layers, SGD", 0.5, "affine", 3, "float32", "sgd", d=a, h=b, classes=c)
        yield case("a single layer", 0.5, "single", 4, "bfloat16", "adam", d=c, classes=b)
        yield case("convolution, in-place ReLU, a view, momentum", 1, "convolution", 5, "float32",
                   "momentum", channels=a, side=2 * b, classes=c)  # fmt: skip
        yield case("a residual block", 0.5, "residual", 3, "float32", "momentum", d=b, h=c,
                   classes=a)  # fmt: skip
        yield case("a part of a map", 0.5, "slice", 5, "float16", "sgd", d=a, h=c, classes=b)
        yield case("a residual block that ends in place", 0.5, "relu of a sum", 2, "float32", "sgd",
                   d=c, h=a, classes=b)  # fmt: skip
        yield case("batch norm and dropout, Adam in half precision", 0.5, "norm", 4, "bfloat16",
                   "adam", d=b, h=c, classes=a)  # fmt: skip
        yield case("a layer used twice, float64, Adam", 0.5, "shared", 2, "float64", "adam", d=c)
        # Memory of this size is used again as soon as it is free.
        yield case("frozen and deep", 0.5, "deep", 64, "float32", "adam", d=60 + a,
                   layers=DEEP)  # fmt: skip
        yield case("an input changed in place, tied weights", 0.5, "tied", 3, "float32", "momentum",
                   d=b)  # fmt: skip
        yield case("a frozen layer, momentum", 0.5, "frozen", 6, "float16", "momentum", d=b, h=a,
                   classes=c)  # fmt: skip

    def observe(self, code, model, sizes, batch, dtype, optimizer):
        import torch
        from torch import nn

        from course_utils.recipes.instruments.memory import build

        class Residual(nn.Module):
            def __init__(self, inner):
                super().__init__()
                self.inner = inner

            def forward(self, x):
                return x + self.inner(x)

        class EndsInPlace(nn.Module):
            def __init__(self, inner):
                super().__init__()
                self.inner, self.relu = inner, nn.ReLU(inplace=True)

            def forward(self, x):
                return self.relu(x + self.inner(x))

        class WithoutFirst(nn.Module):
            def forward(self, x):
                return x[:, 1:]

        class Whole(nn.Module):
            """The map again of which the input is a part."""

            def forward(self, x):
                return x.as_strided((len(x), x.stride(0)), x.stride(), 0)

        def built(d=0, h=0, classes=0, layers=0):
            if model == "single":
                return nn.Linear(d, classes)
            if model == "residual":
                inner = nn.Sequential(nn.Linear(h, h), nn.Tanh())
                return nn.Sequential(nn.Linear(d, h), Residual(inner), nn.Linear(h, classes))
            if model == "relu of a sum":
                block = EndsInPlace(nn.Linear(h, h))
                return nn.Sequential(nn.Linear(d, h), block, nn.Linear(h, classes))
            if model == "slice":
                return nn.Sequential(
                    nn.Linear(d, h), WithoutFirst(), Whole(), nn.Linear(h, classes)
                )
            if model == "tied":
                one, other = nn.Linear(d, d), nn.Linear(d, d)
                other.weight = one.weight
                return nn.Sequential(nn.ReLU(inplace=True), one, other)  # nothing gets free
            tanhs = [nn.Tanh() for _ in range(layers)]
            return nn.Sequential(*tanhs, nn.Linear(d, d).requires_grad_(False))

        if model in ("single", "residual", "relu of a sum", "slice", "tied", "deep"):
            net, shape = built(**sizes), (batch, sizes["d"])
        else:
            net, shape = build(model, batch, **sizes)
        before = {name: value.clone() for name, value in net.state_dict().items()}
        trained = [p.requires_grad for p in net.parameters()]
        net.eval()
        next(net.children(), net).train()  # a module has a mode of its own
        modes = [module.training for module in net.modules()]
        # Memory is used again where it is asked for, in the deep net, and nowhere else by chance.
        held = []
        holding = [] if model == "deep" else [
            module.register_forward_hook(lambda *passed: held.append(passed))
            for module in net.modules()
        ]  # fmt: skip
        found = code.activation_memory(net, shape, getattr(torch, dtype), optimizer)
        for hook in holding:
            hook.remove()
        names = (
            "activations", "activation_gradients", "parameters", "parameter_gradients", "optimizer",
        )  # fmt: skip
        # A number of megabytes would become a 0.
        seen = {name: int(n) if (n := found[name]) == int(n) else float(n) for name in names}
        seen["ints"] = not any(isinstance(found[name], float) for name in names)
        after = net.state_dict()
        seen["model unchanged"] = trained == [p.requires_grad for p in net.parameters()] and all(
            before[name].dtype == after[name].dtype and torch.equal(before[name], after[name])
            for name in before
        )
        seen["modes as they were"] = modes == [module.training for module in net.modules()]
        seen["hooks are left"] = any(module._forward_hooks for module in net.modules())
        return seen

    def read(self, seen, model, sizes, batch, dtype, optimizer):
        """How many outputs of a deep net lie where a free one lay is chance."""
        if model == "deep":
            for name in ("activations", "activation_gradients"):
                tensors = seen[name] / (sizes["d"] * batch * 4)
                if 3 <= tensors <= sizes["layers"] and tensors == int(tensors):
                    seen[name] = "that of some layers"
        return seen

    def reference(self, model, sizes, batch, dtype, optimizer):
        kinds, trained, frozen = by_hand(model, batch, **sizes)
        size = torch.empty((), dtype=getattr(torch, dtype)).element_size()
        shared = ("in place", "view", "offset", "container")
        live = size * sum(count for kind, count in kinds if kind not in shared)
        return {
            "activations": live,
            "activation_gradients": live,
            "parameters": size * (trained + frozen),
            "parameter_gradients": size * trained,
            "optimizer": size * trained * STATES[optimizer],
            "ints": True,
            "model unchanged": True,
            "modes as they were": True,
            "hooks are left": False,
        }

    @mistake
    def in_place_counted(self, right, model, sizes, batch, dtype, optimizer):
        """You count the output of an in-place ReLU, which lies where its input was."""
        kinds, *_ = by_hand(model, batch, **sizes)
        return self.counting(right, sum(n for kind, n in kinds if kind == "in place"), dtype)

    @mistake
    def views_counted(self, right, model, sizes, batch, dtype, optimizer):
        """You count a flattened map as new memory. It is another view of the same."""
        kinds, *_ = by_hand(model, batch, **sizes)
        views = sum(n for kind, n in kinds if kind in ("view", "offset"))
        return self.counting(right, views, dtype)

    @mistake
    def parts_counted(self, right, model, sizes, batch, dtype, optimizer):
        """You count a part of a map as new memory, since it begins further on. It lies in the
        memory of the map: compare where the storages begin."""
        kinds, *_ = by_hand(model, batch, **sizes)
        return self.counting(right, sum(n for kind, n in kinds if kind == "offset"), dtype)

    @mistake
    def freed_memory_again(self, right, model, **inputs):
        """You compare addresses of tensors that nobody holds any more: their memory is free, and a
        later output that gets it counts as shared. Keep the outputs until you have counted."""
        if model == "deep":
            return dict.fromkeys(("activations", "activation_gradients"), "that of some layers")

    @mistake
    def every_output_counted(self, right, model, sizes, batch, dtype, optimizer):
        """You count the outputs of all modules, those too that share memory with their input."""
        kinds, *_ = by_hand(model, batch, **sizes)
        shared = sum(n for kind, n in kinds if kind in ("in place", "view", "offset"))
        return self.counting(right, shared, dtype)

    @mistake
    def input_forgotten(self, right, model, sizes, batch, dtype, optimizer):
        """The input batch lies in memory as well: it is the first layer's activation."""
        kinds, *_ = by_hand(model, batch, **sizes)
        if model != "tied":  # there the first layer's output lies where the input does
            return self.counting(right, -kinds[0][1], dtype)

    @mistake
    def input_counted_twice(self, right, model, sizes, batch, dtype, optimizer):
        """You count the input twice where the first layer changes it in place or makes a view of
        it. The input's memory is among what is counted already."""
        return self.counting(right, batch * sizes["d"], dtype) if model == "tied" else {}

    @mistake
    def one_image(self, right, model, sizes, batch, dtype, optimizer):
        """You count the activations of one example. Each example of the batch has its own."""
        one = right["activations"] // batch
        return {"activations": one, "activation_gradients": one}

    @mistake
    def evaluation_mode(self, right, model, sizes, batch, dtype, optimizer):
        """Your model runs as in a test, where dropout hands its input on. In training it makes an
        output of its own."""
        kinds, *_ = by_hand(model, batch, **sizes)
        return self.counting(right, -sum(n for kind, n in kinds if kind == "dropout"), dtype)

    @mistake
    def last_layer_alone(self, right, model, sizes, batch, dtype, optimizer):
        """You count the last output only. The backward pass needs those of all layers."""
        kinds, *_ = by_hand(model, batch, **sizes)
        return self.counting(right, kinds[-1][1] - right["activations"] // SIZES[dtype], dtype)

    @mistake
    def called_once(self, right, model, sizes, batch, dtype, optimizer):
        """A module that is called twice leaves two outputs; you count one."""
        kinds, *_ = by_hand(model, batch, **sizes)
        return self.counting(right, -sum(n for kind, n in kinds if kind == "again"), dtype)

    @mistake
    def optimizer_keeps_frozen_ones(self, right, optimizer, **inputs):
        """Your optimizer keeps numbers for frozen parameters too. They get no gradient, so it never
        meets them."""
        return {"optimizer": right["parameters"] * STATES[optimizer]}

    @mistake
    def gradients_forgotten(self, right, **inputs):
        """Every activation gets a gradient of its size in the backward pass."""
        return {"activation_gradients": 0}

    @mistake
    def not_ints(self, right, **inputs):
        """Your numbers are floats. Bytes are whole: `/` gives a float, also where nothing is
        over."""
        return {"ints": False}

    @mistake
    def buffers_counted(self, right, model, sizes, dtype, **inputs):
        """You count all that the model's `state_dict` holds: batch norm's running statistics, which
        are no parameters, and a layer that is used twice, twice."""
        more = {"norm": 2 * sizes.get("h", 0) + 1, "tied": sizes["d"] ** 2 if "d" in sizes else 0}
        more = more.get(model, 0)
        twice = 2 if model == "shared" else 1
        return {"parameters": twice * right["parameters"] + more * SIZES[dtype]}

    @mistake
    def shared_parameters_twice(self, right, model, **inputs):
        """You count the parameters of a layer that is used twice, twice. It has them once."""
        if model == "shared":
            names = ("parameters", "parameter_gradients", "optimizer")
            return {name: 2 * right[name] for name in names}
        return self.tied_weights_twice(right, model, **inputs)

    @mistake
    def tied_weights_twice(self, right, model, sizes, dtype, **inputs):
        """You count a weight that two layers share for each of them. It lies in memory once."""
        if model == "tied":
            more = SIZES[dtype] * sizes["d"] ** 2
            return {"parameters": right["parameters"] + more,
                    "parameter_gradients": right["parameter_gradients"] + more,
                    "optimizer": right["optimizer"] + STATES[inputs["optimizer"]] * more}

    @mistake
    def tied_gradients_twice(self, right, **inputs):
        """You count a weight that two layers share, and its gradient, for each of them. Both lie in
        memory once."""
        shown = self.tied_weights_twice(right, **inputs) or {}
        return {name: count for name, count in shown.items() if name != "optimizer"}

    @mistake
    def tied_weights_twice_in_all(self, right, model, sizes, dtype, **inputs):
        """Among all parameters you count a weight that two layers share for each of them. It lies
        in memory once."""
        if model == "tied":
            return {"parameters": right["parameters"] + SIZES[dtype] * sizes["d"] ** 2}

    @mistake
    def frozen_ones_have_gradients(self, right, dtype, optimizer, **inputs):
        """Parameters that do not require a gradient have none, and the optimizer keeps nothing for
        them."""
        return {"parameter_gradients": right["parameters"],
                "optimizer": right["parameters"] * STATES[optimizer]}  # fmt: skip

    @mistake
    def frozen_gradients(self, right, **inputs):
        """You count gradients for frozen parameters too. Those that do not require a gradient have
        none."""
        return {"parameter_gradients": right["parameters"]}

    @mistake
    def frozen_ones_left_out(self, right, **inputs):
        """Frozen parameters are not trained, yet they lie in memory."""
        return {"parameters": right["parameter_gradients"]}

    @mistake
    def one_moment_for_adam(self, right, optimizer, **inputs):
        """Adam keeps two numbers for each parameter, m and v."""
        if optimizer == "adam":
            return {"optimizer": right["optimizer"] // 2}

    @mistake
    def momentum_is_free(self, right, optimizer, **inputs):
        """Momentum keeps a velocity for each parameter."""
        if optimizer == "momentum":
            return {"optimizer": 0}

    @mistake
    def norm_remembers(self, right, model, **inputs):
        """Your forward pass has changed what batch norm keeps: its running statistics, or its count
        of batches. Measure on a copy."""
        return {"model unchanged": False} if model == "norm" else {}

    @mistake
    def mode_changed(self, right, model, **inputs):
        """Modules are left in another mode than they came in. Each has a mode of its own, so one
        `train` or `eval` for all does not put them back: measure on a copy."""
        return {"modes as they were": False} if model != "single" else {}

    @mistake
    def model_converted(self, right, dtype, **inputs):
        """Your model is left with parameters of another dtype than it came with. Reckon with
        `dtype`, and leave the model alone."""
        return {"model unchanged": False} if dtype != "float32" else {}

    @mistake
    def hooks_left(self, right, **inputs):
        """Your hooks stay on the model, and every later forward pass runs them. Remove them, or
        measure on a copy."""
        return {"hooks are left": True}

    @mistake
    def no_gradient_for_the_input(self, right, model, sizes, batch, dtype, optimizer):
        """Your gradients leave out the input's. The estimate here counts as much again as for the
        activations, the input included."""
        kinds, *_ = by_hand(model, batch, **sizes)
        return {"activation_gradients": right["activations"] - SIZES[dtype] * kinds[0][1]}

    @mistake
    def sgd_keeps_a_number(self, right, optimizer, **inputs):
        """Plain SGD keeps nothing between its steps."""
        if optimizer == "sgd":
            return {"optimizer": right["parameter_gradients"]}

    @mistake
    def three_for_adam(self, right, optimizer, **inputs):
        """You count three numbers for each parameter for Adam. It keeps two, m and v."""
        if optimizer == "adam":
            return {"optimizer": right["optimizer"] // 2 * 3}
