"""Exercises of notebook 05 on averages of predictions: over noise, over models.

The layer that makes the noise is in `dropout`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.regularization.losses import softmax


def votes(scores):
    """The share of the first axis that votes for each class."""
    return np.eye(scores.shape[-1])[scores.argmax(axis=-1)].mean(axis=0)


class marginalize(Exercise):
    """The mean prediction of a noisy model: noise in training, marginalised at test."""

    signature = "marginalize(model, x, samples, rng) -> probabilities"
    minutes = 12
    difficulty = 2
    hints = (
        "What is averaged, scores or probabilities? A mean of distributions is a distribution; "
        "only one of the two is about what the noise does to the answer.",
        "Each call of the model with rng draws new noise, because the generator moves on. Do not "
        "make a new one.",
        "Scores may be large: your softmax has to be as careful as the one in softmax_loss.",
    )

    def cases(self, rng):
        for name, n, features, classes, samples, p, scale in [
            ("seven samples, keep seven tenths", 5, 6, 4, 7, 0.7, 1.0),
            ("thirty samples, keep a quarter", 3, 8, 5, 30, 0.25, 1.5),
            ("one sample, one example", 1, 6, 3, 1, 0.7, 1.0),
            ("large scores", 4, 5, 3, 5, 0.7, 500.0),
        ]:
            yield Case(name, 1, x=rng.normal(size=(n, features)),
                       W=rng.normal(0, scale, (features, classes)), p=p, samples=samples,
                       seed=int(rng.integers(1e6)))  # fmt: skip

    def observe(self, code, x, W, p, samples, seed):
        def model(x, rng=None):
            noise = 1.0 if rng is None else (rng.random(x.shape) < p) / p
            return (x * noise) @ W

        return {"probabilities": code.marginalize(model, x, samples, np.random.default_rng(seed))}

    def scores(self, x, W, p, samples, seed):
        """What each call of the model gives, samples×N×C."""
        rng = np.random.default_rng(seed)
        return np.stack([(x * ((rng.random(x.shape) < p) / p)) @ W for _ in range(samples)])

    def reference(self, **inputs):
        scores = torch.tensor(self.scores(**inputs), device=self.device)
        return {"probabilities": scores.softmax(dim=2).mean(dim=0)}

    @mistake
    def scores_averaged(self, right, **inputs):
        """You average the scores and take the softmax of the mean. That is the geometric mean of
        the predictions, normalised; what a noisy model predicts on average is the arithmetic
        one."""
        return {"probabilities": softmax(self.scores(**inputs).mean(axis=0))}

    @mistake
    def labels_averaged(self, right, **inputs):
        """You count votes. How sure each sample is, is lost: average the probabilities."""
        return {"probabilities": votes(self.scores(**inputs))}

    @mistake
    def noise_off(self, right, x, W, **inputs):
        """Your model runs without noise: that is the test-time approximation. Pass rng on to the
        model."""
        return {"probabilities": softmax(x @ W)}

    @mistake
    def only_one_sample(self, right, **inputs):
        """You draw once, or keep only the first. samples says how many to average."""
        return {"probabilities": softmax(self.scores(**inputs)[0])}

    @mistake
    def only_the_last_sample(self, right, **inputs):
        """You divide or return only what the last sample gave. Add them up."""
        return {"probabilities": softmax(self.scores(**inputs)[-1])}

    @mistake
    def summed_not_averaged(self, right, samples, **inputs):
        """You add the samples up and do not divide: a row sums to the number of samples."""
        return {"probabilities": right["probabilities"] * samples}

    @mistake
    def scores_returned(self, right, **inputs):
        """You return mean scores. Probabilities are asked for, rows that sum to 1."""
        return {"probabilities": self.scores(**inputs).mean(axis=0)}

    @mistake
    def normalised_over_the_batch(self, right, **inputs):
        """Your probabilities sum to 1 over the examples. An example's classes share its
        probability."""
        return {"probabilities": softmax(self.scores(**inputs), axis=1).mean(axis=0)}

    @mistake
    def exp_overflows(self, right, **inputs):
        """Large scores overflow in your softmax and give NaN. Shift each row first, as in
        softmax_loss."""
        e = np.exp(self.scores(**inputs))
        p = (e / e.sum(axis=2, keepdims=True)).mean(axis=0)
        return {"probabilities": p} if np.isnan(p).any() else None


class ensemble_predict(Exercise):
    """The mean prediction of several models."""

    signature = "ensemble_predict(models, x) -> probabilities"
    minutes = 6
    extra = True
    hints = (
        "The same as marginalize, with models in place of noise.",
        "One model may have scores that are a hundred times as large as the others'. As "
        "probabilities they weigh the same.",
    )

    def cases(self, rng):
        for name, n, count, classes, scales in [
            ("three models", 5, 3, 4, [1.0, 1.0, 1.0]),
            ("five models, one of them loud", 4, 5, 3, [0.5, 1.0, 30.0, 0.7, 1.0]),
            ("one model", 3, 1, 5, [1.0]),
            ("scores of hundreds", 6, 4, 3, [500.0, 1.0, 800.0, 0.5]),
        ]:
            W = rng.normal(size=(count, 6, classes)) * np.reshape(scales, (count, 1, 1))
            yield Case(name, 1, x=rng.normal(size=(n, 6)), W=W)

    def observe(self, code, x, W):
        models = [lambda x, weights=weights: x @ weights for weights in W]
        return {"probabilities": code.ensemble_predict(models, x)}

    def reference(self, x, W):
        x, W = torch.tensor(x, device=self.device), torch.tensor(W, device=self.device)
        return {"probabilities": (x @ W).softmax(dim=2).mean(dim=0)}

    @mistake
    def scores_averaged(self, right, x, W):
        """You average scores: the model with the largest ones decides alone. Turn each model's
        scores into probabilities first."""
        return {"probabilities": softmax((x @ W).mean(axis=0))}

    @mistake
    def scores_added(self, right, x, W):
        """You add the scores up and take one softmax. That multiplies the models' probabilities,
        as if each had seen other evidence; average them."""
        return {"probabilities": softmax((x @ W).sum(axis=0))}

    @mistake
    def labels_averaged(self, right, x, W):
        """You count votes. How sure each model is, is lost: average the probabilities."""
        return {"probabilities": votes(x @ W)}

    @mistake
    def summed_not_averaged(self, right, x, W):
        """You add the models' probabilities up and do not divide by how many there are."""
        return {"probabilities": right["probabilities"] * len(W)}

    @mistake
    def last_model_only(self, right, x, W):
        """Only the last model counts in yours. Each pass of the loop overwrites the one before,
        or the return stands inside it."""
        return {"probabilities": softmax(x @ W[-1])}

    @mistake
    def first_model_only(self, right, x, W):
        """Only the first model counts in yours. Does the return stand inside the loop?"""
        return {"probabilities": softmax(x @ W[0])}

    @mistake
    def normalised_over_models(self, right, x, W):
        """Your softmax runs over the models. Each model gives a distribution over classes."""
        return {"probabilities": softmax(x @ W, axis=0).mean(axis=0)}

    @mistake
    def exp_overflows(self, right, x, W):
        """Large scores overflow in your softmax and give NaN. Shift each row first."""
        e = np.exp(x @ W)
        p = (e / e.sum(axis=2, keepdims=True)).mean(axis=0)
        return {"probabilities": p} if np.isnan(p).any() else None


