"""Exercise of notebook 03: contrast. Shifts of colour are in `colour`."""

import numpy as np

from autograder.exercise import Case, Exercise, Setting, mistake

ABOUT_MEAN = "one factor about the mean of all values"
EVEN = "spread evenly"
SMALL, LARGE = "small more often than large", "large more often than small"


class color_jitter(Exercise):
    """More contrast or less, another factor each time."""

    signature = "color_jitter(img, rng, contrast=0.4)"
    minutes = 8
    difficulty = 2
    extra = True
    hints = (
        "Contrast is the distance from the mean. The mean stays, and the distances grow or "
        "shrink.",
        "The drawn factor is near 1. What should happen to a value that leaves the range of a "
        "picture?",
    )
    settings = {"contrast": Setting(0.4, others=(0.5,))}
    reads = {
        "shape": "your pictures have the shape {seen}; {right} is right",
        "dtype": "your pictures are {seen}; {right} is right",
        "form": "your pictures change by {seen}; {right} is right",
        "factors": "your factors lie {seen}; {right} is right",
        "draws": "your factors are {seen}; {right} is right",
        "beyond 0 and 1": "what lies beyond 0 and 1 is {seen}; {right} is right",
        "same generator again": "the same rng started again gives {seen}; {right} are right",
    }
    draws = 300

    def cases(self, rng):
        def soft(height, width):
            return rng.uniform(0.4, 0.6, (height, width, 3)) + [-0.1, 0.0, 0.12]

        seed = int(rng.integers(1000))
        some = lambda low, high: round(float(rng.uniform(low, high)), 2)
        for place, (name, points, img, contrast) in enumerate([
            ("soft picture", 1, soft(int(rng.integers(4, 8)), 6), some(0.2, 0.35)),
            ("contrast is left out", 1, soft(4, int(rng.integers(5, 9))), None),
            ("single precision", 1, soft(int(rng.integers(4, 8)), 5).astype(np.float32),
             some(0.2, 0.35)),
            ("black and white in it", 1,
             rng.permutation(np.resize([0.05, 0.15, 0.3, 0.35, 0.7, 0.95], 90)).reshape(6, 5, 3),
             some(0.8, 0.9)),
        ]):  # fmt: skip
            yield Case(name, points, img=img, contrast=contrast, seed=seed + place,
                       draws=self.draws)  # fmt: skip

    def observe(self, code, img, contrast, seed, draws):
        import numpy as np

        stored, jitter = img.copy(), code.color_jitter
        given = () if contrast is None else (contrast,)
        rng = np.random.default_rng(seed)
        # Copies: what is done to one picture is not left for the next.
        pictures = [np.array(jitter(stored.copy(), rng, *given)) for _ in range(draws)]
        rng = np.random.default_rng(seed)
        again = [np.array(jitter(stored.copy(), rng, *given)) for _ in range(5)]
        jitter(img, rng, *given)
        return {"pictures": pictures, "again": again}

    def read(self, seen, img, contrast, seed, draws):
        shapes = {str(np.shape(picture)) for picture in seen["pictures"]}
        pairs = zip(seen["again"], seen["pictures"], strict=False)
        again = all(np.array_equal(a, p) for a, p in pairs)
        contrast = 0.4 if contrast is None else contrast
        # Among these facts the first that is off is told; what follows from it is not judged.
        facts = self._facts(img, contrast) | {
            "shape": shapes.pop() if len(shapes) == 1 else "now one, now another",
            "dtype": str(np.asarray(seen["pictures"][0]).dtype),
            "same generator again": "the same pictures" if again else "other pictures",
        }
        if facts["shape"] != str(img.shape):
            return facts
        img, pictures = img.astype(float), np.array(seen["pictures"], float)
        facts["form"], factors = _form(img, pictures)
        if factors is None:
            return facts
        if facts["form"] != ABOUT_MEAN:
            return facts
        facts |= _drawn(factors, contrast)
        mean = img.mean()
        grown = mean + factors[:, None, None, None] * (img - mean)
        sides = {"below": grown < -1e-5, "above": grown > 1 + 1e-5}
        beyond = {side: pictures[where] for side, where in sides.items()}
        kept = [side for side, values in beyond.items() if np.any((values < 0) | (values > 1))]
        if kept:
            facts["beyond 0 and 1"] = f"not cut off {' and '.join(kept)}"
        return facts

    def _facts(self, img, contrast):
        return {
            "shape": str(img.shape),
            "dtype": str(img.dtype),
            "same generator again": "the same pictures",
            "form": ABOUT_MEAN,
            "factors": _between(1 - contrast, 1 + contrast),
            "draws": EVEN,
            "beyond 0 and 1": "cut off",
        }

    def reference(self, img, contrast, seed, draws):
        return self._facts(img, 0.4 if contrast is None else contrast)

    @mistake
    def about_zero(self, right, **inputs):
        """You multiply the values themselves, so the picture becomes brighter or darker. Contrast
        is distance from the mean: the mean stays, and distances grow or shrink."""
        return {"form": "a factor of the values themselves"}

    @mistake
    def about_a_half(self, right, **inputs):
        """Your contrast grows about 0.5. It grows about the mean of the picture, which stays as it
        is."""
        return {"form": "one factor about 0.5"}

    @mistake
    def about_another_value(self, right, **inputs):
        """Your contrast grows about another value than the mean of all values. A median is another
        one, or the mean of a grey picture in which the channels have weights."""
        return {"form": "one factor about another value"}

    @mistake
    def about_each_channels_mean(self, right, **inputs):
        """Each channel grows about its own mean. There is one mean for the whole picture, over
        places and channels."""
        return {"form": "one factor about each channel's mean"}

    @mistake
    def about_each_pixels_mean(self, right, **inputs):
        """Each pixel's channels grow about their own mean, which changes saturation. Contrast is
        distance from the mean of the whole picture."""
        return {"form": "one factor about each pixel's mean"}

    @mistake
    def mean_not_added_back(self, right, **inputs):
        """The mean is taken away and not added again, so the picture is dark, and half of it below
        0. The mean stays: add it after you multiply."""
        return {"form": "a factor of the distances alone"}

    @mistake
    def a_factor_for_each_channel(self, right, **inputs):
        """Each channel has a factor of its own, which shifts colours. Draw one factor for the whole
        picture."""
        return {"form": "a factor for each channel"}

    @mistake
    def a_factor_for_each_pixel(self, right, **inputs):
        """The factor differs from place to place, which is noise. Draw one factor for the whole
        picture."""
        return {"form": "another factor at each place"}

    @mistake
    def brightness_added(self, right, **inputs):
        """You add the same number to all values, which is brightness. Contrast multiplies the
        distances from the mean."""
        return {"form": "a number added to all values"}

    @mistake
    def turned_negative(self, right, img, contrast, **inputs):
        """Your pictures are negatives: the distance from the mean has the wrong sign. It is the
        value minus the mean."""
        c = 0.4 if contrast is None else contrast
        return {"factors": _between(-1 - c, c - 1)}

    @mistake
    def one_too_large(self, right, img, contrast, **inputs):
        """Your factor is one too large: you add the grown distances to the picture, which has the
        distances already. Add them to the mean."""
        c = 0.4 if contrast is None else contrast
        return {"factors": _between(2 - c, 2 + c)}

    @mistake
    def factor_around_zero(self, right, img, contrast, **inputs):
        """Your factor lies between −contrast and contrast, so the picture is nearly grey, and half
        of the time a negative. It should lie around 1."""
        c = 0.4 if contrast is None else contrast
        return {"factors": _between(-c, c)}

    @mistake
    def factor_from_zero(self, right, img, contrast, **inputs):
        """Your factor lies between 0 and contrast, so the picture is nearly grey. It should lie
        around 1."""
        return {"factors": _between(0, 0.4 if contrast is None else contrast)}

    @mistake
    def only_more_contrast(self, right, img, contrast, **inputs):
        """Your factor is never below 1: contrast only grows. It should shrink as often."""
        return {"factors": _between(1, 1 + (0.4 if contrast is None else contrast))}

    @mistake
    def only_less_contrast(self, right, img, contrast, **inputs):
        """Your factor is never above 1: contrast only shrinks. It should grow as often."""
        return {"factors": _between(1 - (0.4 if contrast is None else contrast), 1)}

    @mistake
    def half_the_range(self, right, img, contrast, **inputs):
        """Your factors lie in half of the range. contrast is how far they go from 1 to either
        side."""
        c = (0.4 if contrast is None else contrast) / 2
        return {"factors": _between(1 - c, 1 + c)}

    @mistake
    def one_over(self, right, img, contrast, **inputs):
        """Your factor goes down to 1/(1 + contrast). Here it goes down to 1 − contrast, as far
        below 1 as above, and all between is equally likely."""
        c = 0.4 if contrast is None else contrast
        return {"factors": _between(1 / (1 + c), 1 + c)}

    @mistake
    def beyond_the_range(self, right, **inputs):
        """Some of your factors lie further from 1 than contrast allows, as those of a normal
        distribution do. Draw uniformly between the two ends."""
        return {"factors": "partly beyond the range"}

    @mistake
    def never_near_an_end(self, right, **inputs):
        """Your factors never come near an end of the range. Draw uniformly from all of it."""
        return {"factors": "in a part of the range only"}

    @mistake
    def same_factor_always(self, right, **inputs):
        """Your factor is always the same. Draw it anew for each picture."""
        return {"factors": "always at the same value"}

    @mistake
    def one_end_or_the_other(self, right, **inputs):
        """Your factor is one end of the range or the other. Draw uniformly: all between is equally
        likely."""
        return {"draws": "at the two ends only"}

    @mistake
    def crowded_in_the_middle(self, right, **inputs):
        """Your factors crowd in the middle of the range. Draw uniformly: all of it is equally
        likely."""
        return {"draws": "crowded in the middle"}

    @mistake
    def small_ones_too_often(self, right, img, contrast, **inputs):
        """Small factors come more often than large ones, as where the LOGARITHM of the factor is
        uniform. Here the factor itself is: all between its ends is equally likely."""
        if (contrast or 0) > 0.5:
            return {"draws": SMALL}

    @mistake
    def not_cut_off(self, right, img, contrast, **inputs):
        """Some of your values are below 0 or above 1. Cut them off: no screen shows them."""
        if (contrast or 0) > 0.5:
            return {"beyond 0 and 1": "not cut off below and above"}

    @mistake
    def not_cut_off_below(self, right, img, contrast, **inputs):
        """Some of your values are below 0. Cut off at both ends, at 0 and at 1."""
        if (contrast or 0) > 0.5:
            return {"beyond 0 and 1": "not cut off below"}

    @mistake
    def not_cut_off_above(self, right, img, contrast, **inputs):
        """Some of your values are above 1. Cut off at both ends, at 0 and at 1; 255 is the largest
        value of uint8, and these are floats."""
        if (contrast or 0) > 0.5:
            return {"beyond 0 and 1": "not cut off above"}

    @mistake
    def scaled_back(self, right, img, contrast, **inputs):
        """Where values leave 0 … 1 you scale the whole picture back, which takes the contrast away
        again. Cut off what lies beyond, and leave the rest."""
        if (contrast or 0) > 0.5:
            return {"form": "one factor about another value"}

    @mistake
    def cut_off_too_early(self, right, **inputs):
        """You cut off the distances from the mean, so all below the mean is lost. Add the mean
        first, then cut off at 0 and 1."""
        return {"form": "nothing below the mean"}

    @mistake
    def wider_dtype(self, right, img, **inputs):
        """The picture should keep its dtype: float32 comes in, float64 comes out."""
        if img.dtype == np.float32:
            return {"dtype": "float64"}

    @mistake
    def generator_not_used(self, right, **inputs):
        """The same rng gives other pictures when it is started again. Draw the factor from the rng
        that is passed in."""
        return {"same generator again": "other pictures"}


