# As many threads and timers as there can be, each of them starting another.
import signal
import threading


def more():
    while True:
        try:
            threading.Thread(target=more, daemon=True).start()
        except RuntimeError:
            pass


signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
signal.signal(signal.SIGALRM, lambda *args: None)
more()
