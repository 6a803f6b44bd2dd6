"""Exercise of notebook 13 on half precision: a step from gradients of a scaled loss.

What a sum loses in half precision is in `precision`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near

DEFAULTS = {"learning_rate": 1e-2, "max_norm": None, "scale": 65536.0, "growth_factor": 2.0,
            "backoff_factor": 0.5, "growth_interval": 2000, "growth_tracker": 0}  # fmt: skip


def one_step(params, scaled, c, unscale=lambda g, c: g.astype(np.float32) / c["scale"],
             clip="global", skip="all", back_off=True, reset=True, late=False,
             go_on=False, uphill=False, stored=np.float32):  # fmt: skip
    """A step of SGD with a scaled loss, with one thing changed; changes the config `c`."""
    limit = np.inf if c["max_norm"] is None else c["max_norm"]
    sees = {"nan": np.isnan, "inf": np.isinf}.get(skip, lambda g: ~np.isfinite(g))
    grads = {name: unscale(g, c) for name, g in scaled.items()}
    bad = {name: bool(sees(g).any()) for name, g in grads.items()}
    if skip == "all bad":
        bad = dict.fromkeys(bad, all(bad.values()))
    if skip == "zeroed":
        grads = {n: np.where(np.isfinite(g), g, np.float32(0)) for n, g in grads.items()}
    measured = {n: g.astype(np.float32) for n, g in scaled.items()} if clip == "before" else grads
    norms = {name: np.sqrt((g**2).sum()) for name, g in measured.items()}
    whole = np.sqrt(sum(norm**2 for norm in norms.values()))
    whole = whole**2 if clip == "squared" else whole
    following = dict(params)
    for name, w in params.items():
        norm = norms[name] if clip == "each" else whole
        if clip == "always" and np.isfinite(limit):
            factor = limit / norm
        else:
            factor = min(1, limit / norm) if clip != "none" and norm else 1
        refused = bad[name] if skip == "each" else (
            any(bad.values()) and skip in ("all", "nan", "inf", "all bad"))  # fmt: skip
        if not refused:
            step = c["learning_rate"] * np.float32(factor) * grads[name]
            following[name] = (w + step if uphill else w - step).astype(stored)
    if any(bad.values()):
        c["scale"] *= c["backoff_factor"] if back_off else 1
        c["growth_tracker"] = 0 if reset else c["growth_tracker"]
        return following
    c["growth_tracker"] += 1
    if c["growth_tracker"] >= c["growth_interval"] + late:
        c["scale"] *= c["growth_factor"]
        c["growth_tracker"] = c["growth_tracker"] if go_on else 0
    return following


class loss_scaled_step(Exercise):
    """A step of SGD from scaled half precision gradients (Micikevicius 2017)."""

    signature = "loss_scaled_step(params, scaled_grads, config) -> next_params, config"
    modifies = ("config",)
    minutes = 16
    difficulty = 3
    hints = (
        "Four things, in this order: unscale, look for what is not finite, clip and step, then "
        "move the scale. In which precision can the first be done without loss?",
        "One bad value anywhere means: no parameter moves, not even those whose gradients are "
        "fine. The weights are the old ones, the count of good steps starts again.",
        "The norm is over all parameters together, and clipping only ever shortens. What if the "
        "norm is 0?",
    )

    def cases(self, rng):
        def case(name, points, steps, config, size=1.0, w_size=1.0, spoil=()):
            shapes = {"W": (4, 3), "b": (3,), "V": (3, 5)}
            gradients = []
            for step in range(steps):
                grads = {n: size * rng.choice([-1, 1], s) * rng.uniform(0.3, 2, s)
                         for n, s in shapes.items()}  # fmt: skip
                for where, parameter, value in spoil:
                    if where == step:
                        grads[parameter].flat[int(rng.integers(3))] = value
                gradients.append(grads)
            params = {n: (w_size * rng.normal(size=s)).astype("f4") for n, s in shapes.items()}
            return Case(name, points, params=params, gradients=gradients, config=config)

        tiny = {"learning_rate": 50.0}
        yield case("gradients near 1e-7", 2, 2, tiny, size=1e-7, w_size=1e-4)
        clip = {"learning_rate": 0.3, "max_norm": 0.8, "scale": 1024.0}
        yield case("clipped to a norm of 0.8", 1, 2, dict(clip))
        yield case("clipped a little", 1, 1, {**clip, "max_norm": 5.8})
        yield case("a norm that need not be clipped", 1, 2, {**clip, "max_norm": 40.0})
        yield case("all gradients 0, with clipping", 1, 1, dict(clip), size=0.0)
        grow = {"learning_rate": 0.1, "scale": 1024.0, "growth_interval": 2}
        yield case("from an empty config", 1, 1, {}, size=1e-2)
        yield case("the two-thousandth good step", 1, 2, {"growth_tracker": 1998}, size=1e-2)
        yield case("one value overflows", 2, 5, {**grow, "growth_interval": 3},
                   spoil=[(2, "b", 1e4)])  # fmt: skip
        yield case("one value is NaN", 1, 3, dict(grow), spoil=[(1, "V", np.nan)])
        yield case("seven good steps", 1, 7, {**grow, "scale": 16.0, "growth_interval": 3})
        own = {"growth_factor": 4.0, "backoff_factor": 0.25, "growth_tracker": 1}
        yield case("settings of your own", 1, 3, {**grow, **own}, spoil=[(1, "W", -1e5)])

    def observe(self, code, params, gradients, config):
        scales = []
        for grads in gradients:
            scale = config.get("scale", 65536.0)
            with np.errstate(all="ignore"):
                scaled = {n: (g * scale).astype(np.float16) for n, g in grads.items()}
                params, config = code.loss_scaled_step(params, scaled, config)
            scales.append(config.get("scale"))
        return {
            "parameters": dict(params),
            "scale after each step": scales,
            "growth_tracker": config.get("growth_tracker"),
        }

    def reference(self, params, gradients, config):
        c = {**DEFAULTS, **config}
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
        }  # fmt: skip

    def changed(self, params, gradients, config, **how):
        """What a loop shows whose step is wrong in the way of `one_step`."""
        c, scales = {**DEFAULTS, **config}, []
        with np.errstate(all="ignore"):
            for grads in gradients:
                scaled = {n: (g * c["scale"]).astype(np.float16) for n, g in grads.items()}
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
        """You divide float16 numbers, and the quotient is float16 again: what the scale had saved
        underflows now (and 65536 itself is beyond half precision). Widen first, then divide."""
        # Widened afterwards, too late: what stays in half rounds the rest besides.
        return self.changed(**inputs, unscale=lambda g, c: (g / c["scale"]).astype(np.float32))

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
    def always_clipped(self, right, **inputs):
        """You bring every gradient to the norm max_norm, short ones too (and divide by 0 where
        there is none). Clipping only shortens."""
        return self.changed(**inputs, clip="always")

    @mistake
    def never_clipped(self, right, **inputs):
        """max_norm has no effect in yours."""
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
    def infinity_not_seen(self, right, **inputs):
        """You look for NaN only. What overflows in half precision is infinite first."""
        return self.changed(**inputs, skip="nan")

    @mistake
    def nan_not_seen(self, right, **inputs):
        """You look for infinite values only. A NaN, such as ∞ − ∞ on the way back, must stop the
        step as well."""
        return self.changed(**inputs, skip="inf")

    @mistake
    def skipped_only_when_all_are_bad(self, right, **inputs):
        """You skip the step only when no parameter's gradient is finite. A single value that is
        not finite is enough."""
        return self.changed(**inputs, skip="all bad")

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
        return self.changed(**inputs, back_off=False)

    @mistake
    def count_goes_on(self, right, **inputs):
        """growth_interval counts good steps in a row. An overflow ends the row: the count starts
        at 0 again."""
        return self.changed(**inputs, reset=False)

    @mistake
    def grows_one_late(self, right, **inputs):
        """Your scale grows one good step too late: it grows with the step that makes the count
        equal to growth_interval."""
        return self.changed(**inputs, late=True)

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
    def settings_ignored(self, right, config, **inputs):
        """The factors in config are ignored, and 2 and a half are used instead. A default is for
        a key that is missing."""
        kept = {k: v for k, v in config.items() if not k.endswith("factor")}
        return self.changed(config=kept, **inputs)
