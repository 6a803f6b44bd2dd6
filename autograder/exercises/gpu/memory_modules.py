"""Mistakes of notebook 12's account of a training step in which modules it looks at."""

from autograder.exercise import mistake
from autograder.exercises.gpu.by_hand import by_hand, containers
from autograder.exercises.gpu.memory_units import SIZES, InBytes

BLOCKS = ("residual", "relu of a sum")


def batch_of(model, batch, sizes) -> int:
    """The numbers of the input."""
    (_, numbers), *_ = by_hand(model, batch, **sizes)[0]
    return numbers


class LooksAtModules(InBytes, abstract=True):
    """What is seen where other modules are looked at; the exercise is in `memory`."""

    def counting(self, right, extra, dtype):
        elements = right["activations"] // SIZES[dtype] + extra
        return dict.fromkeys(("activations", "activation_gradients"), SIZES[dtype] * elements)

    @mistake
    def containers_counted(self, right, model, sizes, batch, dtype, optimizer):
        """You count the outputs of containers too. Look at modules without children only."""
        return self.counting(right, containers(model, batch, sizes), dtype)

    @mistake
    def new_outputs_of_containers(self, right, model, sizes, batch, dtype, optimizer):
        """You count what comes out of modules that have children, where it is new: a residual
        block's sum. The estimate here looks at modules without children only."""
        kinds, *_ = by_hand(model, batch, **sizes)
        return self.counting(right, sum(n for kind, n in kinds if kind == "container"), dtype)

    @mistake
    def children_alone(self, right, model, sizes, batch, dtype, optimizer):
        """You look at the model's own children. Modules lie in other modules: go through all that
        have no children, and a model may be one of these itself."""
        if model == "single":
            return self.counting(right, -batch * sizes["classes"], dtype)
        return self.within_blocks(right, model, sizes, batch, dtype, optimizer)

    @mistake
    def within_blocks(self, right, model, sizes, batch, dtype, optimizer):
        """You look at the model's own children, so what modules inside a residual block put out is
        missing. Modules lie in other modules: go through all that have no children."""
        if model in BLOCKS:
            return self.counting(right, -batch * sizes["h"], dtype)

    @mistake
    def blocks_left_out(self, right, model, sizes, batch, dtype, optimizer):
        """You leave out a residual block as a whole, with the modules that are inside it. Modules
        lie in other modules: go through all that have no children."""
        if model in BLOCKS:
            return self.counting(right, -2 * batch * sizes["h"], dtype)

    @mistake
    def every_output_and_no_input(self, right, model, sizes, batch, dtype, optimizer):
        """You count what every module puts out, also where it lies in memory that is counted
        already, and the input batch is missing. Start with the input, and count memory once."""
        return self.all_outputs(right, model, sizes, batch, dtype, -batch_of(model, batch, sizes))

    @mistake
    def all_modules_and_no_input(self, right, model, sizes, batch, dtype, optimizer):
        """You count what every module puts out, containers too, also where it lies in memory that
        is counted already, and the input batch is missing. Look at modules without children, start
        with the input, and count memory once."""
        more = containers(model, batch, sizes) - batch_of(model, batch, sizes)
        return self.all_outputs(right, model, sizes, batch, dtype, more)

    def all_outputs(self, right, model, sizes, batch, dtype, more):
        """What counting all that modules without children put out shows, and `more` numbers."""
        kinds, *_ = by_hand(model, batch, **sizes)
        shared = sum(n for kind, n in kinds if kind in ("in place", "view", "offset"))
        return self.counting(right, shared + more, dtype)

    @mistake
    def own_input_looked_at(self, right, model, sizes, batch, dtype, optimizer):
        """You leave out what an in-place ReLU puts out, and here its input is a sum that no module
        has put out: nothing has counted this memory yet. Ask of each output whether its memory is
        among what is counted already, whatever its module is called and gets."""
        kinds, *_ = by_hand(model, batch, **sizes)
        return self.counting(right, -sum(n for kind, n in kinds if kind == "over a sum"), dtype)

    @mistake
    def all_modules_counted(self, right, model, sizes, batch, dtype, optimizer):
        """You count every output, those of containers and those that share their input's memory
        too. Look at modules without children, and count memory once."""
        more = containers(model, batch, sizes)
        return self.all_outputs(right, model, sizes, batch, dtype, more)
