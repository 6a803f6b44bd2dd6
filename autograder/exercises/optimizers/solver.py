"""The loop of notebook 07 with one thing changed: what wrong loops show."""

import numpy as np

from course_utils.recipes.models import LinearSoftmax

LOWEST = "lowest validation loss"
KEPT = ("best", "first", "last", "worst", "lowest loss", LOWEST)


def follow(X, y, X_val, y_val, W, b, rates, batch_size, keep="best", early=False,
           measured="validation", again=False, late_loss=False, labels_of=None):  # fmt: skip
    """One batch an epoch: what a loop shows, with one thing changed.

    With `labels_of` it gives the classes that the weights of that epoch choose, which makes that
    epoch the best on them; 0 are the weights from before the training.
    """
    model, losses, accuracies, weights, unseen = LinearSoftmax(W, b), [], [], [], []
    if labels_of == 0:
        return model.loss(X_val).argmax(1)
    images, labels = (X, y) if measured == "training" else (X_val, y_val)
    for epoch, rate in enumerate(rates, 1):
        before = model.loss(images).argmax(1)
        loss, gradients = model.loss(X, y)
        for name in ("W", "b"):
            gradient = model.loss(X, y)[1][name] if again else gradients[name]
            model.params[name] = model.params[name] - rate / np.sqrt(epoch) * gradient
        losses.append(model.loss(X, y)[0] if late_loss else loss)
        chosen = before if early else model.loss(images).argmax(1)
        if epoch == labels_of:
            return model.loss(X_val).argmax(1)
        right = (chosen == labels).astype(float)
        cuts = range(batch_size, len(right), batch_size) if measured == "batches" else []
        right = float(np.mean([part.mean() for part in np.split(right, cuts)]))
        accuracies.append(1 - right if measured == "error" else right)
        weights.append(dict(model.params))
        unseen.append(model.loss(X_val, y_val)[0])
    chosen = weights[kept(keep, losses, accuracies, unseen)]
    return {**chosen, "loss": losses, "val_accuracy": accuracies}


def kept(keep: str, losses: list[float], accuracies: list[float], unseen: list[float]) -> int:
    """The epoch whose weights a loop keeps; `unseen` are its losses on the validation images."""
    epochs = range(len(losses))
    if keep == LOWEST:
        return int(np.argmin(unseen))
    if keep == "best":
        return int(np.argmax(accuracies))
    if keep == "last of equals":
        return max(epochs, key=lambda epoch: (accuracies[epoch], epoch))
    if keep == "worst":
        return int(np.argmin(accuracies))
    return {"first": 0, "last": len(losses) - 1, "lowest loss": int(np.argmin(losses))}[keep]
