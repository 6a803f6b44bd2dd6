"""Exercise of notebook 03: pictures centred by the statistics of the training set.

Who belongs to which part is in `splitting`; whitening is in `whitening`; what is drawn anew for
each picture is in `crop_and_flip` and its neighbours.
"""

import numpy as np
import torch

from autograder.exercise import Case, mistake, near, raises
from autograder.exercises.data.deviations import Deviations

AXES = {"mean_image": (0,), "channel_mean": (0, 1, 2), "channel_mean_std": (0, 1, 2)}


class preprocess(Deviations):
    """Centred pictures: AlexNet's, VGG's and ResNet's way."""

    signature = "preprocess(X_train, X_test, mode) -> train, test, statistics"
    minutes = 14
    difficulty = 2
    hints = (
        "The test pictures get the same numbers subtracted as the training pictures. Where do "
        "these numbers come from?",
        "Which axes are averaged over, so that the mean has the shape H×W×C, or C?",
        "uint8 has no negative numbers, so 3 − 5 is 254 there. Convert to floats before you "
        "subtract.",
    )
    reads = {
        "mean": 'the "mean" in your statistics',
        "std": 'the "std" in your statistics',
        "keys": 'your statistics have {seen}; {right} is asked for',
    }  # fmt: skip

    def cases(self, rng):
        def pictures(n, dtype=np.uint8):
            level = np.array([40.0, 110.0, 190.0])
            noise = rng.normal(size=(n, 4, 5, 3)) * [12, 25, 18]
            tint = rng.uniform(-20, 20, (n, 1, 1, 1)) + rng.uniform(-15, 15, (4, 5, 3))
            return np.clip(level + noise + tint, 0, 255).astype(np.uint8).astype(dtype)

        for mode, points in (("mean_image", 1), ("channel_mean", 2), ("channel_mean_std", 2)):
            yield Case(mode, points, X_train=pictures(6), X_test=pictures(7), mode=mode)
        # From 0 to 1, and one channel that varies little: what divides by no less than 1, or
        # takes what exceeds 1 for 0 … 255, shows here or in the others alone.
        dim = np.array([0.001, 0.003, 0.0039])
        yield Case("one test picture, floats from 0 to 1", 1, X_train=dim * pictures(6, float),
                   X_test=dim * pictures(1, float) / 2, mode="channel_mean_std")  # fmt: skip
        # Whole numbers, and eight of them: the mean is exact in single precision, too.
        yield Case("mean_image, single precision", 1, X_train=pictures(8, np.float32),
                   X_test=pictures(4, np.float32), mode="mean_image")  # fmt: skip

    def observe(self, code, X_train, X_test, mode):
        train, test, statistics = code.preprocess(X_train, X_test, mode)
        statistics = dict(statistics)
        named = [key for key in ("mean", "std") if statistics.get(key) is not None]
        seen = {"train": train, "test": test, "keys": " and ".join(named) or "neither of them"}
        return seen | {key: statistics.get(key) for key in ("mean", "std")}

    def aid(self, X_train, X_test, mode):
        return {"right": self.reference(X_train, X_test, mode)}

    def read(self, seen, right, **inputs):
        # What has another name is told once, by the names.
        if seen["keys"] != right["keys"]:
            absent = [key for key in ("mean", "std") if (seen[key] is None) != (right[key] is None)]
            seen = seen | {key: right[key] for key in absent}
        return seen

    def reference(self, X_train, X_test, mode):
        train, test = (
            torch.tensor(X, dtype=torch.float64, device=self.device) for X in (X_train, X_test)
        )
        mean = train.mean(AXES[mode])
        std = train.std(AXES[mode], correction=0) if mode == "channel_mean_std" else None
        below = 1.0 if std is None else std
        return {
            # Who adds 1e-8 to a deviation is as right as who does not.
            "train": near((train - mean) / below, rtol=1e-6, atol=1e-8),
            "test": near((test - mean) / below, rtol=1e-6, atol=1e-8),
            "keys": "mean" if std is None else "mean and std",
            "mean": mean,
            "std": std,
        }

    def _by(self, X_train, X_test, mean, std=None):
        below = 1.0 if std is None else std
        return {"train": (X_train - mean) / below, "test": (X_test - mean) / below}

    def _with(self, X_train, X_test, mode, mean, std=None):
        """What is shown with another mean, and in the third mode another deviation."""
        if mode != "channel_mean_std":
            return {"mean": mean} | self._by(X_train, X_test, mean)
        return {"mean": mean, "std": std} | self._by(X_train, X_test, mean, std)

    @mistake
    def test_by_its_own_statistics(self, right, X_train, X_test, mode):
        """The test pictures are centred by their own mean. The net has learned what 0 means on the
        training pictures, and a single test picture has no statistics: use the training ones."""
        mean = X_test.mean(AXES[mode], dtype=float)
        std = X_test.std(AXES[mode]) if mode == "channel_mean_std" else 1.0
        return {"test": (X_test - mean) / std}

    @mistake
    def test_divided_by_its_own_std(self, right, X_train, X_test, mode):
        """The test pictures are divided by their own standard deviation. They get the training
        set's, as they get its mean."""
        if mode == "channel_mean_std":
            return {"test": (X_test - right["mean"]) / X_test.std((0, 1, 2))}

    @mistake
    def test_not_divided(self, right, X_train, X_test, mode):
        """The test pictures are centred and not divided. They are treated as the training pictures
        are: the same mean, then the same standard deviation."""
        if mode == "channel_mean_std":
            return {"test": X_test - right["mean"]}

    @mistake
    def statistics_of_both(self, right, X_train, X_test, mode):
        """Your statistics come from training and test pictures together. That lets the test data
        have a say in training: they are computed from the training pictures alone."""
        both = np.concatenate([X_train, X_test]).astype(float)
        mean, std = both.mean(AXES[mode]), both.std(AXES[mode])
        return self._with(X_train, X_test, mode, mean, std)

    @mistake
    def statistics_of_the_test_set(self, right, X_train, X_test, mode):
        """Your statistics come from the test pictures. They are computed from the training pictures
        alone, and used for both."""
        test = X_test.astype(float)
        return self._with(X_train, X_test, mode, test.mean(AXES[mode]), test.std(AXES[mode]))

    @mistake
    def uint8_wraps_around(self, right, X_train, X_test, mode):
        """You subtract within uint8, which has no negative numbers: 3 − 5 becomes 254. Make floats
        of the pictures first."""
        if X_train.dtype == np.uint8:
            mean = right["mean"].astype(np.uint8)
            found = {"mean": mean, "train": X_train - mean, "test": X_test - mean}
            if right["std"] is not None:
                found |= {name: found[name] / right["std"] for name in ("train", "test")}
            return found

    @mistake
    def differences_wrap_around(self, right, X_train, X_test, mode):
        """Your differences wrap around: they are taken in uint8, in which 3 − 5 is 254. Make floats
        of pictures and mean before you subtract, not after."""
        if X_train.dtype == np.uint8:
            return self._by(X_train, X_test, right["mean"].astype(np.uint8), right["std"])

    @mistake
    def mean_cut_down_and_wraps(self, right, X_train, X_test, mode):
        """Your mean is brought to uint8, which cuts it down to a whole number, and what is
        subtracted there wraps around: uint8 has no negative numbers. Compute in float64."""
        if X_train.dtype == np.uint8:
            mean = right["mean"].astype(np.uint8)
            found = {"mean": mean.astype(float)}
            return found | self._by(
                (X_train - mean).astype(float), (X_test - mean).astype(float), 0.0, right["std"]
            )

    @mistake
    def pictures_divided_by_255(self, right, X_train, X_test, mode):
        """You divide pictures of uint8 by 255 first. Mean and standard deviation, and what is left
        of the pictures, are asked for in the units of the input."""
        if X_train.dtype == np.uint8:
            if mode == "channel_mean_std":
                return {"mean": right["mean"] / 255, "std": right["std"] / 255}
            return {name: right[name] / 255 for name in ("mean", "train", "test")}

    @mistake
    def squares_wrap_around(self, right, X_train, X_test, mode):
        """For your standard deviation pictures are squared in uint8, where 16² is 0: squares wrap
        around. Make floats of the pictures first."""
        if mode == "channel_mean_std" and X_train.dtype == np.uint8:
            with np.errstate(invalid="ignore"):
                std = np.sqrt((X_train**2).mean((0, 1, 2), dtype=float) - right["mean"] ** 2)
            return {"std": std} | self._by(X_train, X_test, right["mean"], std)

    @mistake
    def mean_cut_down(self, right, X_train, X_test, mode):
        """Your mean is cut down to whole numbers. It is an array of float64, with all that is
        behind the point."""
        mean = np.floor(right["mean"])
        return {"mean": mean} | self._by(X_train, X_test, mean, right["std"])

    @mistake
    def each_picture_by_its_own_statistics(self, right, X_train, X_test, mode):
        """Every picture is centred by its own mean. That throws away how bright it is; the mean
        meant here is over the training set."""
        return self._own(X_train, X_test, mode, (1, 2, 3) if mode == "mean_image" else (1, 2), True)

    @mistake
    def each_picture_by_its_own_mean(self, right, X_train, X_test, mode):
        """In the channel modes every picture is centred by its own mean colour. That throws away
        its tint; the mean meant here is over the training set."""
        if mode != "mean_image":
            return self._own(X_train, X_test, mode, (1, 2), right["std"])

    def _own(self, X_train, X_test, mode, axes, std):
        """Pictures by their own mean, and by their own deviation or a given one."""

        def centred(X):
            below = X.std(axes, keepdims=True) if std is True else std
            out = X - X.mean(axes, keepdims=True)
            return out / below if mode == "channel_mean_std" else out

        return {"train": centred(X_train), "test": centred(X_test)}

    @mistake
    def one_number_for_everything(self, right, X_train, X_test, mode):
        """Your mean is a single number over all pixels, channels and pictures. A mean image has
        one mean for each pixel and channel."""
        if mode == "mean_image":
            mean = X_train.mean(dtype=float)
            return {"mean": mean} | self._by(X_train, X_test, mean)

    @mistake
    def one_number_for_all_channels(self, right, X_train, X_test, mode):
        """In the channel modes your mean is a single number, a grey. Each channel has a mean of its
        own: average over pictures and places, not over channels."""
        if mode != "mean_image":
            return self._with(X_train, X_test, mode, X_train.mean(), X_train.std())

    @mistake
    def one_number_in_channel_mean(self, right, X_train, X_test, mode):
        """In channel_mean your mean is a single number, a grey. Each channel has a mean of its own
        there, as in channel_mean_std."""
        if mode == "channel_mean":
            return {"mean": X_train.mean()} | self._by(X_train, X_test, X_train.mean())

    @mistake
    def pictures_in_single_precision(self, right, X_train, X_test, mode):
        """Your pictures come back as float32. The docstring asks for float64."""
        return {name: right[name].astype(np.float32) for name in ("train", "test")}

    @mistake
    def one_mean_and_a_std_for_each(self, right, X_train, X_test, mode):
        """In the channel modes your mean is a single number, a grey. Each channel has a mean of its
        own, as it has a standard deviation of its own."""
        if mode != "mean_image":
            mean, below = X_train.mean(), 1.0 if right["std"] is None else right["std"]
            return {"mean": mean} | self._by(X_train, X_test, mean, below)

    @mistake
    def mean_image_for_every_mode(self, right, X_train, X_test, mode):
        """You average over the pictures only, which gives a mean for each pixel: that is
        mean_image. The channel modes have one number a channel: average over places too."""
        if mode != "mean_image":
            return self._with(X_train, X_test, mode, X_train.mean(0), X_train.std(0))

    @mistake
    def mean_image_and_channel_std(self, right, X_train, X_test, mode):
        """In the channel modes you subtract the mean image, as when `"mean" in mode` tells the
        modes apart: "mean" is in all three names. Their mean is one number a channel."""
        if mode != "mean_image":
            mean = X_train.mean(0, dtype=float)
            return {"mean": mean} | self._by(X_train, X_test, mean, right["std"])

    @mistake
    def channel_mean_for_the_mean_image(self, right, X_train, X_test, mode):
        """The mean image has a mean of its own for each pixel and channel, so it is a picture
        itself. Yours averages over the places too."""
        if mode == "mean_image":
            mean = X_train.mean((0, 1, 2), dtype=float)
            return {"mean": mean} | self._by(X_train, X_test, mean)

    @mistake
    def channels_first(self, right, X_train, X_test, mode):
        """In the channel modes you average as if pictures were N×C×H×W, which leaves a number for
        each row. They are N×H×W×C here: the channel is the last axis."""
        if mode != "mean_image":
            return dict.fromkeys(right, raises("ValueError", f"({X_train.shape[1]},)"))

    @mistake
    def means_of_pictures(self, right, X_train, X_test, mode):
        """In the channel modes you average over the places of each picture, which leaves a mean for
        each. Average over the pictures as well."""
        if mode != "mean_image":
            return dict.fromkeys(right, raises("ValueError", f"({len(X_train)},3)"))

    @mistake
    def std_not_used(self, right, X_train, X_test, mode):
        """You centre, but do not divide by the standard deviation that this mode asks for."""
        if mode == "channel_mean_std":
            return self._by(X_train, X_test, right["mean"])

    @mistake
    def mode_not_told_apart(self, right, X_train, X_test, mode):
        """In channel_mean_std you do what channel_mean asks for: nothing is divided, and the
        statistics have no "std". Compare the whole name of the mode."""
        if mode == "channel_mean_std":
            return self._by(X_train, X_test, right["mean"]) | {"keys": "mean"}

    @mistake
    def std_not_given_back(self, right, X_train, X_test, mode):
        """Your statistics lack the "std" that you divide by. Whoever uses the net needs it for
        other pictures: it belongs into the dict beside the mean."""
        if mode == "channel_mean_std":
            return {"keys": "mean"}

    @mistake
    def other_keys(self, right, X_train, X_test, mode):
        """Your statistics have neither "mean" nor "std" in them. Those are the names by which they
        are looked up."""
        return {"keys": "neither of them"}

    @mistake
    def median_for_mean(self, right, X_train, X_test, mode):
        """You subtract the median. The mean is asked for, which each picture moves a little."""
        median = np.median(X_train, AXES[mode])
        return {"mean": median} | self._by(X_train, X_test, median, right["std"])

    @mistake
    def squeezed_between_0_and_1(self, right, X_train, X_test, mode):
        """You bring the values between 0 and 1, by the smallest and the largest. Pictures are
        centred here: their mean is subtracted."""
        low, high = float(X_train.min()), float(X_train.max())
        return {"train": (X_train - low) / (high - low), "test": (X_test - low) / (high - low)}

    @mistake
    def mean_added(self, right, X_train, X_test, mode):
        """You add the mean. Pictures are centred by subtracting it."""
        return self._by(X_train, X_test, -right["mean"], right["std"])

    @mistake
    def statistics_of_the_centred(self, right, X_train, X_test, mode):
        """The "mean" that you give back is 0: it is taken from pictures that are centred already.
        The one that was subtracted belongs there."""
        return {"mean": 0 * right["mean"]}

    @mistake
    def scaled_to_one_first(self, right, X_train, X_test, mode):
        """You divide by 255 on the way. The statistics here are in the units of the pictures that
        come in."""
        found = {"mean": right["mean"] / 255}
        if mode == "channel_mean_std":
            return found | {"std": right["std"] / 255}
        return found | self._by(X_train / 255.0, X_test / 255.0, found["mean"])

    @mistake
    def what_exceeds_1_divided_by_255(self, right, X_train, X_test, mode):
        """Pictures whose values exceed 1 you divide by 255. Mean and standard deviation, and what
        is left of the pictures, are asked for in the units of the input."""
        if X_train.max() > 1:
            if mode == "channel_mean_std":
                return {"mean": right["mean"] / 255, "std": right["std"] / 255}
            return {name: right[name] / 255 for name in ("mean", "train", "test")}

    @mistake
    def keeps_single_precision(self, right, X_train, X_test, mode):
        """float32 pictures come back as float32. The docstring asks for float64, of the pictures
        and of the statistics, whatever came in."""
        if X_train.dtype == np.float32:
            return {name: right[name].astype(np.float32) for name in ("train", "test", "mean")}

    @mistake
    def statistics_in_single_precision(self, right, X_train, X_test, mode):
        """Your statistics are float32. The docstring asks for float64."""
        named = [name for name in ("mean", "std") if right[name] is not None]
        return {name: right[name].astype(np.float32) for name in named}

    @mistake
    def test_left_alone(self, right, X_train, X_test, mode):
        """The test pictures come back as they were. A net that was trained on centred pictures
        takes centred pictures."""
        return {"test": X_test}

    def _by_lines(self, X_train, X_test, mode, axes, keep):
        """By a mean for each row or column of pixels, given back with axes of length 1 or not."""
        mean, std = X_train.mean(axes, keepdims=True), X_train.std(axes, keepdims=True)
        shown = self._with(X_train, X_test, mode, mean, std)
        return {n: v if keep or n in ("train", "test") else v.ravel() for n, v in shown.items()}

    @mistake
    def mean_of_each_row(self, right, X_train, X_test, mode):
        """In the channel modes you have a mean for each row of pixels, as if pictures were
        N×C×H×W. They are N×H×W×C here: the channel is the last axis."""
        if mode != "mean_image":
            return self._by_lines(X_train, X_test, mode, (0, 2, 3), False)

    @mistake
    def mean_of_each_row_with_its_axes(self, right, X_train, X_test, mode):
        """In the channel modes you have a mean for each row of pixels, in four axes, as if pictures
        were N×C×H×W. They are N×H×W×C here, and a mean for each channel has the shape (C,)."""
        if mode != "mean_image":
            return self._by_lines(X_train, X_test, mode, (0, 2, 3), True)

    @mistake
    def mean_of_each_column(self, right, X_train, X_test, mode):
        """In the channel modes you have a mean for each column of pixels. The channel is the last
        axis of N×H×W×C, and all others are averaged over."""
        if mode != "mean_image":
            return self._by_lines(X_train, X_test, mode, (0, 1, 3), False)
