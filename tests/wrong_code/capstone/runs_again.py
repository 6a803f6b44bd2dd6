"""Notebook 17: runs in which something is drawn or shown once more than the recipe says."""

import torch
import torch.nn.functional as F
from wrong_code import wrong

from course_utils import training

UNSEEDED = torch.Generator()


def ran(name, chance=None, splits_anew=False, shows=None, logs="the updates", with_others=()):
    """Enter run with one thing changed: what chance alone draws, the split, what else is shown,
    what comes from the global generator."""

    @wrong("run", *name.split())
    def run(recipe, x, y, make_net):
        seeded = torch.Generator().manual_seed(recipe["seed"])
        UNSEEDED.seed()

        def draws(what):
            return UNSEEDED if what == chance else None if what in with_others else seeded

        def split():
            order = torch.randperm(len(x), generator=seeded)
            return order.tensor_split([round(recipe["validation"] * len(x))])

        held, rows = split()
        epochs, batches = [], -(-len(rows) // recipe["batch_size"])
        with training.seeded(recipe["seed"]):
            net = make_net()
            optimizer = torch.optim.AdamW(
                net.parameters(), lr=recipe["learning_rate"], weight_decay=recipe["weight_decay"]
            )
            cosine = torch.optim.lr_scheduler.CosineAnnealingLR(
                optimizer, batches * recipe["epochs"]
            )
            if chance == "dropout":
                torch.seed()
            for _ in range(recipe["epochs"]):
                if splits_anew:
                    held, rows = split()
                total, first_rate = 0.0, cosine.get_last_lr()[0]
                order = rows[torch.randperm(len(rows), generator=draws("order"))]
                net.train()
                for batch in order.split(recipe["batch_size"]):
                    sides = torch.rand(len(batch), generator=draws("sides")) < 0.5 * recipe["flip"]
                    pictures = x[batch]
                    pictures[sides] = pictures[sides].flip(3)
                    optimizer.zero_grad()
                    loss = F.cross_entropy(net(pictures), y[batch])
                    loss.backward()
                    optimizer.step()
                    cosine.step()
                    total += len(batch) * loss.item() / len(rows)
                with torch.no_grad():
                    if shows == "in training mode":
                        again = F.cross_entropy(net(x[rows]), y[rows]).item()
                    net.eval()
                    if shows == "in evaluation mode":
                        parts = [net(x[part]) for part in rows.split(20)]
                        again = F.cross_entropy(torch.cat(parts), y[rows]).item()
                    right = (net(x[held]).argmax(1) == y[held]).float().mean().item()
                epochs.append({
                    "learning_rate": first_rate, "validation_accuracy": right,
                    "train_loss": total if logs == "the updates" else again,
                })  # fmt: skip
        return net, {"recipe": dict(recipe), "epochs": epochs}


ran("order_not_seeded", chance="order")
ran("mirroring_not_seeded", chance="sides")
ran("net_not_seeded", chance="dropout")
ran("drawn_with_others", with_others=("order", "sides"))
ran("mirrored_with_others", with_others=("sides",))
ran("splits_in_each_epoch", splits_anew=True)
ran("shown_besides", shows="in evaluation mode")
ran("loss_of_another_pass", shows="in evaluation mode", logs="what is shown again")
ran("loss_of_another_pass", shows="in training mode", logs="what is shown again")
