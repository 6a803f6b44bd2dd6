# Catches or blocks every signal that can be, and stops itself with the one that cannot.
import os
import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
os.kill(os.getpid(), signal.SIGSTOP)
