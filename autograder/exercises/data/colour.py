"""Exercises of notebook 03 on colours: contrast, and AlexNet's shift along their main axes."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near


class color_jitter(Exercise):
    """More contrast or less, another factor each time."""

    signature = "color_jitter(img, rng, contrast=0.4)"
    minutes = 8
    difficulty = 2
    extra = True
    hints = (
        "Contrast is distance from the mean. The mean stays, distances grow or shrink.",
        "The drawn factor lies around 1. What may a value be that grew beyond the range of a "
        "picture?",
    )
    draws = 300

    def cases(self, rng):
        soft = rng.uniform(0.4, 0.6, (5, 6, 3)) + [-0.1, 0.0, 0.12]
        seed = int(rng.integers(1000))
        common = {"draws": self.draws}
        yield Case("soft picture", 2, img=soft, contrast=0.4, seed=seed, **common)
        yield Case("single precision", 1, img=soft[::-1].astype(np.float32), contrast=0.25,
                   seed=seed + 1, **common)  # fmt: skip
        hard = rng.permutation(np.resize([0.05, 0.35, 0.55, 0.95], 90)).reshape(6, 5, 3)
        yield Case("black and white in it", 1, img=hard, contrast=0.8, seed=seed + 2, **common)

    def observe(self, code, img, contrast, seed, draws):
        import numpy as np

        rng = np.random.default_rng(seed)
        pictures = [np.array(code.color_jitter(img, rng, contrast)) for _ in range(draws)]
        rng = np.random.default_rng(seed)
        again = [np.array(code.color_jitter(img, rng, contrast)) for _ in range(5)]
        return {"pictures": pictures, "again": again}

    def read(self, seen, img, contrast, seed, draws):
        pictures = np.array(seen["pictures"])
        again = np.array_equal(np.array(seen["again"]), pictures[:5])
        img = img.astype(np.float64)
        mean = img.mean()
        offsets = (img - mean).ravel()
        # Values near the mean are never cut off; from these the factor is read.
        near_mean = np.abs(offsets) < 0.3
        flat = pictures.reshape(len(pictures), -1).astype(np.float64)
        grown = flat[:, near_mean] - mean
        factors = grown @ offsets[near_mean] / (offsets[near_mean] @ offsets[near_mean])
        fits = np.abs(grown - factors[:, None] * offsets[near_mean]).max() < 1e-5
        cut = np.clip(mean + factors[:, None] * offsets, 0, 1)
        return {
            "shape": str(pictures.shape[1:]),
            "dtype": str(pictures.dtype),
            "form": "one factor about the mean" if fits else "something else",
            "factors": _range_in_words(factors, 1 - contrast, 1 + contrast) if fits else "unknown",
            "beyond 0 and 1": "cut off" if np.abs(flat - cut).max() < 1e-5 or not fits
            else "not cut off",
            "same generator again": "the same pictures" if again else "other pictures",
        }  # fmt: skip

    def reference(self, img, contrast, seed, draws):
        return {
            "shape": str(img.shape),
            "dtype": str(img.dtype),
            "form": "one factor about the mean",
            "factors": f"from {1 - contrast:.2f} to {1 + contrast:.2f}",
            "beyond 0 and 1": "cut off",
            "same generator again": "the same pictures",
        }

    @mistake
    def about_zero(self, right, img, contrast, seed, draws):
        """Contrast grows about the mean of the whole picture, by one factor, and the mean stays.
        Multiplying the values themselves makes the picture brighter or darker; about another
        centre, or with a mean for each channel or a factor for each pixel, it shifts colours."""
        return {"form": "something else", "factors": "unknown"}

    @mistake
    def factor_around_zero(self, right, img, contrast, seed, draws):
        """Your factor lies between −contrast and contrast, so the picture is nearly grey, and half
        of the time a negative. It should lie around 1."""
        return {"factors": f"from {-contrast:.2f} to {contrast:.2f}"}

    @mistake
    def only_more_contrast(self, right, img, contrast, seed, draws):
        """Your factor is never below 1: contrast only grows. It should shrink as often."""
        return {"factors": f"from 1.00 to {1 + contrast:.2f}"}

    @mistake
    def same_factor_always(self, right, img, contrast, seed, draws):
        """Your factor is always the largest one. Draw it anew for each picture."""
        return {"factors": f"always {1 + contrast:.2f}"}

    @mistake
    def not_cut_off(self, right, img, contrast, seed, draws):
        """Some of your values are below 0 or above 1. Cut them off: no screen shows them."""
        if contrast > 0.5:
            return {"beyond 0 and 1": "not cut off"}

    @mistake
    def wider_dtype(self, right, img, contrast, seed, draws):
        """The picture should keep its dtype: float32 comes in, float64 comes out."""
        if img.dtype == np.float32:
            return {"dtype": "float64"}

    @mistake
    def generator_not_used(self, right, img, contrast, seed, draws):
        """The same rng gives other pictures when it is started again. Draw the factor from the rng
        that is passed in."""
        return {"same generator again": "other pictures"}


def _range_in_words(values, low, high):
    """Where drawn values lie; ends of the usual mistakes are recognised, others told as seen."""
    lowest, highest = float(values.min()), float(values.max())
    if highest - lowest < 1e-4:
        return f"always {highest:.2f}"
    reach = (high - low) / 2
    ends = {end: end for end in (low, high, 1.0, -reach, reach)}
    # 300 uniform draws come within a tenth of each end, but for one time in 10**13.
    tenth = 0.1 * (highest - lowest)

    def snapped(value, inwards):
        fitting = [e for e in ends if -1e-5 <= inwards * (value - e) <= tenth]
        return min(fitting, key=lambda e: abs(e - value), default=value)

    return f"from {snapped(lowest, 1):.2f} to {snapped(highest, -1):.2f}"


def colour_picture(rng, n, height, width):
    """Pictures whose colours vary along one direction most, and between pictures too."""
    mix = np.array([[0.16, 0.05, 0.02], [0.13, -0.02, -0.04], [0.09, -0.07, 0.03]])
    own = 0.5 * rng.normal(size=(n, 1, 1, 3)) * [1.0, 0.3, 0.8]
    return [0.5, 0.45, 0.35] + (rng.normal(size=(n, height, width, 3)) + own) @ mix.T


class colour_pca(Exercise):
    """The main axes of colour over the pixels of a training set."""

    signature = "colour_pca(images) -> eigval, eigvec"
    minutes = 8
    difficulty = 2
    extra = True
    hints = (
        "Every pixel of every picture is one row of three numbers.",
        "The covariance is 3×3. eigh sorts from the smallest eigenvalue to the largest.",
    )

    def cases(self, rng):
        yield Case("six pictures", 2, images=colour_picture(rng, 6, 5, 4))
        yield Case("other units: 0 to 255", 1, images=255 * colour_picture(rng, 4, 3, 6))

    def observe(self, code, images):
        eigval, eigvec = code.colour_pca(images)
        return {"eigval": eigval, "eigvec": eigvec}

    def read(self, seen, images):
        eigval, eigvec = (np.asarray(seen[name]) for name in ("eigval", "eigvec"))
        return {"eigval": eigval, "eigvec": self._signed(eigvec)}

    def _signed(self, columns):
        """Each column with its largest entry positive: the sign is nobody's choice."""
        largest = np.take_along_axis(columns, np.abs(columns).argmax(0)[None], 0)
        return columns * np.sign(largest)

    def reference(self, images):
        pixels = torch.tensor(images, device=self.device).reshape(-1, 3)
        pixels = pixels - pixels.mean(0)
        _, s, vt = torch.linalg.svd(pixels, full_matrices=False)
        eigvec = self._signed(vt.T.cpu().numpy())
        return {
            "eigval": near(s**2 / len(pixels), rtol=1e-6, atol=1e-9),
            "eigvec": near(eigvec, rtol=1e-6, atol=1e-7),
        }

    def _of(self, rows, divide=None):
        values, vectors = np.linalg.eigh(rows.T @ rows / (divide or len(rows)))
        return {"eigval": values[::-1], "eigvec": self._signed(vectors[:, ::-1])}

    @mistake
    def over_pictures(self, right, images):
        """You take the mean colour of each picture and find the main axes of these. Colours vary
        far more between pixels: each pixel is a row."""
        rows = images.mean((1, 2))
        return self._of(rows - rows.mean(0))

    @mistake
    def not_centred(self, right, images):
        """The mean colour is not subtracted, so the first axis points from black to the mean."""
        return self._of(images.reshape(-1, 3))

    @mistake
    def smallest_first(self, right, images):
        """Your eigenvalues come in eigh's order, from the smallest. Here the largest comes first,
        and its eigenvector is the first column."""
        return {name: right[name][..., ::-1] for name in right}

    @mistake
    def rows_for_eigenvectors(self, right, images):
        """Your matrix is transposed: the eigenvectors should be its columns. (In the Vt of an svd
        they are rows.)"""
        pixels = images.reshape(-1, 3)
        vt = np.linalg.svd(pixels - pixels.mean(0), full_matrices=False)[2]
        return {"eigvec": self._signed(vt)}

    @mistake
    def standard_deviations(self, right, images):
        """Your numbers are the square roots of the eigenvalues. An eigenvalue of a covariance is a
        variance."""
        return {"eigval": np.sqrt(right["eigval"])}

    @mistake
    def summed_over_pixels(self, right, images):
        """Your eigenvalues grow with the number of pixels. A covariance is a mean: divide by it."""
        return {"eigval": right["eigval"] * images.size / 3}

    @mistake
    def divides_by_n_minus_one(self, right, images):
        """Your covariance divides by one less than the number of pixels, as np.cov does. Here it
        is the mean over them."""
        return {"eigval": right["eigval"] * (images.size / 3) / (images.size / 3 - 1)}


