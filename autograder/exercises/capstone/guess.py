"""Exercise of notebook 17: how sure you are of your own net, as an interval for its accuracy.

Judged by the interval score (Gneiting & Raftery 2007, section 6.2): the width, plus 2/α times what
the truth lies outside by; smaller is better, and to give what one believes pays best.
"""

import numpy as np

from autograder.exercise import Case, mistake, reaching
from autograder.exercises.capstone.forms import LOGITS, form_of
from autograder.exercises.capstone.sealed import PRACTICE, Sealed, share_right
from course_utils.capstone import CLASSES
from course_utils.recipes.capstone import handed_in, logits

PICTURES = 1000
SHARE = 0.9  # of such intervals should hold the accuracy
# The binomial interval of 800 validation and 800 sealed pictures at 0.85 is 0.06 wide.
GOOD, IDLE = 0.12, 1.0
WORST = 2 / (1 - SHARE) + 1  # more no interval within 0 to 1 can score
FORM, SCORE = "form", "interval score"
NARROW, RATHER, WIDE, FAR, LUCKY = (
    f"interval score of a {kind} one"
    for kind in ("narrow", "rather narrow", "wide", "far", "lucky")
)
SCORES = SCORE, NARROW, RATHER, WIDE, FAR, LUCKY
BY_LUCK = 0.3  # what a score is taken for that only luck made a good one
SHARES, PERCENT, EXCHANGED = "shares, the lower one first", "percent", "the higher one first"
POINT, OUTSIDE, NOTHING = "a single point", "outside 0 to 1", "no two numbers"
WHOLE = "all of 0 to 1"


class my_guess(Sealed):
    """A 90 % interval for your own net's accuracy on sealed pictures."""

    signature = "my_guess() -> low, high"
    needs = ("build", "hand_in")
    by_score = True
    minutes = 8
    difficulty = 2
    practised = (
        "Here that says that your interval has the right form. How good a guess it is shows on the "
        "sealed pictures only."
    )
    reads = {
        FORM: "your interval is {seen}; {right} is right",
        SCORE: "the interval score of your guess, where less is better,",
        NARROW: "your interval is too narrow and misses the accuracy: its interval score, where "
        "less is better,",
        RATHER: "your interval is rather narrow and misses the accuracy: its interval score, where "
        "less is better,",
        WIDE: "your interval is wide: its interval score, where less is better,",
        LUCKY: "your interval is narrower than chance makes it: what its interval score is taken "
        "for, where less is better,",
        FAR: "your interval is far from the accuracy: its interval score, where less is better,",
    }
    hints = (
        "What you know is an accuracy on your validation pictures. How far would it be off if you "
        "had drawn as many others? And the sealed pictures are drawn, too.",
        "A fraction p of n pictures has a standard error of the root of p(1 - p)/n, and 90 % of a "
        "normal distribution lie within 1.645 standard errors. Squares of independent errors add.",
        "If you chose the best of several runs by the same validation pictures, it was probably "
        "lucky. Then the middle of your interval belongs a little lower.",
    )

    def cases(self, rng):
        n = PRACTICE if self.practising else PICTURES
        yield Case("your interval", 4, **self.drawn(rng, n))

    def observe(self, code, images, batches):
        low, high = code.my_guess()
        name, arrays, net = handed_in(code)
        return {"low": low, "high": high, "name": name, "output": logits(net, images, batches)}

    def read(self, seen, images, batches, labels):
        form = form_of_interval(seen["low"], seen["high"])
        found = {FORM: form, **dict.fromkeys(SCORES, GOOD)}
        if form != SHARES or form_of(seen["output"], len(labels), CLASSES) != LOGITS:
            return found
        right = share_right(seen["name"], seen["output"], labels)
        low, high = float(seen["low"]), float(seen["high"])
        lucky = below_chance(low, high)
        if len(labels) == PRACTICE:  # whether it holds the accuracy is not told there
            return found | ({LUCKY: WORST + 0.5} if lucky else {})
        score = interval_score(low, high, right)
        if lucky and low <= right <= high:
            return found | {LUCKY: BY_LUCK}
        if lucky:  # to miss by a little is not to pay better
            score = max(score, BY_LUCK)
        kind = kind_of(low, high, right, score, len(labels))
        # It earns nothing there anyway, and may be a little worse.
        return found | {kind: score if kind == FAR else min(score, IDLE - 1e-6)}

    def reference(self, images, batches, labels):
        score = reaching(GOOD, nothing_at=IDLE)
        if len(labels) == PRACTICE:  # the form alone: else the score would tell the accuracy
            score = reaching(WORST, nothing_at=WORST + 1)
        return {FORM: SHARES, **dict.fromkeys(SCORES, score)}

    @mistake
    def in_percent(self, right, **inputs):
        """Your interval is in percent. Accuracies are shares from 0 to 1 here."""
        return {FORM: PERCENT}

    @mistake
    def higher_first(self, right, **inputs):
        """The first of your two numbers is the larger one. Two ends are asked for, the lower one
        first, not a middle and how far it may be off."""
        return {FORM: EXCHANGED}

    @mistake
    def one_point(self, right, **inputs):
        """Your interval is a single point, and the sealed accuracy meets it by chance only: what
        you have not measured you cannot know to the last digit."""
        return {FORM: POINT}

    @mistake
    def beyond_possible(self, right, **inputs):
        """Your interval reaches below 0 or beyond 1, where no accuracy can be. If it only just does
        so, cut it there; if by much, look again at how you have found its ends."""
        return {FORM: OUTSIDE}

    @mistake
    def everything(self, right, **inputs):
        """Your interval is all of 0 to 1, where every accuracy lies: it says nothing. Nine of ten
        such intervals are to hold the accuracy, not all of them."""
        return {FORM: WHOLE}

    def at_best(self, labels):
        """A score: whatever is at least as good as this and not good enough counts as it; no score
        of practice is worse."""
        return WORST + 0.5 if len(labels) == PRACTICE else IDLE - 1e-6

    @mistake
    def too_narrow(self, right, labels, **inputs):
        """Your interval misses the accuracy and is far too narrow: by chance alone, which pictures
        are drawn, accuracies spread over more than twice its width. It takes the standard errors
        of both accuracies, and a standard error is the root of a variance."""
        return {NARROW: self.at_best(labels)}

    @mistake
    def rather_narrow(self, right, labels, **inputs):
        """Your interval misses the accuracy and is narrower than chance makes it. With 800 pictures
        held out and 800 sealed each accuracy has a standard error; both count, by their squares,
        and nine of ten draws take more than one of what comes out on each side."""
        return {RATHER: self.at_best(labels)}

    @mistake
    def lucky(self, right, labels, **inputs):
        """Your interval is narrower than chance makes it, so that it holds the accuracy by luck at
        best: 800 sealed pictures alone spread nine of ten accuracies wider. It takes the standard
        errors of both accuracies, and 1.645 of what comes out on each side."""
        return {LUCKY: self.at_best(labels) if len(labels) == PRACTICE else BY_LUCK}

    @mistake
    def too_wide(self, right, labels, **inputs):
        """Your interval holds the accuracy and is wider than chance makes it: with 800 pictures
        held out and 800 sealed, a width of 0.083 is enough for nine of ten, whatever the accuracy.
        The squares of the two standard errors add, not the errors, and nine of ten is not 99 of
        100."""
        return {WIDE: self.at_best(labels)}

    @mistake
    def far_off(self, right, labels, **inputs):
        """Your interval misses the accuracy by five hundredths or more. Is its middle the accuracy
        of the net that you hand in, on pictures that were held out? On pictures that a net has
        learned from it is higher, and that of the best of many runs was lucky."""
        return {FAR: WORST + 0.5 if len(labels) == PRACTICE else IDLE + 1e-6}  # or any worse one

    @mistake
    def elsewhere(self, right, labels, **inputs):
        """Your interval misses the accuracy, though it is about as wide as chance makes it, or
        wider. Of honest ones one in ten does so. But if you have chosen the net among several runs
        by the same pictures, it was probably lucky there: move the interval a little lower."""
        return {SCORE: self.at_best(labels)}

    @mistake
    def not_numbers(self, right, **inputs):
        """Your interval is not two finite numbers."""
        return {FORM: NOTHING}


