"""`inspect(program)`: one table and one picture of a training program, which stays as it is."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_utils.inspection import inspect
from course_utils.recipes.programs import standing


class Program:
    """Four classes of random colour pictures; what is changed of it is told when it is made."""

    def __init__(self, rate=0.05, cut=False, frozen=False, first_bias=0.0, scale=1.0):
        self.given = rate, cut, frozen, first_bias, scale
        self.cut = cut
        rng = np.random.default_rng(4)
        self.x = torch.as_tensor(scale * rng.normal(size=(60, 3, 6, 6)), dtype=torch.float32)
        self.y = torch.arange(60) % 4
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(3)
            norm = nn.Identity() if first_bias else nn.BatchNorm2d(5)
            self.net = nn.Sequential(
                nn.Conv2d(3, 5, 3, padding=1), norm, nn.ReLU(),
                nn.Flatten(), nn.Dropout(0.5), nn.Linear(180, 4),
            )  # fmt: skip
        nn.init.constant_(self.net[0].bias, first_bias)
        self.net[0].requires_grad_(not frozen)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=rate)

    @property
    def batches(self):
        return zip(self.x.split(20), self.y.split(20), strict=True)

    def loss(self, batch):
        x, y = batch
        features = self.net[:-1](x)
        return F.cross_entropy(self.net[-1](features.detach() if self.cut else features), y)

    def step(self, batch):
        loss = self.loss(batch)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def fresh(self):
        return Program(*self.given)


def test_a_sound_program():
    look = inspect(Program(), steps=7)
    assert look.classes == 4 and look.guessing == pytest.approx(math.log(4))
    program = Program()
    with torch.random.fork_rng(devices=[]):
        losses = [program.loss(batch).item() for batch in program.batches]
    assert look.first_loss == pytest.approx(np.mean(losses), abs=0.5)  # dropout draws anew
    assert [layer.kind for layer in look.layers] == ["Conv2d", "Linear"]
    assert len(look.losses) == 7 and all(len(layer.ratios) == 7 for layer in look.layers)
    conv, last = look.layers
    assert 0.2 < conv.zeros < 0.8 and last.zeros == 0  # half behind the ReLU
    assert 0 < conv.gradient and 1e-4 < last.ratios[0] < 1
    assert look.pictures.shape == (16, 3, 6, 6) and look.labels == tuple(i % 4 for i in range(16))


def test_outputs_and_gradients_are_those_of_the_layer():
    program = Program()
    seen = torch.cat([program.net[0](x).flatten() for x, _ in program.batches])
    conv = inspect(Program(), steps=1).layers[0]
    assert conv.mean == pytest.approx(float(seen.mean()), abs=1e-5)
    assert conv.std == pytest.approx(float(seen.std(correction=0)), rel=1e-4)


def test_dark_pictures_are_no_dead_units():
    class Dark(Program):
        def __init__(self, *given):
            super().__init__(*given)
            self.x = self.x.clamp(min=0)

        def fresh(self):
            return Dark(*self.given)

    assert inspect(Dark(), steps=1).layers[-1].zeros == 0


def test_a_step_is_told_as_a_share_of_the_weights():
    program = Program()
    before = program.net[-1].weight.detach().clone()
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(1)
        program.step(next(iter(program.batches)))
    share = float((program.net[-1].weight - before).norm() / before.norm())
    assert inspect(Program(), steps=1).layers[-1].ratios[0] == pytest.approx(share, rel=0.5)
    assert inspect(Program(rate=5.0), steps=1).layers[-1].ratios[0] > 20 * share


def test_what_is_wrong_is_seen():
    assert inspect(Program(cut=True), steps=2).layers[0].gradient is None
    assert inspect(Program(cut=True), steps=2).layers[0].row[5] == "none"
    assert inspect(Program(frozen=True), steps=2).layers[0].row[-2:] == ("not trained",) * 2
    assert inspect(Program(first_bias=-50.0), steps=2).layers[0].zeros == 1
    assert inspect(Program(first_bias=0.001, scale=300.0), steps=2).first_loss > 10


def test_the_program_stays_as_it_is():
    program = Program()
    program.step(next(iter(program.batches)))
    program.net.eval()
    before, random_before = standing(program), torch.initial_seed()
    inspect(program)
    after = standing(program)
    assert all(np.array_equal(before[name], after[name]) for name in before)
    assert torch.initial_seed() == random_before


def test_table_and_picture_say_the_same():
    look = inspect(Program(), steps=5)
    text, page, words = str(look), look._repr_html_(), look.words()
    for cell in look.layers[0].row:
        assert cell in text and cell in page
    assert "ln 4 = 1.39" in text and "ln 4 = 1.39" in words
    figure = look.picture()
    assert figure.course_alt == words
    figure.savefig("/dev/null", format="png")


def test_a_program_that_bursts_is_drawn_too():
    look = inspect(Program(rate=1e38), steps=5)  # no weight bears that
    assert not all(math.isfinite(loss) for loss in look.losses)
    look.picture().savefig("/dev/null", format="png")


def test_a_net_without_weights_is_told():
    program = Program()
    program.net = nn.Sequential(nn.Flatten(), nn.ReLU())
    program.fresh = lambda: program
    with pytest.raises(ValueError, match="No layer of this net"):
        inspect(program)
    program.x, program.y = program.x[:0], program.y[:0]
    program.__class__ = type("Empty", (Program,), {"batches": ()})
    with pytest.raises(ValueError, match="no batch"):
        inspect(program)
