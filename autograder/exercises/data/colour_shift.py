"""Exercise of notebook 03: AlexNet's shift of colours along their main axes, which are found in
`colour`."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake


class pca_color(Exercise):
    """AlexNet's colour shift: one offset for the whole picture, along the main axes of colour."""

    signature = "pca_color(img, eigval, eigvec, alpha)"
    growth = {"img": 1, "eigval": 1}, {"out": 1}
    reads = {
        "out": "your picture",
        "called again": "the same call once more gives {seen}; {right} is right",
    }
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
        yield Case("single precision", 0.5, img=img[:, :2].astype(np.float32),
                   alpha=np.array([0.5, 0.9, -0.7], np.float32), **single)  # fmt: skip
        yield Case("a float32 picture, and a shift in float64", 0.5,
                   img=img[1:, 1:3].astype(np.float32), alpha=np.array([-0.6, 1.2, 0.9]),
                   **axes)  # fmt: skip

    def observe(self, code, img, eigval, eigvec, alpha):
        shift, stored = code.pca_color, img.copy()
        again = shift(stored, eigval.copy(), eigvec.copy(), alpha.copy())
        return {"out": shift(img, eigval, eigvec, alpha), "again": again}

    def aid(self, **inputs):
        return {"right": self.reference(**inputs)["out"].numpy()}

    def read(self, seen, right, **inputs):
        """Where a call gives another picture than the last the picture itself tells nothing."""
        out, again = seen["out"], seen["again"]
        if np.shape(out) == np.shape(again) and np.allclose(out, again, rtol=1e-6, equal_nan=True):
            return {"out": out, "called again": "the same picture"}
        return {"out": right, "called again": "another picture"}

    def reference(self, img, eigval, eigvec, alpha):
        img, eigval, eigvec, alpha = (torch.tensor(a) for a in (img, eigval, eigvec, alpha))
        out = img + torch.einsum("ck,k,k->c", eigvec, eigval, alpha)
        return {"out": out.to(img.dtype), "called again": "the same picture"}

    def _plus(self, img, shift):
        return {"out": (img + shift).astype(img.dtype)}

    @mistake
    def root_of_the_eigenvalues(self, right, img, eigval, eigvec, alpha):
        """You multiply by the square roots of the eigenvalues. That would be natural, but the
        paper multiplies by the eigenvalues themselves."""
        return self._plus(img, eigvec @ (alpha * np.sqrt(eigval)))

    @mistake
    def eigenvectors_as_rows(self, right, img, eigval, eigvec, alpha):
        """You take the rows of eigvec for the eigenvectors. They are its columns."""
        return self._plus(img, eigvec.T @ (alpha * eigval))

    @mistake
    def eigenvalues_forgotten(self, right, img, eigval, eigvec, alpha):
        """The eigenvalues are missing: colours should shift most in the direction in which they
        vary most."""
        return self._plus(img, eigvec @ alpha)

    @mistake
    def not_turned(self, right, img, eigval, eigvec, alpha):
        """You add α times eigenvalue to red, green and blue. These are numbers along the main
        axes: eigvec turns them into a colour."""
        return self._plus(img, alpha * eigval)

    @mistake
    def units_of_255(self, right, img, eigval, eigvec, alpha):
        """Your shift is in the units 0 to 255, but the picture and the eigenvalues that come in
        have units of their own. No factor of 255 belongs here."""
        return self._plus(img, 255 * (eigvec @ (alpha * eigval)))

    @mistake
    def multiplied(self, right, img, eigval, eigvec, alpha):
        """You multiply the picture by one plus the shift. AlexNet adds the same colour to every
        pixel, dark or bright."""
        return {"out": (img * (1 + eigvec @ (alpha * eigval))).astype(img.dtype)}

    @mistake
    def cut_off(self, right, img, eigval, eigvec, alpha):
        """You cut the result off at 0 and 1. Here it is not: the mean is subtracted next, and a net
        takes any float."""
        return {"out": np.clip(right["out"], 0, 1)}

    @mistake
    def subtracted(self, right, img, eigval, eigvec, alpha):
        """Your shift has the other sign. On average that changes nothing, but here α says which
        way to go."""
        return self._plus(img, -(eigvec @ (alpha * eigval)))

    @mistake
    def cut_off_below(self, right, img, eigval, eigvec, alpha):
        """You cut the result off at 0. Here it is not cut off: the mean is subtracted next, and a
        net takes any float."""
        return {"out": np.maximum(right["out"], 0)}

    @mistake
    def cut_off_above(self, right, img, eigval, eigvec, alpha):
        """You cut the result off at 1. Here it is not cut off: the mean is subtracted next, and a
        net takes any float."""
        return {"out": np.minimum(right["out"], 1)}

    @mistake
    def alpha_forgotten(self, right, img, eigval, eigvec, alpha):
        """alpha is missing, so that every picture gets the same colour. Each axis is weighed by
        what was drawn for it."""
        return self._plus(img, eigvec @ eigval)

    @mistake
    def eigenvalues_squared(self, right, img, eigval, eigvec, alpha):
        """The eigenvalues come in twice. Each axis is weighed by its α and its eigenvalue, once."""
        return self._plus(img, eigvec @ (alpha * eigval**2))

    @mistake
    def one_weight_for_all_axes(self, right, img, eigval, eigvec, alpha):
        """You make one number of α and the eigenvalues, and weigh all axes by it. Each axis has its
        own α and its own eigenvalue."""
        return self._plus(img, (alpha @ eigval) * eigvec.sum(1))

    @mistake
    def one_number_for_all_channels(self, right, img, eigval, eigvec, alpha):
        """You add the same number to red, green and blue: the shift was summed over them. It is a
        colour, a number for each channel."""
        return self._plus(img, (eigvec @ (alpha * eigval)).sum())

    def _axes(self, img, eigval, eigvec, alpha, part):
        return self._plus(img, eigvec[:, part] @ (alpha[part] * eigval[part]))

    @mistake
    def first_axis_only(self, right, **given):
        """Only the first axis is there. The colour is a sum over all three."""
        return self._axes(**given, part=slice(1))

    @mistake
    def last_axis_only(self, right, **given):
        """Only the last axis is left, as when each one overwrites the one before. The colour is a
        sum over all three."""
        return self._axes(**given, part=slice(2, 3))

    @mistake
    def last_axis_missing(self, right, **given):
        """The last axis is missing. The colour is a sum over all three."""
        return self._axes(**given, part=slice(2))

    @mistake
    def first_axis_missing(self, right, **given):
        """The first axis is missing. The colour is a sum over all three."""
        return self._axes(**given, part=slice(1, 3))

    @mistake
    def divided_by_255(self, right, img, eigval, eigvec, alpha):
        """Your shift is divided by 255. Picture and eigenvalues come in units of their own, and the
        shift is in the same."""
        return self._plus(img, eigvec @ (alpha * eigval) / 255)

    @mistake
    def a_tenth(self, right, img, eigval, eigvec, alpha):
        """Your shift is a tenth of what it should be. The α that come in are drawn already; their
        standard deviation is in them."""
        return self._plus(img, 0.1 * (eigvec @ (alpha * eigval)))

    @mistake
    def stretched_along_the_axes(self, right, img, eigval, eigvec, alpha):
        """You stretch each pixel's colour along the axes, so that bright pixels change more. The
        same colour is added to every pixel."""
        return {"out": ((img @ eigvec) * (1 + alpha * eigval) @ eigvec.T).astype(img.dtype)}

    @mistake
    def weighs_the_channels(self, right, img, eigval, eigvec, alpha):
        """Your α and eigenvalues weigh the channels, and eigvec comes last. They belong to the
        axes, the columns of eigvec: weigh the columns, then sum them."""
        return self._plus(img, alpha * eigval * eigvec.sum(1))

    @mistake
    def summed_over_the_channels(self, right, img, eigval, eigvec, alpha):
        """You sum each eigenvector's own three numbers, so that what you have is a number for each
        axis. Sum over the three eigenvectors: a number for each channel."""
        return self._plus(img, alpha * eigval * eigvec.sum(0))

    @mistake
    def blue_first(self, right, img, eigval, eigvec, alpha):
        """Your shift is turned round: blue comes first. Entry c of an eigenvector belongs to
        channel c of the picture."""
        return self._plus(img, (eigvec @ (alpha * eigval))[::-1])

    @mistake
    def shift_alone(self, right, img, eigval, eigvec, alpha):
        """You give back the shift alone, three numbers. Add it to the picture."""
        return {"out": eigvec @ (alpha * eigval)}

    @mistake
    def meets_the_rows(self, right, img, eigval, eigvec, alpha):
        """Your shift goes along the rows of the picture. The channels are the last axis: each gets
        its own number, the same in all places."""
        return self._plus(img, np.resize(eigvec @ (alpha * eigval), len(img))[:, None, None])

    @mistake
    def wider_dtype(self, right, img, eigval, eigvec, alpha):
        """float32 comes in and float64 comes out. The picture keeps its dtype."""
        if img.dtype == np.float32:
            return {"out": img + eigvec.astype(float) @ (alpha.astype(float) * eigval)}

    @mistake
    def dtype_of_the_shift(self, right, img, eigval, eigvec, alpha):
        """A float32 picture comes back as float64 where the eigenvectors, the eigenvalues or α are
        float64. The result has the dtype of the picture."""
        if img.dtype == np.float32 and alpha.dtype == np.float64:
            return {"out": img + eigvec @ (alpha * eigval)}

    @mistake
    def alpha_drawn_inside(self, right, img, **inputs):
        """The same call gives another picture each time: you draw numbers inside. alpha is what was
        drawn for this picture: use the one that is passed in."""
        return {"called again": "another picture"}

    @mistake
    def roots_and_rows(self, right, img, eigval, eigvec, alpha):
        """Two things at once: you multiply by the roots of the eigenvalues, and take the rows of
        eigvec for the eigenvectors. The paper multiplies by the eigenvalues themselves, and the
        eigenvectors are the columns."""
        return self._plus(img, eigvec.T @ (alpha * np.sqrt(eigval)))

    @mistake
    def roots_and_cut_off(self, right, img, eigval, eigvec, alpha):
        """Two things at once: you multiply by the roots of the eigenvalues, and cut the result off
        at 0 and 1. The paper has the eigenvalues themselves, and nothing is cut off here."""
        return {"out": np.clip(self.root_of_the_eigenvalues(
            right, img, eigval, eigvec, alpha)["out"], 0, 1).astype(img.dtype)}  # fmt: skip

    @mistake
    def rows_and_cut_off(self, right, img, eigval, eigvec, alpha):
        """Two things at once: you take the rows of eigvec for the eigenvectors, and cut the result
        off at 0 and 1. The eigenvectors are the columns, and nothing is cut off here."""
        shifted = self._plus(img, eigvec.T @ (alpha * eigval))["out"]
        return {"out": np.clip(shifted, 0, 1)}
