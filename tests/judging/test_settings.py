"""Settings: what is not read, and what has another default, gets its name without being written."""

import numpy as np
import pytest

from autograder.exercise import Case, Exercise, Setting
from autograder.judging.judge import judge
from autograder.judging.keys import answer_key, program
from autograder.judging.keys_as_data import from_data, to_data
from autograder.judging.observing import run


class odd_shrink(Exercise):
    """Values divided by their size and a little more."""

    signature = "odd_shrink(x, config, power=2)"
    settings = {
        "eps": Setting(1e-2, others=(1e-3, 0.1), inside="config"),
        "power": Setting(2, others=(1,)),
    }

    def cases(self, rng):
        yield Case("as it comes", 1, x=rng.uniform(1, 2, 5), config={})
        yield Case("another eps", 1, x=rng.uniform(1, 2, 5), config={"eps": 0.5}, power=2)
        yield Case("another power", 1, x=rng.uniform(1, 2, 5), config={"eps": 0.5}, power=3)

    def observe(self, code, x, config, power=None):
        return {"out": code.odd_shrink(x, config, *([] if power is None else [power]))}

    def reference(self, x, config, power=2):
        return {"out": x**power / (x.sum() + config.get("eps", 1e-2))}


def verdict(function):
    reports = run(program(odd_shrink), {"odd_shrink": function})
    return judge(answer_key(odd_shrink), reports)


def shrink(x, config, power=2, eps=None):
    return x**power / (x.sum() + (config.get("eps", 1e-2) if eps is None else eps))


@pytest.mark.parametrize(
    ("function", "named"),
    [
        (shrink, []),
        (lambda x, config, power=2: shrink(x, config, power, 1e-2), ["unread:eps"]),
        (lambda x, config, power=2: shrink(x, {"eps": 1e-3} | config, power), ["default:eps"]),
        (lambda x, config, power=2: shrink(x, {"eps": 0.1} | config, power), ["default:eps:1"]),
        (lambda x, config, power=2: shrink(x, config), ["unread:power"]),
        (lambda x, config, power=1: shrink(x, config, power), ["default:power"]),
    ],
)
def test_a_setting_that_is_ignored_gets_its_name(function, named):
    assert verdict(function).mistakes == named


def test_the_sentences_say_name_and_number():
    hints = answer_key(odd_shrink).hints
    assert hints["unread:eps"].startswith("Where another `eps` than 0.01 is given, your results")
    assert "it is 2, as the docstring says. Your results are those of 1." in hints["default:power"]


def test_a_kits_key_has_them_too():
    key = answer_key(odd_shrink)
    again = from_data(to_data(key))
    assert again.hints == key.hints and set(again.cases[0].wrong) == set(key.hints)
    for mine, its in zip(key.cases, again.cases, strict=True):
        for name, shown in mine.wrong.items():
            assert all(np.array_equal(v, its.wrong[name][n]) for n, v in shown.items())
