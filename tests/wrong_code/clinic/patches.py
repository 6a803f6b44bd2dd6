"""Notebook 16: patches that take away too little or too much."""

from wrong_code import wrong

CLEAR = "        self.optimizer.zero_grad()\n"
BACK = "        loss.backward()\n"
LOSS = "        loss = self.loss(batch)\n"
TICK = "        self.schedule.step()\n"
EVAL = "        self.net.eval()\n"
END = "    def end_of_epoch(self):\n"
LOOK = "        right, seen = 0, 0\n"


@wrong("patch_1", "unchanged")
def patch_1(source):
    return source.replace("self.optimizer.zero_grad\n", "")


@wrong("patch_1", "no_text")
def patch_1(source):
    print(source.replace(CLEAR, ""))


@wrong("patch_1", "does_not_run")
def patch_1(source):
    return source.replace(CLEAR, "").replace(BACK, "        zero_grad()\n" + BACK)


@wrong("patch_1", "never_cleared")
def patch_1(source):
    return source.replace(CLEAR, "")


@wrong("patch_1", "cleared_once_an_epoch")
def patch_1(source):
    return source.replace(CLEAR, "").replace(END, END + CLEAR)


@wrong("patch_2", "no_schedule_at_all")
def patch_2(source):
    return source.replace(TICK, "")


@wrong("patch_2", "at_both_places")
def patch_2(source):
    return source.replace(END + "        pass\n", END + TICK)


@wrong("patch_2", "stepped_while_measuring")
def patch_2(source):
    return source.replace(TICK, "").replace(LOOK, TICK + LOOK)


@wrong("patch_2", "unchanged")
def patch_2(source):
    return source.replace("schedule.step() ", "")


@wrong("patch_3", "never_back")
def patch_3(source):
    return source.replace(LOOK, EVAL + LOOK).replace("        self.net.train()\n", "")


@wrong("patch_3", "evaluation_mode_comes_last")
def patch_3(source):
    return source.replace("        self.net.train()\n", EVAL)


@wrong("patch_3", "trained_in_evaluation_mode")
def patch_3(source):
    return source.replace(LOSS, EVAL + LOSS)


@wrong("patch_3", "at_the_start_alone")
def patch_3(source):
    return source.replace("        self.optimizer =", EVAL + "        self.optimizer =")


@wrong("patch_3", "seeded_before_measuring")
def patch_3(source):
    return source.replace(LOOK, "        torch.manual_seed(0)\n" + LOOK)


@wrong("patch_3", "does_not_run")
def patch_3(source):
    return source.replace(LOOK, "    self.net.eval()\n" + LOOK)