def _between(low, high):
    return f"from {low:.2f} to {high:.2f}"


def _form(img, pictures):
    """How the pictures are made of `img`, in words, and their factors where there is one each."""
    free = (pictures > 1e-6) & (pictures < 1 - 1e-6) | (pictures < -1e-6) | (pictures > 1 + 1e-6)
    mean = img.mean()
    if np.all(pictures >= mean - 1e-5) and img.min() < mean - 0.01:
        return "nothing below the mean", None
    factors, bases, errors = _lines(img, pictures, free, axes=(1, 2, 3))
    if errors.max() < 1e-5:
        # base + factor · value: about which value does it grow?
        if np.abs(bases - (1 - factors) * mean).max() < 1e-5:
            return ABOUT_MEAN, factors
        if np.abs(bases).max() < 1e-5:
            return "a factor of the values themselves", factors
        if np.abs(bases + factors * mean).max() < 1e-5:
            return "a factor of the distances alone", factors
        if np.abs(factors - 1).max() < 1e-5:
            return "a number added to all values", None
        half = np.abs(bases - (1 - factors) * 0.5).max() < 1e-5
        return ("one factor about 0.5" if half else "one factor about another value"), factors
    slopes, levels, errors = _lines(img, pictures, free, axes=(1, 2))
    if errors.max() < 1e-5:
        own = np.abs(levels - (1 - slopes) * img.mean((0, 1))).max() < 1e-5
        one = np.ptp(slopes, axis=1).max() < 1e-4 and own
        form = "one factor about each channel's mean" if one else "a factor for each channel"
        return form, None
    pixel = img.mean(2, keepdims=True)
    apart = img - pixel
    if _lines(apart, pictures - pixel, free, axes=(1, 2, 3))[2].max() < 1e-5:
        return "one factor about each pixel's mean", None
    return "another factor at each place", None


