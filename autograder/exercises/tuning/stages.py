"""What is read from the calls of a search in two stages. Runs in the judge; the exercise is in
`search`.

Where a range ended is found from the values drawn: of n even draws the outermost is close to the
end. Each end gets the word of the rule that it fits.
"""

import numpy as np

AROUND, BEST, TRIALS, FORM = "around", "best", "trials", "form of best"
LOW_RATE, HIGH_RATE, EVENLY = "lowest fine rate", "highest fine rate", "fine rates even in"
LOW_KEEP, HIGH_KEEP = "lowest fine keep", "highest fine keep"
WHOLE, CHOICE, COARSE = "layers in the fine stage", "rule in the fine stage", "coarse stage"
EPOCHS, SPLITS, ONCE, AGAIN = "epochs of each run", "measures on", "trained", "same generator"
OTHER = "another seed"

SIXTH, OLD = "a sixth of the range away", "at the old end"
CUT = "a sixth of the range away, or at the old end"
EVEN = "a sixth of high minus low away"
HERE = "at the best itself"
PILED = "the old end itself, which is drawn again and again"
OVERWRITTEN = "the last fine setting again and again"
WRITTEN_OVER = "all runs, the best coarse one with another setting"
SAME, DRAWN = "the best one's", "drawn again"

MOVING = ("the best fine run so far", "the fine run before")

RIGHT = {
    SPLITS: "validation",
    ONCE: "every setting once",
    AROUND: "the best coarse run",
    LOW_RATE: SIXTH,
    HIGH_RATE: SIXTH,
    EVENLY: "their logarithm",
    LOW_KEEP: CUT,
    HIGH_KEEP: CUT,
    WHOLE: SAME,
    CHOICE: SAME,
    COARSE: "the whole space",
    FORM: "a setting",
    BEST: "the best of the fine runs",
    TRIALS: "all runs in order",
}


def told(seen, space, budget) -> dict:
    """What a search did, in words."""
    (coarse, short), (fine, long) = budget
    found = RIGHT | {SPLITS: " and ".join(sorted(set(seen["splits"]))), FORM: seen["form of best"]}
    seen, twice = once(seen)
    found |= {EPOCHS: seen["epochs"], ONCE: "some settings twice" if twice else RIGHT[ONCE]}
    runs, scores = seen["runs"], seen["accuracies"]
    if len(runs) != coarse + fine:  # the stages cannot be told apart
        return found
    centres = {
        RIGHT[AROUND]: np.argmax(scores[:coarse]),
        "the worst coarse run": np.argmin(scores[:coarse]),
        "the last coarse run": coarse - 1,
        "the first coarse run": 0,
    }
    entry = space["learning_rate"][1:]
    ends = {word: rate_ends(runs[coarse:, 0], runs[at, 0], *entry) for word, at in centres.items()}
    fit = (word for word, rates in ends.items() if set(rates.values()) == {SIXTH})
    around = next(fit, None) or moving(runs[:, 0], scores, coarse, *entry) or RIGHT[AROUND]
    if around in MOVING:  # then no range is one and the same
        return found | {AROUND: around}
    centre = runs[centres[around]]
    found |= ends[around] | {AROUND: around, EVENLY: evenly(runs[coarse:, 0])}
    found |= keep_ends(runs[coarse:, 1], centre[1], *space["keep"][1:])
    whole, choice = runs[coarse:, 2], runs[coarse:, 3]
    return found | {
        WHOLE: again(whole, centre[2], 0.8 * np.ptp(space["layers"][1:])),
        CHOICE: again(choice, centre[3], 0),
        COARSE: RIGHT[COARSE] if fills(runs[:coarse, 0], *entry) else "a part of it",
        BEST: which(seen["best"][0], runs, scores, coarse),
        TRIALS: noted(seen, coarse),
    }


def moving(rates, scores, coarse, low, high) -> str:
    """The word of a centre that moves from one fine run to the next; empty where none fits."""
    sixth = np.log(high / low) / 6 + 1e-9
    with np.errstate(all="ignore"):
        far = np.abs(np.log(rates[coarse:] / rates[np.argmax(scores[:coarse])]))
    if not (far > sixth).any():
        return ""
    for word in MOVING:
        centre, best, near = rates[np.argmax(scores[:coarse])], -np.inf, True
        for rate, score in zip(rates[coarse:], scores[coarse:], strict=True):
            near &= bool(rate > 0) and abs(np.log(rate / centre)) <= sixth
            if word == "the fine run before" or score > best:
                centre, best = rate, score
        if near:
            return word
    return ""


