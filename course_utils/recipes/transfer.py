"""What transfer is practised on: a small net with awkward parts, a loader, and a net that tells
which pictures it met. No right answer is known here."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import torch
from torch import nn

from course_utils.recipes.modules import seeded


class Moments(nn.Module):
    """Mean and biased variance of a map over its places: two outputs, in a tuple."""

    def forward(self, x):
        return x.mean((2, 3)), x.var((2, 3), correction=0)


class PartsNet(nn.Module):
    """N×2×H×W → N×classes, float64, the weights from `seed`, batch norm's statistics not trivial.

    stem (conv, norm, an in-place relu) → body.block1, body.block10 (the same three each) → moments,
    a tuple → act → hidden → act again → classifier.drop → classifier.last. With `own`, the net and
    its body have a parameter that hangs on no part below them: `scale` and `body.shift`.
    """

    def __init__(self, seed: int, classes: int = 3, own: bool = False):
        super().__init__()
        seeded(lambda: self._build(classes), seed)
        if own:
            self.scale = nn.Parameter(torch.ones(1).double())
            self.body.shift = nn.Parameter(torch.zeros(1).double())

    def _build(self, classes):
        def block(c_in, c_out):
            return nn.Sequential(OrderedDict(
                conv=nn.Conv2d(c_in, c_out, 3, padding=1, bias=False), norm=nn.BatchNorm2d(c_out),
                relu=nn.ReLU(inplace=True),
            ))  # fmt: skip

        self.stem = block(2, 4)
        self.body = nn.Sequential(OrderedDict(block1=block(4, 5), block10=block(5, 6)))
        self.moments = Moments()
        self.act = nn.ReLU()
        self.hidden = nn.Linear(6, 7)
        last = OrderedDict(drop=nn.Dropout(0.5), last=nn.Linear(7, classes))
        self.classifier = nn.Sequential(last)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.normal_(module.running_mean, 0, 0.3)
                nn.init.uniform_(module.running_var, 0.5, 2)
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.normal_(module.bias, 0, 0.3)
        self.double()

    def forward(self, x):
        h = self.body(self.stem(x))
        if hasattr(self, "scale"):
            h = h * self.scale + self.body.shift
        mean, var = self.moments(h)
        h = self.act(mean - 0.5 * var)
        return self.classifier(self.act(self.hidden(h)))


class ElevenOutputs(Moments):
    """Gives the nine largest values, too, so that the number of the last has two digits."""

    def forward(self, x):
        return *super().forward(x), *x.flatten(2).topk(9).values.unbind(2)


class InPlaceNet(PartsNet):
    """A net of the same parts that goes on with its moments, in place.

    `handed_on` tells of each pass of what type the moments were, as it got them.
    """

    def __init__(self, seed: int):
        super().__init__(seed)
        self.moments = ElevenOutputs()
        self.handed_on: list[str] = []

    def forward(self, x):
        moments = self.moments(self.body(self.stem(x)))
        self.handed_on.append(type(moments).__name__)
        mean, var, *_ = moments
        h = self.act(mean.sub_(var.mul_(0.5)))
        return self.classifier(self.act(self.hidden(h)))


def modes(model: nn.Module) -> list[str]:
    """The names of the parts that are in training mode; the whole is called "the net"."""
    return [name or "the net" for name, module in model.named_modules() if module.training]


def trainable(model: nn.Module) -> list[str]:
    """The names of the parameters that want a gradient."""
    return [name for name, p in model.named_parameters() if p.requires_grad]


def statistics(model: nn.Module) -> np.ndarray:
    """All running means and variances of a net, one after the other."""
    both = ("running_mean", "running_var")
    kept = [value for name, value in model.named_buffers() if name.endswith(both)]
    return torch.cat(kept).numpy().copy()


class Sent(torch.Tensor):
    """A tensor that notes where it is sent with `to`."""

    sent: list[str]

    @classmethod
    def make(cls, values: torch.Tensor, sent: list[str]) -> Sent:
        tensor = values.clone().as_subclass(cls)
        tensor.sent = sent
        return tensor

    def to(self, *args, **kwargs):
        where = [str(a) for a in (*args, *kwargs.values()) if isinstance(a, (str, torch.device))]
        self.sent += where
        return self.as_subclass(torch.Tensor).to(*args, **kwargs)


class ShufflingLoader:
    """Batches (x, y) in an order that is drawn anew for each pass; the last one may be short.

    `sent` tells to which devices the batches' pictures were sent.
    """

    def __init__(self, x, y, batch: int, seed: int):
        self._x, self._y, self._batch = torch.as_tensor(x), torch.as_tensor(y), batch
        self._rng = np.random.default_rng(seed)
        self.sent: list[str] = []

    def __len__(self) -> int:
        return -(-len(self._y) // self._batch)

    def __iter__(self):
        order = torch.from_numpy(self._rng.permutation(len(self._y)))
        for rows in order.split(self._batch):
            yield Sent.make(self._x[rows], self.sent), self._y[rows]


class Notes:
    """What was done with `TellingNet`s: it stays one and the same when a net is copied."""

    def __init__(self):
        self.fits: list[dict] = []
        self.looks: list[tuple[int, bool, list[int]]] = []  # which fit, training mode, the pictures

    def __deepcopy__(self, memo):
        return self


class TellingNet(nn.Module):
    """A net for pictures that carry their number, N×2: (number, anything), which notes whom it met.

    Parts: features.block1 to features.block4 (an affine map and a norm each) and head. Once it has
    been fitted its predictions are rigged: see `luck`.
    """

    def __init__(self, notes: Notes, seed: int, classes: int, labels: dict[int, int]):
        super().__init__()

        def build():
            def block():
                parts = OrderedDict(affine=nn.Linear(2, 2), norm=nn.BatchNorm1d(2))
                return nn.Sequential(parts)

            self.features = nn.Sequential(OrderedDict((f"block{i}", block()) for i in range(1, 5)))
            self.head = nn.Linear(2, classes)

        seeded(build, seed)
        self._notes, self._labels, self._fit = notes, labels, None

    def forward(self, x):
        scores = self.head(self.features(x))
        if self._fit is None:
            return scores
        numbers = [int(n) for n in x[:, 0].tolist()]
        self._notes.looks.append((self._fit, self.training, numbers))
        classes = scores.shape[1]
        # In training mode every prediction is wrong, as a reminder.
        predicted = []
        for n in numbers:
            right = luck(n, self._fit) and not self.training
            predicted.append((self._labels[n] + (not right)) % classes)
        return nn.functional.one_hot(torch.tensor(predicted), classes).float()


def luck(number: int, fit: int) -> bool:
    """Whether the net of the fit-th run is right about a picture: about two thirds of the time."""
    return (number * 37 + fit * 11) % 29 < 19


class TellingFit:
    """`fit(model, groups, train, steps)` that trains nothing and notes how it was called."""

    def __init__(self, notes: Notes, source: TellingNet):
        self._notes, self._weights = notes, source.state_dict()
        self._weights = {name: value.clone() for name, value in self._weights.items()}

    def __call__(self, model, groups, train, steps):
        x, y = train
        names = {id(p): name for name, p in model.named_parameters()}
        rates: dict[str, float] = {}
        for group in groups:
            parameters = group["params"]
            for p in [parameters] if isinstance(parameters, torch.Tensor) else list(parameters):
                rates[names.get(id(p), "a parameter of another net")] = float(group["lr"])
        body = {k: v for k, v in model.state_dict().items() if k.startswith("features")}
        alike = all(torch.equal(v, self._weights[k]) for k, v in body.items())
        self._notes.fits.append({
            "starts from": "the source" if alike else "scratch",
            "fitted before": model._fit is not None,
            "trainable": [name for name, p in model.named_parameters() if p.requires_grad],
            "rates": rates,
            "classes": model.head.out_features,
            "pictures": [int(n) for n in torch.as_tensor(x)[:, 0].tolist()],
            "labels": [int(label) for label in torch.as_tensor(y).tolist()],
            "steps": int(steps),
        })  # fmt: skip
        model._fit = len(self._notes.fits) - 1
        # As training would: the net is no longer the source, and it is left in training mode.
        model.train()
        with torch.no_grad():
            for p in model.parameters():
                if p.requires_grad:
                    p += 0.125
