"""Exercise of notebook 13 on half precision: a step from gradients of a scaled loss.

What a sum loses in half precision is in `precision`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Setting, mistake, near
from autograder.exercises.precision.overflows import Overflows
from autograder.exercises.precision.scaled_step import DEFAULTS, one_step


class loss_scaled_step(Overflows):
    """A step of SGD from scaled half precision gradients (Micikevicius 2017)."""

    signature = "loss_scaled_step(params, scaled_grads, config) -> next_params, config"
    modifies = ("config",)
    settings = {
        "learning_rate": Setting(1e-2, others=(1e-3, 0.1), inside="config"),
        "growth_factor": Setting(2.0, inside="config"),
        "backoff_factor": Setting(0.5, inside="config"),
    }
    reads = {
        "parameters": "your `next_params`",
        "scale after each step": "your scale after the steps",
        "growth_tracker": "your `growth_tracker` after the last step",
        "config": "the config that you return is {seen}; {right} is asked for",
    }
    minutes = 16
    difficulty = 3
    hints = (
        "Four things, in this order: unscale, look for what is not finite, clip and step, then "
        "move the scale. In which precision can the first be done without loss?",
        "If one value anywhere is not finite, no parameter moves, not even those whose gradients "
        "are fine. The weights stay as they were, and the count of good steps starts again.",
        "The norm is over all parameters together, and clipping only ever shortens. What if the "
        "norm is 0?",
    )

    def cases(self, rng):
        def case(name, points, steps, config, size=1.0, w_size=1.0, spoil=(), signed=True):
            shapes = {"W": (4, 3), "b": (3,), "V": (3, 5)}
            gradients = []
            for step in range(steps):
                grads = {n: size * rng.choice([-1, 1] if signed else [1], s)
                         * rng.uniform(0.3, 2, s) for n, s in shapes.items()}  # fmt: skip
                for where, parameter, value in spoil:
                    if where == step:
                        grads[parameter].flat[int(rng.integers(3))] = value
                gradients.append(grads)
            params = {n: (w_size * rng.normal(size=s)).astype("f4") for n, s in shapes.items()}
            return Case(name, points, params=params, gradients=gradients, config=config)

        tiny = {"learning_rate": 50.0}
        yield case("gradients near 1e-7", 2, 2, tiny, size=1e-7, w_size=1e-4)
        clip = {"learning_rate": 0.3, "max_norm": 0.8, "scale": 1024.0}
        yield case("clipped to a norm of 0.8", 0.5, 2, dict(clip))
        yield case("clipped a little", 1, 1, {**clip, "max_norm": 5.8})
        yield case("a norm that need not be clipped", 1, 2, {**clip, "max_norm": 40.0})
        yield case("all gradients 0, with clipping", 0.5, 1, dict(clip), size=0.0)
        yield case("clipped to a norm of 0", 0.5, 1, {**clip, "max_norm": 0.0})
        grow = {"learning_rate": 0.1, "scale": 1024.0, "growth_interval": 2}
        yield case("from an empty config", 1, 1, {}, size=1e-2)
        yield case("the two-thousandth good step", 1, 2, {"growth_tracker": 1998}, size=1e-2)
        yield case("from an empty config, all overflow", 0.5, 2, {}, size=1e-2,
                   spoil=[(0, name, np.nan) for name in "WbV"])  # fmt: skip
        yield case("a scale of 1, with clipping", 0.5, 2, {**clip, "scale": 1.0},
                   spoil=[(0, "b", np.inf)])  # fmt: skip
        yield case("one value overflows", 1.5, 5, {**grow, "growth_interval": 3},
                   spoil=[(2, "b", 1e4)])  # fmt: skip
        yield case("one value is NaN", 0.5, 4, dict(grow),
                   spoil=[(0, "b", np.nan), (2, "V", np.nan)])  # fmt: skip
        # Each is finite; their sum in half precision is not.
        yield case("large and finite", 0.5, 2, dict(grow), size=30.0, signed=False)
        yield case("seven good steps", 1, 7, {**grow, "scale": 16.0, "growth_interval": 3})
        own = {"growth_factor": 4.0, "backoff_factor": 0.125, "growth_tracker": 1}
        yield case("settings of your own", 1, 3, {**grow, **own}, spoil=[(1, "W", -1e5)])

    def observe(self, code, params, gradients, config):
        scales, given, empty = [], config, not config
        for grads in gradients:
            scale = config.get("scale", 65536.0)
            with np.errstate(all="ignore"):
                scaled = {n: (g * scale).astype(np.float16) for n, g in grads.items()}
                params, config = code.loss_scaled_step(params, scaled, config)
            scales.append(config.get("scale"))
        seen = {
            "parameters": dict(params),
            "scale after each step": scales,
            "growth_tracker": config.get("growth_tracker"),
        }
        return seen | ({"config": "the one given" if config is given else "another"}
                       if empty else {})  # fmt: skip

    def reference(self, params, gradients, config):
        c, same = {**DEFAULTS, **config}, {} if config else {"config": "the one given"}
        held = {n: torch.nn.Parameter(torch.tensor(w, device=self.device))
                for n, w in params.items()}  # fmt: skip
        optimizer = torch.optim.SGD(held.values(), lr=c["learning_rate"])
        scaler = torch.amp.GradScaler(self.device.partition(":")[0])
        scaler.load_state_dict({
            "scale": c["scale"], "growth_factor": c["growth_factor"],
            "backoff_factor": c["backoff_factor"], "growth_interval": c["growth_interval"],
            "_growth_tracker": c["growth_tracker"],
        })  # fmt: skip
        scales = []
        for grads in gradients:
            scale = float(scaler.scale(torch.ones((), device=self.device)))
            for name, w in held.items():
                # numpy's float16: torch goes from double to half by way of single.
                with np.errstate(over="ignore"):
                    scaled = (grads[name] * scale).astype(np.float16)
                w.grad = torch.tensor(scaled, device=self.device).to(w.dtype)
            scaler.unscale_(optimizer)
            if c["max_norm"] is not None:
                torch.nn.utils.clip_grad_norm_(held.values(), c["max_norm"])
            scaler.step(optimizer)
            scaler.update()
            scales.append(scaler.get_scale())
        size = max(float(w.detach().abs().max()) for w in held.values())
        return {
            # torch adds 1e-6 to the norm before it divides.
            "parameters": near({n: w.detach().cpu().numpy() for n, w in held.items()},
                               rtol=1e-5, atol=2e-6 * size),
            "scale after each step": scales,
            "growth_tracker": scaler.state_dict()["_growth_tracker"],
            **same,
        }  # fmt: skip

    def changed(self, params, gradients, config, defaults=None, **how):
        """What a loop shows whose step is wrong in the way of `one_step`, or whose defaults are."""
        c, scales = {**DEFAULTS, **(defaults or {}), **config}, []
        scale = config.get("scale", 65536.0)
        with np.errstate(all="ignore"):
            for grads in gradients:
                scale = scales[-1] if scales else scale
                scaled = {n: (g * scale).astype(np.float16) for n, g in grads.items()}
                params = one_step(params, scaled, c, **how)
                scales.append(c["scale"])
        return {"parameters": params, "scale after each step": scales,
                "growth_tracker": c["growth_tracker"]}  # fmt: skip

    @mistake
    def unscale_forgotten(self, right, **inputs):
        """Your step is as many times too long as the scale is large. The gradients that come in
        are those of the scaled loss: divide them first."""
        return self.changed(**inputs, unscale=lambda g, c: g.astype(np.float32))

    @mistake
    def unscaled_in_half(self, right, **inputs):
        """You undo the scale in half precision, where 65536 is beyond every number: what the scale
        had saved is lost again. Widen to float32 first, then divide."""
        # Widened afterwards, too late: what stays in half rounds the rest besides.
        return self.changed(**inputs, unscale=lambda g, c: (g / c["scale"]).astype(np.float32))

    @mistake
    def inverse_in_half(self, right, **inputs):
        """You undo the scale in half precision, by a quotient of float16 numbers or by a product
        with its inverse: what the scale had saved underflows or loses its digits. Widen first."""
        return self.changed(
            **inputs, unscale=lambda g, c: (g * np.float16(1 / c["scale"])).astype(np.float32)
        )

    @mistake
    def clipped_before_unscaling(self, right, **inputs):
        """You compare the norm of the scaled gradients with max_norm, so nearly everything is
        clipped, and by how much depends on the scale. Unscale first."""
        return self.changed(**inputs, clip="before")

    @mistake
    def clipped_one_by_one(self, right, **inputs):
        """You clip each parameter's gradient by its own norm. max_norm is for the norm of all of
        them together, so that the step keeps its direction."""
        return self.changed(**inputs, clip="each")

    @mistake
    def clipped_before_and_one_by_one(self, right, **inputs):
        """You clip each parameter's gradient by its own norm, and before unscaling. max_norm is for
        the norm of all unscaled gradients together."""
        return self.changed(**inputs, clip="before each")

    @mistake
    def sum_of_norms(self, right, **inputs):
        """You add up the parameters' norms. The norm of all of them together is the root of the sum
        of all squares, which is less."""
        return self.changed(**inputs, clip="sum")

    @mistake
    def largest_norm(self, right, **inputs):
        """You take the largest of the parameters' norms. The norm of all of them together is the
        root of the sum of all squares."""
        return self.changed(**inputs, clip="largest")

    @mistake
    def added_to_the_norm(self, right, **inputs):
        """You add something like 0.01 to the norm before you divide max_norm by it, so that what is
        clipped ends below max_norm. What is larger than max_norm is brought down to it, exactly."""
        return self.changed(**inputs, clip="longer")

    @mistake
    def clipped_by_value(self, right, **inputs):
        """You clip every value to max_norm. It is the norm of all gradients together that is
        limited, so that the step keeps its direction."""
        return self.changed(**inputs, clip="by value")

    @mistake
    def norm_in_half(self, right, **inputs):
        """You square and add up in half precision, where squares overflow or vanish. The norm is
        that of the unscaled gradients, in single precision."""
        return self.changed(**inputs, clip="in half")

    @mistake
    def clips_without_a_limit(self, right, config, **inputs):
        """You clip to a norm of 1 where config has no max_norm. Its default is None: no
        clipping."""
        return self.changed(**inputs, config=config, defaults={"max_norm": 1.0})

    @mistake
    def default_scale_of_half_the_size(self, right, config, **inputs):
        """Your scale is 32768 where config has none. The default is 65536."""
        if "scale" not in config:
            return self.changed(**inputs, config=config, defaults={"scale": 32768.0})

    @mistake
    def default_interval_of_a_thousand(self, right, config, **inputs):
        """Your scale grows after 1000 good steps where config has no growth_interval. The default
        is 2000."""
        return self.changed(**inputs, config=config, defaults={"growth_interval": 1000})

    @mistake
    def another_config_returned(self, right, config, **inputs):
        """You return another dict than the config that came in. The caller's own is to hold the
        scale for the next loss: change it and return it."""
        return None if config else {"config": "another"}

    @mistake
    def always_clipped(self, right, **inputs):
        """You bring every gradient to the norm max_norm, short ones too (and divide by 0 where
        there is none). Clipping only shortens."""
        return self.changed(**inputs, clip="always")

    @mistake
    def short_ones_lengthened(self, right, **inputs):
        """You bring every gradient to the norm max_norm, short ones too. Clipping only shortens:
        what is not longer than max_norm stays."""
        return self.changed(**inputs, clip="lengthened")

    @mistake
    def no_limit_of_zero(self, right, config, **inputs):
        """You do not clip where max_norm is 0, as with `if max_norm:`. Only None means no clipping;
        a norm of 0 leaves no step."""
        if config.get("max_norm") == 0:
            return self.changed(config={**config, "max_norm": None}, **inputs)

    @mistake
    def never_clipped(self, right, **inputs):
        """Your gradients are not clipped: max_norm has no effect. Where the norm of all of them
        together is larger, they are shortened to it."""
        return self.changed(**inputs, clip="none")

    @mistake
    def others_step(self, right, **inputs):
        """When one gradient overflows you skip its own parameter only. The whole step is skipped:
        half a step goes in a direction that nobody computed."""
        return self.changed(**inputs, skip="each")

    @mistake
    def bad_values_zeroed(self, right, **inputs):
        """You put 0 in place of what is not finite, and step. An overflow means that the largest
        gradients are lost, so the rest points elsewhere: skip the step."""
        return self.changed(**inputs, skip="zeroed")

    @mistake
    def climbs(self, right, **inputs):
        """Your step goes uphill: it goes against the gradient."""
        return self.changed(**inputs, uphill=True)

    @mistake
    def norm_without_root(self, right, **inputs):
        """You compare the sum of squares with max_norm. The norm is its root."""
        return self.changed(**inputs, clip="squared")

    @mistake
    def weights_in_half(self, right, **inputs):
        """Your new weights have passed through half precision, where a small step is lost. The
        master weights are float32 all the way."""
        return self.changed(**inputs, stored=np.float16)

    @mistake
    def steps_anyway(self, right, **inputs):
        """Your scale backs off when gradients are not finite, but the step is taken all the same,
        and the weights are spoilt for good."""
        return self.changed(**inputs, skip="never")

    @mistake
    def scale_stays(self, right, **inputs):
        """After an overflow your scale stays where it is, so the next step overflows as well.
        Multiply it by backoff_factor."""
        return self.changed(**inputs, back_off=None)

    @mistake
    def scale_divided(self, right, **inputs):
        """After an overflow you divide the scale by backoff_factor, so it grows. Multiply it: the
        factor is less than 1."""
        return self.changed(**inputs, back_off="divided")

    @mistake
    def growth_added(self, right, **inputs):
        """You add growth_factor to the scale. It is a factor: multiply by it."""
        return self.changed(**inputs, grow="added")

    @mistake
    def never_grows(self, right, **inputs):
        """Your scale never grows. When the count of good steps has reached growth_interval, the
        scale is multiplied by growth_factor."""
        return self.changed(**inputs, grow=None)

    @mistake
    def never_grows_nor_counts_anew(self, right, **inputs):
        """Your scale never grows, and the count of good steps goes on. When it has reached
        growth_interval, the scale is multiplied by growth_factor and the count is 0 again."""
        return self.changed(**inputs, grow=None, go_on=True)

    @mistake
    def grows_before_unscaling(self, right, **inputs):
        """Your scale grows before the gradients are divided by it. They came from a loss with the
        old scale: unscale first, move the scale last."""
        return self.changed(**inputs, grow_first=True)

    @mistake
    def bad_steps_counted(self, right, **inputs):
        """You count a skipped step. growth_tracker is 0 after it: only good steps count."""
        return self.changed(**inputs, counts_bad=True)

    @mistake
    def grows_one_early(self, right, **inputs):
        """Your scale grows one good step too early: the count has to reach growth_interval."""
        return self.changed(**inputs, late=-1)

    @mistake
    def count_goes_on(self, right, **inputs):
        """growth_interval counts good steps in a row. An overflow ends the row: the count starts
        at 0 again."""
        return self.changed(**inputs, reset=False)

    @mistake
    def grows_one_late(self, right, **inputs):
        """Your scale grows one good step too late: it grows with the step that makes the count
        equal to growth_interval."""
        return self.changed(**inputs, late=1)

    @mistake
    def grows_ever_after(self, right, **inputs):
        """Once your scale has grown, the count is not set back, so it grows at every step from
        there on."""
        return self.changed(**inputs, go_on=True)

    @mistake
    def wider_when_clipped(self, right, config, **inputs):
        """Your parameters become double precision when they are clipped: np.sqrt gives a float64,
        and what is multiplied by it is float64, too. Make the factor a plain number."""
        if config.get("max_norm") is not None:
            return {"parameters": {n: w.astype("f8") for n, w in right["parameters"].items()}}

    @mistake
    def wider_everywhere(self, right, **inputs):
        """Your parameters become float64. The master weights are float32 all the way: what is
        multiplied by a float64 array or number of numpy becomes float64, too."""
        return {"parameters": {n: w.astype("f8") for n, w in right["parameters"].items()}}

    @mistake
    def settings_ignored(self, right, config, **inputs):
        """The factors in config are ignored, and 2 and a half are used instead. A default is for
        a key that is missing."""
        kept = {k: v for k, v in config.items() if not k.endswith("factor")}
        return self.changed(config=kept, **inputs)
