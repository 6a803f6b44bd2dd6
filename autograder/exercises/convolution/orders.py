"""Another framework's order of axes (notebook 10)."""

import torch

from autograder.exercise import Case, Exercise, mistake, raises


class from_tensorflow(Exercise):
    """A layer's pictures and filters from TensorFlow's order of axes to torch's."""

    signature = "from_tensorflow(x, w) -> x, w"
    growth = {"x": 1, "w": 1}, {"x": 1, "w": 1}
    minutes = 4
    extra = True
    hints = (
        "Write the letters N, H, W, C and H, W, I, O above the shapes that come in, and N, C, H, W "
        "and O, I, H, W above those that go out.",
        "Axes have to be moved, which a reshape never does: it only counts anew.",
    )

    def cases(self, rng):
        yield Case("a colour picture", 1, x=rng.normal(size=(2, 5, 7, 3)),
                   w=rng.normal(size=(5, 2, 3, 4)))  # fmt: skip
        yield Case("all sides alike", 1, x=rng.normal(size=(3, 3, 3, 3)),
                   w=rng.normal(size=(3, 3, 3, 3)))  # fmt: skip

    def observe(self, code, x, w):
        x, w = code.from_tensorflow(x, w)
        return {"x": x, "w": w}

    def reference(self, x, w):
        return {
            "x": torch.tensor(x).movedim(-1, 1),
            "w": torch.tensor(w).movedim((3, 2), (0, 1)),
        }

    @mistake
    def pictures_reshaped(self, right, x, w):
        """You reshape the pictures. A reshape leaves the order of the numbers, so colours and
        columns get mixed; axes have to be moved."""
        return {"x": x.reshape(right["x"].shape)}

    @mistake
    def filters_reshaped(self, right, x, w):
        """You reshape the filters. A reshape leaves the order of the numbers; axes have to be
        moved."""
        return {"w": w.reshape(right["w"].shape)}

    @mistake
    def both_reshaped(self, right, x, w):
        """You reshape. That leaves the order of the numbers, so channels and columns get mixed;
        axes have to be moved."""
        return {name: a.reshape(right[name].shape) for name, a in [("x", x), ("w", w)]}

    @mistake
    def pictures_left(self, right, x, w):
        """Your pictures come out as they went in. Their channels belong behind the examples."""
        return {"x": x}

    @mistake
    def filters_left(self, right, x, w):
        """Your filters come out as they went in. They belong in the order out, in, height, width.
        """
        return {"w": w}

    @mistake
    def nothing_moved(self, right, x, w):
        """Pictures and filters come out as they went in. `np.transpose` gives a new array: keep
        what it returns."""
        return {"x": x, "w": w}

    @mistake
    def channels_last_again(self, right, x, w):
        """You go the other way, from torch's order of axes to TensorFlow's. The pictures come in as
        N, H, W, C and the filters as H, W, in, out."""
        return {"x": x.transpose(0, 2, 3, 1), "w": w.transpose(2, 3, 1, 0)}

    @mistake
    def no_permute(self, right, x, w):
        """numpy's arrays have no `permute`, that is torch's name for it. See what numpy calls
        moving axes."""
        return dict.fromkeys(right, raises("AttributeError", "permute"))

    @mistake
    def filters_and_pictures(self, right, x, w):
        """You return the filters first. The order is that of the arguments: x, w."""
        return {"x": right["w"], "w": right["x"]}

    @mistake
    def filters_flipped(self, right, x, w):
        """Your filters are turned by 180°. Both frameworks compute cross-correlations: axes move,
        and no numbers within them."""
        return {"w": right["w"][:, :, ::-1, ::-1]}

    @mistake
    def filters_mirrored_on_their_side(self, right, x, w):
        """Your filters lie on their side, and are mirrored. Height comes before width, and nothing
        is flipped."""
        return {"w": right["w"].transpose(0, 1, 3, 2)[..., ::-1]}

    @mistake
    def pictures_on_their_side(self, right, x, w):
        """Your pictures lie on their side: height and width have changed places."""
        return {"x": right["x"].transpose(0, 1, 3, 2)}

    @mistake
    def filters_on_their_side(self, right, x, w):
        """Your filters lie on their side: all axes turned round gives O, I, W, H. Height comes
        before width."""
        return {"w": right["w"].transpose(0, 1, 3, 2)}

    @mistake
    def input_channels_first(self, right, x, w):
        """Your filters have the input channels first. torch keeps the output channels, the number
        of filters, in front."""
        return {"w": right["w"].transpose(1, 0, 2, 3)}

    @mistake
    def filters_treated_as_pictures(self, right, x, w):
        """You move the filters' axes as if they were N, H, W, C. They are H, W, I, O."""
        return {"w": w.transpose(0, 3, 1, 2)}