class pca_color(Exercise):
    """AlexNet's colour shift: one offset for the whole picture, along the main axes of colour."""

    signature = "pca_color(img, eigval, eigvec, alpha)"
    minutes = 7
    difficulty = 2
    extra = True
    hints = (
        "The result is the picture plus one colour, the same for all pixels.",
        "That colour is a sum of the eigenvectors, each of them times its eigenvalue and its α.",
    )

    def cases(self, rng):
        turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        axes = {"eigval": np.array([0.31, 0.042, 0.009]), "eigvec": turn}
        img = rng.uniform(0.1, 0.9, (4, 5, 3))
        yield Case("one draw", 2, img=img, alpha=np.array([0.8, -1.1, 1.4]), **axes)
        yield Case("a large draw", 1, img=img[:3], alpha=np.array([-3.1, 2.2, 4.0]), **axes)
        single = {name: value.astype(np.float32) for name, value in axes.items()}
        yield Case("single precision", 1, img=img[:, :2].astype(np.float32),
                   alpha=np.array([0.5, 0.9, -0.7], np.float32), **single)  # fmt: skip

    def observe(self, code, img, eigval, eigvec, alpha):
        return {"out": code.pca_color(img, eigval, eigvec, alpha)}

    def reference(self, img, eigval, eigvec, alpha):
        img, eigval, eigvec, alpha = (torch.tensor(a) for a in (img, eigval, eigvec, alpha))
        return {"out": img + torch.einsum("ck,k,k->c", eigvec, eigval, alpha)}

    @mistake
    def root_of_the_eigenvalues(self, right, img, eigval, eigvec, alpha):
        """You multiply by the square roots of the eigenvalues. That would be natural, but the
        paper multiplies by the eigenvalues themselves."""
        return {"out": img + eigvec @ (alpha * np.sqrt(eigval))}

    @mistake
    def eigenvectors_as_rows(self, right, img, eigval, eigvec, alpha):
        """You take the rows of eigvec for the eigenvectors. They are its columns."""
        return {"out": img + eigvec.T @ (alpha * eigval)}

    @mistake
    def eigenvalues_forgotten(self, right, img, eigval, eigvec, alpha):
        """The eigenvalues are missing: colours should shift most in the direction in which they
        vary most."""
        return {"out": img + eigvec @ alpha}

    @mistake
    def not_turned(self, right, img, eigval, eigvec, alpha):
        """You add α times eigenvalue to red, green and blue. These are numbers along the main
        axes: eigvec turns them into a colour."""
        return {"out": img + alpha * eigval}

    @mistake
    def units_of_255(self, right, img, eigval, eigvec, alpha):
        """Your shift is in the units 0 to 255, but the picture and the eigenvalues that come in
        have units of their own. No factor of 255 belongs here."""
        return {"out": img + 255 * (eigvec @ (alpha * eigval))}

    @mistake
    def multiplied(self, right, img, eigval, eigvec, alpha):
        """You multiply the picture by one plus the shift. AlexNet adds the same colour to every
        pixel, dark or bright."""
        return {"out": img * (1 + eigvec @ (alpha * eigval))}

    @mistake
    def cut_off(self, right, img, eigval, eigvec, alpha):
        """You cut the result off at 0 and 1. Here it is not: the mean is subtracted next, and a net
        takes any float."""
        return {"out": np.clip(right["out"], 0, 1)}

    @mistake
    def subtracted(self, right, img, eigval, eigvec, alpha):
        """Your shift has the other sign. On average that changes nothing, but here α says which
        way to go."""
        return {"out": img - eigvec @ (alpha * eigval)}
