"""Training mode against evaluation mode, by evidence from losses (notebook 06)."""

import torch

from autograder.exercise import Case, Exercise, mistake

SOME = "one of the loops"


class find_mode_bug(Exercise):
    """Which training loop measures its validation loss without eval()?"""

    signature = "find_mode_bug(loops, make_model, train, validation)"
    library = "torch"
    minutes = 10
    difficulty = 2
    reads = {
        "answer": "your answer",
        "models": "the model that you give to a loop is {seen}; a {right} one is asked for",
    }
    hints = (
        "Each loop trains the model it is given and returns the validation loss that it "
        "measured. What should that number be, if you measure it yourself afterwards?",
        "The mode in which a loop leaves its model is no evidence, and neither is a high loss. "
        "Set the mode yourself, measure, and compare. Allow for rounding.",
    )

    def cases(self, rng):
        pool = ["northern", "southern", "western", "eastern", "inner", "outer", "upper", "lower"]
        # Of the right loops one starts biased and learns badly, one measures in double precision.
        for case, kind in [
            ("a bug, and the model left in evaluation mode", "high"),
            ("a loss reported too low", "low"),
            ("a bug that changes little", "small"),
            ("no bug at all", "none"),
        ]:
            later = int(rng.integers(1, 3))
            forgets, biased, rounds = {
                "high": (later, 3 - later, 3 - later), "low": (later, 3 - later, 0),
                "small": (0, 2, 1), "none": (None, 2, 1),
            }[kind]  # fmt: skip
            yield Case(
                case, 1,
                names=[str(n) for n in rng.permutation(pool)[:3]], kind=kind, forgets=forgets,
                biased=biased, rounds=rounds,
                # Means of mini-batches of 32 or 50 leave a short last one.
                x=rng.normal(size=(60, 5)), held=rng.normal(1 if kind == "high" else 2, 1, (66, 5)),
                seed=int(rng.integers(1000)),
            )  # fmt: skip

    def observe(self, code, names, kind, forgets, biased, rounds, x, held, seed):
        import copy

        import course_utils.training as training

        trained = []
        larger = 30  # times: so are the scores of the wrong loop's model of the kind "high"

        def score(rows):
            return rows[:, 1] + 0.5 * rows[:, 2]

        def make_model():
            with training.seeded(seed):
                return torch.nn.Sequential(
                    torch.nn.Linear(5, 12), torch.nn.BatchNorm1d(12), torch.nn.ReLU(),
                    torch.nn.Linear(12, 2),
                )  # fmt: skip

        def loss_of(model, x, y, double=False):
            with torch.no_grad():
                scores = model(x)
            return torch.nn.functional.cross_entropy(scores.double() if double else scores, y)

        def by_class(model, x, scale=1):
            with torch.no_grad():
                return -(scale * model(x)).log_softmax(1)

        def difference_of(both, factor, y):
            a, b = (torch.nn.functional.cross_entropy(factor * scores, y) for scores in both)
            return a - b

        def descend(model, x, y, place):
            rate = 1e-5 if place == biased else 0.3
            model.train()
            for rows in torch.arange(len(x)).repeat(4).split(20):
                model.zero_grad()
                torch.nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
                for parameter in model.parameters():  # torch's optimizers take a second to load
                    parameter.data.sub_(parameter.grad, alpha=rate)

        def make_loop(place):
            def loop(model, train, validation):
                fresh = make_model().state_dict()
                trained.append(any(
                    not torch.equal(value, fresh[key]) for key, value in model.state_dict().items()
                ))
                if place == biased:
                    # Towards the rarer class, and enough for the highest loss of all.
                    rarer = 1 - int(validation[1].double().mean() > 0.5)
                    model[3].bias.data[rarer] += 60 if kind in ("high", "low") else 4
                descend(model, *train, place)
                if place != forgets:
                    # Nobody is told by whether eval() is called.
                    model.train(False)
                elif kind == "small":
                    # The smaller the scores, the less the mode changes the loss; the last layer
                    # is linear, so they shrink as it does.
                    with torch.no_grad():
                        both = [copy.deepcopy(model).train(m)(validation[0]) for m in (True, False)]
                    shrunk = 1.0
                    while abs(difference_of(both, shrunk, validation[1])) >= 0.03:
                        shrunk *= 0.95
                    for parameter in model[3].parameters():
                        parameter.data *= shrunk
                elif kind == "high":
                    for parameter in model[3].parameters():
                        parameter.data *= larger
                if kind == "high" and place == forgets:  # it measures in mini-batches
                    parts = zip(*(each.split(6) for each in validation), strict=True)
                    loss = torch.stack([loss_of(model, *part) for part in parts]).mean()
                else:
                    loss = loss_of(model, *validation, double=place == rounds)
                # The right loops end in training mode, the wrong one does not.
                if place == forgets:
                    model.eval()
                else:
                    model.train()
                return loss.item()

            return loop

        loops = {name: make_loop(place) for place, name in enumerate(names)}
        x, held = torch.tensor(x).float(), torch.tensor(held).float()
        train, validation = (x, (score(x) > 0.5).long()), (held, (score(held) > 0.5).long())
        if kind == "high":
            # The labels are such that the wrong loop's number is nearer to that of evaluation mode
            # than to that of training mode in one batch, and that training lowers the right one.
            twin = make_model()
            untrained = by_class(twin.eval(), held)
            descend(twin, *train, forgets)
            parts = [by_class(twin, part, larger) for part in held.split(6)]
            found = [torch.cat(parts), by_class(copy.deepcopy(twin), held, larger)]
            found += [by_class(twin.eval(), held, scale) for scale in (larger, 1)]
            parts, whole, right, plain = found
            # Many ways to label, of which one is taken: each example gets the class where one loss
            # is high and another low, and how much the two weigh is tried on a grid.
            more = torch.linspace(-1, 1, 41)[:, None, None, None] * (parts - right)
            less = torch.linspace(0, 1, 21)[:, None, None] * right
            labels = (whole - parts + more - less).argmax(3).flatten(0, 1)
            parts, whole, right, plain, untrained = (
                losses.expand(len(labels), -1, -1).gather(2, labels[:, :, None]).mean((1, 2))
                for losses in (*found, untrained)
            )
            ratio = (parts - right) / (whole - parts).clamp(min=1e-6)
            # What is against a way, the worst first: the wrong loop's number is hardly too high; it
            # comes near the biased loop's, which is the highest; training does not lower the right
            # one. `ratio` is the larger, the nearer that number is to the one of training mode in
            # one batch.
            against = 100 * (parts - right < 1.2) + 30 * (parts > 14)
            against = against + 10 * (plain > untrained - 0.02) + ratio.clamp(max=9)
            validation = held, labels[against.argmin()]
        if kind == "low":
            # The labels are those that the wrong loop's model gives in the wrong mode.
            twin = make_model()
            descend(twin, *train, forgets)
            with torch.no_grad():
                validation = held, twin(held).argmax(1)
        answer = code.find_mode_bug(loops, make_model, train, validation)
        return {"answer": answer, "models": "trained before" if any(trained) else "fresh"}

    def read(self, seen, names, forgets, **data):
        """Where no loop is wrong, which one is accused does not matter."""
        if forgets is None and isinstance(seen["answer"], str) and seen["answer"] in names:
            return seen | {"answer": SOME}
        return seen

    def reference(self, names, forgets, **data):
        return {"answer": None if forgets is None else names[forgets], "models": "fresh"}

    def accuses(self, place, names, forgets):
        return {"answer": SOME if forgets is None else names[place]}

    @mistake
    def went_by_the_mode_at_the_end(self, right, names, forgets, **data):
        """You accuse the first loop that measures rightly, as when one measures in training mode
        oneself, goes by the mode in which a loop leaves its model or by its calls of `eval()`, or
        looks for agreement. It is the loop whose number differs from your own in evaluation
        mode."""
        return self.accuses(1 if forgets == 0 else 0, names, forgets)

    @mistake
    def accuses_whoever_comes_first(self, right, names, forgets, **data):
        """You accuse the first loop even where it measures as it should. Compare its number, but
        for rounding, with one of your own: the mean cross-entropy over all the validation data, a
        short last batch counting no more than its share, of the very model that this loop has
        trained, not of another's, with that model in evaluation mode."""
        return self.accuses(0, names, forgets)

    @mistake
    def only_the_first_loop(self, right, forgets, **data):
        """You look at the first loop only, as with a `return` inside the loop over them. Go on to
        the next one while a loop measures rightly; None comes after the last."""
        return {"answer": None} if forgets else None

    @mistake
    def one_model_for_all(self, right, forgets, **data):
        """You give the same model to more than one loop, so the later ones go on training it. Each
        loop gets a fresh one from `make_model`."""
        return {"models": "trained before"} if forgets != 0 else None

    @mistake
    def always_accuses(self, right, names, forgets, **data):
        """You accuse a loop where all are right: the largest difference is still rounding. Ask
        whether it is more than that, and return None when it is not."""
        return {"answer": SOME} if forgets is None else None

    @mistake
    def compared_to_the_last_digit(self, right, names, forgets, rounds, **data):
        """You accuse a loop whose number differs from yours by rounding only, as one does that
        measures in double precision. Compare with a tolerance."""
        return self.accuses(min(rounds, 3 if forgets is None else forgets), names, forgets)

    @mistake
    def accuses_the_highest_loss(self, right, names, forgets, biased, **data):
        """You accuse the loop with the highest loss, or whose loss is farthest from the others'. It
        only learns badly; its number is honest, as measuring again in evaluation mode shows."""
        return self.accuses(biased, names, forgets)

    @mistake
    def nearest_to_training_mode(self, right, names, forgets, biased, kind, **data):
        """You accuse a loop in every case, as when you take the one whose number is nearest to the
        loss in training mode. A loop may measure in mini-batches, and all may be right: what tells
        is whether a number differs from the loss in evaluation mode."""
        if kind in ("high", "none"):
            return self.accuses(biased, names, forgets)

    @mistake
    def never_accuses(self, right, names, forgets, **data):
        """You find no bug where there is one, or return nothing. Measure the model in evaluation
        mode yourself and compare with what the loop reports."""
        if forgets is not None:
            return {"answer": None}

    @mistake
    def only_large_differences(self, right, kind, **data):
        """You find a bug only where it changes the loss a lot. Any difference that is more than
        rounding is one, be it a few hundredths."""
        if kind == "small":
            return {"answer": None}

    @mistake
    def missed_in_mini_batches(self, right, kind, **data):
        """You find no bug where the loop measures in mini-batches, as when you look for its number
        among the losses in training mode, or ask which of the two modes it is nearer to. It has to
        agree with the loss in evaluation mode, the same in one batch or in several."""
        return {"answer": None} if kind == "high" else None

    @mistake
    def only_huge_differences(self, right, kind, **data):
        """You find a bug only where it changes the loss very much. Any difference that is more than
        rounding is one, be it a few hundredths."""
        return {"answer": None} if kind in ("small", "low") else None

    @mistake
    def only_too_low(self, right, kind, **data):
        """You find the bug where the reported loss is too low, and miss it where it is too high or
        changes little, as where one sign counts, or where a share of a large loss is allowed for.
        Any difference beyond rounding counts, up or down."""
        return {"answer": None} if kind in ("small", "high") else None

    @mistake
    def only_too_high(self, right, kind, **data):
        """You find a bug only where the reported loss is too high. In the wrong mode it may be too
        low as well: the size of the difference counts."""
        if kind == "low":
            return {"answer": None}

    @mistake
    def says_where_not_which(self, right, names, forgets, **data):
        """You return the position. The loops have names: return the name."""
        if forgets is not None:
            return {"answer": forgets}

    @mistake
    def a_list_of_names(self, right, names, forgets, **data):
        """You return a list. At most one loop is wrong: return its name, or None."""
        return {"answer": [] if forgets is None else [names[forgets]]}
