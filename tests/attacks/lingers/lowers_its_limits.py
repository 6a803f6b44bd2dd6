# Takes from its own process what it needs to be listened to: files, memory, time, priority.
import os
import resource
import threading

os.nice(19)
for kind, bound in (
    (resource.RLIMIT_NOFILE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NPROC, 0),
    (resource.RLIMIT_STACK, 4096),
):
    resource.setrlimit(kind, (bound, bound))
threading.stack_size(32768)
