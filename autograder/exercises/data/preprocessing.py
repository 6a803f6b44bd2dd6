"""Exercises of notebook 03: what is done to pictures once, before training.

Who belongs to which part is in `splitting`; what is drawn anew for each picture in `augmentation*`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near

AXES = {"mean_image": (0,), "channel_mean": (0, 1, 2), "channel_mean_std": (0, 1, 2)}


class preprocess(Exercise):
    """Centred pictures: AlexNet's, VGG's and ResNet's way."""

    signature = "preprocess(X_train, X_test, mode) -> train, test, statistics"
    minutes = 14
    difficulty = 2
    hints = (
        "The test pictures get the same numbers subtracted as the training pictures. Where do "
        "these numbers come from?",
        "Which axes are averaged over, so that the mean has the shape H×W×C, or C?",
        "uint8 knows no negative numbers: 3 − 5 is 254 there. Leave uint8 before you subtract.",
    )

    def cases(self, rng):
        def pictures(n):
            level = np.array([40.0, 110.0, 190.0])
            noise = rng.normal(size=(n, 4, 5, 3)) * [12, 25, 18]
            tint = rng.uniform(-20, 20, (n, 1, 1, 1)) + rng.uniform(-15, 15, (4, 5, 3))
            return np.clip(level + noise + tint, 0, 255).astype(np.uint8)

        for mode, points in (("mean_image", 2), ("channel_mean", 2), ("channel_mean_std", 2)):
            yield Case(mode, points, X_train=pictures(6), X_test=pictures(7), mode=mode)
        yield Case("one test picture, floats", 1, X_train=pictures(5).astype(float),
                   X_test=pictures(1).astype(float) / 2, mode="channel_mean_std")  # fmt: skip

    def observe(self, code, X_train, X_test, mode):
        train, test, statistics = code.preprocess(X_train, X_test, mode)
        statistics = dict(statistics)
        return {
            "train": train, "test": test,
            "mean": statistics.get("mean"), "std": statistics.get("std"),
        }  # fmt: skip

    def reference(self, X_train, X_test, mode):
        train, test = (
            torch.tensor(X, dtype=torch.float64, device=self.device) for X in (X_train, X_test)
        )
        mean = train.mean(AXES[mode])
        std = train.std(AXES[mode], correction=0) if mode == "channel_mean_std" else None
        below = 1.0 if std is None else std
        return {
            "train": near((train - mean) / below, rtol=1e-7, atol=1e-9),
            "test": near((test - mean) / below, rtol=1e-7, atol=1e-9),
            "mean": mean,
            "std": std,
        }

    def _by(self, X_train, X_test, mean, std=None):
        below = 1.0 if std is None else std
        return {"train": (X_train - mean) / below, "test": (X_test - mean) / below}

    @mistake
    def test_by_its_own_statistics(self, right, X_train, X_test, mode):
        """The test pictures are centred by their own mean. The net has learned what 0 means on the
        training pictures, and a single test picture has no statistics: use the training ones."""
        mean = X_test.mean(AXES[mode])
        std = X_test.std(AXES[mode]) if mode == "channel_mean_std" else 1.0
        return {"test": (X_test - mean) / std}

    @mistake
    def statistics_of_both(self, right, X_train, X_test, mode):
        """Your statistics come from training and test pictures together. That lets the test data
        have a say in training: they are computed from the training pictures alone."""
        both = np.concatenate([X_train, X_test])
        found = {"mean": both.mean(AXES[mode])}
        if mode == "channel_mean_std":
            found["std"] = both.std(AXES[mode])
        return found | self._by(X_train, X_test, **found)

    @mistake
    def uint8_wraps_around(self, right, X_train, X_test, mode):
        """You subtract within uint8, which has no negative numbers: 3 − 5 becomes 254. Make floats
        of the pictures first."""
        if X_train.dtype == np.uint8:
            mean = right["mean"].astype(np.uint8)
            found = self._by(X_train, X_test, mean, right["std"])
            return found | {"mean": mean}

    @mistake
    def each_picture_by_its_own_mean(self, right, X_train, X_test, mode):
        """Every picture is centred by its own mean. That throws away how bright it is; the mean
        meant here is over the training set."""
        axes = (1, 2, 3) if mode == "mean_image" else (1, 2)
        std = mode == "channel_mean_std"
        own = {
            name: (X - X.mean(axes, keepdims=True)) / (X.std(axes, keepdims=True) if std else 1.0)
            for name, X in (("train", X_train), ("test", X_test))
        }
        return own | {"mean": X_train.mean(axes)} | ({"std": X_train.std(axes)} if std else {})

    @mistake
    def one_number_for_everything(self, right, X_train, X_test, mode):
        """Your mean is a single number over all pixels, channels and pictures. A mean image has
        one mean for each pixel and channel, a channel mean one for each channel."""
        found = {"mean": X_train.mean()}
        if mode == "channel_mean_std":
            found["std"] = X_train.std()
        return found | self._by(X_train, X_test, **found)

    @mistake
    def mean_image_for_every_mode(self, right, X_train, X_test, mode):
        """You average over the pictures only, which gives a mean for each pixel: that is
        mean_image. The channel modes have one number a channel: average over places too."""
        if mode != "mean_image":
            found = {"mean": X_train.mean(0)}
            if mode == "channel_mean_std":
                found["std"] = X_train.std(0)
            return found | self._by(X_train, X_test, **found)

    @mistake
    def channel_mean_for_the_mean_image(self, right, X_train, X_test, mode):
        """The mean image has a mean of its own for each pixel and channel, so it is a picture
        itself. Yours averages over the places too."""
        if mode == "mean_image":
            mean = X_train.mean((0, 1, 2))
            return {"mean": mean} | self._by(X_train, X_test, mean)

    @mistake
    def divides_by_the_variance(self, right, X_train, X_test, mode):
        """You divide by the variance. Unit spread comes from dividing by its square root."""
        if mode == "channel_mean_std":
            var = right["std"] ** 2
            return {"std": var} | self._by(X_train, X_test, right["mean"], var)

    @mistake
    def unbiased_std(self, right, X_train, X_test, mode):
        """Your standard deviation divides by one less than the number of values. Here it is the
        root of the mean squared deviation (numpy's default; torch's std is the other one)."""
        if mode == "channel_mean_std":
            std = X_train.std((0, 1, 2), ddof=1)
            return {"std": std} | self._by(X_train, X_test, right["mean"], std)

    @mistake
    def std_of_each_pixel(self, right, X_train, X_test, mode):
        """The mean is one number a channel, but your standard deviation is one for each pixel. It
        goes over pictures and places, as the mean does."""
        if mode == "channel_mean_std":
            std = X_train.std(0)
            return {"std": std} | self._by(X_train, X_test, right["mean"], std)

    @mistake
    def std_not_used(self, right, X_train, X_test, mode):
        """You centre, but do not divide by the standard deviation that this mode asks for."""
        if mode == "channel_mean_std":
            return self._by(X_train, X_test, right["mean"])

    @mistake
    def scaled_to_one_first(self, right, X_train, X_test, mode):
        """You divide by 255 on the way. The statistics here are in the units of the pictures that
        come in."""
        found = {"mean": right["mean"] / 255}
        if mode == "channel_mean_std":
            return found | {"std": right["std"] / 255}
        return found | self._by(X_train / 255, X_test / 255, found["mean"])

    @mistake
    def test_left_alone(self, right, X_train, X_test, mode):
        """The test pictures come back as they were. A net that was trained on centred pictures
        takes centred pictures."""
        return {"test": X_test}


