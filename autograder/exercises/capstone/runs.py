"""What was seen of a run, turned into what is judged: passes, updates and the log. No mistakes."""

import math

import numpy as np

SAME, OTHER = "the same recipe again", "another seed"
THE_SAME_NET, ANOTHER_NET = "the same net", "another net"
OTHER_START, OTHER_SPLIT = "other first weights", "another split"
OTHER_ORDER, OTHER_SIDES = "another order of the pictures", "other pictures mirrored"
SAME_START, SAME_SPLIT = "another net with the same first weights", "another net, the same split"
SAME_ORDER, SAME_SIDES = "another net, shuffled in the same way", "another net, mirrored alike"
NET = "the net that make_net made"
HELD, BOTH, UNUSED = "held out", "learned from and held out", "never used"
SOME = "not all alike"
TIMES, UPDATES, ORDER = "times each is learned from", "updates", "order"
NEW, OLD = "a new order", "the same order"
RATES, DECAY, KIND = "rates of the updates", "weight decay", "optimizer"
MODE, ROUNDS = "mode of validation", "validations"
MIRRORED, MIRRORED_HELD = "mirrored while learning", "mirrored while validating"
NONE, HALF, ALL, BATCHES = "none", "about half", "all", "whole batches at once"
DRAWN_ONCE = "the same ones in each epoch"
TURNED, KEPT = "upside down", "the recipe that you were given"
PICTURES, WEIGHTS = "the pictures that you were given", "the weights that you return"
LAST_ONES, OTHERS = "those after the last update", "others than after the last update"
EPOCHS = "epochs in the log"
SPLIT, DRAWN, FIRST, LAST = "the split", "drawn once", "the first ones", "the last ones"
ANEW, AGAIN = "others in each epoch", "pictures shown again without learning"
LEARNING = "mode of learning"
GRADIENTS, ALONE, ADDED = "gradients", "the batch's alone", "added to earlier ones"
AT_FIRST = "training mode at first, then evaluation mode"
KEYS, ENTRIES, RECIPE = "keys of the log", "keys of an epoch", "recipe in the log"
LOSS, ACCURACY, LOGGED_RATES = "losses in the log", "accuracy in the log", "rates in the log"
LEFT_IN, EVALUATION, TRAINING = "mode afterwards", "evaluation mode", "training mode"
LOG_KEYS, EPOCH_KEYS = "epochs, recipe", "learning_rate, train_loss, validation_accuracy"


def held_out(recipe, n):
    """How many of n pictures are held out."""
    return round(recipe["validation"] * n)


