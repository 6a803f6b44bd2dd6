"""What a net's outputs are, in words that the exercises of notebook 17 share."""

import numpy as np

LOGITS = "one logit for each class"
PROBABILITIES, LABELS, ONE_NUMBER = "probabilities", "labels", "another shape"
NUMBERS, NAN = "no floats", "NaN or infinite"


def form_of(output, n: int, classes: int) -> str:
    """What `output` is for n pictures."""
    output = np.asarray(output)
    if output.shape in ((n,), (n, 1)) and n > 1:
        whole = output.dtype.kind in "iu" or (output == np.round(output)).all()
        return LABELS if whole else ONE_NUMBER
    if output.shape != (n, classes):
        wide = output.ndim == 2 and len(output) == n
        return f"{output.shape[1]} numbers a picture" if wide else ONE_NUMBER
    if output.dtype.kind != "f":
        return NUMBERS
    if not np.isfinite(output).all():
        return NAN
    sums = output.astype(np.float64).sum(1)
    if (output >= 0).all() and np.allclose(sums, 1, atol=1e-3):
        return LABELS if np.isin(output, (0, 1)).all() else PROBABILITIES
    return LOGITS


def same(a, b, rtol: float = 1e-3, atol: float = 1e-4) -> bool:
    """Whether outputs are the same but for the order in which sums are made."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True))
