"""What layer norm and group norm share: an example is normalised by itself alone (notebook 06)."""

import numpy as np

from autograder.exercise import Exercise, Setting, mistake, raises
from autograder.exercises.batchnorm.parameters import ParameterGradients


class PerExampleForward(Exercise, abstract=True):
    """Both forward passes. `rows` is x with what is normalised together along the last axis;
    `parameters` is the input that holds ε."""

    extra = True
    parameters: str

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.modifies = (cls.parameters,)  # a default may be written into it
        cls.settings = {"eps": Setting(1e-5, others=(1e-3, 1e-8, 1e-6), inside=cls.parameters)}

    def rows(self, x, **inputs):
        return x

    def made(self, inputs, mean=None, var=None, root=None, gamma=None, beta=None, eps=None):
        """The output with one thing changed."""
        rows, x = self.rows(**inputs), inputs["x"]
        eps = inputs[self.parameters].get("eps", 1e-5) if eps is None else eps
        mean = rows.mean(-1, keepdims=True) if mean is None else mean
        var = rows.var(-1, keepdims=True) if var is None else var
        root = np.sqrt(var + eps) if root is None else root
        gamma, beta = (inputs[n] if v is None else v for n, v in (("gamma", gamma), ("beta", beta)))
        return {"out": gamma * ((rows - mean) / root).reshape(x.shape) + beta}

    def eps(self, inputs):
        return inputs[self.parameters].get("eps", 1e-5)

    @mistake
    def unbiased_variance(self, right, **inputs):
        """Your variance divides by one less than the number of values that are normalised
        together. It is the biased variance here, divided by their number."""
        return self.made(inputs, var=self.rows(**inputs).var(-1, keepdims=True, ddof=1))

    @mistake
    def unbiased_and_eps_of_its_own(self, right, **inputs):
        """Your variance divides by one less than the number of values, and ε is 1e-5 whatever is
        given. It is the biased variance here, and the `eps` that is passed in."""
        return self.made(inputs, var=self.rows(**inputs).var(-1, keepdims=True, ddof=1), eps=1e-5)

    @mistake
    def unbiased_and_eps_outside_the_root(self, right, **inputs):
        """Your variance divides by one less than the number of values, and you add ε to the
        standard deviation. It is the biased variance here, and ε stands under the root."""
        deviation = self.rows(**inputs).std(-1, keepdims=True, ddof=1)
        return self.made(inputs, root=deviation + self.eps(inputs))

    @mistake
    def unbiased_and_no_eps(self, right, **inputs):
        """Your variance divides by one less than the number of values, and ε is missing. It is the
        biased variance here, and ε stands beside it, under the root."""
        return self.made(inputs, root=self.rows(**inputs).std(-1, keepdims=True, ddof=1))

    @mistake
    def mean_square_for_variance(self, right, **inputs):
        """Your variance is the mean of x². Take the mean of the squared deviations: the mean is
        subtracted before squaring."""
        return self.made(inputs, var=(self.rows(**inputs) ** 2).mean(-1, keepdims=True))

    @mistake
    def root_mean_square(self, right, **inputs):
        """You divide by the root of the mean of x² and subtract no mean: that is RMS norm. Here
        the mean is subtracted first."""
        square = (self.rows(**inputs) ** 2).mean(-1, keepdims=True)
        return self.made(inputs, mean=0, var=square)

    @mistake
    def not_centred(self, right, **inputs):
        """You divide x without subtracting the mean first. x̂ is (x − mean) by the root."""
        return self.made(inputs, mean=0)

    @mistake
    def not_divided(self, right, **inputs):
        """You subtract the mean and do not divide by the standard deviation."""
        return self.made(inputs, root=1)

    @mistake
    def divides_by_variance(self, right, **inputs):
        """You divide by the variance. Unit variance comes from dividing by its square root."""
        return self.made(inputs, root=self.rows(**inputs).var(-1, keepdims=True) + self.eps(inputs))

    @mistake
    def eps_outside_the_root(self, right, **inputs):
        """You add ε to the standard deviation. It belongs under the root, beside the variance."""
        return self.made(inputs, root=self.rows(**inputs).std(-1, keepdims=True) + self.eps(inputs))

    @mistake
    def eps_forgotten(self, right, **inputs):
        """You divide without ε. It stands beside the variance, under the root."""
        return self.made(inputs, eps=0)

    @mistake
    def eps_as_a_bound(self, right, **inputs):
        """You take the larger of variance and ε. ε is added to the variance, whatever its size."""
        var, eps = self.rows(**inputs).var(-1, keepdims=True), self.eps(inputs)
        return self.made(inputs, root=np.sqrt(np.maximum(var, eps)))

    @mistake
    def one_statistic_for_the_batch(self, right, **inputs):
        """You take one mean and one variance of the whole array. Every example has its own."""
        rows = self.rows(**inputs)
        if len(rows) > 1:
            return self.made(inputs, mean=rows.mean(), var=rows.var())

    @mistake
    def gamma_and_beta_swapped(self, right, **inputs):
        """Your γ and β have changed places: γ multiplies, β is added."""
        return self.made(inputs, gamma=inputs["beta"], beta=inputs["gamma"])

    @mistake
    def no_affine(self, right, **inputs):
        """Your output is x̂ itself: it still has to be multiplied by γ and shifted by β."""
        return self.made(inputs, gamma=1, beta=0)

    @mistake
    def gamma_forgotten(self, right, **inputs):
        """γ is missing from your output: it multiplies x̂ before β is added."""
        return self.made(inputs, gamma=1)

    @mistake
    def beta_forgotten(self, right, **inputs):
        """β is missing from your output: it is added last, after γ has multiplied."""
        return self.made(inputs, beta=0)

    @mistake
    def beta_scaled(self, right, **inputs):
        """You multiply β by γ as well. The shift comes last: first γ times x̂, then plus β."""
        return self.made(inputs, beta=inputs["gamma"] * inputs["beta"])

    @mistake
    def wants_a_mode(self, right, **inputs):
        """Your code stops where no "mode" is given. An example is normalised by itself alone, in
        training and afterwards, so there is no mode to ask for."""
        if "mode" not in inputs[self.parameters]:
            return {"out": raises("KeyError", "mode")}

    @mistake
    def wants_an_eps(self, right, **inputs):
        """Your code stops where no "eps" is given. It is 1e-5 when absent."""
        if "eps" not in inputs[self.parameters]:
            return {"out": raises("KeyError", "eps")}

    @mistake
    def two_roots_added(self, right, **inputs):
        """You take the root of the variance and that of ε, and add them. The root is taken once,
        of their sum."""
        root = self.rows(**inputs).std(-1, keepdims=True) + np.sqrt(self.eps(inputs))
        return self.made(inputs, root=root)


class PerExampleBackward(ParameterGradients, abstract=True):
    """Both backward passes: γ varies within what is normalised together."""

    extra = True

    @mistake
    def gamma_outside_the_means(self, right, **inputs):
        """You multiply by γ after the averages, as batch norm's closed form may. Here γ varies
        among the values that are averaged, so it has to be inside: average dx̂, not dout."""
        plain = inputs | {"gamma": np.ones_like(inputs["gamma"])}
        p = self.paths(**plain)
        return {"dx": inputs["gamma"] * (p.direct + p.via_mean + p.via_var)}

    @mistake
    def gamma_outside_without_the_mean(self, right, **inputs):
        """The path through the mean is missing from your dx, and γ multiplies after the average.
        It varies among the values that are averaged, so it has to be inside: average dx̂."""
        p = self.paths(**inputs | {"gamma": np.ones_like(inputs["gamma"])})
        return {"dx": inputs["gamma"] * (p.direct + p.via_var)}
