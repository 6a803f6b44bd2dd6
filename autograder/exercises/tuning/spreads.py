"""What is measured of settings that were drawn at random: how the values of each entry are spread.

Runs in the judge; the exercise is in `sampling`.
"""

import numpy as np

# How the values of an entry are spread over its range.
MIDDLE, SPREAD = "{}: middle of its range", "{}: spread over its range"
EMPTY = "{}: share of small parts left empty"
LIES, INSIDE = "{}: where it lies", "inside"
VALUES = "learning_rate: its values"
COUNTS = "shift: share of each", "rule: share of each"
REPEATS, RISES, TOGETHER = (
    "rule: share equal to the one before", "learning_rate: how it goes along the list",
    "learning_rate and keep together",
)  # fmt: skip
FORM = "form of the settings"
RIGHT_FORM = "a list of dictionaries"


def lies(values, low, high) -> str:
    """Where values lie, seen from their range."""
    slack = 1e-9 * max(abs(low), abs(high))
    below, above = bool((values < low - slack).any()), bool((values > high + slack).any())
    if below and above:
        return "below and above it"
    return "below it" if below else "above it" if above else INSIDE


def even(space, n) -> dict:
    """What settings show that are drawn evenly, each by itself."""
    low, high = space["shift"][1:]
    numbers, options = high - low + 1, len(space["rule"][1])
    shown = {VALUES: "all different", REPEATS: 1 / options, RISES: 0.0, TOGETHER: 0.0,
             COUNTS[0]: [1 / numbers] * numbers, COUNTS[1]: [1 / options] * options}  # fmt: skip
    for name in ("learning_rate", "keep"):
        shown |= {MIDDLE.format(name): 0.5, SPREAD.format(name): 12**-0.5,
                  EMPTY.format(name): (1 - 1 / n) ** n}  # fmt: skip
    return shown


def spread(name, at) -> dict:
    """How values are spread that were brought to 0 … 1; {} where they have no logarithm."""
    if not np.isfinite(at).all():
        return {}
    middle, deviation, n = float(at.mean()), float(at.std()), len(at)
    shown = {MIDDLE.format(name): middle, SPREAD.format(name): deviation}
    if abs(middle - 0.5) < 2 / np.sqrt(n) and abs(deviation - 12**-0.5) < 1 / np.sqrt(n):
        # Values that are not even leave parts empty for that reason.
        shown[EMPTY.format(name)] = 1 - len(np.unique(np.floor(at * n))) / n
    return shown


def correlation(a, b) -> float:
    with np.errstate(all="ignore"):
        return float(np.corrcoef(a, b)[0, 1])


def words(name, scale) -> dict:
    """How the three measures of an entry's values read."""
    return {
        MIDDLE.format(name): f"with {scale} brought to 0 … 1, the mean of your `{name}`",
        SPREAD.format(name): f"with {scale} brought to 0 … 1, the standard deviation of your "
        f"`{name}`",
        EMPTY.format(name): f"with {scale} cut into as many equal parts as there are settings, the "
        f"share of parts without a `{name}` of yours",
    }


# How observations read.
READS = {
    FORM: "your settings come as {seen}; {right} is right",
    "number of settings": "the number of your settings",
    "names": "the names in your settings are {seen}; {right} are right",
    "one dictionary each": "it is {seen} that your settings are dictionaries of their own; "
    "{right} is right",
    "shifts are whole": 'it is {seen} that your values of an "int" are whole numbers; {right} '
    "is right",
    "keeps are whole": 'it is {seen} that your values of a "uniform" are whole numbers; {right} '
    "is right",
    "choice gives": 'your "choice" gives {seen}; {right} is right',
    LIES.format("learning_rate"): 'with its "log" range your `learning_rate` lies {seen}; '
    "{right} is right",
    LIES.format("keep"): 'with its "uniform" range your `keep` lies {seen}; {right} is right',
    LIES.format("shift"): 'with its "int" range your `shift` lies {seen}; {right} is right',
    VALUES: "your rates are {seen}; {right} is right",
    **words("learning_rate", 'the logarithm of its "log" range'),
    **words("keep", 'its "uniform" range'),
    COUNTS[0]: "the list of shares of each whole number among your `shift`",
    COUNTS[1]: "the list of shares of each option among your `rule`",
    REPEATS: "the share of your settings whose `rule` is that of the setting before",
    RISES: "the correlation of your `learning_rate` (in its logarithm) with its place in the "
    "list",
    TOGETHER: "the correlation of your `learning_rate` (in its logarithm) with your `keep`",
    "goes on drawing": "it is {seen} that a second call with the same generator gives other "
    "settings; {right} is right",
    "same generator, same settings": "it is {seen} that two equal generators give the same "
    "settings; {right} is right",
    "another generator, other settings": "it is {seen} that another generator gives other "
    "settings; {right} is right",
}