class pca_whiten(Exercise):
    """Whitening: no correlation left, and the same variance in every direction."""

    signature = "pca_whiten(X, eps)"
    minutes = 14
    difficulty = 3
    extra = True
    hints = (
        "Three steps: centre, rotate so that the covariance becomes diagonal, then scale each "
        "column.",
        "np.linalg.eigh gives the eigenvectors as columns, and the eigenvalues from the smallest "
        "to the largest.",
        "An eigenvalue is a variance. What do you divide by, so that a variance becomes 1?",
    )

    def cases(self, rng):
        def data(n, scales):
            turn, _ = np.linalg.qr(rng.normal(size=(len(scales), len(scales))))
            centre = rng.choice([-1, 1], len(scales)) * rng.uniform(2, 4, len(scales))
            return rng.normal(size=(n, len(scales))) * scales @ turn.T + centre

        yield Case("four columns", 2, X=data(40, [5.0, 2.0, 0.9, 0.3]), eps=0.05)
        yield Case("eps of 0", 1, X=data(30, [4.0, 1.5, 0.5]), eps=0.0)
        yield Case("a direction that hardly varies", 1, X=data(25, [3.0, 1.0, 1e-3]), eps=1e-5)

    def observe(self, code, X, eps):
        return {"white": code.pca_whiten(X, eps)}

    def read(self, seen, X, eps):
        return self._shown(X, np.asarray(seen["white"]))

    def _shown(self, X, white):
        """`white` with the sign of each column made definite, and the directions behind it.

        The sign of an eigenvector is nobody's choice, so it cannot be judged. The directions are
        the map from centred data to `white`, without signs.
        """
        largest = np.take_along_axis(white, np.abs(white).argmax(0)[None], 0)
        found = np.linalg.lstsq(X - X.mean(0), white - white.mean(0), rcond=None)[0]
        return {"white": white * np.sign(largest), "directions": np.abs(found)}

    def reference(self, X, eps):
        x = torch.tensor(X, device=self.device)
        x = x - x.mean(0)
        _, s, vt = torch.linalg.svd(x, full_matrices=False)
        white = (x @ vt.T / torch.sqrt(s**2 / len(x) + eps)).cpu().numpy()
        shown = self._shown(X, white)
        return {name: near(value, rtol=1e-6, atol=1e-7) for name, value in shown.items()}

    def _parts(self, X):
        """Centred X, its eigenvalues from the largest on, and the eigenvectors as columns."""
        centred = X - X.mean(0)
        values, vectors = np.linalg.eigh(centred.T @ centred / len(X))
        return centred, np.maximum(values[::-1], 0), vectors[:, ::-1]

    @mistake
    def not_centred(self, right, X, eps):
        """You do not subtract the column means. Without that, the first direction points to the
        mean, and what you diagonalise is no covariance."""
        values, vectors = np.linalg.eigh(X.T @ X / len(X))
        return self._shown(X, (X @ vectors / np.sqrt(values + eps))[:, ::-1])

    @mistake
    def rotates_the_uncentred_data(self, right, X, eps):
        """The covariance is of centred data, but what you rotate and scale is not centred, so
        the result has a mean other than 0."""
        _, values, vectors = self._parts(X)
        return self._shown(X, X @ vectors / np.sqrt(values + eps))

    @mistake
    def rows_for_eigenvectors(self, right, X, eps):
        """You take the rows of the matrix for the eigenvectors. They are its columns (of eigh and
        eig; in the Vt of an svd they are the rows)."""
        centred, values, vectors = self._parts(X)
        return self._shown(X, centred @ vectors.T / np.sqrt(values + eps))

    @mistake
    def only_rotated(self, right, X, eps):
        """Nothing is correlated any more, but each column still has its own variance. Whitening
        makes all of them 1."""
        centred, _, vectors = self._parts(X)
        return self._shown(X, centred @ vectors)

    @mistake
    def divides_by_the_variance(self, right, X, eps):
        """You divide by the eigenvalues. They are variances: divide by their square roots."""
        centred, values, vectors = self._parts(X)
        return self._shown(X, centred @ vectors / (values + eps))

    @mistake
    def smallest_first(self, right, X, eps):
        """Your columns come in the order of eigh, from the least variance to the most. Here the
        direction with the most variance comes first."""
        centred, values, vectors = self._parts(X)
        return self._shown(X, (centred @ vectors / np.sqrt(values + eps))[:, ::-1])

    @mistake
    def rotated_back(self, right, X, eps):
        """You rotate back at the end. That is ZCA whitening, which looks most like the original;
        PCA whitening stays in the directions of the eigenvectors."""
        centred, values, vectors = self._parts(X)
        return self._shown(X, centred @ vectors / np.sqrt(values + eps) @ vectors.T)

    @mistake
    def columns_scaled_only(self, right, X, eps):
        """You standardise each column by itself. Correlation between columns is still there:
        rotate into the eigenvectors of the covariance first."""
        return self._shown(X, (X - X.mean(0)) / np.sqrt(X.var(0) + eps))

    @mistake
    def eps_forgotten(self, right, X, eps):
        """eps is missing. A direction that hardly varies is then blown up until its noise counts
        as much as everything else."""
        centred, values, vectors = self._parts(X)
        return self._shown(X, centred @ vectors / np.sqrt(values))

    @mistake
    def eps_outside_the_root(self, right, X, eps):
        """eps belongs under the root, beside the variance. You add it to the standard
        deviation."""
        centred, values, vectors = self._parts(X)
        return self._shown(X, centred @ vectors / (np.sqrt(values) + eps))

    @mistake
    def divides_by_n_minus_one(self, right, X, eps):
        """Your covariance divides by N − 1, as np.cov does. Here it is the mean over the N rows,
        so that the covariance of the result is I."""
        centred, values, vectors = self._parts(X)
        grown = values * len(X) / (len(X) - 1)
        return self._shown(X, centred @ vectors / np.sqrt(grown + eps))