def form_of_interval(low, high):
    """What two ends of an interval are, in words."""
    try:
        low, high = (float(np.asarray(end).reshape(())) for end in (low, high))
    except (TypeError, ValueError):
        return NOTHING
    if not (np.isfinite(low) and np.isfinite(high)):
        return NOTHING
    if low == high:
        return POINT
    if low > high:
        return EXCHANGED
    if high > 1.5 and 0 <= low and high <= 100:
        return PERCENT
    if low < 0 or high > 1:
        return OUTSIDE
    return WHOLE if (low, high) == (0, 1) else SHARES


def below_chance(low, high):
    """Whether an interval is clearly narrower than nine of ten draws of 800 sealed pictures are
    spread, were the accuracy its middle and known."""
    middle = (low + high) / 2
    return bool(high - low < 0.9 * 2 * 1.645 * np.sqrt(middle * (1 - middle) / 800))


def kind_of(low, high, right, score, n):
    """Which of SCORES is one that an interval's score counts as."""
    # So wide are 90 % of draws of sealed pictures, with all else known.
    spread = 2 * 1.645 * np.sqrt(right * (1 - right) / n)
    if low <= right <= high:
        return WIDE if score > GOOD else SCORE
    if max(low - right, right - high) >= 0.05:
        return FAR
    # Two accuracies, of 800 pictures each. What is measured of the accuracy on those held out may
    # differ a little.
    both = spread * np.sqrt(2 * n / 800)
    return NARROW if high - low < spread / 2 else RATHER if high - low < 0.85 * both else SCORE


def interval_score(low, high, value):
    """Width, and 2/α times the distance to the value where it lies outside."""
    outside = max(low - value, 0.0) + max(value - high, 0.0)
    return high - low + 2 / (1 - SHARE) * outside
