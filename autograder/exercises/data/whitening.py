"""Exercise of notebook 03: PCA whitening. What is done to pictures once, before training, is in
`preprocessing`."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, Setting, mistake, near


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

    settings = {"eps": Setting(1e-5)}
    reads = {
        "shape": "your result has the shape {seen}; {right} is right",
        "order": "your columns come {seen}; {right} is right",
        "white": "your result, with its columns by variance and their signs made definite,",
        "directions": "the map from the centred data to your columns, without signs,",
    }

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
        """`white` with its columns in the order of variance and their signs made definite.

        The sign of an eigenvector is nobody's choice, so it cannot be judged. The directions are
        the map from centred data to `white`, without signs.
        """
        facts = {"shape": str(white.shape), "order": "from the most variance to the least"}
        if white.shape == X.T.shape:
            white = white.T
        if white.shape != X.shape or not np.isfinite(white).all():
            return facts | {"white": white, "directions": np.full((X.shape[1],) * 2, np.nan)}
        centred = X - X.mean(0)
        found = np.linalg.lstsq(centred, white - white.mean(0), rcond=None)[0]
        along = (centred @ (found / np.maximum(np.linalg.norm(found, axis=0), 1e-300))).var(0)
        if np.all(np.diff(along) > 0):
            facts["order"] = "from the least variance to the most"
        elif not np.all(np.diff(along) <= 1e-9 * along.max()):
            facts["order"] = "mixed"
        order = np.argsort(-along, kind="stable")
        white, found = white[:, order], found[:, order]
        largest = np.take_along_axis(white, np.abs(white).argmax(0)[None], 0)
        return facts | {"white": white * np.sign(largest), "directions": np.abs(found)}

    def reference(self, X, eps):
        x = torch.tensor(X, device=self.device)
        x = x - x.mean(0)
        _, s, vt = torch.linalg.svd(x, full_matrices=False)
        white = (x @ vt.T / torch.sqrt(s**2 / len(x) + eps)).cpu().numpy()
        shown = self._shown(X, white)
        return {name: near(value, rtol=1e-6, atol=1e-7) if isinstance(value, np.ndarray) else value
                for name, value in shown.items()}  # fmt: skip

    def _parts(self, X):
        """Centred X, its eigenvalues from the largest on, and the eigenvectors as columns."""
        centred = X - X.mean(0)
        values, vectors = np.linalg.eigh(centred.T @ centred / len(X))
        return centred, np.maximum(values[::-1], 0), vectors[:, ::-1]

    def _scaled(self, X, below):
        """What is shown where the rotated columns are divided by `below(eigenvalues)`."""
        centred, values, vectors = self._parts(X)
        return self._shown(X, centred @ vectors / below(values))

    @mistake
    def not_centred(self, right, X, eps):
        """You do not subtract the column means. Without that, the first direction points to the
        mean, and what you diagonalise is no covariance."""
        values, vectors = np.linalg.eigh(X.T @ X / len(X))
        return self._shown(X, (X @ vectors / np.sqrt(values + eps))[:, ::-1])

    @mistake
    def covariance_not_centred(self, right, X, eps):
        """The matrix that you take the eigenvectors of is no covariance: it is made of rows that
        are not centred. Subtract the column means before you take products."""
        values, vectors = np.linalg.eigh(X.T @ X / len(X))
        return self._shown(X, ((X - X.mean(0)) @ vectors / np.sqrt(values + eps))[:, ::-1])

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
    def rows_from_the_last_on(self, right, X, eps):
        """You take the rows of the matrix for the eigenvectors. They are its columns (of eigh and
        eig; in the Vt of an svd they are the rows)."""
        centred, values, vectors = self._parts(X)
        return self._shown(X, centred @ vectors[::-1, ::-1].T / np.sqrt(values + eps))

    @mistake
    def vt_of_the_data_for_v(self, right, X, eps):
        """You take the columns of svd's last result for the directions. It is V transposed: its
        rows are the directions, so it has to be turned over before the product."""
        return self._by_vt(X, X - X.mean(0), eps)

    @mistake
    def vt_of_the_covariance_for_v(self, right, X, eps):
        """You take the columns of svd's last result for the directions. It is V transposed: its
        rows are the directions, so it has to be turned over before the product."""
        return self._by_vt(X, np.cov(X.T), eps)

    def _by_vt(self, X, matrix, eps):
        vt = np.linalg.svd(matrix, full_matrices=False)[2]
        centred, values, _ = self._parts(X)
        return self._shown(X, centred @ vt / np.sqrt(values + eps))

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
        return {"order": "from the least variance to the most"}

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
        found = self._shown(X, (X - X.mean(0)) / np.sqrt(X.var(0) + eps))
        return {name: found[name] for name in ("white", "directions")}

    @mistake
    def columns_standardised_first(self, right, X, eps):
        """You divide the columns by their standard deviations before you take the covariance. That
        makes it a matrix of correlations, which has other eigenvectors."""
        standard = (X - X.mean(0)) / X.std(0)
        _, values, vectors = self._parts(standard)
        return self._shown(X, standard @ vectors / np.sqrt(values + eps))

    @mistake
    def standardised_first_and_eps_outside(self, right, X, eps):
        """Two things: you divide the columns by their standard deviations before you take the
        covariance, which makes it one of correlations; and you add eps to the root, where it
        belongs under it."""
        standard = (X - X.mean(0)) / X.std(0)
        _, values, vectors = self._parts(standard)
        return self._shown(X, standard @ vectors / (np.sqrt(values) + eps))

    @mistake
    def rows_centred(self, right, X, eps):
        """You subtract each row's mean. It is the columns that are centred: their means run over
        the examples, axis 0."""
        if eps:
            centred = X - X.mean(1, keepdims=True)
            values, vectors = np.linalg.eigh(centred.T @ centred / len(X))
            return self._shown(X, (centred @ vectors / np.sqrt(values + eps))[:, ::-1])

    @mistake
    def values_of_other_vectors(self, right, X, eps):
        """Your columns are divided by other directions' deviations: eigenvalues and eigenvectors
        are not in the same order. If you turn one round, turn the other round too."""
        found = self._scaled(X, lambda values: np.sqrt(values[::-1] + eps))
        return found | {"order": right["order"]}

    @mistake
    def vectors_of_other_values(self, right, X, eps):
        """You turn the eigenvalues round and leave the eigenvectors in eigh's order, so each column
        is divided by another one's deviation. They belong together."""
        found = self._scaled(X, lambda values: np.sqrt(values[::-1] + eps))
        return found | {"order": "from the least variance to the most"}

    @mistake
    def rows_turned_round(self, right, X, eps):
        """You turn round the rows of the matrix of eigenvectors. Its columns are the eigenvectors,
        and it is their order that has to be turned round."""
        centred, values, vectors = self._parts(X)
        return self._shown(X, centred @ vectors[::-1, ::-1] / np.sqrt(values + eps))

    @mistake
    def multiplied(self, right, X, eps):
        """You multiply by the roots. Columns get the same variance when they are divided by
        them."""
        return self._scaled(X, lambda values: 1 / np.sqrt(values + eps))

    @mistake
    def not_divided_by_n(self, right, X, eps):
        """Your covariance is a sum over the rows, or the squares of svd's singular values as they
        are. It is a mean: divide by N."""
        return self._scaled(X, lambda values: np.sqrt(values * len(X) + eps))

    @mistake
    def divided_by_the_columns(self, right, X, eps):
        """Your covariance divides by the number of columns. It is the mean over the N rows."""
        return self._scaled(X, lambda values: np.sqrt(values * len(X) / X.shape[1] + eps))

    @mistake
    def singular_values(self, right, X, eps):
        """You take svd's singular values for variances. A variance is the square of one, divided by
        N."""
        return self._scaled(X, lambda values: np.sqrt(np.sqrt(values * len(X)) + eps))

    @mistake
    def singular_values_divided_by_n(self, right, X, eps):
        """You divide svd's singular values by N and take them for variances. A variance is the
        SQUARE of one, divided by N."""
        return self._scaled(X, lambda values: np.sqrt(np.sqrt(values / len(X)) + eps))

    @mistake
    def deviations_for_variances(self, right, X, eps):
        """You take the root of a standard deviation, as when one is taken for a variance. Each
        column is divided by the root of its variance, once."""
        return self._scaled(X, lambda values: np.sqrt(np.sqrt(values) + eps))

    @mistake
    def singular_values_of_the_root(self, right, X, eps):
        """You divide by svd's singular values. They are the roots of sums: the root of the mean is
        smaller by the root of N."""
        if not eps:
            return None
        return self._scaled(X, lambda values: np.sqrt(values * len(X)) + eps)

    @mistake
    def transposed(self, right, X, eps):
        """Your result is transposed: examples belong into the rows, N×D."""
        return {"shape": str(X.T.shape)}

    @mistake
    def eps_forgotten(self, right, X, eps):
        """eps is missing, or it is so small that it does nothing. A direction that hardly varies is
        then blown up until its noise counts as much as everything else."""
        centred, values, vectors = self._parts(X)
        return self._shown(X, centred @ vectors / np.sqrt(values))

    @mistake
    def eps_outside_the_root(self, right, X, eps):
        """eps belongs under the root, beside the variance. You add it to the standard
        deviation."""
        centred, values, vectors = self._parts(X)
        return self._shown(X, centred @ vectors / (np.sqrt(values) + eps))

    @mistake
    def eps_outside_and_over_n_minus_one(self, right, X, eps):
        """Two things: your variances are divided by N − 1, where they are means over the N rows;
        and you add eps to the standard deviation, where it belongs under the root."""
        centred, values, vectors = self._parts(X)
        grown = values * len(X) / (len(X) - 1)
        return self._shown(X, centred @ vectors / (np.sqrt(grown) + eps))

    @mistake
    def divides_by_n_minus_one(self, right, X, eps):
        """Your covariance divides by N − 1, as np.cov does. Here it is the mean over the N rows,
        so that the covariance of the result is I."""
        centred, values, vectors = self._parts(X)
        grown = values * len(X) / (len(X) - 1)
        return self._shown(X, centred @ vectors / np.sqrt(grown + eps))
