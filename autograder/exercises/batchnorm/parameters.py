"""What goes wrong with the gradients of γ and β, in every normalisation (notebook 06)."""

import numpy as np

from autograder.exercise import mistake
from autograder.exercises.batchnorm.backward_paths import NormalizationBackward
from autograder.exercises.batchnorm.variants import narrowed


class ParameterGradients(NormalizationBackward, abstract=True):
    """The mistakes that show in dγ and dβ."""

    @mistake
    def dgamma_from_x(self, right, **inputs):
        """Your dγ multiplies dout by x. What γ multiplies on the way forward is the normalised
        x̂."""
        return {"dgamma": self.summed(inputs["dout"] * inputs["x"], inputs["gamma"])}

    @mistake
    def dgamma_from_the_centred_x(self, right, **inputs):
        """Your dγ multiplies dout by x − mean. What γ multiplies on the way forward is x̂, which is
        divided by the standard deviation as well."""
        p = self.paths(**inputs)
        centred = p.xhat * p.sigma
        return {"dgamma": self.summed(inputs["dout"] * centred, inputs["gamma"])}

    @mistake
    def dgamma_from_the_output(self, right, **inputs):
        """Your dγ multiplies dout by the output, γ and β included. What γ multiplies on the way
        forward is x̂ alone."""
        xhat = self.paths(**inputs).xhat
        shape = inputs["gamma"].shape if inputs["gamma"].ndim > 1 else None
        gamma, beta = (self.along(inputs[n], xhat, shape) for n in ("gamma", "beta"))
        return {"dgamma": self.summed(inputs["dout"] * (gamma * xhat + beta), inputs["gamma"])}

    def along(self, values, like, shape=None):
        """One value a feature or channel, shaped so that it broadcasts."""
        return np.reshape(values, shape or [-1 if axis == 1 else 1 for axis in range(like.ndim)])

    @mistake
    def dgamma_without_xhat(self, right, **inputs):
        """Your dγ is the sum of dout alone, which is dβ. γ multiplies x̂, so each dout is multiplied
        by its x̂ first."""
        return {"dgamma": right["dbeta"]}

    @mistake
    def dgamma_with_gamma(self, right, **inputs):
        """Your dγ has a factor γ too many: it is dout times x̂, without γ itself."""
        return {"dgamma": right["dgamma"] * inputs["gamma"]}

    @mistake
    def dbeta_with_gamma(self, right, **inputs):
        """Your dβ has a factor γ too many: β is added after γ has multiplied."""
        return {"dbeta": right["dbeta"] * inputs["gamma"]}

    @mistake
    def dgamma_and_dbeta_swapped(self, right, **inputs):
        """Your dγ and dβ have changed places. The order is that of the inputs: dx, dγ, dβ."""
        return {"dgamma": right["dbeta"], "dbeta": right["dgamma"]}

    @mistake
    def parameter_gradients_averaged(self, right, **inputs):
        """Your dγ and dβ are averaged. They are sums: if the loss is a mean, dout brings that with
        it."""
        count = inputs["x"].size // inputs["gamma"].size
        if count > 1:
            return {"dgamma": right["dgamma"] / count, "dbeta": right["dbeta"] / count}

    dgamma_averaged = narrowed(
        parameter_gradients_averaged, ("dgamma",),
        """Your dγ is averaged. It is a sum, as dβ is: if the loss is a mean, dout brings that with
        it.""",
    )  # fmt: skip
    dbeta_averaged = narrowed(
        parameter_gradients_averaged, ("dbeta",),
        """Your dβ is averaged. It is a sum, as dγ is: if the loss is a mean, dout brings that with
        it.""",
    )  # fmt: skip

    @mistake
    def parameters_not_summed(self, right, **inputs):
        """Your dγ and dβ are not summed: they still have the shape of dout. All examples share γ
        and β, so what they send back is added up."""
        return {"dgamma": inputs["dout"] * self.paths(**inputs).xhat, "dbeta": inputs["dout"]}

    dgamma_not_summed = narrowed(
        parameters_not_summed, ("dgamma",),
        """Your dγ is not summed: it still has the shape of dout. All examples share γ, so what they
        send back is added up.""",
    )  # fmt: skip
    dbeta_not_summed = narrowed(
        parameters_not_summed, ("dbeta",),
        """Your dβ is not summed: it still has the shape of dout. All examples share β, so what they
        send back is added up.""",
    )  # fmt: skip


class RowParameterGradients(ParameterGradients, abstract=True):
    """The same where an example is a row."""

    @mistake
    def parameters_keep_an_axis(self, right, **inputs):
        """Your dγ and dβ still have an axis for the examples, as with `keepdims`. They are rows of
        numbers, one for each feature."""
        return {name: right[name][None] for name in ("dgamma", "dbeta")}

    @mistake
    def parameters_summed_over_features(self, right, **inputs):
        """Your dγ and dβ are summed over the features, one value an example. There is one γ a
        feature, shared by the examples: sum over those."""
        values = inputs["dout"] * self.paths(**inputs).xhat
        return {"dgamma": values.sum(1), "dbeta": inputs["dout"].sum(1)}


class ImageParameterGradients(ParameterGradients, abstract=True):
    """The same where a pixel is one more example."""

    @mistake
    def summed_over_the_batch_only(self, right, **inputs):
        """Your dγ and dβ still have a height and a width. Every pixel of a channel uses the same γ
        and β, so their contributions are summed too."""
        keep = inputs["gamma"].ndim > 1
        values = inputs["dout"] * self.paths(**inputs).xhat
        return {"dgamma": values.sum(0, keepdims=keep),
                "dbeta": inputs["dout"].sum(0, keepdims=keep)}  # fmt: skip

    dgamma_summed_over_the_batch_only = narrowed(
        summed_over_the_batch_only, ("dgamma",),
        """Your dγ still has a height and a width. Every pixel of a channel uses the same γ, so
        their contributions are summed too.""",
    )  # fmt: skip
    dbeta_summed_over_the_batch_only = narrowed(
        summed_over_the_batch_only, ("dbeta",),
        """Your dβ still has a height and a width. Every pixel of a channel uses the same β, so
        their contributions are summed too.""",
    )  # fmt: skip

    @mistake
    def summed_over_the_pixels_only(self, right, **inputs):
        """Your dγ and dβ have a value for each example. All examples share γ and β, so what they
        send back is summed, as over the pixels."""
        keep = inputs["gamma"].ndim > 1
        values = inputs["dout"] * self.paths(**inputs).xhat
        return {"dgamma": values.sum((2, 3), keepdims=keep),
                "dbeta": inputs["dout"].sum((2, 3), keepdims=keep)}  # fmt: skip

    dgamma_summed_over_the_pixels_only = narrowed(
        summed_over_the_pixels_only, ("dgamma",),
        """Your dγ has a value for each example. All examples share γ, so what they send back is
        summed, as over the pixels.""",
    )  # fmt: skip
    dbeta_summed_over_the_pixels_only = narrowed(
        summed_over_the_pixels_only, ("dbeta",),
        """Your dβ has a value for each example. All examples share β, so what they send back is
        summed, as over the pixels.""",
    )  # fmt: skip

    @mistake
    def averaged_over_the_pixels(self, right, **inputs):
        """Your dγ and dβ are averaged over height and width. They are sums over the pixels, as over
        the examples."""
        pixels = np.prod(inputs["x"].shape[2:])
        return {"dgamma": right["dgamma"] / pixels, "dbeta": right["dbeta"] / pixels}