def _lines(x, y, free, axes):
    """Slopes, bases and largest errors of the best lines through the values that are free."""
    count = np.maximum(free.sum(axes, keepdims=True), 1)
    mean = lambda values: (values * free).sum(axes, keepdims=True) / count
    dx, dy = x - mean(x), y - mean(y)
    spread = mean(dx**2)
    slope = np.where(spread > 1e-9, mean(dx * dy) / np.maximum(spread, 1e-300), 1.0)
    error = (np.abs(dy - slope * dx) * free).max(axes)
    base = mean(y) - slope * mean(x)
    return slope.squeeze(axes), base.squeeze(axes), error


def _drawn(factors, contrast):
    """Where drawn factors lie, and how. 300 uniform draws come within a tenth of each end, but for
    one time in 10**13."""
    low, high = 1 - contrast, 1 + contrast
    lowest, highest = float(factors.min()), float(factors.max())
    width = highest - lowest
    if width < 1e-4:
        return {"factors": "always at the same value"}
    usual = [(low, high), (-1 - contrast, contrast - 1), (2 - contrast, 2 + contrast),
             (-contrast, contrast), (0, contrast), (1, high), (low, 1),
             (1 - contrast / 2, 1 + contrast / 2), (1 / high, high), (0.6, 1.4),
             (0.5, 1.5)]  # fmt: skip
    fitting = [
        (b - a, a, b)
        for a, b in usual
        if -1e-5 <= lowest - a <= 0.1 * (b - a) and -1e-5 <= b - highest <= 0.1 * (b - a)
    ]
    if not fitting:
        beyond = lowest < low - 1e-4 or highest > high + 1e-4
        where = "partly beyond the range" if beyond else "in a part of the range only"
        return {"factors": where}
    found = {"factors": _between(*min(fitting)[1:])}  # the narrowest: chance seldom falls into it
    inside = np.mean(np.abs(factors - (lowest + highest) / 2) < width / 4)
    if abs(inside - 0.5) > 0.175:  # more than six standard errors
        found["draws"] = "at the two ends only" if inside < 0.5 else "crowded in the middle"
    elif found["factors"] == _between(low, high):
        # Six standard errors of the mean of uniform draws.
        apart = (factors.mean() - 1) / ((high - low) / np.sqrt(12 * len(factors)))
        if abs(apart) > 6:
            found["draws"] = SMALL if apart < 0 else LARGE
    return found
