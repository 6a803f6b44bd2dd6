"""Exercise of notebook 09: VGG from its table.

The net with one thing changed is in `vgg_nets`; nets from a pattern of words are in `nets`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises, statistic
from autograder.exercises.architectures.vgg_nets import TABLES, simonyan
from course_utils.recipes.architectures import examine

FIRST, SECOND = "dropped behind the first hidden layer", "dropped behind the second hidden layer"
LIKE_ITSELF = "two predictions are alike"


class vgg(Exercise):
    """VGG from its table: a number is a convolution, M a pooling."""

    signature = "vgg(config, input_size=224, hidden=4096, classes=1000)"
    library = "torch"
    uses_global_random = True
    minutes = 12
    difficulty = 2
    extra = True
    reads = {
        "layers": "the list of your layers, as a forward pass calls them,",
        "parameters": "the number of your parameters",
        "sizes of the parameters": "the list of the sizes of your parameters",
        "out": "your output in test mode",
        "in training": "it is {seen} that your net comes in training mode; {right} is right",
        LIKE_ITSELF: "it is {seen} that your net in test mode gives the same twice; {right} is "
        "right",
        FIRST: "the share that your net drops behind its first hidden layer, in training,",
        SECOND: "the share that your net drops behind its second hidden layer, in training,",
    }
    hints = (
        "Keep the channels and the side of the image while you go through the table. Which entry "
        "changes which of the two?",
        "After the last pooling come three affine layers. The first one's inputs are all values "
        "that the last pooling leaves.",
    )

    def cases(self, rng):
        def case(name, points, config, size, hidden, classes):
            return Case(name, points, config=config, input_size=size, hidden=hidden,
                        classes=classes, x=rng.normal(size=(2, 3, size, size)) + 0.2)  # fmt: skip

        yield case("a small one, 20×20", 2, [4, "M", 5, 6, "M"], 20, 9, 7)
        yield case("a size that is odd, no M at the end", 1, [6, 4, "M", 3, 5], 15, 8, 5)
        small, large = rng.choice([11, 13]), rng.choice([16, 19])
        for name, depth in (("a table of 2014", small), ("a longer table of 2014", large)):
            yield Case(name, 1, config=TABLES[depth], input_size=224, hidden=4096, classes=1000,
                       x=None)  # fmt: skip

    def observe(self, code, config, input_size, hidden, classes, x):
        import torch

        from course_utils.recipes import architectures

        if x is None:
            # Only its shapes are made: the weights would take half a gigabyte.
            with torch.device("meta"):
                net = code.vgg(config)
            return {"sizes of the parameters": sorted(str(list(p.shape)) for p in net.parameters()),
                    "parameters": sum(p.numel() for p in net.parameters())}  # fmt: skip
        made = {}

        def build():
            made["net"] = code.vgg(config, input_size, hidden, classes)
            made["training"] = all(m.training for m in made["net"].modules())
            return made["net"]

        seen = architectures.examine(build, x) | {"in training": made["training"]}
        net, images = made["net"].eval(), torch.from_numpy(x)
        with torch.no_grad():
            alike = torch.equal(net(images), net(images))
        # A net that goes by chance, or keeps its weights to itself, has no output to compare.
        hidden_ones = not any(word.startswith("conv") for word in seen["layers"])
        seen |= {"two predictions are alike": alike}
        seen |= {"out": None} if hidden_ones or not alike else {}

        # Hidden units are all on, so that what is 0 behind them has been dropped.
        affine = [m for m in net.modules() if isinstance(m, torch.nn.Linear)]
        shares = {}
        for number, layer in enumerate(affine):
            torch.nn.init.constant_(layer.weight, 1e-9)
            torch.nn.init.constant_(layer.bias, 1.0)
            layer.register_forward_pre_hook(
                lambda _, given, number=number: shares.update({number: given[0].eq(0)})
            )
        with torch.no_grad():
            net.train()(images[:1].expand(100, -1, -1, -1))
        for number, name in ((1, "first"), (2, "second")):
            share = float(shares[number].double().mean()) if number in shares else None
            seen[f"dropped behind the {name} hidden layer"] = share
        return seen

    def reference(self, config, input_size, hidden, classes, x):
        if x is not None:
            right = examine(lambda: simonyan(config, input_size, hidden, classes), x,
                            device=self.device)  # fmt: skip
            dropped = statistic(0.5, 0.5 / np.sqrt(100 * hidden))
            return right | {"in training": True, LIKE_ITSELF: True, FIRST: dropped,
                            SECOND: dropped}  # fmt: skip
        from course_utils.vision import import_torchvision

        models = import_torchvision().models
        depth = next(depth for depth, table in TABLES.items() if table == config)
        with torch.device("meta"):
            net = getattr(models, f"vgg{depth}")()
        return self.shapes_and_sum([list(p.shape) for p in net.parameters()])

    def shapes_and_sum(self, shapes):
        return {"sizes of the parameters": sorted(str(shape) for shape in shapes),
                "parameters": int(sum(np.prod(shape) for shape in shapes))}  # fmt: skip

    def changed(self, right, inputs, change, adapt=None):
        """What a changed net shows; `adapt` changes the large nets' parameter shapes."""
        if inputs["x"] is None:
            if adapt is None:
                return None
            said = right["sizes of the parameters"]
            shapes = [[int(n) for n in shape[1:-1].split(",")] for shape in said]
            return self.shapes_and_sum(adapt(shapes))
        taken = (inputs[name] for name in ("config", "input_size", "hidden", "classes"))
        return examine(lambda: simonyan(*taken, change=change), inputs["x"])

    @mistake
    def relu_forgotten(self, right, **inputs):
        """There is no ReLU behind your convolutions, so they are one linear map."""
        return self.changed(right, inputs, "no relu")

    @mistake
    def no_relu_in_front_of_poolings(self, right, **inputs):
        """There is no ReLU behind your convolutions that a pooling follows. Each convolution is
        followed by one."""
        return self.changed(right, inputs, "bare in front of M")

    @mistake
    def relu_in_front_of_poolings_only(self, right, **inputs):
        """Of your convolutions only those have a ReLU that a pooling follows, in front of it or
        behind it, and one that ends the table. Each convolution is followed by one."""
        return self.changed(right, inputs, "bare elsewhere")

    @mistake
    def relus_at_poolings_only(self, right, **inputs):
        """Of your convolutions only those have a ReLU that a pooling follows, in front of it or
        behind it. Each convolution is followed by one, the last one, too, where no M ends the
        table."""
        return self.changed(right, inputs, "bare without M")

    @mistake
    def affine_layers_in_a_row(self, right, **inputs):
        """There is no ReLU between your affine layers, so the three are one."""
        return self.changed(right, inputs, "affine in a row")

    @mistake
    def relu_at_the_end(self, right, **inputs):
        """Your net ends with a ReLU. Scores may be negative: nothing stands behind the last
        layer."""
        return self.changed(right, inputs, "relu at the end")

    @mistake
    def softmax_at_the_end(self, right, **inputs):
        """Your net ends with a softmax. The loss has it; the net gives scores."""
        return self.changed(right, inputs, "softmax")

    # Dropout.

    def dropping(self, inputs, first, second):
        return None if inputs["x"] is None else {FIRST: first, SECOND: second}

    @mistake
    def dropout_forgotten(self, right, **inputs):
        """Your net drops nothing while it trains: there is no dropout behind the hidden affine
        layers. Each of the two is followed by a ReLU and dropout of one half."""
        return self.dropping(inputs, 0.0, 0.0)

    @mistake
    def dropout_behind_the_first_only(self, right, **inputs):
        """Your first hidden layer is followed by dropout, and your second is not. Each of the two
        is followed by one, behind its ReLU."""
        return self.dropping(inputs, 0.5, 0.0)

    @mistake
    def dropout_behind_the_second_only(self, right, **inputs):
        """Your second hidden layer is followed by dropout, and your first is not. Each of the two
        is followed by one, behind its ReLU."""
        return self.dropping(inputs, 0.0, 0.5)

    @mistake
    def drops_a_fifth(self, right, **inputs):
        """Your dropout takes a share of 0.2. VGG drops one half."""
        return self.dropping(inputs, 0.2, 0.2)

    @mistake
    def drops_while_predicting(self, right, **inputs):
        """In test mode, too, your net gives something else each time: its dropout does not know of
        modes. `F.dropout` has to be told of them; `nn.Dropout` knows."""
        return None if inputs["x"] is None else {LIKE_ITSELF: False, "out": None}

    @mistake
    def left_in_test_mode(self, right, **inputs):
        """Your net, or a layer in it, comes in test mode, so whoever trains it trains without
        dropout. Put all of it back into training mode."""
        return None if inputs["x"] is None else {"in training": False}

    # Inputs of the first affine layer.

    def does_not_fit(self, right, inputs, count):
        """Where the first affine layer expects another number of inputs than arrive."""
        if inputs["x"] is None:
            return None
        channels, side = 0, inputs["input_size"]
        for entry in inputs["config"]:
            channels, side = (channels, side // 2) if entry == "M" else (entry, side)
        taken = count(channels, side, inputs["config"], inputs["input_size"])
        if taken is not None and taken != channels * side**2:
            says = f"and {taken}x{inputs['hidden']})"
            return dict.fromkeys(right, raises("RuntimeError", says))

    @mistake
    def inputs_of_imagenet(self, right, **inputs):
        """Your first affine layer expects 512·7·7 inputs, whatever table and size say. Count what
        the last pooling leaves."""
        return self.does_not_fit(right, inputs, lambda c, side, table, size: 25088)

    @mistake
    def places_of_imagenet(self, right, **inputs):
        """Your first affine layer expects maps of 7×7, whatever `input_size` says. Halve the side
        at each M."""
        return self.does_not_fit(right, inputs, lambda c, side, table, size: 49 * c)

    @mistake
    def five_poolings(self, right, **inputs):
        """Your first affine layer expects an image that was halved five times. Halve the side at
        each M of the table: there may be fewer."""
        return self.does_not_fit(right, inputs, lambda c, side, table, size: c * (size // 32) ** 2)

    @mistake
    def sides_not_rounded(self, right, **inputs):
        """Your first affine layer expects too many inputs where a side is odd: a pooling leaves the
        odd row out. Round down at each M, not at the end."""
        return self.does_not_fit(right, inputs, lambda c, side, table, size: int(
            c * (size / 2 ** table.count("M")) ** 2))  # fmt: skip

    @mistake
    def poolings_not_counted(self, right, **inputs):
        """Your first affine layer expects maps of the image's size. Each M halves the side."""
        return self.does_not_fit(right, inputs, lambda c, side, table, size: c * size**2)

    @mistake
    def channels_before_the_last(self, right, **inputs):
        """Your first affine layer expects the channels of the last entry but one. A table need not
        end with M: the last number counts."""
        return self.does_not_fit(right, inputs, lambda c, side, table, size: (
            table[-2] * side**2 if table[-2] != "M" else None))  # fmt: skip

    @mistake
    def five_hundred_and_twelve_channels(self, right, **inputs):
        """Your first affine layer expects 512 channels. How many arrive is the last number of the
        table."""
        return self.does_not_fit(right, inputs, lambda c, side, table, size: 512 * side**2)

    @mistake
    def affine_does_not_fit(self, right, **inputs):
        """Your first affine layer expects another number of inputs than arrive: the last number of
        the table, times height and width behind the last M, each rounded down."""
        if inputs["x"] is not None:
            return dict.fromkeys(right, raises("RuntimeError", "mat1 and mat2 shapes"))

    @mistake
    def pooled_to_seven(self, right, **inputs):
        """You bring the maps to 7×7 in front of the affine layers, as torchvision does. Here the
        first of them takes what the last pooling leaves."""
        return self.changed(right, inputs, "7×7")

    @mistake
    def hidden_not_read(self, right, **inputs):
        """Your hidden layers are 4096 wide, whatever `hidden` says. That is only its default."""
        return self.changed(right, inputs | {"hidden": 4096}, "")

    @mistake
    def classes_not_read(self, right, **inputs):
        """Your net gives 1000 scores, whatever `classes` says. That is only its default."""
        return self.changed(right, inputs | {"classes": 1000}, "")

    @mistake
    def grey_pictures(self, right, **inputs):
        """Your first convolution expects one channel. The images are in colour: three."""
        if inputs["x"] is not None:
            return dict.fromkeys(right, raises("RuntimeError", "to have 1 channels"))
        return self.changed(right, inputs, "", lambda shapes: [
            [64, 1, 3, 3] if s == [64, 3, 3, 3] else s for s in shapes])  # fmt: skip

    @mistake
    def convolutions_not_padded(self, right, **inputs):
        """Your convolutions make the image smaller. Here they keep its size, with one pixel of
        padding; only M shrinks it."""
        def adapt(shapes):
            side = inputs["input_size"]
            for entry in inputs["config"]:
                side = side // 2 if entry == "M" else side - 2
            return [[4096, 512 * side**2] if s == [4096, 25088] else s for s in shapes]

        return self.changed(right, inputs, "unpadded", adapt)

    @mistake
    def overlapping_poolings(self, right, **inputs):
        """Your pooling windows are 3×3 and padded, and overlap. Here they are 2×2 with stride 2."""
        if inputs["input_size"] % 2 and inputs["x"] is not None:
            return dict.fromkeys(right, raises("RuntimeError", "mat1 and mat2 shapes"))
        return self.changed(right, inputs, "overlapping")

    @mistake
    def overlapping_poolings_counted(self, right, **inputs):
        """Your pooling windows are 3×3 and padded, and overlap; where a side is odd they leave more
        than half of it. Here they are 2×2 with stride 2."""
        return self.changed(right, inputs, "overlapping")

    @mistake
    def pooling_rounds_up(self, right, **inputs):
        """Your pooling keeps the half window at the edge of an odd side. Sizes are rounded down."""
        return self.changed(right, inputs, "up")

    @mistake
    def convolutions_not_registered(self, right, **inputs):
        """The parameters of your convolutions are not among the net's, so an optimizer would not
        train them. A module sees layers that are its attributes; a plain list hides them."""
        if inputs["x"] is None:
            said = [s for s in right["sizes of the parameters"] if s.count(",") < 3]
            shapes = [[int(n) for n in shape[1:-1].split(",")] for shape in said]
            kept = [s for s in shapes if len(s) == 2]
            return self.shapes_and_sum(kept + [[s[0]] for s in kept])
        affine = [word for word in right["layers"] if word.startswith("affine")]
        sizes = [[int(n) for n in word.split()[1].split("→")] for word in affine]
        return {"layers": affine, "parameters": sum(a * b + b for a, b in sizes), "out": None}

    # The layers.

    @mistake
    def batch_norm_added(self, right, **inputs):
        """There is batch norm in your net. The VGG of 2014 had none (batch norm is of 2015)."""

        def with_norms(shapes):
            return shapes + 2 * [[shape[0]] for shape in shapes if len(shape) == 4]

        return self.changed(right, inputs, "norm", with_norms)

    @mistake
    def no_biases(self, right, **inputs):
        """Your convolutions have no biases. VGG has them, since no batch norm follows."""

        def without(shapes):
            shapes = list(shapes)
            for filters in [s[0] for s in shapes if len(s) == 4]:
                shapes.remove([filters])
            return shapes

        return self.changed(right, inputs, "no bias", without)

    @mistake
    def average_pooling(self, right, **inputs):
        """Your poolings take means. VGG takes the maximum."""
        return self.changed(right, inputs, "average")

    @mistake
    def one_hidden_affine_layer(self, right, **inputs):
        """Your net has one hidden affine layer before the scores. VGG has two."""

        def without(shapes):
            shapes = [shape for shape in shapes if shape != [4096, 4096]]
            shapes.remove([4096])
            return shapes

        shown = self.changed(right, inputs, "one hidden", without)
        return shown if inputs["x"] is None else shown | {SECOND: None}

    @mistake
    def maps_averaged(self, right, **inputs):
        """You average each channel over the image before the affine layers, as later nets do. VGG
        flattens, which is where most of its parameters are."""
        return self.changed(right, inputs, "mean of maps", lambda shapes: [
            [4096, 512] if s == [4096, 25088] else s for s in shapes])  # fmt: skip
