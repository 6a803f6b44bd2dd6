"""Known mistakes made in one mode, or in one result, only (notebook 06)."""

from autograder.exercise import mistake


def in_mode(mode, known, hint):
    """A known mistake of batch norm that is made in this mode only."""

    def show(self, right, bn_param, **inputs):
        if bn_param["mode"] == mode:
            return known(self, right, bn_param=bn_param, **inputs)

    show.__doc__ = hint
    return mistake(show)


def narrowed(known, names, hint):
    """A known mistake that shows in these observations only."""

    def show(self, right, **inputs):
        shown = known(self, right, **inputs) or {}
        return {name: value for name, value in shown.items() if name in names}

    show.__doc__ = hint
    return mistake(show)


def without_gamma(known, hint):
    """A known mistake in dx, made together with leaving out γ there."""

    def show(self, right, **inputs):
        shown = known(self, right, **inputs | {"gamma": inputs["gamma"] / inputs["gamma"]}) or {}
        return {name: value for name, value in shown.items() if name not in ("dgamma", "dbeta")}

    show.__doc__ = hint
    return mistake(show)


def both(one, other, hint):
    """Two known mistakes that are made at once, where what they add to a value adds up."""

    def show(self, right, **inputs):
        first, second = (known(self, right, **inputs) or {} for known in (one, other))
        return {n: first[n] + second[n] - right[n] for n in first if n in second}

    show.__doc__ = hint
    return mistake(show)
