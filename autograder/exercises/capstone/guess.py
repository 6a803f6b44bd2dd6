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
NARROW = "interval score of a narrow one"
SHARES, PERCENT, EXCHANGED = "shares, the lower one first", "percent", "the higher one first"
POINT, OUTSIDE, NOTHING = "a single point", "outside 0 to 1", "no two numbers"


class my_guess(Sealed):
    """A 90 % interval for your own net's accuracy on sealed pictures."""

    signature = "my_guess() -> low, high"
    needs = ("build", "hand_in")
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
        found = {FORM: form, SCORE: GOOD, NARROW: GOOD}
        if form != SHARES or form_of(seen["output"], len(labels), CLASSES) != LOGITS:
            return found
        right = share_right(seen["name"], seen["output"], labels)
        low, high = float(seen["low"]), float(seen["high"])
        # Less than half as wide as 90 % of draws of sealed pictures spread, with all else known.
        narrow = high - low < 1.645 * np.sqrt(right * (1 - right) / len(labels))
        misses = not low <= right <= high
        return found | {NARROW if narrow and misses else SCORE: interval_score(low, high, right)}

    def reference(self, images, batches, labels):
        score = reaching(GOOD, nothing_at=IDLE)
        if len(labels) == PRACTICE:  # the form alone: else the score would tell the accuracy
            score = reaching(WORST, nothing_at=WORST + 1)
        return {FORM: SHARES, SCORE: score, NARROW: score}

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
        """Your interval reaches below 0 or beyond 1, where no accuracy can be. Cut it there."""
        return {FORM: OUTSIDE}

    @mistake
    def too_narrow(self, right, labels, **inputs):
        """Your interval misses the accuracy and is far too narrow: by chance alone, which pictures
        are drawn, accuracies spread over more than twice its width. It takes the standard errors
        of both accuracies, and a standard error is the root of a variance."""
        # Whatever is at least as good as this and not good enough; no score of practice is worse.
        return {NARROW: WORST + 0.5 if len(labels) == PRACTICE else IDLE - 1e-6}

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
    return OUTSIDE if low < 0 or high > 1 else SHARES


def interval_score(low, high, value):
    """Width, and 2/α times the distance to the value where it lies outside."""
    outside = max(low - value, 0.0) + max(value - high, 0.0)
    return high - low + 2 / (1 - SHARE) * outside
