"""A TensorBoard log that is written to a temporary folder and read back."""

from autograder.exercise import Case, Exercise, mistake, near
from course_utils.recipes.instruments.logs import temporary_log

NOTEBOOK = "odd_kinds"


class log_curve(Exercise):
    """Write a loss curve, one scalar a step, under the tag "loss"."""

    signature = "log_curve(writer, losses)"
    library = "any"

    def cases(self, rng):
        for name, n in (("a short run", 4), ("a longer run", 25)):
            yield Case(name, 1, losses=[float(v) for v in rng.uniform(0, 3, n)])

    def observe(self, code, losses):
        with temporary_log() as log:
            code.log_curve(log.writer, losses)
            return log.read()

    def read(self, seen, losses):
        loss = seen["scalars"].get("loss", {"steps": [], "values": []})
        return {"tags": sorted(seen["scalars"]), **loss}

    def reference(self, losses):
        return {
            "tags": ["loss"],
            "steps": list(range(len(losses))),
            "values": near(losses, rtol=1e-6, atol=1e-7),  # a log keeps single precision
        }

    @mistake
    def steps_all_the_same(self, right, losses):
        """Give every value its step: without one they all land on the same place of the axis."""
        return {"steps": [0] * len(losses)}

    @mistake
    def a_tag_a_step(self, right, losses):
        """One curve has one tag; yours opens a new plot for every step."""
        tags = sorted(f"loss/{step}" for step in range(len(losses)))
        return {"tags": tags, "steps": [], "values": []}


RIGHT = '''
def log_curve(writer, losses):
    for step, loss in enumerate(losses):
        writer.add_scalar("loss", loss, step)
'''
STUB = '''
def log_curve(writer, losses):
    raise NotImplementedError
'''
WRONG = {
    "steps_all_the_same": RIGHT.replace("loss, step)", "loss, 0)"),
    "a_tag_a_step": RIGHT.replace('"loss", loss', 'f"loss/{step}", loss'),
}
