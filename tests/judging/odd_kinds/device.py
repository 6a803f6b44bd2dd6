"""A fake asynchronous device on a virtual clock: only a synchronised timing is a right one."""

from autograder.exercise import Case, Exercise, mistake, near
from course_utils.recipes.instruments.devices import AsyncDevice, VirtualClock

NOTEBOOK = "odd_kinds"
LAUNCH = 1e-5


class time_on_device(Exercise):
    """The seconds that one call takes on a device that runs by itself."""

    signature = "time_on_device(function, synchronize, repeats)"

    def cases(self, rng):
        for name, repeats in (("few repeats", 5), ("many repeats", 12)):
            yield Case(name, 1, seconds=float(rng.uniform(0.01, 0.05)), repeats=repeats)

    def observe(self, code, seconds, repeats):
        clock = VirtualClock()
        device = AsyncDevice(clock, launch_seconds=1e-5, warm_up=1)
        with clock.installed(code.time_on_device):
            measured = code.time_on_device(
                lambda: device.launch(seconds), device.synchronize, repeats
            )
        return {"seconds": measured, "enough launches": device.launches >= repeats}

    def reference(self, seconds, repeats):
        # What the host pays for a launch may be in it or hidden behind the device's work.
        return {
            "seconds": near(seconds, rtol=0, atol=3 * LAUNCH),
            "enough launches": True,
        }

    @mistake
    def only_the_launch(self, right, seconds, repeats):
        """A call returns before its work is done: wait for the device, then read the clock."""
        return {"seconds": LAUNCH}

    @mistake
    def warm_up_counted(self, right, seconds, repeats):
        """The first call is many times slower than the others: leave it out."""
        return {"seconds": seconds * (50 + repeats - 1) / repeats}


RIGHT = '''
from time import perf_counter

def time_on_device(function, synchronize, repeats):
    function()
    synchronize()
    begin = perf_counter()
    for _ in range(repeats):
        function()
    synchronize()
    return (perf_counter() - begin) / repeats
'''
STUB = '''
def time_on_device(function, synchronize, repeats):
    raise NotImplementedError
'''
WRONG = {
    "only_the_launch": RIGHT.replace("()\n    synchronize()\n    return", "()\n    return"),
    "warm_up_counted": RIGHT.replace("    function()\n    synchronize()\n    begin", "    begin"),
}
