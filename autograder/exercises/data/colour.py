"""Exercise of notebook 03 on the main axes of colour. The shift along them is in `colour_shift`,
contrast in `contrast`."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near


def colour_picture(rng, n, height, width):
    """Pictures whose colours vary along one direction most, and between pictures too."""
    mix = np.array([[0.16, 0.05, 0.02], [0.13, -0.02, -0.04], [0.09, -0.07, 0.03]])
    own = 0.5 * rng.normal(size=(n, 1, 1, 3)) * [1.0, 0.3, 0.8]
    return [0.5, 0.45, 0.35] + (rng.normal(size=(n, height, width, 3)) + own) @ mix.T


class colour_pca(Exercise):
    """The main axes of colour over the pixels of a training set."""

    signature = "colour_pca(images) -> eigval, eigvec"
    growth = {"images": 1}, {"eigval": 2}
    minutes = 8
    difficulty = 2
    extra = True
    hints = (
        "Every pixel of every picture is one row of three numbers.",
        "The covariance is 3×3. eigh sorts from the smallest eigenvalue to the largest.",
    )

    def cases(self, rng):
        # From 0 to 1: who takes what exceeds 1 for 0 … 255 has these right, and the others not.
        yield Case("six pictures", 2, images=np.clip(colour_picture(rng, 6, 5, 4), 0, 1))
        yield Case("other units: 0 to 255", 1, images=255 * colour_picture(rng, 4, 3, 6))

    def observe(self, code, images):
        eigval, eigvec = code.colour_pca(images)
        return {"eigval": eigval, "eigvec": eigvec}

    reads = {
        "order": "your eigenvalues come {seen}; {right} is right",
        "eigval": "your eigval, from the largest on,",
        "eigvec": "your eigvec, in the order of eigval and with signs made definite,",
    }

    def read(self, seen, images):
        return self._shown(*(np.asarray(seen[name]) for name in ("eigval", "eigvec")))

    def _shown(self, eigval, eigvec):
        """The pairs from the largest eigenvalue on, and in which order they came."""
        order = "from the largest to the smallest"
        if eigval.shape == (3, 3) and eigvec.shape == (3,):
            return self._shown(eigvec, eigval) | {"order": "after the eigenvectors"}
        if eigval.shape == (3,) and eigvec.shape == (3, 3):
            if np.all(np.diff(eigval) >= 0):
                order = "from the smallest to the largest"
            elif not np.all(np.diff(eigval) <= 0):
                order = "mixed"
            largest_first = np.argsort(-eigval, kind="stable")
            eigval, eigvec = eigval[largest_first], self._signed(eigvec[:, largest_first])
        return {"order": order, "eigval": eigval, "eigvec": eigvec}

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
            "order": "from the largest to the smallest",
            "eigval": near(s**2 / len(pixels), rtol=1e-6, atol=1e-9),
            "eigvec": near(eigvec, rtol=1e-6, atol=1e-7),
        }

    def _given(self, right, order):
        """The right eigenvectors, given back in another way."""
        return {"eigvec": self._signed(order(right["eigvec"]))}

    def _of(self, rows):
        values, vectors = np.linalg.eigh(rows.T @ rows / len(rows))
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
        return {"order": "from the smallest to the largest"}

    @mistake
    def rows_for_eigenvectors(self, right, images):
        """Your matrix is transposed: the eigenvectors should be its columns. (In the Vt of an svd
        they are rows.)"""
        # The sign of an eigenvector is free; that of a column of the transposed is made definite.
        pixels = images.reshape(-1, 3)
        vt = np.linalg.svd(pixels - pixels.mean(0), full_matrices=False)[2]
        return {"eigvec": self._signed(vt)}

    @mistake
    def vectors_left_in_their_order(self, right, images):
        """You turn the eigenvalues round and leave the eigenvectors in eigh's order. Column k
        belongs to eigval[k]: turn the columns round, too."""
        return self._given(right, lambda columns: columns[:, ::-1])

    @mistake
    def values_left_in_their_order(self, right, images):
        """You turn the eigenvectors round and leave the eigenvalues in eigh's order, from the
        smallest. Turn them round, too."""
        turned = self._given(right, lambda columns: columns[:, ::-1])
        return turned | {"order": "from the smallest to the largest"}

    @mistake
    def rows_turned_round(self, right, images):
        """You turn round the ROWS of the matrix, which exchanges red and blue, and leave its
        columns in eigh's order. The eigenvectors are the columns, and it is their order that is
        turned round."""
        return self._given(right, lambda columns: columns[::-1, ::-1])

    @mistake
    def both_turned_round(self, right, images):
        """You turn round rows as well as columns, which exchanges red and blue. Only the order of
        the columns is turned round."""
        return self._given(right, lambda columns: columns[::-1])

    @mistake
    def vectors_first(self, right, images):
        """You give back the eigenvectors first. The eigenvalues come first."""
        return {"order": "after the eigenvectors"}

    @mistake
    def standard_deviations(self, right, images):
        """Your numbers are the square roots of the eigenvalues. An eigenvalue of a covariance is a
        variance."""
        return {"eigval": np.sqrt(right["eigval"])}

    @mistake
    def roots_and_not_centred(self, right, images):
        """Two things at once: the mean colour is not subtracted, and your numbers are square roots.
        An eigenvalue of a covariance is a variance, about the mean."""
        shown = self._of(images.reshape(-1, 3))
        return shown | {"eigval": np.sqrt(shown["eigval"])}

    @mistake
    def what_exceeds_1_divided_by_255(self, right, images):
        """Pictures whose values exceed 1 you divide by 255. Variances are asked for in the units in
        which the pictures come."""
        if images.max() > 1:
            return {"eigval": right["eigval"] / 255**2}

    @mistake
    def summed_over_pixels(self, right, images):
        """Your eigenvalues grow with the number of pixels. A covariance is a mean: divide by it."""
        return {"eigval": right["eigval"] * images.size / 3}

    @mistake
    def divides_by_pictures(self, right, images):
        """You divide by the number of pictures. The covariance is a mean over all pixels: divide by
        how many there are in all pictures together."""
        return {"eigval": right["eigval"] * images.size / 3 / len(images)}

    @mistake
    def divides_by_n_minus_one(self, right, images):
        """Your covariance divides by one less than the number of pixels, as np.cov does. Here it
        is the mean over them."""
        return {"eigval": right["eigval"] * (images.size / 3) / (images.size / 3 - 1)}

    @mistake
    def singular_values(self, right, images):
        """Your numbers are svd's singular values. An eigenvalue of the covariance is the square of
        one, divided by the number of pixels."""
        return {"eigval": np.sqrt(right["eigval"] * images.size / 3)}

    @mistake
    def shares_of_the_sum(self, right, images):
        """You give each eigenvalue's share of their sum. The eigenvalues themselves are asked for:
        they are variances, in the units of the pictures."""
        return {"eigval": right["eigval"] / right["eigval"].sum()}

    @mistake
    def one_mean_for_all_channels(self, right, images):
        """You subtract one number from all channels, the mean of all values. Each channel has a
        mean of its own."""
        rows = images.reshape(-1, 3)
        return self._of(rows - rows.mean())

    @mistake
    def each_picture_centred(self, right, images):
        """Each picture is centred by its own mean colour, so how pictures differ is lost. Subtract
        the mean colour of all pixels."""
        return self._of((images - images.mean((1, 2), keepdims=True)).reshape(-1, 3))

    @mistake
    def one_picture_only(self, right, images):
        """You look at the first picture only. The pixels of all pictures are rows."""
        rows = images[0].reshape(-1, 3)
        return self._of(rows - rows.mean(0))

    @mistake
    def scrambled(self, right, images):
        """Your reshape mixes channels and pixels: the channel is the last axis, and in a matrix of
        three rows the first third of all numbers lands in the first. Reshape to pixels × 3, then
        exchange the axes if need be."""
        rows = images.reshape(3, -1).T
        return self._of(rows - rows.mean(0))

    @mistake
    def correlation(self, right, images):
        """You take the correlation instead of the covariance: each channel is divided by its own
        standard deviation. Their spreads are part of what is asked for."""
        rows = images.reshape(-1, 3)
        return self._of((rows - rows.mean(0)) / rows.std(0))
