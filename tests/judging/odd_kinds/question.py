"""A question: the observation is an answer, and the distractors are mistakes."""

from autograder.exercise import Case, Question, mistake

NOTEBOOK = "odd_kinds"


class q_odd_windows(Question):
    """How large a stack of two convolutions' receptive field is."""

    def cases(self, rng):
        yield Case("answer", 1, kernel=int(rng.choice([3, 5, 7])))

    def text(self, kernel):
        return (
            f"Two {kernel}×{kernel} convolutions with stride 1 follow each other. How wide is the "
            f"window of the input that one output sees?\n\n- a) {kernel}\n- b) {2 * kernel - 1}\n"
            f"- c) {2 * kernel}\n- d) the whole input"
        )

    def reference(self, kernel):
        return {"answer": "b"}

    @mistake
    def second_layer_forgotten(self, right, kernel):
        """That is what one of them sees; the second looks at several of its outputs."""
        return {"answer": "a"}

    @mistake
    def windows_side_by_side(self, right, kernel):
        """Windows that overlap do not add up: neighbours share all but one column."""
        return {"answer": "c"}


RIGHT = "q_odd_windows = 'b'\n"
STUB = "q_odd_windows = ...\n"
WRONG = {
    "second_layer_forgotten": "q_odd_windows = 'a'\n",
    "windows_side_by_side": "q_odd_windows = ' C '\n",
}
