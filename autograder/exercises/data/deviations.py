"""What goes wrong in `preprocess` with the standard deviation; no exercise."""

import numpy as np

from autograder.exercise import Exercise, mistake


class Deviations(Exercise, abstract=True):
    """For `preprocess`: other numbers than each channel's standard deviation to divide by."""

    def _divided(self, right, X_train, X_test, mode, std):
        """What is shown with another deviation."""
        if mode == "channel_mean_std":
            return {"std": std} | self._by(X_train, X_test, right["mean"], std)

    def _no_less_than(self, right, X_train, X_test, mode, least):
        if mode == "channel_mean_std":
            std = np.maximum(right["std"], least)
            return self._divided(right, X_train, X_test, mode, std)

    @mistake
    def std_no_less_than_1(self, right, X_train, X_test, mode):
        """Where a standard deviation is below 1 you give 1, so pictures whose values run from 0 to
        1 are not divided. Every channel is divided by its own deviation, small or large."""
        return self._no_less_than(right, X_train, X_test, mode, 1.0)

    @mistake
    def std_no_less_than_of_a_picture(self, right, X_train, X_test, mode):
        """Where a standard deviation is small you give one over the root of the number of values in
        a picture. Every channel is divided by its own deviation, small or large."""
        least = 1 / np.sqrt(X_train[0].size)
        return self._no_less_than(right, X_train, X_test, mode, least)

    @mistake
    def std_grown_by_1e_5(self, right, X_train, X_test, mode):
        """You divide by the standard deviation and 1e-5. No channel is constant, so nothing has to
        be added."""
        if mode == "channel_mean_std":
            return self._by(X_train, X_test, right["mean"], right["std"] + 1e-5)

    @mistake
    def divides_in_channel_mean(self, right, X_train, X_test, mode):
        """In channel_mean you divide by the standard deviation as well. Only channel_mean_std does
        that."""
        if mode == "channel_mean":
            found = self._by(X_train, X_test, right["mean"], X_train.std((0, 1, 2)))
            return found | {"keys": "mean and std"}

    @mistake
    def divides_in_channel_mean_and_says_nothing(self, right, X_train, X_test, mode):
        """In channel_mean you divide by the standard deviation as well, and do not give it back.
        Only channel_mean_std divides."""
        if mode == "channel_mean":
            return self._by(X_train, X_test, right["mean"], X_train.std((0, 1, 2)))

    @mistake
    def each_picture_by_its_own_mean_and_their_std(self, right, X_train, X_test, mode):
        """In the channel modes every picture is centred by its own mean colour, and your standard
        deviation is that of pictures centred so. Both are over the whole training set: one mean
        colour for all pictures, and the deviation from it."""
        if mode == "mean_image":
            return None
        train, test = (X - X.mean((1, 2), keepdims=True) for X in (X_train, X_test))
        std = train.std((0, 1, 2)) if mode == "channel_mean_std" else None
        return {"std": std} | self._by(train, test, 0.0, std)

    @mistake
    def one_std_for_all_channels(self, right, X_train, X_test, mode):
        """Your standard deviation is a single number for all channels. Each channel has one of its
        own, as it has a mean."""
        return self._divided(right, X_train, X_test, mode, X_train.std())

    @mistake
    def one_std_repeated(self, right, X_train, X_test, mode):
        """Your standard deviation is the same for all channels, that of all values together. Each
        channel has its own spread."""
        return self._divided(right, X_train, X_test, mode, np.full(X_train.shape[3], X_train.std()))

    @mistake
    def one_std_of_what_is_centred(self, right, X_train, X_test, mode):
        """Your standard deviation is a single number, that of all centred values together. Each
        channel has its own spread."""
        spread = (X_train - X_train.mean((0, 1, 2))).std()
        return self._divided(right, X_train, X_test, mode, np.full(X_train.shape[3], spread))

    @mistake
    def divides_by_the_variance(self, right, X_train, X_test, mode):
        """You divide by the variance. Unit spread comes from dividing by its square root."""
        if mode == "channel_mean_std":
            return self._divided(right, X_train, X_test, mode, right["std"] ** 2)

    @mistake
    def divides_first(self, right, X_train, X_test, mode):
        """You divide by the standard deviation first and then subtract the mean, which is in the
        units of before. Subtract first, then divide."""
        if mode == "channel_mean_std":
            return {name: X / right["std"] - right["mean"]
                    for name, X in (("train", X_train), ("test", X_test))}  # fmt: skip

    @mistake
    def unbiased_std(self, right, X_train, X_test, mode):
        """Your standard deviation divides by one less than the number of values. Here it is the
        root of the mean squared deviation (numpy's default; torch's std is the other one)."""
        return self._divided(right, X_train, X_test, mode, X_train.std((0, 1, 2), ddof=1))

    @mistake
    def std_of_each_pixel(self, right, X_train, X_test, mode):
        """The mean is one number a channel, but your standard deviation is one for each pixel. It
        goes over pictures and places, as the mean does."""
        return self._divided(right, X_train, X_test, mode, X_train.std(0))

    @mistake
    def mean_of_the_pixels_stds(self, right, X_train, X_test, mode):
        """You take the standard deviation at each pixel, over the pictures, and average. It is
        taken over pictures and places at once, about the channel's mean."""
        std = X_train.std(0).mean((0, 1))
        return self._divided(right, X_train, X_test, mode, std)

    @mistake
    def mean_of_the_pictures_stds(self, right, X_train, X_test, mode):
        """You average the standard deviations of single pictures. It is one over all pictures and
        places together, which also has in it how pictures differ."""
        return self._divided(right, X_train, X_test, mode, X_train.std((1, 2)).mean(0))

    @mistake
    def spread_about_the_mean_picture(self, right, X_train, X_test, mode):
        """Your standard deviation is of the distances from the mean picture. It is taken about the
        channel's mean, so how the mean picture itself varies from place to place counts as well."""
        std = (X_train - X_train.mean(0)).std((0, 1, 2))
        return self._divided(right, X_train, X_test, mode, std)

    @mistake
    def root_mean_square(self, right, X_train, X_test, mode):
        """You divide by the root of the mean square, from which the mean was not taken out. A
        standard deviation is of the distances from the mean."""
        square = np.sqrt((X_train.astype(float) ** 2).mean((0, 1, 2)))
        return self._divided(right, X_train, X_test, mode, square)

    @mistake
    def mean_distance(self, right, X_train, X_test, mode):
        """You divide by the mean distance from the mean. A standard deviation is the root of the
        mean SQUARED distance."""
        distance = np.abs(X_train - X_train.mean((0, 1, 2))).mean((0, 1, 2))
        return self._divided(right, X_train, X_test, mode, distance)

    @mistake
    def std_of_both(self, right, X_train, X_test, mode):
        """Your standard deviation comes from training and test pictures together. It is the
        training set's, as the mean is."""
        std = np.concatenate([X_train, X_test]).std((0, 1, 2))
        return self._divided(right, X_train, X_test, mode, std)
