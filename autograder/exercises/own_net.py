"""What nets of one's own share (notebooks 08 and 10): mistakes in making their first weights."""

import numpy as np

from autograder.exercise import Exercise, mistake
from autograder.exercises.tuning_net_oracle import SPREAD


class OwnNet(Exercise, abstract=True):
    """A net made of the learner's own layers; a case without `weights` looks at its first ones."""

    @mistake
    def weights_of_unit_scale(self, right, **inputs):
        """The first weights should have the standard deviation weight_scale; yours have 1."""
        return self.spread(right, inputs, lambda scale: 1.0)

    @mistake
    def scale_is_the_variance(self, right, **inputs):
        """weight_scale is the standard deviation of the first weights. You use it as their
        variance."""
        return self.spread(right, inputs, np.sqrt)

    def spread(self, right, inputs, change):
        if not inputs["weights"]:
            scale = inputs["weight_scale"]
            new = float(np.log(change(scale) / scale))
            return {name: new for name in right if name.startswith(SPREAD.split("{}")[0])}

    @mistake
    def biases_drawn(self, right, **inputs):
        """Biases and β start at 0."""
        if not inputs["weights"]:
            return {"biases and β start at": "other values"}

    @mistake
    def gamma_at_zero(self, right, **inputs):
        """γ starts at 1. At 0 nothing gets through the norm, and no gradient either."""
        if not inputs["weights"]:
            return {"γ starts at": "0"}

    @mistake
    def seed_ignored(self, right, **inputs):
        """Two nets with the same seed have different weights: draw from a generator that is made
        from the seed."""
        if not inputs["weights"]:
            return {"same seed, same weights": False}

    @mistake
    def seed_fixed(self, right, **inputs):
        """Nets with different seeds have the same weights. Your generator is made from a number of
        its own."""
        if not inputs["weights"]:
            return {"another seed, other weights": False}

    @mistake
    def seeded_in_every_layer(self, right, **inputs):
        """Your layers start with the same numbers: the generator is made anew for each. Make one,
        and draw from it in turn."""
        if not inputs["weights"]:
            return {"layers start alike": True}

    @mistake
    def wider_parameters(self, right, **inputs):
        """Your parameters are float64, whatever dtype says. Generators and np.zeros give float64
        unless they are told otherwise."""
        if not inputs["weights"]:
            return {"dtypes": ["float64"]}