class enable_dropout(Exercise):
    """Dropout on, everything else as at test: the mode that Monte-Carlo dropout needs."""

    signature = "enable_dropout(model)"
    library = "torch"
    minutes = 6
    difficulty = 2
    extra = True
    hints = (
        "Where do you find all modules of a model, also those inside others?",
        "Batch norm must not learn from test examples: begin with everything in evaluation mode. "
        "Then, which classes of torch.nn drop something?",
    )

    def cases(self, rng):
        yield Case("a flat net", 1, kind="flat", training=False, p=0.3)
        yield Case("a flat net, fresh from training", 1, kind="flat", training=True, p=0.3)
        yield Case("blocks inside blocks", 1, kind="nested", training=True, p=0.75)
        yield Case("dropout of whole channels", 1, kind="channels", training=False, p=0.3)
        yield Case("alpha dropout", 1, kind="alpha", training=False, p=0.6)

    def observe(self, code, kind, training, p):
        nn = torch.nn
        skip = torch.nn.utils.skip_init

        def block():
            return nn.Sequential(skip(nn.Conv2d, 3, 3, 1), nn.BatchNorm2d(3), nn.Dropout(p))

        model = {
            "flat": lambda: nn.Sequential(
                skip(nn.Linear, 4, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Dropout(p),
                skip(nn.Linear, 5, 2),
            ),
            "nested": lambda: nn.Sequential(
                block(), nn.Sequential(block(), nn.ReLU()), nn.Flatten(),
            ),
            "channels": lambda: nn.Sequential(
                nn.Dropout2d(p), nn.InstanceNorm2d(3), nn.Dropout3d(p), nn.Dropout1d(p),
                nn.Dropout(p), nn.BatchNorm2d(3),
            ),
            "alpha": lambda: nn.Sequential(
                nn.AlphaDropout(p), nn.SELU(), nn.Dropout(p), nn.FeatureAlphaDropout(p),
            ),
        }[kind]().train(training)  # fmt: skip
        code.enable_dropout(model)
        modules = [(name, m) for name, m in model.named_modules() if name]
        return {
            "in training mode": [f"{n} {type(m).__name__}" for n, m in modules if m.training],
            "probabilities": [m.p for _, m in modules if "Dropout" in type(m).__name__],
        }

    def reference(self, kind, training, p):
        places = {
            "flat": ["3 Dropout"],
            "nested": ["0.2 Dropout", "1.0.2 Dropout"],
            "channels": ["0 Dropout2d", "2 Dropout3d", "3 Dropout1d", "4 Dropout"],
            "alpha": ["0 AlphaDropout", "2 Dropout", "3 FeatureAlphaDropout"],
        }[kind]
        return {"in training mode": places, "probabilities": [p] * len(places)}

    @staticmethod
    def everything(kind):
        return {
            "flat": ["0 Linear", "1 BatchNorm1d", "2 ReLU", "3 Dropout", "4 Linear"],
            "nested": [
                "0 Sequential", "0.0 Conv2d", "0.1 BatchNorm2d", "0.2 Dropout", "1 Sequential",
                "1.0 Sequential", "1.0.0 Conv2d", "1.0.1 BatchNorm2d", "1.0.2 Dropout", "1.1 ReLU",
                "2 Flatten",
            ],
            "channels": [
                "0 Dropout2d", "1 InstanceNorm2d", "2 Dropout3d", "3 Dropout1d", "4 Dropout",
                "5 BatchNorm2d",
            ],
            "alpha": ["0 AlphaDropout", "1 SELU", "2 Dropout", "3 FeatureAlphaDropout"],
        }[kind]  # fmt: skip

    @mistake
    def everything_in_training_mode(self, right, kind, **inputs):
        """The whole model is in training mode now. Batch norm then normalises by the test batch
        and learns from it: only dropout should be on."""
        return {"in training mode": self.everything(kind)}

    @mistake
    def nothing_in_training_mode(self, right, kind, **inputs):
        """No layer drops anything: everything is in evaluation mode, so all samples would be the
        same."""
        return {"in training mode": []}

    @mistake
    def others_left_as_they_were(self, right, kind, training, **inputs):
        """You turn dropout on and leave the rest as it was. A model that comes from training has
        its batch norm in training mode still."""
        return {"in training mode": self.everything(kind)} if training else None

    @mistake
    def children_only(self, right, kind, **inputs):
        """Only the outermost layers are looked at. Dropout inside a block is a child of a
        child."""
        return {"in training mode": []} if kind == "nested" else None

    @mistake
    def plain_dropout_only(self, right, kind, **inputs):
        """You look for nn.Dropout alone. nn.Dropout2d and the others are classes of their own, not
        kinds of it."""
        plain = {"channels": ["4 Dropout"], "alpha": ["2 Dropout"]}
        return {"in training mode": plain[kind]} if kind in plain else None

    @mistake
    def found_by_beginning(self, right, kind, **inputs):
        """You look for names that begin with Dropout. Alpha dropout is dropout too."""
        return {"in training mode": ["2 Dropout"]} if kind == "alpha" else None
