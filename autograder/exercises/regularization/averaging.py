"""Exercise of notebook 05 on the mean prediction over noise. Over models: `ensemble`.

The layer that makes the noise is in `dropout`; how to switch it on in torch in `dropout_mode`.
"""

import numpy as np
import torch

from autograder.exercise import Case, mistake, raises
from autograder.exercises.regularization.averages import Averages, loud, votes
from autograder.exercises.regularization.losses import softmax

CALLS, PASSED_ON = "calls of the model", "generator passed on"
ANOTHERS, SAME_EACH_TIME = "those of another generator", "those of the same noise each time"


class marginalize(Averages):
    """The mean prediction of a noisy model: noise in training, marginalised at test."""

    signature = "marginalize(model, x, samples, rng) -> probabilities"
    minutes = 12
    difficulty = 2
    counted = (CALLS, PASSED_ON)
    reads = {
        CALLS: "your code calls the model {seen} times; {right} is right",
        PASSED_ON: "your code calls the model with {seen}; {right} is right",
    }
    hints = (
        "What do you average, scores or probabilities? You want the prediction that the noisy "
        "model makes on average. A mean of probabilities is that; a mean of scores need not be.",
        "Each call of the model with rng draws new noise, because the generator moves on. Do not "
        "make a new one.",
        "Scores may be large, so your softmax must avoid overflow, like the one in softmax_loss.",
    )

    def cases(self, rng):
        for name, n, features, classes, samples, p, scale in [
            ("seven samples, keep seven tenths", 5, 6, 4, 7, 0.7, 1.0),
            ("thirty samples, keep a quarter", 3, 8, 5, 30, 0.25, 1.5),
            ("one sample, one example", 1, 6, 3, 1, 0.7, 1.0),
        ]:
            yield Case(name, 1, x=rng.normal(size=(n, features)),
                       W=rng.normal(0, scale, (features, classes)), p=p, samples=samples,
                       seed=int(rng.integers(1e6)))  # fmt: skip
        x, W = loud(rng, 4, 5, [30.0])
        yield Case("large scores", 1, x=x, W=W[0], p=0.7, samples=5,
                   seed=int(rng.integers(1e6)))  # fmt: skip

    def observe(self, code, x, W, p, samples, seed):
        given, scores, passed = np.random.default_rng(seed), [], set()

        def model(x, rng=None):
            noise = 1.0 if rng is None else (rng.random(x.shape) < p) / p
            passed.add("None" if rng is None else "rng" if rng is given else "another generator")
            scores.append((x * noise) @ W)
            return scores[-1]

        found = code.marginalize(model, x, samples, given)
        alike = all(np.array_equal(table, scores[0]) for table in scores)
        return {"probabilities": found, "calls of the model": len(scores), "alike": alike,
                "generator passed on": " and ".join(sorted(passed))}  # fmt: skip

    def read(self, seen, x, W, p, samples, seed):
        """With another generator than the one given, numbers tell nothing."""
        found = {name: seen[name] for name in ("probabilities", CALLS, PASSED_ON)}
        if seen[PASSED_ON] == "another generator":
            alike = seen["alike"] and samples > 1
            found["probabilities"] = SAME_EACH_TIME if alike else ANOTHERS
        return found

    def scores(self, x, W, p, samples, seed):
        """What each call of the model gives, samples×N×C."""
        rng = np.random.default_rng(seed)
        return np.stack([(x * ((rng.random(x.shape) < p) / p)) @ W for _ in range(samples)])

    def each(self, **inputs):
        return softmax(self.scores(**inputs), axis=2)

    def reference(self, **inputs):
        scores = torch.tensor(self.scores(**inputs), device=self.device)
        probabilities = scores.softmax(dim=2).mean(dim=0)
        return {"probabilities": probabilities, CALLS: inputs["samples"], PASSED_ON: "rng"}

    @mistake
    def scores_averaged(self, right, **inputs):
        """Yours is the geometric mean of the predictions, normalised: that is what averaging
        scores, or logarithms, before the softmax gives. What a noisy model predicts on average is
        the arithmetic mean of its probabilities."""
        return {"probabilities": softmax(self.scores(**inputs).mean(axis=0))}

    @mistake
    def labels_averaged(self, right, **inputs):
        """You count votes. How sure each sample is, is lost: average the probabilities."""
        return {"probabilities": votes(self.scores(**inputs))}

    @mistake
    def noise_off(self, right, x, W, **inputs):
        """Your model runs without noise: that is the test-time approximation. Pass rng on to the
        model."""
        return {"probabilities": softmax(x @ W), PASSED_ON: "None"}

    @mistake
    def noise_off_and_once(self, right, x, W, **inputs):
        """Your model runs once, without noise: that is the test-time approximation. Pass rng on to
        the model, and call it `samples` times."""
        return {"probabilities": softmax(x @ W), PASSED_ON: "None", CALLS: 1}

    @mistake
    def one_sample_without_noise(self, right, x, W, p, samples, seed):
        """Where only one sample is asked for you call the model without noise. It gets rng each
        time, also for a single sample."""
        if samples == 1:
            return {"probabilities": softmax(x @ W), PASSED_ON: "None"}

    @mistake
    def one_of_them_without_noise(self, right, x, W, samples, **inputs):
        """One of your passes is without noise, and counts. The model gets rng each time."""
        if samples > 1:
            each = self.each(x=x, W=W, samples=samples - 1, **inputs).sum(axis=0)
            mean = (each + softmax(x @ W)) / samples
            return {"probabilities": mean, PASSED_ON: "None and rng"}
        return {"probabilities": softmax(x @ W), PASSED_ON: "None"}

    @mistake
    def noiseless_call_too(self, right, samples, **inputs):
        """You call the model once more, without noise. It is called `samples` times, with rng each
        time: a pass may be dear."""
        return {CALLS: samples + 1, PASSED_ON: "None and rng"}

    @mistake
    def same_noise_each_time(self, right, samples, **inputs):
        """Every pass gets the same noise, from a copy of the generator or from one that is made
        anew each time. Pass rng itself on: it moves on by itself."""
        shown = SAME_EACH_TIME if samples > 1 else ANOTHERS
        return {"probabilities": shown, PASSED_ON: "another generator"}

    @mistake
    def another_generator(self, right, **inputs):
        """Your noise does not come from the generator that you are given. Pass rng on to the model,
        so that a run can be repeated."""
        return {"probabilities": ANOTHERS, PASSED_ON: "another generator"}

    @mistake
    def only_one_sample(self, right, **inputs):
        """You call the model once. `samples` says how many times, each time with new noise."""
        return {"probabilities": self.each(**inputs)[0], CALLS: 1}

    @mistake
    def first_sample_only(self, right, **inputs):
        """Only the first of your samples counts. All of them go into the mean."""
        return {"probabilities": self.each(**inputs)[0]}

    @mistake
    def only_the_last_sample(self, right, **inputs):
        """You return what the last sample gave. Add them up, and divide by their number."""
        return {"probabilities": self.each(**inputs)[-1]}

    @mistake
    def last_sample_divided(self, right, samples, **inputs):
        """You divide the last sample alone by their number. Add them up first."""
        return {"probabilities": self.each(samples=samples, **inputs)[-1] / samples}

    @mistake
    def one_pass_too_many(self, right, samples, **inputs):
        """You call the model once too often. `samples` says how many passes there are."""
        each = self.each(samples=samples + 1, **inputs)
        return {"probabilities": each.mean(axis=0), CALLS: samples + 1}

    @mistake
    def one_pass_too_many_added(self, right, samples, **inputs):
        """You add up one pass more than `samples`, and divide by `samples`. There are `samples`
        passes."""
        total = self.each(samples=samples + 1, **inputs).sum(axis=0)
        return {"probabilities": total / samples, CALLS: samples + 1}

    @mistake
    def one_pass_too_few(self, right, samples, **inputs):
        """You call the model once too rarely. `samples` says how many passes there are."""
        if samples == 1:
            return {"probabilities": 0.0, CALLS: 0, PASSED_ON: ""}
        total = self.each(samples=samples - 1, **inputs).sum(axis=0)
        return {"probabilities": total / samples, CALLS: samples - 1}

    def without_the_first(self, samples, **inputs):
        return self.each(samples=samples, **inputs)[1:].sum(axis=0) / samples

    @mistake
    def first_sample_left_out(self, right, **inputs):
        """What your first pass gives is missing in your sum, so a row sums to less than 1. Every
        pass counts in the mean."""
        return {"probabilities": self.without_the_first(**inputs)}

    @mistake
    def one_pass_without_noise_left_out(self, right, samples, **inputs):
        """One of your `samples` calls is made without noise and not added up, as to see the shape
        only. So you add up one pass less than you divide by, and a row sums to less than 1."""
        passed = "None and rng" if samples > 1 else "None"
        if samples == 1:
            return {"probabilities": 0 * right["probabilities"], PASSED_ON: passed}
        each = self.each(samples=samples - 1, **inputs)
        return {"probabilities": each.sum(axis=0) / samples, PASSED_ON: passed}

    @mistake
    def row_by_row(self, right, x, samples, **inputs):
        """You call the model for each row by itself. Each time it is called on all of x."""
        return {"probabilities": self.of_rows(x, samples, **inputs), CALLS: samples * len(x)}

    @mistake
    def each_row_repeated(self, right, x, samples, **inputs):
        """You call the model once, on a batch in which each row is repeated. It is to be called
        `samples` times, each time on all of x."""
        return {"probabilities": self.of_rows(x, samples, **inputs), CALLS: 1}

    @mistake
    def all_samples_in_one_call(self, right, samples, **inputs):
        """You call the model once, on a batch that holds all of x several times. It is to be called
        `samples` times, each time on x itself."""
        return {CALLS: 1}

    def of_rows(self, x, samples, **inputs):
        """The mean where the noise of a row is drawn for all its samples before the next row's."""
        rng, p = np.random.default_rng(inputs["seed"]), inputs["p"]
        rows = []
        for row in x:
            masks = [rng.random((1, len(row))) < p for _ in range(samples)]
            scores = row * np.concatenate(masks) / p @ inputs["W"]
            rows.append(softmax(scores).mean(axis=0))
        return np.array(rows)

    @mistake
    def summed_not_averaged(self, right, samples, **inputs):
        """You add the samples up and do not divide: a row sums to the number of samples."""
        return {"probabilities": right["probabilities"] * samples}

    @mistake
    def scores_returned(self, right, **inputs):
        """You return mean scores. Probabilities are asked for, rows that sum to 1."""
        return {"probabilities": self.scores(**inputs).mean(axis=0)}

    @mistake
    def normalised_over_samples(self, right, samples, **inputs):
        """Your softmax runs over the samples, so that their mean is the same number everywhere.
        Each pass gives a distribution over the classes."""
        return {"probabilities": np.full_like(right["probabilities"], 1 / samples)}

    @mistake
    def room_for_the_inputs(self, right, x, **inputs):
        """Your sum has the shape of x, as np.zeros_like makes it. The model gives a number for each
        class, however many features x has."""
        return dict.fromkeys(right, raises("ValueError", "broadcast"))
