"""Notebook 17: runs that cannot be repeated, learn from what they are measured on, or do other than
their recipe says."""

import math
import time

import torch
import torch.nn.functional as F
from wrong_code import wrong

from course_utils import training


def ran(*names, seed=lambda r: r["seed"], drawn=lambda r: r["seed"], held=None, whole=round,
        stored=None, learns=lambda epoch: True, in_batches=False, axes=(3,), rows=None, coin=False,
        batch_dropped=False, epochs=0, one_order=False, rate="cosine", late=False,
        decay=lambda r: r["weight_decay"], kind=torch.optim.AdamW, flips=lambda r: r["flip"],
        share=0.5, flip_held=False, mode=True, validate="each", log=lambda log: log,
        entry=lambda e: e, loss="mean", left="eval", returned=lambda net, log: (net, log),
        logged_rate="first", key="weight_decay", after=lambda recipe: None,
        gives=lambda net: None, given=lambda x, recipe: None, clears=True,
        orders=None, mirrors=None):  # fmt: skip
    """Enter run with one thing changed."""

    @wrong("run", *names)
    def run(recipe, x, y, make_net):
        recipe[key]
        at_first = dict(recipe)
        drawing = torch.Generator()
        drawing.manual_seed(drawn(recipe)) if drawn(recipe) is not None else drawing.seed()
        ordering, mirroring = (
            drawing if seed is None else torch.Generator().manual_seed(seed)
            for seed in (orders, mirrors)
        )  # fmt: skip
        order = torch.randperm(len(x), generator=drawing)
        if stored:
            order = stored(torch.arange(len(x)))
        count = whole(recipe["validation"] * len(x))
        held_out, used = order[:count], order[count:]
        if held:
            held_out = held(order, count)
        if rows:
            used = rows(order, count)
        size = recipe["batch_size"]
        each = len(used) // size if batch_dropped else -(-len(used) // size)
        n_epochs = recipe["epochs"] + epochs
        updates, step, entries, first_rate = each * n_epochs, 0, [], recipe["learning_rate"]

        def rate_at(t):
            if rate == "constant":
                return first_rate
            if rate == "full batches":
                full = len(used) // size * n_epochs
                return first_rate * (1 + math.cos(math.pi * t / full)) / 2
            if rate == "line":
                return first_rate * (1 - t / updates)
            if rate == "stairs":
                return first_rate * (1 + math.cos(math.pi * (t // each) / n_epochs)) / 2
            if rate.startswith("early"):
                t += 1
            if rate == "two turns":
                t *= 2
            if rate.endswith("end"):
                t *= updates / (updates - 1)
            if rate.endswith("cut at the end"):
                t = min(t, updates)
            return first_rate * (1 + math.cos(math.pi * t / updates)) / 2

        always = torch.rand(len(x), generator=torch.Generator().manual_seed(0)) < share

        def mirror(pictures, rows=None):
            draws = 1 if in_batches else len(pictures)
            which = torch.rand(draws, generator=mirroring) < share
            if coin and rows is not None:
                which = always[rows]
            return torch.where(which[:, None, None, None], pictures.flip(axes), pictures)

        with training.seeded(seed(recipe)):
            net = make_net()
            settings = {} if decay(recipe) is None else {"weight_decay": decay(recipe)}
            optimizer = kind(net.parameters(), lr=first_rate, **settings)
            for epoch in range(n_epochs):
                net.train(learns(epoch))
                losses, rates, sizes = [], [], []
                if epoch == 0 or not one_order:
                    shuffled = used[torch.randperm(len(used), generator=ordering)]
                for batch in shuffled.split(size)[:each]:
                    pictures = mirror(x[batch], batch) if flips(recipe) else x[batch]
                    rates.append(rate_at(step))
                    if not late:
                        optimizer.param_groups[0]["lr"] = rates[-1]
                    cost = F.cross_entropy(net(pictures), y[batch])
                    if clears:
                        optimizer.zero_grad()
                    cost.backward()
                    optimizer.step()
                    if late:
                        optimizer.param_groups[0]["lr"] = rates[-1]
                    losses.append(float(cost.detach()))
                    sizes.append(len(batch))
                    step += 1
                net.train(not mode)
                right = 0.0
                if validate == "each" or (validate == "once" and epoch == n_epochs - 1):
                    pictures = mirror(x[held_out]) if flip_held and flips(recipe) else x[held_out]
                    with torch.no_grad():
                        right = float((net(pictures).argmax(1) == y[held_out]).float().mean())
                mean = sum(a * b for a, b in zip(losses, sizes, strict=True)) / sum(sizes)
                mean = {"mean": mean, "last": losses[-1],
                        "batches": sum(losses) / len(losses), "sum": sum(losses)}[loss]  # fmt: skip
                logged = {"first": rates[0], "recipe": first_rate, "last": rates[-1]}[logged_rate]
                entries.append(entry({"learning_rate": logged, "train_loss": mean,
                                      "validation_accuracy": right}))  # fmt: skip
        net.train(left == "train")
        after(recipe)
        gives(net)
        given(x, recipe)
        return returned(net, log({"recipe": at_first, "epochs": entries}))


ran("split_not_seeded", drawn=lambda r: None)
ran("first_weights_not_seeded", seed=lambda r: time.perf_counter_ns())
ran("seed_not_read", seed=lambda r: 0, drawn=lambda r: 0)
ran("learns_from_all", rows=lambda order, count: order)
ran("shares_exchanged", held=lambda order, count: order[count:],
    rows=lambda order, count: order[:count])  # fmt: skip
ran("share_cut_off", whole=int)
ran("share_rounded_up", whole=math.ceil)
ran("first_ones_held_out", stored=lambda rows: rows)
ran("last_ones_held_out", stored=lambda rows: rows.flip(0))
ran("trains_in_training_mode_once", learns=lambda epoch: epoch == 0)
ran("never_cleared", clears=False)
ran("first_weights_of_one_seed", seed=lambda r: 0)
ran("split_of_one_seed", drawn=lambda r: 0)
ran("order_of_one_seed", orders=0)
ran("mirroring_of_one_seed", mirrors=0)
ran("learns_in_evaluation_mode", learns=lambda epoch: False)
ran("mirrors_top_to_bottom", axes=(2,))
ran("turns_half_round", axes=(2, 3))
ran("takes_from_the_recipe", after=lambda recipe: recipe.pop("seed"))
ran("logs_a_changed_recipe", after=lambda recipe: recipe.pop("flip"),
    log=lambda log: log | {"recipe": {k: v for k, v in log["recipe"].items() if k != "flip"}})
ran("mirrors_whole_batches", in_batches=True)
ran("mirrors_the_same_ones", coin=True)
ran("validates_with_half", held=lambda order, count: order[: count // 2])
ran("no_validation", validate="never")
ran("validates_once", validate="once")
ran("validates_in_training_mode", "accuracy_in_percent", mode=False)
ran("mirrors_everything", share=1.0)
ran("flip_not_read", flips=lambda r: False)
ran("always_flips", flips=lambda r: True)
ran("mirrors_while_validating", flip_held=True)
ran("last_batch_dropped", batch_dropped=True)
ran("an_epoch_too_few", epochs=-1)
ran("an_epoch_too_many", epochs=1)
ran("same_order_each_epoch", one_order=True)
ran("rate_never_falls", rate="constant")
ran("rate_falls_once_an_epoch", rate="stairs")
ran("rate_falls_in_a_line", rate="line")
ran("rate_an_update_late", late=True)
ran("rate_an_update_early", rate="early")
ran("rate_ends_at_nothing", rate="at the end")
ran("early_and_ends_at_nothing", rate="early, cut at the end")
ran("early_and_beyond_the_end", rate="early, at the end")
ran("rate_back_up_again", rate="two turns")
ran("short_batches_not_counted", rate="full batches")
ran("short_batches_not_counted", "loss_of_the_last_batch", rate="full batches", loss="batches")
ran("decay_not_read", decay=lambda r: None)
ran("adam_for_adamw", kind=torch.optim.Adam)
ran("adam_without_decay", kind=torch.optim.Adam, decay=lambda r: None)
ran("sgd", kind=torch.optim.SGD)
ran("recipe_not_logged", log=lambda log: {"epochs": log["epochs"]})
ran("accuracy_in_percent", entry=lambda e: e | {
    "validation_accuracy": 100 * e["validation_accuracy"]})  # fmt: skip
ran("loss_of_the_last_batch", loss="last")
ran("loss_of_the_last_batch", loss="batches")
ran("loss_of_the_last_batch", loss="sum")
ran("rate_in_the_log_is_the_recipes", logged_rate="recipe")
ran("rate_at_the_end_of_the_epoch", logged_rate="last")
ran("left_in_training_mode", left="train")
ran("best_epoch_returned", gives=lambda net: [p.data.mul_(1.001) for p in net.parameters()])
ran("changes_the_given_pictures", given=lambda x, recipe: x[::2].copy_(x[::2].flip(3)))
ran("mirrors_the_given_pictures",
    given=lambda x, recipe: recipe["flip"] and x[::2].copy_(x[::2].flip(3)))  # fmt: skip
ran("returns_the_log_first", returned=lambda net, log: (log, net))
ran("returns_the_outputs", returned=lambda net, log: (torch.zeros(3), log))
ran("flips_images_of_nothing", key="mirror")


# It stands by itself: a browser puts it into the notebook.
@wrong("run", "rate_never_falls")
def run(recipe, x, y, make_net):
    drawing = torch.Generator().manual_seed(recipe["seed"])
    order = torch.randperm(len(x), generator=drawing)
    held = round(recipe["validation"] * len(x))
    held_out, rows = order[:held], order[held:]
    epochs = []
    with training.seeded(recipe["seed"]):
        net = make_net()
        optimizer = torch.optim.AdamW(
            net.parameters(), lr=recipe["learning_rate"], weight_decay=recipe["weight_decay"]
        )
        for _ in range(recipe["epochs"]):
            net.train()
            total = 0.0
            shuffled = rows[torch.randperm(len(rows), generator=drawing)]
            for batch in shuffled.split(recipe["batch_size"]):
                pictures = x[batch]
                if recipe["flip"]:
                    mirrored = torch.rand(len(batch), generator=drawing) < 0.5
                    pictures = torch.where(
                        mirrored[:, None, None, None], pictures.flip(3), pictures
                    )
                loss = F.cross_entropy(net(pictures), y[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += float(loss.detach()) * len(batch)
            net.eval()
            with torch.no_grad():
                right = (net(x[held_out]).argmax(1) == y[held_out]).float().mean()
            epochs.append({
                "learning_rate": recipe["learning_rate"], "train_loss": total / len(rows),
                "validation_accuracy": float(right),
            })  # fmt: skip
    return net, {"recipe": recipe, "epochs": epochs}