def once(seen):
    """What was seen with one call for each run, and whether some call was made twice.

    A run's call is its first on the validation set, or its first where it has none there.
    """
    kept, made, twice = {}, set(), False
    for i, (setting, epochs, split) in enumerate(
        zip(seen["runs"].tolist(), seen["epochs"].tolist(), seen["splits"], strict=True)
    ):
        run = *setting, epochs
        twice |= (run, split) in made
        made.add((run, split))
        first = kept.setdefault(run, i)
        if seen["splits"][first] != "validation" == split:
            kept[run] = i
    rows = list(kept.values())
    return seen | {name: seen[name][rows] for name in ("runs", "epochs", "accuracies")}, twice


def fitting(outermost, ends: dict, width) -> str:
    """The word of the end that n draws of this width leave behind: the nearest one outside."""
    near = {word: end - outermost for word, end in ends.items() if -1e-9 < end - outermost < width}
    if OLD in near and HERE in near:  # the best lay at the old end
        return OLD
    return min(near, key=near.get) if near else "elsewhere"


def both_ends(low, high, below: dict, above: dict, width) -> tuple[str, str]:
    """The words of both ends; one rule that fits both comes before two that fit one each."""
    gaps = {word: (below[word] - low, above[word] - high) for word in below if word in above}
    fit = {word: sum(two) for word, two in gaps.items() if all(-1e-9 < gap < width for gap in two)}
    if fit:
        word = min(fit, key=fit.get)
        return word, word
    return fitting(low, below, width), fitting(high, above, width)


def slack(n) -> float:
    """How much of a range n even draws may leave empty at an end: more is a chance of e^-14."""
    return 14 / n


def rate_ends(rates, centre, low, high) -> dict:
    """How far the fine rates reach from the best, in shares of the old range's logarithm."""
    whole = np.log(high / low)
    with np.errstate(all="ignore"):
        at = np.log(rates / centre) / whole
        below, above = np.log(centre / low) / whole, np.log(high / centre) / whole
        ends = {
            SIXTH: 1 / 6, "a third of the range away": 1 / 3, "half the range away": 1 / 2,
            "a twelfth of the range away": 1 / 12, HERE: 0.0,
            "a factor of 3 away": np.log(3) / whole, "a factor of 10 away": np.log(10) / whole,
            "a factor of √3 away": np.log(3) / 2 / whole,
            "a factor of √10 away": np.log(10) / 2 / whole,
            "a sixth away in another logarithm": 1 / 6 / np.log(10),
        }  # fmt: skip
        even = (high - low) / 6
        down = {OLD: below, "where the middle third ends": below - 1 / 3,
                "a third of the range from the other end": 1 / 3 - above}  # fmt: skip
        up = {OLD: above, "where the middle third ends": above - 1 / 3,
              "a third of the range from the other end": 1 / 3 - below,
              EVEN: np.log1p(even / centre) / whole}  # fmt: skip
        if centre > even:
            down[EVEN] = -np.log1p(-even / centre) / whole
        width = slack(len(rates)) * np.ptp(at)
    if not np.isfinite(at).all():
        return {LOW_RATE: "elsewhere", HIGH_RATE: "elsewhere"}
    words = both_ends(-at.min(), at.max(), ends | down, ends | up, width)
    if words == (EVEN, OLD):  # cut or not: at the high end that is nearly the same
        words = EVEN, EVEN
    return dict(zip((LOW_RATE, HIGH_RATE), words, strict=True))


def keep_ends(keeps, centre, low, high) -> dict:
    """How far the fine shares reach from the best."""
    sixth = (high - low) / 6
    width = slack(len(keeps)) * np.ptp(keeps)

    def ends(room):
        return {
            CUT: sixth, "a third of the range away": 2 * sixth, HERE: 0.0,
            "a twelfth of the range away": sixth / 2, OLD: room,
            "a third of the range from the other end": room + 2 * sixth - (high - low),
        }  # fmt: skip

    rooms = centre - low, high - centre
    reach = centre - keeps.min(), keeps.max() - centre
    words = list(both_ends(*reach, *(ends(room) for room in rooms), width))
    for side, (room, far) in enumerate(zip(rooms, reach, strict=True)):
        if (keeps == (low, high)[side]).sum() > 1:
            words[side] = PILED
        elif far > room + 1e-9:
            words[side] = "beyond the old end"
        elif room < sixth or 0 <= sixth - far < width:  # cut there, whatever the width
            words[side] = CUT
    return dict(zip((LOW_KEEP, HIGH_KEEP), words, strict=True))


def drawn_alike(runs, others, budget) -> bool:
    """Whether rates of two searches lie at the same places of their ranges, in either stage."""
    (coarse, _), (fine, _) = budget
    if len(runs) != coarse + fine or len(others) != coarse + fine:
        return False
    places = []
    for rates in (runs[:coarse, 0], others[:coarse, 0], runs[coarse:, 0], others[coarse:, 0]):
        with np.errstate(all="ignore"):
            at = np.log(np.abs(rates))
            places.append((at - at.min()) / np.ptp(at))
    return any(np.allclose(*places[i : i + 2], rtol=0, atol=1e-9) for i in (0, 2))


