# A server of the teacher's listens on the host's loopback, by TCP and by an abstract socket.
import socket

try:
    socket.create_connection(("127.0.0.1", PORT), timeout=1)
    print("reached the host's loopback")
except OSError:
    pass
try:
    socket.socket(socket.AF_UNIX).connect("\0" + NAME)
    print("reached an abstract socket")
except OSError:
    pass
try:
    socket.getaddrinfo("pypi.org", 443)
    print("reached DNS")
except OSError:
    pass
