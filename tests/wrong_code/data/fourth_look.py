"""Notebook 03: deviations held up from below, what is taken for 0 … 255, draws on another scale."""

import numpy as np
from wrong_code import wrong
from wrong_code.data.colours import axes, contrasted, shifted, turned


def standardised(identity, units=lambda X: X.astype(float), least=lambda X: 0.0, added=0.0):
    def preprocess(X_train, X_test, mode):
        train, test = units(X_train), units(X_test)
        axes = (0,) if mode == "mean_image" else (0, 1, 2)
        statistics = {"mean": train.mean(axes)}
        train, test = train - statistics["mean"], test - statistics["mean"]
        if mode == "channel_mean_std":
            statistics["std"] = np.maximum(train.std(axes), least(train))
            below = statistics["std"] + added
            train, test = train / below, test / below
        return train, test, statistics

    wrong("preprocess", identity)(preprocess)


def between_0_and_1(pictures):
    return pictures / 255 if pictures.max() > 1 else pictures


standardised("std_no_less_than_1", least=lambda X: 1.0)
standardised("std_no_less_than_of_a_picture", least=lambda X: X[0].size ** -0.5)
standardised("std_grown_by_1e_5", added=1e-5)
standardised("what_exceeds_1_divided_by_255", units=lambda X: between_0_and_1(X.astype(float)))

contrasted(
    "small_ones_too_often",
    lambda rng, c, img: np.exp(rng.uniform(np.log(max(1 - c, 1e-3)), np.log(1 + c))),
)

axes("what_exceeds_1_divided_by_255", lambda images: between_0_and_1(images).reshape(-1, 3))
axes("roots_and_not_centred", covariance=lambda rows: rows.T @ rows / len(rows),
     give=lambda values, V: (np.sqrt(values[::-1]), V[:, ::-1]))  # fmt: skip
shifted("blue_first", lambda eigval, eigvec, alpha: eigvec[::-1] @ (alpha * eigval))
turned("shear_that_squeezes", lean=lambda kappa: [
    [1, np.sin(np.deg2rad(kappa))], [0, np.cos(np.deg2rad(kappa))]
])  # fmt: skip
