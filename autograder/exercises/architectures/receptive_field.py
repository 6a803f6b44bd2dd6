"""Exercise of notebook 09: how far an output sees.

Sizes are in `architectures`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises


def through_gradient(layers, device="cpu"):
    """(size, jump) from the input gradients of two neighbouring outputs of a real stack.

    All weights are positive, so nothing cancels: the gradient is not zero exactly from the first
    input that is seen to the last, gaps between taps apart.
    """
    need = 2
    for kernel, stride, dilation in reversed(layers):
        need = (need - 1) * stride + dilation * (kernel - 1) + 1
    x = torch.ones(1, 1, need, dtype=torch.float64, device=device, requires_grad=True)
    h = x
    for kernel, stride, dilation in layers:
        w = torch.full((1, 1, kernel), 1 / kernel, dtype=torch.float64, device=device)
        h = F.conv1d(h, w, stride=stride, dilation=dilation)
    ends = []
    for output in h[0, 0, :2]:
        (gradient,) = torch.autograd.grad(output, x, retain_graph=True)
        seen = gradient[0, 0].nonzero().flatten()
        ends.append((int(seen[0]), int(seen[-1])))
    (first, last), (second, _) = ends
    return {"size": last - first + 1, "jump": second - first}


def walked(layers, grow, leap):
    """(size, jump) layer by layer: `grow(size, jump, layer)`, then `leap(jump, layer)`."""
    size, jump = 1, 1
    for layer in layers:
        size = grow(size, jump, layer)
        jump = leap(jump, layer)
    return {"size": size, "jump": jump}


def right_growth(size, jump, layer):
    return size + layer[2] * (layer[0] - 1) * jump


def right_leap(jump, layer):
    return jump * layer[1]


class receptive_field(Exercise):
    """How many inputs one output sees, and how far apart neighbouring outputs look."""

    signature = "receptive_field(layers) -> size, jump"
    library = "any"
    minutes = 12
    difficulty = 2
    hints = (
        "Two 3×3 layers see 5, three see 7. What does each layer add? Then put a pooling of 2 with "
        "stride 2 between them and draw it: what does the last layer add now?",
        "Go through the layers from the input on and keep two numbers: the size so far, and how "
        "many inputs apart two neighbours of the current layer are.",
        "A kernel reaches from its first weight to its last. Measure that distance in its own "
        "inputs first, then in pixels.",
    )

    def cases(self, rng):
        def case(name, points, layers):
            return Case(name, points, layers=[list(layer) for layer in layers])

        k, n = (int(size) for size in rng.choice(np.arange(4, 12), 2, replace=False))
        s = int(rng.integers(2, 6))
        yield case("one layer", 1, [(k, s)])
        yield case("two of one size", 1, [(k, 1), (k, 1)])
        yield case("three of one size", 1, [(n, 1)] * 3)
        yield case("a pooling between", 2, [(3, 1), (2, 2), (n, 1), (k, 1)])
        yield case("like AlexNet's first layers", 2, [(k + 4, 4), (3, 2), (n, 1), (3, 2), (3, 1)])
        yield case("dilation", 2, [(3, 1, 1), (n, 1, 2), (3, 1, s + 2), (2, 1, 3)])
        yield case("strides and dilation", 1, [(4, 2, 3), (3, s), (k, 1, 2), (1, 2), (3, 3, 1)])
        yield case("all with a dilation", 1, [(n, 2, 1), (3, s, 2), (2, 2, s)])
        yield case("no layer at all", 1, [])

    def observe(self, code, layers):
        given = [tuple(layer) for layer in layers]
        size, jump = code.receptive_field(given)
        layers[:] = map(list, given)  # what happened to the list has happened to the input
        return {"size": size, "jump": jump}

    def reference(self, layers):
        return through_gradient([(*layer, 1)[:3] for layer in layers], self.device)

    def walk(self, layers, grow=right_growth, leap=right_leap):
        return walked([(*layer, 1)[:3] for layer in layers], grow, leap)

    @mistake
    def strides_ignored(self, right, layers):
        """Earlier strides have no effect on your size. After a stride of 2, one step in that layer
        is two pixels of the input."""
        return {"size": self.walk(layers, leap=lambda jump, layer: 1)["size"]}

    @mistake
    def own_stride_counted(self, right, layers):
        """You enlarge a layer's reach by its own stride. The stride is the distance between its
        outputs; its taps stand as far apart as its inputs do."""
        return self.walk(layers, lambda size, jump, layer: right_growth(
            size, jump * layer[1], layer))  # fmt: skip

    @mistake
    def only_the_last_stride(self, right, layers):
        """You remember the latest stride only. Strides multiply: after 2 and 2, neighbours are 4
        pixels apart."""
        return self.walk(layers, leap=lambda jump, layer: layer[1])

    @mistake
    def only_the_last_stride_above_one(self, right, layers):
        """You remember the latest stride above 1 only. Strides multiply: after 2 and 2, neighbours
        are 4 pixels apart."""
        return self.walk(layers, leap=lambda jump, layer: layer[1] if layer[1] > 1 else jump)

    @mistake
    def strides_added(self, right, layers):
        """You add strides up. They multiply."""
        return self.walk(layers, leap=lambda jump, layer: jump + layer[1] - 1)

    @mistake
    def whole_strides_added(self, right, layers):
        """You add each stride to the jump. Strides multiply: a stride of 1 leaves the distance as
        it is."""
        return self.walk(layers, leap=lambda jump, layer: jump + layer[1])

    @mistake
    def kernels_added(self, right, layers):
        """You add up whole kernels. Neighbouring positions of a kernel overlap: a 3×3 layer adds 2
        to what is seen, one on each side."""
        return self.walk(layers, lambda size, jump, layer: size + (
            layer[2] * (layer[0] - 1) + 1) * jump)  # fmt: skip

    @mistake
    def dilated_kernels_added(self, right, layers):
        """You add up whole kernels, times their dilation. Neighbouring positions of a kernel
        overlap: it adds one step less than it has taps."""
        return self.walk(layers, lambda size, jump, layer: size + layer[2] * layer[0] * jump)

    @mistake
    def kernels_added_from_nothing(self, right, layers):
        """You add up whole kernels, and start with 0. A kernel's places overlap, so a layer adds
        one step less than it has taps, to the one input that is seen without any layer."""
        return {"size": self.kernels_added(right, layers)["size"] - 1}

    @mistake
    def dilated_kernels_added_from_nothing(self, right, layers):
        """You add up whole kernels, times their dilation, and start with 0. A kernel's places
        overlap, so a layer adds one step less than it has taps, to the one input that is seen
        without any layer."""
        return {"size": self.dilated_kernels_added(right, layers)["size"] - 1}

    @mistake
    def jump_first(self, right, layers):
        """You return the jump first. The order is: size, jump."""
        return {"size": right["jump"], "jump": right["size"]}

    @mistake
    def kernels_multiplied(self, right, layers):
        """You multiply kernels. Neighbouring places overlap, so each 3×3 layer widens what is seen
        by 2; it does not make it three times as wide."""
        return self.walk(layers, lambda size, jump, layer: size * layer[0])

    @mistake
    def starts_with_nothing(self, right, layers):
        """Your size is one too small. Before the first layer, an output is the input itself and
        sees one pixel."""
        return {"size": right["size"] - 1}

    @mistake
    def dilation_ignored(self, right, layers):
        """Dilation has no effect in yours. It moves the taps apart."""
        return self.walk(layers, lambda size, jump, layer: size + (layer[0] - 1) * jump)

    @mistake
    def dilation_carried_on(self, right, layers):
        """Where a layer gives no dilation, yours takes that of the layer before. It is 1 then."""
        full, dilation = [], 1
        for layer in layers:
            dilation = layer[2] if len(layer) > 2 else dilation
            full.append((*layer[:2], dilation))
        return self.walk(full)

    @mistake
    def dilation_taken_for_the_gap(self, right, layers):
        """You take the dilation for the number of inputs left out between two taps. It is the step
        from a tap to the next: with 1 they stand side by side."""
        return self.walk([(*layer[:2], layer[2] + 1) if len(layer) > 2 else layer
                          for layer in layers])  # fmt: skip

    @mistake
    def a_stride_too_many_on_the_way_back(self, right, layers):
        """Going back from the output you take as many strides as places. Between the first place
        and the last there is one stride less than there are places."""
        size = 1
        for kernel, stride, dilation in [(*layer, 1)[:3] for layer in layers][::-1]:
            size = size * stride + dilation * (kernel - 1)
        return {"size": size}

    @mistake
    def dilated_kernel_too_long(self, right, layers):
        """You take a dilated kernel to reach dilation times its size. Gaps stand only between
        taps: behind the last there is none."""
        return self.walk(layers, lambda size, jump, layer: size + (
            layer[2] * layer[0] - 1) * jump)  # fmt: skip

    @mistake
    def one_gap_not_dilated(self, right, layers):
        """With a dilation your kernels reach too little: one gap fewer grows than there is. Between
        k taps there are k − 1 gaps, and the dilation lengthens each."""
        return self.walk(layers, lambda size, jump, layer: right_growth(size, jump, layer) - (
            (layer[2] - 1) * jump if layer[0] > 1 else 0))  # fmt: skip

    @mistake
    def dilation_moves_outputs(self, right, layers):
        """You let the dilation enlarge the distance of neighbouring outputs. It spreads the taps
        of one output; the next output still stands one stride further."""
        return self.walk(layers, leap=lambda jump, layer: jump * layer[1] * layer[2])

    @mistake
    def wrong_way_round(self, right, layers):
        """Your layers are taken from the other end: a layer is enlarged by the strides after it.
        It is the strides before it that make its steps longer."""
        return self.walk(layers[::-1])

    @mistake
    def area(self, right, layers):
        """Your size counts all pixels of the square. It should be the length of one side."""
        return {"size": right["size"] ** 2}

    @mistake
    def one_by_one_skipped(self, right, layers):
        """Your 1×1 layers are skipped, together with their stride. They see no more, but a stride
        moves outputs apart whatever the kernel."""
        return self.walk(layers, leap=lambda jump, layer: jump * (layer[1] if layer[0] > 1 else 1))

    @mistake
    def half_kernels_on_both_sides(self, right, layers):
        """Your even kernels reach one input too far: half of the kernel on both sides is right for
        odd ones only. From its first tap to its last, a kernel takes one step less than it has
        taps."""
        return self.walk(layers, lambda size, jump, layer: size + (
            layer[2] * 2 * (layer[0] // 2)) * jump)  # fmt: skip

    @mistake
    def last_stride_left_out(self, right, layers):
        """The last layer's stride is missing from your jump. It moves the outputs of the stack
        apart like all others."""
        last = layers[-1][1] if layers else 1
        return {"jump": right["jump"] // last}

    @mistake
    def first_stride_left_out(self, right, layers):
        """The first layer's stride is missing from your jump. It moves outputs apart like all
        others."""
        first = layers[0][1] if layers else 1
        return {"jump": right["jump"] // first}

    @mistake
    def jump_is_the_last_stride(self, right, layers):
        """Your jump is the last layer's stride. Strides multiply: after 2 and 2, neighbours are 4
        inputs apart."""
        return {"jump": layers[-1][1] if layers else 1}

    @mistake
    def jumps_added(self, right, layers):
        """Your jump adds strides up. They multiply: after 2 and 2, neighbours are 4 inputs apart.
        """
        return {"jump": 1 + sum(layer[1] - 1 for layer in layers)}

    @mistake
    def poolings_see_nothing(self, right, layers):
        """Layers whose stride is their kernel's size move outputs apart in yours, and see nothing.
        Poolings and convolutions count alike: such a layer, too, sees its whole kernel."""
        return self.walk(layers, lambda size, jump, layer: size if layer[0] == layer[1]
                         else right_growth(size, jump, layer))  # fmt: skip

    @mistake
    def dilation_ignored_and_strides_added(self, right, layers):
        """Dilation has no effect in yours, and you add strides up. Dilation moves the taps apart,
        and strides multiply."""
        return self.walk(layers, lambda size, jump, layer: size + (layer[0] - 1) * jump,
                         lambda jump, layer: jump + layer[1] - 1)  # fmt: skip

    @mistake
    def dilation_expected(self, right, layers):
        """Your code stops at layers of two numbers, kernel and stride. A dilation need not be
        given; then it is 1."""
        if any(len(layer) == 2 for layer in layers):
            return dict.fromkeys(right, raises("ValueError", "not enough values"))

    @mistake
    def dilation_indexed(self, right, layers):
        """Your code stops at layers of two numbers: it looks for a third. A dilation need not be
        given; then it is 1."""
        if any(len(layer) == 2 for layer in layers):
            return dict.fromkeys(right, raises("IndexError"))

    @mistake
    def pairs_expected(self, right, layers):
        """Your code stops at layers of three numbers, the third of which is a dilation."""
        if any(len(layer) == 3 for layer in layers):
            return dict.fromkeys(right, raises("ValueError", "too many values"))

    @mistake
    def needs_a_layer(self, right, layers):
        """Your code stops where there is no layer. The input itself is what is seen then: size and
        jump are 1."""
        return None if layers else dict.fromkeys(right, raises("IndexError"))

    @mistake
    def nothing_without_layers(self, right, layers):
        """Where there is no layer you give 0. The input itself is what is seen then: size and jump
        are 1."""
        return None if layers else {"size": 0, "jump": 0}

    @mistake
    def no_size_without_layers(self, right, layers):
        """Where there is no layer your size is 0. The input itself is what is seen then, one
        input."""
        return None if layers else {"size": 0}
