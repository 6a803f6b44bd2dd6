"""The explorer of notebook 02: pre-activations in, outputs and slopes out, units that go silent.

Nothing is trained here.
"""

from __future__ import annotations

import numpy as np

from course_utils.explorers.explorer import Explorer, choice, explore, slider

EXAMPLES, UNITS = 400, 60
_SATURATED = 0.05  # a slope below this share of the steepest one lets hardly anything through
_EDGES = np.linspace(-8, 8, 81)
OUTPUTS = (-1.25, 4.0)  # what the middle picture shows at least


def _sigmoid(z):
    return 0.5 * (1 + np.tanh(z / 2))


def _gelu(z):
    import torch

    return torch.nn.functional.gelu(torch.as_tensor(z)).numpy()


def _gelu_slope(z):
    import torch

    z = torch.as_tensor(z).requires_grad_()
    return torch.autograd.grad(torch.nn.functional.gelu(z).sum(), z)[0].numpy()


# Name → the function, its derivative, the steepest that it gets.
ACTIVATIONS = {
    "sigmoid": (_sigmoid, lambda z: _sigmoid(z) * (1 - _sigmoid(z)), 0.25),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2, 1.0),
    "ReLU": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0, 1.0),
    "leaky ReLU (0.1)": (lambda z: np.where(z > 0, z, 0.1 * z), lambda z: np.where(z > 0, 1, 0.1),
                         1.0),  # fmt: skip
    "ELU": (lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
            lambda z: np.exp(np.minimum(z, 0)), 1.0),  # fmt: skip
    "GELU": (_gelu, _gelu_slope, 1.13),
}


def pre_activations(mean: float, scale: float) -> np.ndarray:
    """400 examples × 60 units with this mean and standard deviation, the same noise each time.

    Half of the variance lies between units (each has a level of its own) and half between
    examples, as in a layer with biases: that is why some units can die and others not.
    """
    rng = np.random.default_rng(2)
    levels, noise = rng.normal(size=UNITS), rng.normal(size=(EXAMPLES, UNITS))
    z = levels + noise
    return mean + scale * (z - z.mean()) / z.std()


def measure(name: str, z: np.ndarray) -> dict[str, float]:
    """What layer `name` makes of the pre-activations z, N×H: means and shares from 0 to 1.

    `saturated` is the share of outputs whose slope is below 5 % of the steepest; `dead` the share
    of units that are so for every example.
    """
    function, derivative, steepest = ACTIVATIONS[name]
    slope = derivative(z)
    flat = np.abs(slope) < _SATURATED * steepest
    return {
        "output": float(function(z).mean()),
        "slope": float(slope.mean()),
        "rms": float(np.sqrt(np.mean(slope**2))),
        "saturated": float(flat.mean()),
        "dead": float(flat.all(axis=0).mean()),
    }


def activation_explorer() -> Explorer:
    """Slide the mean and the scale of the pre-activations; see outputs, slopes, dead units."""
    from matplotlib.figure import Figure

    from course_utils.plots import ACCENT

    figure = Figure(figsize=(9, 3.1))
    left, middle, right = figure.subplots(1, 3)
    figure.subplots_adjust(0.06, 0.17, 0.98, 0.86, wspace=0.28)
    grid = np.linspace(-8, 8, 321)
    share = np.zeros(len(_EDGES) - 1)
    falls = left.stairs(share, _EDGES, fill=True, color="#cfcfcf")
    beyond = [left.text(x, -0.95, "", ha=side, size=8, color="#222222")
              for x, side in ((-7.8, "left"), (7.8, "right"))]  # fmt: skip
    (curve,) = left.plot(grid, grid, color="#1a1a1a", lw=1.8)
    (steep,) = left.plot(grid, grid, color=ACCENT, lw=1.8, ls=(0, (5, 2)))
    left.set(xlim=(-8, 8), ylim=(-1.3, 2.2), xlabel="pre-activation z")
    left.set_title("function (solid), slope (dashed)", loc="left", size=10)
    outputs = middle.stairs(np.zeros(70), np.linspace(*OUTPUTS, 71), fill=True, color="#6b6b6b")
    middle.set(xlabel="output", ylim=(0, 1), ylabel="share of outputs")
    middle.set_title("outputs", loc="left", size=10)
    slope_edges = np.linspace(-0.2, 1.2, 57)
    slopes = right.stairs(np.zeros(56), slope_edges, fill=True, color=ACCENT)
    right.set(xlabel="slope", ylim=(0, 1))
    right.set_title("what the gradient is multiplied by", loc="left", size=10)
    for axes in (left, middle, right):
        axes.spines[["top", "right"]].set_visible(False)

    def draw(activation: str, mean: float, scale: float):
        function, derivative, _ = ACTIVATIONS[activation]
        z = pre_activations(mean, scale)
        counts = np.histogram(z, _EDGES)[0]
        for text, share in zip(beyond, (np.mean(z < _EDGES[0]), np.mean(z > _EDGES[-1])),
                               strict=True):  # fmt: skip
            text.set_text(f"{share:.0%} further out" if share >= 0.005 else "")
        falls.set_data(1.2 * counts / max(counts.max(), 1) - 1.3, baseline=-1.3)
        curve.set_ydata(function(grid))
        steep.set_ydata(derivative(grid))
        # The axis follows: values piled up at its end would look as if the function saturated.
        out = function(z)
        out_edges = np.linspace(min(out.min(), OUTPUTS[0]), max(out.max(), OUTPUTS[1]), 71)
        middle.set_xlim(out_edges[0], out_edges[-1])
        passed_on = derivative(z)
        for bars, edges, values in ((outputs, out_edges, out), (slopes, slope_edges, passed_on)):
            bars.set_data(np.histogram(values, edges)[0] / z.size, edges)
        seen = measure(activation, z)
        sentence = (
            f"{activation}, pre-activations with mean {mean:.1f} and scale {scale:.3g}: the mean "
            f"output is {seen['output']:.2f}, the root mean square slope {seen['rms']:.2g}. "
            f"{seen['saturated']:.0%} of the outputs are saturated (slope below 5 % of the "
            f"steepest), and {seen['dead']:.0%} of the units are so "
            f"whatever the input is, for all {EXAMPLES} examples. "
            f"Through ten such layers the slopes alone multiply a gradient by about "
            f"{seen['rms'] ** 10:.1g}."
        )
        return figure, sentence

    return explore(
        draw,
        still=[
            {"activation": "sigmoid", "mean": 0.0, "scale": 1.0},
            {"activation": "sigmoid", "mean": 0.0, "scale": 6.0},
            {"activation": "ReLU", "mean": 0.0, "scale": 1.0},
            {"activation": "ReLU", "mean": -3.0, "scale": 1.0},
        ],
        activation=choice("activation", list(ACTIVATIONS)),
        mean=slider("mean of the pre-activations", -6.0, 6.0, 0.0, step=0.1),
        scale=slider("scale (standard deviation)", 0.05, 20.0, 1.0, log=True),
    )