def evenly(rates) -> str:
    """On which scale rates are spread evenly between the outermost."""
    for word, values in ((RIGHT[EVENLY], np.log(np.abs(rates))), ("the rate itself", rates)):
        width = np.ptp(values)
        if width == 0 or abs((values.mean() - values.min()) / width - 0.5) < 0.13:
            return word
    return "neither"


def again(values, best, much) -> str:
    """Whether values stay at the best one's; `much` of a spread is a new draw."""
    if np.isnan(values).any():
        return "left out"
    if (values == best).all():
        return SAME
    return DRAWN if np.ptp(values) > much else "narrowed"


def fills(rates, low, high) -> bool:
    with np.errstate(all="ignore"):
        at = np.log(rates / low) / np.log(high / low)
    room = 2 * slack(len(rates))
    return bool(at.min() > -1e-9 and at.max() < 1 + 1e-9 and np.ptp(at) > 1 - room)


def which(best, runs, scores, coarse) -> str:
    """Which of the runs the chosen setting is; of equally good ones any is the best."""
    first, second = scores[:coarse], scores[coarse:]
    of_all = "the best of all, a coarse run"
    words = {
        RIGHT[BEST]: coarse + np.flatnonzero(second == second.max()),
        of_all if first.max() > second.max() else "the best of the coarse runs": [
            np.argmax(first)
        ],
        "the worst of the fine runs": coarse + np.flatnonzero(second == second.min()),
        "the last of the fine runs": [len(runs) - 1],
        "the first of the fine runs": [coarse],
    }
    chosen = (word for word, rows in words.items() if (runs[rows] == best).all(1).any())
    return next(chosen, "another one")


def noted(seen, coarse) -> str:
    """What the trials that came back are, beside the runs that were made."""
    if seen["size of a trial"] == [2]:
        return "pairs"
    if seen["size of a trial"] != [3]:
        return "something else"
    made = np.column_stack([seen["runs"], seen["epochs"], seen["accuracies"]])
    first = np.column_stack([seen["noted"], seen["noted second"], seen["noted third"]])
    swapped = np.column_stack([seen["noted"], seen["noted third"], seen["noted second"]])
    if np.array_equal(first, made):
        return RIGHT[TRIALS]
    if np.array_equal(swapped, made):
        return "accuracy before epochs"
    if first.shape == made.shape and (first[coarse:, :-2] == made[-1, :-2]).all():
        return OVERWRITTEN
    if first.shape == made.shape:
        others = np.flatnonzero((first != made).any(1)).tolist()
        if others == [np.argmax(made[:coarse, -1])] and (first == made)[others, -2:].all():
            return WRITTEN_OVER
    if first.shape == made.shape and sorted(first.tolist()) == sorted(made.tolist()):
        return "all runs in another order"
    for word, part in (("the fine runs alone", made[coarse:]),
                       ("the coarse runs alone", made[:coarse])):  # fmt: skip
        if np.array_equal(first, part):
            return word
    return "something else"


# How observations read.
READS = {
    EPOCHS: "the list of epochs in your calls of evaluate",
    SPLITS: "your search measures on {seen}; {right} is right",
    ONCE: "you train {seen}; {right} is right",
    AROUND: "your fine stage lies around {seen}; {right} is right",
    LOW_RATE: 'seen from the best, in the logarithm, the low end of your fine "log" range is '
    "{seen}; {right} is right",
    HIGH_RATE: 'seen from the best, in the logarithm, the high end of your fine "log" range is '
    "{seen}; {right} is right",
    EVENLY: "your fine rates are even in {seen}; {right} is right",
    LOW_KEEP: 'seen from the best, the low end of your fine "uniform" range is {seen}; {right} is '
    "right",
    HIGH_KEEP: 'seen from the best, the high end of your fine "uniform" range is {seen}; {right} '
    "is right",
    WHOLE: 'your "int" is {seen} in the fine stage; {right} is right',
    CHOICE: 'your "choice" is {seen} in the fine stage; {right} is right',
    COARSE: "your coarse stage searches {seen}; {right} is right",
    FORM: "your best is {seen}; {right} is right",
    BEST: "your best is {seen}; {right} is right",
    TRIALS: "your trials are {seen}; {right} are right",
    OTHER: "it is {seen} that a generator of another seed draws other settings in both stages; "
    "{right} is right",
    AGAIN: "it is {seen} that two equal generators give the same search; {right} is right",
}