def per_epoch(recipe, n):
    """How many updates an epoch has, the short last batch among them."""
    return -(-(n - held_out(recipe, n)) // recipe["batch_size"])


def cosine(rate, updates):
    """The rates of so many updates, along half a cosine from `rate` to nearly 0."""
    return rate * (1 + np.cos(math.pi * np.arange(updates) / updates)) / 2


def in_epochs(passes):
    """For each epoch, the passes that were learned from, and those behind them that were not."""
    epochs = []
    for told in passes:
        if told["learned"] and (not epochs or epochs[-1][1]):
            epochs.append(([], []))
        if epochs:
            epochs[-1][0 if told["learned"] else 1].append(told)
    return epochs


def numbers_in(passes):
    """The numbers of all pictures in some passes."""
    return {number for told in passes for number in told["numbers"]}


def splits_anew(passes):
    """The epochs, as the pictures learned from and those held out, where each has a split of its
    own; else nothing."""
    epochs = [tuple(map(numbers_in, epoch)) for epoch in in_epochs(passes)]
    own = all(held and not learned & held for learned, held in epochs)
    ways = [len({frozenset(epoch[part]) for epoch in epochs}) for part in (0, 1)]
    return epochs if own and min(ways, default=0) > 1 else []


def looked_at(passes):
    """The passes that are not learned from: those to validate with, and those that only show again
    what others are learned from. Where they all do, they are to validate with."""
    learned = numbers_in(told for told in passes if told["learned"])
    others = [told for told in passes if not told["learned"]]
    held = [told for told in others if set(told["numbers"]) - learned]
    again = [told for told in others if told["numbers"] and not set(told["numbers"]) - learned]
    return (held, again) if held and not splits_anew(passes) else (others, [])


def of_passes(passes, n):
    """What the forward passes tell: those from which a gradient came back were learned from."""
    learned = [told for told in passes if told["learned"]]
    others, again = looked_at(passes)
    row = [number for told in learned for number in told["numbers"]]
    shown = [number for told in others for number in told["numbers"]]
    times = [row.count(number) for number in set(row)]
    alike = len(set(times)) < 2
    held, each = set(shown) - set(row), len(set(row))
    validated = set(shown)
    modes = {told["training"] for told in others}
    ends = {tuple(range(len(held))): FIRST, tuple(range(n - len(held), n)): LAST}
    anew = {}
    if epochs := splits_anew(passes):
        each = len(epochs[0][0])
        anew = {
            SPLIT: ANEW, HELD: len(epochs[0][1]), BOTH: 0,
            UNUSED: n - len(set.union(*epochs[0])), TIMES: str(len(row) // each),
            ROUNDS: round(len(shown) / len(epochs[0][1])),
        }  # fmt: skip
    return {
        TURNED: any(told["upside down"] for told in passes),
        SPLIT: ends.get(tuple(sorted(held)), DRAWN) if held else DRAWN,
        LEARNING: mode_of([told["training"] for told in learned]),
        GRADIENTS: ADDED if any(told["added"] for told in learned) else ALONE,
        HELD: len(held), BOTH: len(set(row) & validated),
        # Where batches are left out, which pictures are never met is chance.
        UNUSED: n - len(set(row) | validated) if alike else 0,
        TIMES: str(max(times, default=0)) if alike else SOME,
        ORDER: OLD if row[:each] == row[each : 2 * each] and row else NEW,
        MODE: TRAINING if True in modes else EVALUATION,
        ROUNDS: round(len(shown) / max(len(validated), 1)),
        MIRRORED: drawn_once(learned) or share_of(learned), MIRRORED_HELD: share_of(others),
        AGAIN: bool(again),
    } | anew  # fmt: skip


def mode_of(modes):
    """In which mode batches were learned from, in words."""
    if all(modes):
        return TRAINING
    return AT_FIRST if modes[0] else EVALUATION


def drawn_once(passes):
    """DRAWN_ONCE where some pictures are always mirrored and the others never, else nothing."""
    shown = [way for told in passes for way in zip(told["numbers"], told["mirrored"], strict=True)]
    ways = set(shown)
    fixed = len(ways) == len({number for number, _ in ways}) < len(shown)
    return DRAWN_ONCE if fixed and len({mirrored for _, mirrored in ways}) == 2 else None


def share_of(passes):
    """Which part of the pictures was mirrored, in words."""
    parts = {sum(told["mirrored"]) / len(told["numbers"])
             for told in passes if len(told["numbers"]) > 3}  # fmt: skip
    if parts == {0, 1}:
        return BATCHES
    count = sum(len(told["numbers"]) for told in passes)
    part = sum(sum(told["mirrored"]) for told in passes) / max(count, 1)
    if part in (0, 1):
        return ALL if part else NONE
    return HALF if 0.3 < part < 0.7 else f"a share of {part:.2f}"


def of_updates(updates):
    """What the optimizer was and did."""
    kinds = sorted({str(kind) for kind, _, _ in updates})
    return {
        UPDATES: len(updates),
        RATES: np.array([rate for _, rate, _ in updates], np.float64),
        KIND: ", ".join(kinds) or "none",
        DECAY: max((float(decay) for _, _, decay in updates), default=0.0),
    }


def not_repeated(first, again):
    """What of a run that is made again is another one at first, in the order in which it comes."""
    if any(not np.array_equal(again["start"][name], a) for name, a in first["start"].items()):
        return OTHER_START
    one, other = ([told for told in run["passes"] if told["learned"]] for run in (first, again))
    # Batches may leave pictures out by chance: what is held out tells the split.
    held = [numbers_in(looked_at(run["passes"])[0]) for run in (first, again)]
    if held[0] != held[1] or not held[0] and numbers_in(one) != numbers_in(other):
        return OTHER_SPLIT
    if [told["numbers"] for told in one] != [told["numbers"] for told in other]:
        return OTHER_ORDER
    sides = [[told["mirrored"] for told in learned] for learned in (one, other)]
    return OTHER_SIDES if sides[0] != sides[1] else ANOTHER_NET


def not_moved(first, other, found):
    """What of a run is the same with another seed, in the order in which it comes: each of its
    draws has to follow the seed. What is wrong in itself is not looked at."""
    if all(np.array_equal(other["start"][name], a) for name, a in first["start"].items()):
        return SAME_START
    held = [numbers_in(looked_at(run["passes"])[0]) for run in (first, other)]
    if held[0] and held[0] == held[1] and found[SPLIT] == DRAWN and not found[BOTH]:
        return SAME_SPLIT
    one, two = ([told for told in run["passes"] if told["learned"]] for run in (first, other))
    if found[ORDER] == NEW and shuffling(one) == shuffling(two):
        return SAME_ORDER
    if found[MIRRORED] == HALF:
        places = [[told["mirrored"] for told in learned] for learned in (one, two)]
        pictures = [sorted(way for told in learned
                           for way in zip(told["numbers"], told["mirrored"], strict=True))
                    for learned in (one, two)]  # fmt: skip
        if places[0] == places[1] or pictures[0] == pictures[1]:
            return SAME_SIDES
    return ANOTHER_NET


def shuffling(passes):
    """At which place of the first epoch stands what comes in the second, which does not depend on
    what the pictures are."""
    row = [number for told in passes for number in told["numbers"]]
    each = len(set(row))
    place = {number: at for at, number in enumerate(row[:each])}
    return [place.get(number, -1) for number in row[each : 2 * each]]


def of_log(run, recipe, right):
    """What the log holds, and whether it is true."""
    log, found = run["log"], {}
    if not isinstance(log, dict):
        return {KEYS: "no keys: it is no dict"}
    found[KEYS] = ", ".join(sorted(log)) or "nothing"
    found[RECIPE] = log.get("recipe") == recipe
    entries = log.get("epochs")
    if not isinstance(entries, (list, tuple)) or not all(isinstance(e, dict) for e in entries):
        return found | {ENTRIES: "no list of dicts"}
    found[EPOCHS] = len(entries)
    names = {", ".join(sorted(entry)) for entry in entries}
    found[ENTRIES] = "; ".join(sorted(names)) or "nothing"
    if names != {right[ENTRIES]}:
        return found
    found[LOGGED_RATES] = np.array([entry["learning_rate"] for entry in entries], np.float64)
    learned = [told for told in run["passes"] if told["learned"]]
    each = max(len(learned) // max(len(entries), 1), 1)
    means = []
    for first in range(0, each * len(entries), each):
        part = learned[first : first + each]
        counts = [len(told["numbers"]) for told in part]
        total = sum(n * told["loss"] for n, told in zip(counts, part, strict=True))
        means.append(total / max(sum(counts), 1))
    losses = np.array([entry["train_loss"] for entry in entries], np.float64)
    found[LOSS] = bool(np.allclose(losses, means, rtol=1e-3, atol=1e-5))
    validating, _ = looked_at(run["passes"])
    if splits_anew(run["passes"]):
        validating = in_epochs(run["passes"])[-1][1]
    seen = numbers_in(validating)
    own = [run["right"][number] for number in sorted(seen)] or [False]
    last = float(entries[-1]["validation_accuracy"])
    found[ACCURACY] = abs(last - float(np.mean(own))) < 1e-6
    return found
