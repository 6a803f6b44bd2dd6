"""Exercises of notebook 02 on PReLU, whose slopes are learned."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.activations.saturating import both_signs
from autograder.exercises.gradients.by_the_cache import ByTheCache
from course_utils.recipes.passes import forward_again


def per_channel(alpha, x):
    """alpha shaped so that it meets axis 1 of x."""
    return alpha.reshape(1, -1, *[1] * (x.ndim - 2))


def leaky(x, alpha):
    return np.where(x > 0, x, alpha * x)


class prelu_forward(Exercise):
    """Leaky ReLU whose slopes are learned, one for each channel (He 2015)."""

    signature = "prelu_forward(x, alpha) -> out, cache"
    growth = {"x": 1}, {"out": 1}
    minutes = 7
    difficulty = 2
    extra = True
    hints = (
        "Broadcasting aligns shapes from the right. Where does the channel axis have to stand for "
        "alpha to meet it?",
        "Reshape alpha so that it has as many axes as x, all of length 1 but axis 1.",
    )

    def cases(self, rng):
        yield Case("rows", 1, x=both_signs(rng, 5, 3), alpha=np.array([0.25, 0.6, 0.1]))
        # Slopes above 1 and below 0 can be learned; nothing keeps them in between.
        alpha = np.array([0.25, 1.7, -0.3])
        yield Case("images", 1, x=both_signs(rng, 2, 3, 4, 5), alpha=alpha)
        yield Case("images as wide as there are channels", 1,
                   x=both_signs(rng, 4, 3, 2, 3), alpha=alpha[::-1].copy())  # fmt: skip
        x = both_signs(rng, 4, 2).astype("f4")
        yield Case("single precision", 1, x=x, alpha=np.array([0.1, 0.4], dtype="f4"))

    def observe(self, code, x, alpha):
        out, _ = code.prelu_forward(x, alpha)
        return {"out": out}

    def reference(self, x, alpha):
        x, alpha = torch.tensor(x, device=self.device), torch.tensor(alpha, device=self.device)
        return {"out": F.prelu(x, alpha)}

    @mistake
    def alpha_along_the_last_axis(self, right, x, alpha):
        """alpha meets the last axis of x, the width, since broadcasting aligns from the right. It
        belongs to axis 1, the channels."""
        if x.ndim == 4:
            fits = x.shape[-1] == alpha.size
            return {"out": leaky(x, alpha) if fits else raises("ValueError", "broadcast")}

    @mistake
    def larger_of_the_two(self, right, x, alpha):
        """The larger of x and αx is right only while α is at most 1, and nothing keeps a learned
        α there. Choose by the sign of x."""
        return {"out": np.maximum(x, per_channel(alpha, x) * x)}

    @mistake
    def one_alpha_for_all(self, right, x, alpha):
        """Every channel uses the first α in yours. Each has its own."""
        return {"out": leaky(x, alpha[0])}

    @mistake
    def mean_alpha_for_all(self, right, x, alpha):
        """Every channel uses the mean α in yours. Each has its own."""
        return {"out": leaky(x, alpha.mean())}

    @mistake
    def alpha_ignored(self, right, x, alpha):
        """Nothing comes through on the negative side: that is a plain ReLU."""
        return {"out": np.maximum(x, 0)}

    @mistake
    def alpha_on_the_right(self, right, x, alpha):
        """α belongs to the negative side. Yours is on the positive one."""
        return {"out": np.where(x > 0, per_channel(alpha, x) * x, x)}

    @mistake
    def starting_value_for_alpha(self, right, x, alpha):
        """Your slope is 0.25, the value that α starts from. It has been learned since: use the
        argument."""
        return {"out": leaky(x, x.dtype.type(0.25))}

    @mistake
    def shaped_for_images_only(self, right, x, alpha):
        """You give α four axes whatever x has, so rows N×C come out with axes too many. It should
        have as many axes as x."""
        if x.ndim == 2:
            return {"out": leaky(x, alpha.reshape(1, -1, 1, 1))}

    @mistake
    def three_axes_for_rows(self, right, x, alpha):
        """You give α three axes whatever x has, so rows N×C come out with an axis too many. It
        should have as many axes as x."""
        if x.ndim == 2:
            return {"out": leaky(x, alpha[:, None, None])}

    @mistake
    def alpha_along_the_examples(self, right, x, alpha):
        """In rows N×C you stand α up as a column, so that it goes down the examples. It belongs to
        the channels, along axis 1."""
        if x.ndim == 2:
            return {"out": raises("ValueError", "broadcast")}

    @mistake
    def alpha_along_the_examples_always(self, right, x, alpha):
        """You give α the first axis, so that it goes down the examples. It belongs to the channels,
        along axis 1."""
        return {"out": raises("ValueError", "broadcast")}

    @mistake
    def amounts_of_alpha(self, right, x, alpha):
        """You take a negative α as its amount. A learned slope may be below 0."""
        return {"out": leaky(x, np.abs(per_channel(alpha, x)))}

    @mistake
    def alpha_kept_from_zero_to_one(self, right, x, alpha):
        """You keep the slopes between 0 and 1. They are learned and may be any numbers."""
        return {"out": leaky(x, per_channel(np.clip(alpha, 0, 1), x))}

    @mistake
    def rises_to_the_left(self, right, x, alpha):
        """On the left yours has the wrong sign: the output of a negative input is α·x, which for a
        positive α is negative."""
        return {"out": leaky(x, -per_channel(alpha, x))}

    @mistake
    def last_channel_unchanged(self, right, x, alpha):
        """The last channel comes out as it went in. Does your loop end one channel too soon?"""
        slopes = np.append(alpha[:-1], alpha.dtype.type(1))
        return {"out": leaky(x, per_channel(slopes, x))}

    @mistake
    def wider_dtype(self, right, x, alpha):
        """float32 comes in, float64 comes out of yours. Arrays from np.zeros or np.ones, masks
        turned into `float`, and constants in float64 arrays are the usual causes."""
        return {"out": right["out"].astype(np.float64)}

    @mistake
    def one_minus_alpha(self, right, x, alpha):
        """On the left your slope is 1 − α. It is α itself."""
        return {"out": leaky(x, 1 - per_channel(alpha, x))}


class prelu_backward(ByTheCache):
    """The gradients of a PReLU with respect to its input and to its slopes."""

    signature = "prelu_backward(dout, cache) -> dx, dalpha"
    growth = {"dout": 1}, {"dx": 1, "dalpha": 1}
    needs = ("prelu_forward",)
    any_width = ("dx", "dalpha")
    minutes = 12
    difficulty = 3
    extra = True
    hints = (
        "One α is used by every example and at every place of its channel, so its gradient is a "
        "sum over all of those.",
        "How much does an output change when α changes a little? On the right it does not change; "
        "on the left it changes by the input. Then apply the chain rule.",
    )

    def cases(self, rng):
        alpha = np.array([0.25, 1.7, -0.3])
        yield Case("rows", 1, x=both_signs(rng, 5, 3), alpha=alpha, dout=both_signs(rng, 5, 3))
        yield Case("images", 1, x=both_signs(rng, 2, 3, 4, 5), alpha=alpha,
                   dout=both_signs(rng, 2, 3, 4, 5))  # fmt: skip
        zeros = both_signs(rng, 4, 3, 2, 3)
        zeros[:, :, 0, 0] = 0
        yield Case("inputs of exactly 0", 1, x=zeros, alpha=alpha[::-1].copy(),
                   dout=both_signs(rng, 4, 3, 2, 3))  # fmt: skip
        yield Case("single precision", 1,
                   x=both_signs(rng, 4, 2).astype("f4"), alpha=np.array([0.1, 0.4], dtype="f4"),
                   dout=both_signs(rng, 4, 2).astype("f4"))  # fmt: skip
        yield Case("one channel", 1, x=both_signs(rng, 3, 1, 4, 2), alpha=np.array([0.3]),
                   dout=both_signs(rng, 3, 1, 4, 2))  # fmt: skip

    def observe(self, code, x, alpha, dout):
        _, cache = code.prelu_forward(x, alpha)
        forward_again(code.prelu_forward, x, alpha)
        dx, dalpha = code.prelu_backward(dout, cache)
        return {"dx": dx, "dalpha": dalpha}

    def reference(self, x, alpha, dout):
        x = torch.tensor(x, device=self.device, requires_grad=True)
        alpha = torch.tensor(alpha, device=self.device, requires_grad=True)
        dout = torch.tensor(dout, device=self.device)
        dx, dalpha = torch.autograd.grad(F.prelu(x, alpha), (x, alpha), dout)
        return {"dx": dx, "dalpha": dalpha}

    @staticmethod
    def over_channels(terms):
        """Sum over everything but axis 1."""
        return terms.sum(axis=(0, *range(2, terms.ndim)))

    @mistake
    def dalpha_not_summed(self, right, x, alpha, dout):
        """Your dalpha has one entry for every entry of x. One α serves a whole channel: sum over
        the examples and over space."""
        return {"dalpha": dout * np.minimum(x, 0)}

    @mistake
    def dalpha_summed_over_examples_only(self, right, x, alpha, dout):
        """You sum dalpha over the examples only. For images the same α is used at every pixel,
        so the sum runs over height and width too."""
        if x.ndim == 4:
            return {"dalpha": (dout * np.minimum(x, 0)).sum(0)}

    @mistake
    def dalpha_for_each_column(self, right, x, alpha, dout):
        """For images you sum dalpha over all axes but the last, so it has one value for each column
        of the picture. The axis to keep is axis 1, the channels."""
        if x.ndim == 4:
            return {"dalpha": (dout * np.minimum(x, 0)).sum((0, 1, 2))}

    @mistake
    def dalpha_is_one_number(self, right, x, alpha, dout):
        """You sum dalpha over everything. Each channel has an α of its own: leave axis 1."""
        return {"dalpha": (dout * np.minimum(x, 0)).sum()}

    @mistake
    def dalpha_the_same_for_all(self, right, x, alpha, dout):
        """Your dalpha is the same number for every channel, the sum over all of them. Each channel
        has its own: leave axis 1."""
        return {"dalpha": np.full_like(alpha, (dout * np.minimum(x, 0)).sum())}

    @mistake
    def dalpha_squeezed(self, right, x, alpha, dout):
        """With one channel your dalpha has lost its axis, as np.squeeze does to axes of length 1.
        It has the shape of alpha, whatever the number of channels."""
        return {"dalpha": right["dalpha"].reshape(())} if alpha.size == 1 else None

    @mistake
    def dalpha_averaged(self, right, x, alpha, dout):
        """You average dalpha over the examples and places. The layer sums; a mean, where there
        is one, comes from the loss and is in dout already."""
        uses = x.dtype.type(x.size // alpha.size)
        return {"dalpha": self.over_channels(dout * np.minimum(x, 0)) / uses}

    @mistake
    def dalpha_without_dout(self, right, x, alpha, dout):
        """Your dalpha is the local derivative, summed. Multiply by dout before you sum."""
        return {"dalpha": self.over_channels(np.minimum(x, 0))}

    @mistake
    def dalpha_from_both_sides(self, right, x, alpha, dout):
        """Positive inputs count in your dalpha. α has no part in their outputs."""
        return {"dalpha": self.over_channels(dout * x)}

    @mistake
    def dalpha_by_the_sign_of_dout(self, right, x, alpha, dout):
        """Your dalpha counts the places where dout is negative. What decides is the sign of x: α
        has a part in the output where x is not positive."""
        return {"dalpha": self.over_channels(dout * x * (dout <= 0))}

    @mistake
    def dx_by_the_sign_of_dout(self, right, x, alpha, dout):
        """In your dx the sign of dout decides which slope is taken. It is the sign of x that
        does."""
        return {"dx": np.where(dout > 0, dout, per_channel(alpha, x) * dout)}

    @mistake
    def by_the_sign_of_the_output(self, right, x, alpha, dout):
        """You take the sign of the output for that of x. Where a slope is negative, a negative x
        gives a positive output: keep x in the cache."""
        out = leaky(x, per_channel(alpha, x))
        return {"dx": np.where(out > 0, dout, per_channel(alpha, x) * dout),
                "dalpha": self.over_channels(dout * x * (out <= 0))}  # fmt: skip

    @mistake
    def dalpha_counts_inputs(self, right, x, alpha, dout):
        """Your dalpha sums dout where x is negative. On the left the output is α·x: how much
        does it change when α does?"""
        return {"dalpha": self.over_channels(dout * (x < 0))}

    @mistake
    def dx_is_zero_on_the_left(self, right, x, alpha, dout):
        """Your dx is a plain ReLU's: nothing comes back on the left. The slope there is α."""
        return {"dx": dout * (x > 0)}

    @mistake
    def dx_is_one_at_zero(self, right, x, alpha, dout):
        """At exactly 0 the derivative is taken from the left, so it is α. Your dx has slope 1
        there."""
        return {"dx": np.where(x >= 0, dout, per_channel(alpha, x) * dout)}

    @mistake
    def dx_without_dout_on_the_left(self, right, x, alpha, dout):
        """On the left your dx is α itself, the local slope. Multiply it by dout."""
        return {"dx": np.where(x > 0, dout, per_channel(alpha, x))}

    @mistake
    def axes_of_images_only(self, right, x, alpha, dout):
        """You sum over axes 2 and 3, and rows N×C have none. Sum over all axes but axis 1,
        however many there are."""
        if x.ndim == 2:
            stopped = raises("AxisError", "out of bounds")
            return {"dx": stopped, "dalpha": stopped}

    @mistake
    def dalpha_from_the_right(self, right, x, alpha, dout):
        """Your dalpha counts the positive inputs. α has no part in their outputs: it is the
        negative ones that count."""
        return {"dalpha": self.over_channels(dout * np.maximum(x, 0))}

    @mistake
    def dalpha_from_the_output(self, right, x, alpha, dout):
        """Your dalpha holds α itself as a factor: it sums dout times the output. The derivative
        of α·x with respect to α is x."""
        return {"dalpha": alpha * right["dalpha"]}

    @mistake
    def dalpha_divided_by_the_batch(self, right, x, alpha, dout):
        """You divide dalpha by the number of examples. The layer sums; a mean, where there is one,
        comes from the loss and is in dout already."""
        return {"dalpha": right["dalpha"] / x.dtype.type(len(x))}

    @mistake
    def dx_from_the_output(self, right, x, alpha, dout):
        """On the left your dx is dout times α·x, which is the output. The slope there is α."""
        return {"dx": np.where(x > 0, dout, per_channel(alpha, x) * x * dout)}

    @mistake
    def dx_is_the_output_on_the_left(self, right, x, alpha, dout):
        """On the left your dx is α·x, which is the output. What comes back there is dout times the
        slope, and the slope is α."""
        return {"dx": np.where(x > 0, dout, per_channel(alpha, x) * x)}

    @mistake
    def dx_with_the_mean_alpha(self, right, x, alpha, dout):
        """In your dx every channel has the mean α. Each has its own."""
        return {"dx": np.where(x > 0, dout, alpha.mean() * dout)}

    @mistake
    def dx_with_the_first_alpha(self, right, x, alpha, dout):
        """In your dx every channel has the first α. Each has its own."""
        return {"dx": np.where(x > 0, dout, alpha[0] * dout)}

    @mistake
    def dx_with_the_last_axis(self, right, x, alpha, dout):
        """In your dx α meets the last axis, the width, since broadcasting aligns from the right.
        It belongs to axis 1, the channels."""
        if x.ndim == 4 and x.shape[-1] == alpha.size:
            return {"dx": np.where(x > 0, dout, alpha * dout)}

    @mistake
    def dx_of_images_with_the_mean_alpha(self, right, x, alpha, dout):
        """In the dx of images every channel has the mean α. Each has its own."""
        if x.ndim == 4:
            return {"dx": np.where(x > 0, dout, alpha.mean() * dout)}

    @mistake
    def dx_with_one_minus_alpha(self, right, x, alpha, dout):
        """On the left the slope in your dx is 1 − α. It is α itself."""
        return {"dx": np.where(x > 0, dout, (1 - per_channel(alpha, x)) * dout)}

    @mistake
    def dalpha_from_both_sides_divided(self, right, x, alpha, dout):
        """Two things: positive inputs count in your dalpha, though α has no part in their outputs;
        and you divide by the number of examples. The layer sums."""
        return {"dalpha": self.over_channels(dout * x) / x.dtype.type(len(x))}

    @mistake
    def dalpha_from_both_sides_averaged(self, right, x, alpha, dout):
        """Two things: positive inputs count in your dalpha, though α has no part in their outputs;
        and you average over the examples and places. The layer sums."""
        uses = x.dtype.type(x.size // alpha.size)
        if x.ndim == 4:
            return {"dalpha": self.over_channels(dout * x) / uses}
        return {"dalpha": self.over_channels(dout * x) / x.dtype.type(len(x))}
