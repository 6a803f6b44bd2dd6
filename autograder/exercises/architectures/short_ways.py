"""Mistakes of notebook 09 in the short way of a residual block, and in what it is added to; the
exercise is in `residual`."""

from autograder.exercise import mistake, raises
from autograder.exercises.architectures.blocks import Block


class ShortWays(Block, abstract=True):
    """Where the short way starts, when it has a convolution of its own, and which."""

    @mistake
    def always_projected(self, right, x, **inputs):
        """Your short way has a convolution even where the shape stays. Then the input should pass
        unchanged: that is what lets a gradient through a hundred blocks."""
        return self.changed(x, inputs, change="always projected")

    @mistake
    def short_way_cut(self, right, x, **inputs):
        """Your short way has no convolution: it leaves rows and columns out, and fills channels up
        with zeros (the paper's option A). Here it is a 1×1 with batch norm (option B)."""
        return self.changed(x, inputs, change="cut")

    @mistake
    def short_way_cut_where_channels_stay(self, right, x, **inputs):
        """Where the channels stay and the stride is 2 your short way has no convolution: it leaves
        rows and columns out. A 1×1 with batch norm stands there as soon as the shape changes."""
        if inputs["stride"] > 1 and inputs["c_in"] == inputs["c_out"]:
            return self.changed(x, inputs, change="cut")

    @mistake
    def added_where_the_shape_stays_alone(self, right, x, **inputs):
        """Where the shape changes you add nothing, and the layers of your short way are never
        called. The input is added there, too, through its 1×1 and batch norm."""
        if inputs["stride"] > 1 or inputs["c_in"] != inputs["c_out"]:
            return self.changed(x, inputs, change="no sum")

    @mistake
    def no_short_way_where_the_shape_changes(self, right, x, **inputs):
        """Where the shape changes your block has no short way, and adds nothing. The input is added
        there, too, through a 1×1 and its batch norm."""
        if inputs["stride"] > 1 or inputs["c_in"] != inputs["c_out"]:
            return self.changed(x, inputs, change="no sum, no short way")

    @mistake
    def what_is_inside_added(self, right, x, **inputs):
        """Where the shape stays, what you add is not the input but what the first ReLU gives, as
        when one name holds both. Keep the input under a name of its own."""
        if inputs["stride"] == 1 and inputs["c_in"] == inputs["c_out"]:
            return self.changed(x, inputs, change="added inside")

    @mistake
    def result_added_to_itself(self, right, x, **inputs):
        """Where the shape stays you add the result of your convolutions to itself, as when one name
        holds both. Keep the input under a name of its own."""
        if inputs["stride"] == 1 and inputs["c_in"] == inputs["c_out"]:
            return self.changed(x, inputs, change="added twice")

    def overwritten(self, right, x, inputs, change):
        if inputs["stride"] == 1 and inputs["c_in"] == inputs["c_out"]:
            return self.changed(x, inputs, change=change)
        return dict.fromkeys(right, raises("RuntimeError"))

    @mistake
    def input_overwritten_first(self, right, x, **inputs):
        """Your short way starts from what the first ReLU gives, for the input's name holds that by
        then; where the shape changes nothing fits any more. Keep the input under a name of its own.
        """
        return self.overwritten(right, x, inputs, "added inside")

    @mistake
    def input_overwritten(self, right, x, **inputs):
        """Your short way starts from the result of your convolutions, for the input's name holds
        that by then; where the shape changes nothing fits any more. Keep the input under a name of
        its own."""
        return self.overwritten(right, x, inputs, "added twice")

    @mistake
    def stride_alone_not_noticed(self, right, x, **inputs):
        """Where the channels stay and the stride is 2, your sum has two shapes. The short way needs
        its convolution then too."""
        if inputs["stride"] > 1 and inputs["c_in"] == inputs["c_out"]:
            return dict.fromkeys(right, raises("RuntimeError", "must match the size of tensor"))

    @mistake
    def channels_alone_not_noticed(self, right, x, **inputs):
        """Where the stride is 1 and the channels change, your sum has two shapes. The short way
        needs its convolution then too."""
        if inputs["stride"] == 1 and inputs["c_in"] != inputs["c_out"]:
            return dict.fromkeys(right, raises("RuntimeError", "must match the size of tensor"))

    @mistake
    def shape_not_noticed(self, right, x, **inputs):
        """Where the shape changes your sum has two shapes. The short way needs a 1×1 convolution
        then."""
        if inputs["stride"] > 1 or inputs["c_in"] != inputs["c_out"]:
            return dict.fromkeys(right, raises("RuntimeError", "must match the size of tensor"))

    @mistake
    def projected_where_both_change_only(self, right, x, **inputs):
        """Your short way has its 1×1 only where the channels and the stride change together, so
        your sum has two shapes where one of them does. It needs the 1×1 as soon as either does."""
        if (inputs["stride"] > 1) != (inputs["c_in"] != inputs["c_out"]):
            return dict.fromkeys(right, raises("RuntimeError", "must match the size of tensor"))

    @mistake
    def short_way_pooled(self, right, x, **inputs):
        """Where the stride is above 1 your short way takes means of pixels, and its 1×1 does not
        stride, as in later ResNets. Here the 1×1 itself has the stride."""
        if inputs["stride"] > 1:
            return self.changed(x, inputs, change="pooled shortcut")

    @mistake
    def stride_in_both(self, right, x, **inputs):
        """With a stride of 2 your two ways do not meet in one shape: only the first convolution
        strides, and the 1×1 of the short way."""
        if inputs["stride"] > 1:
            return dict.fromkeys(right, raises("RuntimeError", "must match the size of tensor"))

    @mistake
    def stride_in_the_second(self, right, x, **inputs):
        """Your second convolution strides. It is the first one here, so that the second works on
        the small image."""
        if inputs["stride"] > 1:
            return self.changed(x, inputs, change="stride second")

    @mistake
    def stride_in_the_second_and_shortcut_not_normalised(self, right, x, **inputs):
        """Your second convolution strides, and it is the first one here, so that the second works
        on the small image. And the 1×1 on your short way has no batch norm behind it."""
        if inputs["stride"] > 1 or inputs["c_in"] != inputs["c_out"]:
            return self.changed(x, inputs, change="stride second, bare shortcut")

    @mistake
    def wide_shortcut(self, right, x, **inputs):
        """The convolution on your short way is 3×3. It only has to bring the shape about, and 1×1
        does that for a ninth of the cost."""
        if inputs["stride"] > 1 or inputs["c_in"] != inputs["c_out"]:
            return self.changed(x, inputs, change="3×3 shortcut, short first")

    @mistake
    def wide_shortcut_called_last(self, right, x, **inputs):
        """The convolution on your short way is 3×3. It only has to bring the shape about, and 1×1
        does that for a ninth of the cost."""
        if inputs["stride"] > 1 or inputs["c_in"] != inputs["c_out"]:
            return self.changed(x, inputs, change="3×3 shortcut")
