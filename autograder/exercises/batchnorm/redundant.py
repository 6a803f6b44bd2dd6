"""Whether a convolution's bias matters, by evidence from outputs (notebook 06)."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake

# What stands behind the convolution, and whether its bias cancels there: it does exactly where
# each channel's own mean is subtracted from that channel.
CANCELS = {
    "batch norm": True,
    "a ReLU, then batch norm": False,
    "batch norm in evaluation mode": False,
    "batch norm in a container, in evaluation mode": False,
    "batch norm without running statistics, in evaluation mode": True,
    "group norm with two groups": False,
    "group norm with a group for each channel": True,
    "instance norm": True,
}
# Here the outputs are float32, and what the layer takes is far from 0, so that rounding shows.
SINGLE = ("batch norm", "instance norm")
KEPT = ("bias afterwards", "running statistics afterwards", "count of batches", "mode afterwards")


class bias_is_redundant(Exercise):
    """Does a convolution's bias matter to what a normalising layer behind it gives out?"""

    signature = "bias_is_redundant(conv, norm, x)"
    library = "torch"
    minutes = 10
    difficulty = 2
    extra = True
    reads = {
        "answer": "your answer is {seen}; {right} is right",
        "bias afterwards": "the bias of `conv` is {seen} after your call; {right} is asked for",
        "running statistics afterwards":
            "the running statistics of `norm` are {seen} after your call; {right} is asked for",
        "count of batches":
            "the `num_batches_tracked` of `norm` is {seen} after your call; {right} is asked for",
        "mode afterwards": "the mode of a layer is {seen} after your call; {right} is asked for",
    }  # fmt: skip
    hints = (
        "Run conv and norm twice with different biases and compare what comes out.",
        "A bias that is the same in all channels is a weak test, and so is taking away a bias of "
        "zero. And put everything back as you found it.",
    )

    def cases(self, rng):
        # In which order the layers come is drawn: an answer by place is worth nothing.
        shelf = [str(layer) for layer in rng.permutation(list(CANCELS))]
        for place, layer in enumerate(shelf):
            channels = 4
            zero = layer in ("a ReLU, then batch norm", "instance norm")
            x = rng.normal(size=(3, 2, 5, 4))
            if layer in SINGLE:
                x = rng.normal(20, 1, (6, 2, 7, 6)).astype(np.float32)
            yield Case(
                f"layer {place + 1} of {len(shelf)}", 1 if place < 2 else 0.5,
                shelf=shelf, place=place, x=x,
                weight=rng.normal(size=(channels, 2, 3, 2)),
                bias=np.zeros(channels) if zero else rng.normal(size=channels),
                running_mean=rng.normal(size=channels),
            )  # fmt: skip

    def observe(self, code, shelf, place, x, weight, bias, running_mean):
        import copy

        from torch import nn

        from course_utils.recipes import modules

        x = torch.from_numpy(x)
        channels, c_in, *kernel = weight.shape
        conv = modules.seeded(lambda: nn.Conv2d(c_in, channels, kernel), 0).to(x.dtype)
        layer = shelf[place]
        if "group norm" in layer:
            norm = nn.GroupNorm(2 if "two" in layer else channels, channels)
        elif "instance" in layer:
            norm = nn.InstanceNorm2d(channels, affine=True)
            nn.init.constant_(norm.weight, 30.0)  # so that rounding is large, too
        else:
            norm = nn.BatchNorm2d(channels, track_running_stats="without" not in layer)
            if norm.running_mean is not None:
                norm.running_mean.copy_(torch.from_numpy(running_mean))
        norm = norm.to(x.dtype)
        if "ReLU" in layer:
            norm = nn.Sequential(nn.ReLU(), norm)
        if "container" in layer:
            norm = nn.Sequential(norm)
        conv.train("evaluation" not in layer)
        norm.train("evaluation" not in layer)
        with torch.no_grad():
            conv.weight.copy_(torch.from_numpy(weight))
            conv.bias.copy_(torch.from_numpy(bias))
        before = copy.deepcopy(norm.state_dict())
        answer = code.bias_is_redundant(conv, norm, x)
        moved = [name for name, value in norm.state_dict().items()
                 if not torch.allclose(value.double(), before[name].double())]  # fmt: skip
        return {
            "answer": answer,
            "is a tensor": isinstance(answer, torch.Tensor),
            "bias": None if conv.bias is None else conv.bias.detach(),
            "moved": moved,
            "modes": [conv.training, norm.training],
        }

    def read(self, seen, shelf, place, bias, **inputs):
        """The answer with the layer that it is about, and what is as it was."""
        answer, layer = seen["answer"], shelf[place]
        if isinstance(answer, np.ndarray) and answer.size == 1:
            answer = bool(answer)
        answer = "a tensor" if seen["is a tensor"] else answer
        held = seen["bias"]
        counts = [name for name in seen["moved"] if "num_batches" in name]
        same = (
            held is not None and np.shape(held) == bias.shape and np.allclose(held, bias),
            len(counts) == len(seen["moved"]),
            not counts,
            list(seen["modes"]) == ["evaluation" not in layer] * 2,
        )
        words = ("as before" if kept else "changed" for kept in same)
        return {"answer": f"{answer} for {layer}"} | dict(zip(KEPT, words, strict=True))

    def reference(self, shelf, place, **inputs):
        layer = shelf[place]
        return {"answer": f"{CANCELS[layer]} for {layer}"} | dict.fromkeys(KEPT, "as before")

    def says(self, answer, shelf, place):
        """What code shows that gives this answer, for the layers of which `answer` is true."""
        layer = shelf[place]
        return {"answer": f"{bool(answer(layer))} for {layer}"}

    @mistake
    def compared_to_the_last_digit(self, right, shelf, place, **inputs):
        """You say no where the bias makes no difference beyond rounding. Compare with a
        tolerance."""
        return self.says(lambda layer: False, shelf, place)

    @mistake
    def rounding_in_single_precision(self, right, shelf, place, **inputs):
        """You say no where the bias makes no difference but for rounding in float32, as where each
        output is compared by its own size and some are near 0. Compare the largest change with the
        largest absolute output."""
        return self.says(lambda layer: CANCELS[layer] and layer not in SINGLE, shelf, place)

    @mistake
    def compared_with_a_fixed_number(self, right, shelf, place, **inputs):
        """You say no where the outputs are large and change by rounding only, as where the change
        is compared with a fixed number. Compare it with the largest absolute output."""
        return self.says(lambda layer: CANCELS[layer] and layer != "instance norm", shelf, place)

    @mistake
    def always_redundant(self, right, shelf, place, **inputs):
        """Your answer is yes for every layer, as when the bias is changed too little to be seen.
        It cancels only where the mean that is subtracted is taken from the very values that hold
        it, channel by channel."""
        return self.says(lambda layer: True, shelf, place)

    @mistake
    def judged_by_type(self, right, shelf, place, **inputs):
        """You go by the kind of layer. In evaluation mode batch norm subtracts a fixed number, and
        then the bias matters; and a layer may stand in a container. Let the outputs decide."""
        named = ("batch norm", "instance norm")
        return self.says(lambda layer: layer.startswith(named) and "container" not in layer,
                         shelf, place)  # fmt: skip

    @mistake
    def judged_as_batch_norm(self, right, shelf, place, **inputs):
        """You say yes to whatever is a batch norm layer, and to nothing else. In evaluation mode it
        subtracts a fixed number, and then the bias matters; and other layers subtract the mean of
        each channel as well. Let the outputs decide."""
        return self.says(lambda layer: layer.startswith("batch norm") and "container" not in layer,
                         shelf, place)  # fmt: skip

    @mistake
    def judged_by_type_and_mode(self, right, shelf, place, **inputs):
        """You say yes to batch norm in training mode and to nothing else. Other layers subtract the
        mean of each channel as well, whatever they are called: let the outputs decide."""
        return self.says(lambda layer: layer == "batch norm", shelf, place)

    @mistake
    def judged_by_two_types_and_mode(self, right, shelf, place, **inputs):
        """You say yes to batch norm and instance norm in training mode and to nothing else. Other
        layers subtract the mean of each channel as well, some in evaluation mode, too: let the
        outputs decide."""
        return self.says(lambda layer: layer in ("batch norm", "instance norm"), shelf, place)

    @mistake
    def judged_by_three_types(self, right, shelf, place, **inputs):
        """You say yes to batch norm, instance norm and group norm, in whatever mode, and to nothing
        else. In evaluation mode batch norm may subtract a fixed number, and group norm may average
        several channels: then the bias matters. Let the outputs decide."""
        norms = ("batch norm", "instance norm", "group norm")
        return self.says(lambda layer: layer.startswith(norms) and "container" not in layer,
                         shelf, place)  # fmt: skip

    @mistake
    def judged_by_mode(self, right, shelf, place, **inputs):
        """You go by the mode: yes in training, no in evaluation. Group norm and a ReLU do not care
        about it: let the outputs decide."""
        return self.says(lambda layer: "evaluation" not in layer, shelf, place)

    @mistake
    def tried_only_without_bias(self, right, shelf, place, bias, **inputs):
        """You compare with the bias taken away or multiplied. Where it is zero to begin with, that
        is no change at all: try a bias that is different."""
        return self.says(lambda layer: CANCELS[layer] or not bias.any(), shelf, place)

    @mistake
    def same_shift_in_all_channels(self, right, shelf, place, **inputs):
        """You change the bias by the same amount in every channel. A layer that averages several
        channels swallows that, though it would notice if they changed differently."""
        return self.says(lambda layer: CANCELS[layer] or "two groups" in layer, shelf, place)

    @mistake
    def means_compared(self, right, shelf, place, **inputs):
        """You compare the mean of the outputs, or another number made of all of them. It may stay
        the same though the outputs differ: compare value by value."""
        blind = ("a ReLU, then batch norm", "group norm with two groups")
        return self.says(lambda layer: CANCELS[layer] or layer in blind, shelf, place)

    @mistake
    def measured_in_training_mode(self, right, shelf, place, **inputs):
        """You measure in training mode, whatever mode the layer is in. The question is about the
        mode it is in: in evaluation mode batch norm subtracts a fixed number."""
        return self.says(lambda layer: CANCELS[layer] or "batch norm in" in layer, shelf, place)

    @mistake
    def put_into_training_mode(self, right, shelf, place, **inputs):
        """You switch the layer to training mode first, and that changes the answer. The question
        is about the mode it is in."""
        if "evaluation" in shelf[place]:
            answer = self.says(lambda layer: True, shelf, place)
            return answer | {"mode afterwards": "changed"}

    @mistake
    def measured_in_evaluation_mode(self, right, shelf, place, **inputs):
        """You measure in evaluation mode, whatever mode the layer is in. There batch norm subtracts
        a fixed mean, and the question is about the mode it is in."""
        return self.says(lambda layer: CANCELS[layer] and layer != "batch norm", shelf, place)

    @mistake
    def put_into_evaluation_mode(self, right, shelf, place, **inputs):
        """You switch the layer to evaluation mode first. There batch norm subtracts a fixed mean,
        and the question is about the mode it is in."""
        if "evaluation" not in shelf[place]:
            answer = self.says(lambda layer: CANCELS[layer] and layer != "batch norm", shelf, place)
            return answer | {"mode afterwards": "changed"}

    @mistake
    def left_in_evaluation_mode(self, right, shelf, place, **inputs):
        """You leave a layer that was in training mode in evaluation mode. Put back what you
        change, or ask a copy."""
        if "evaluation" not in shelf[place]:
            return {"mode afterwards": "changed"}

    @mistake
    def left_in_training_mode(self, right, shelf, place, **inputs):
        """You leave a layer that was in evaluation mode in training mode. Put back what you
        change, or ask a copy."""
        if "evaluation" in shelf[place]:
            return {"mode afterwards": "changed"}

    @mistake
    def tensor_for_a_bool(self, right, shelf, place, **inputs):
        """Your answer is a tensor. A bool is asked for: take the one value out of it."""
        return {"answer": f"a tensor for {shelf[place]}"}

    @mistake
    def bias_not_put_back(self, right, **inputs):
        """You leave the convolution with another bias. The caller still needs its layer: put back
        what you change, from a copy that does not change along."""
        return {"bias afterwards": "changed"}

    @mistake
    def running_statistics_moved(self, right, shelf, place, **inputs):
        """You leave the layer with other running statistics: in training mode every forward pass
        moves them. Ask a copy, or put them back from a copy that does not change along."""
        if "batch norm" in shelf[place] and "evaluation" not in shelf[place]:
            return {"running statistics afterwards": "changed", "count of batches": "changed"}

    @mistake
    def count_moved(self, right, shelf, place, **inputs):
        """You leave the layer with another count of batches, `num_batches_tracked`: in training
        mode every forward pass adds one. The layer is not to be changed at all: ask a copy."""
        if "batch norm" in shelf[place] and "evaluation" not in shelf[place]:
            return {"count of batches": "changed"}
