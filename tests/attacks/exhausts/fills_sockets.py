# Opens as many sockets as it can, in many processes, and fills what the kernel keeps for each.
import os
import signal
import socket

for _ in range(20):
    if os.fork() == 0:
        pairs, sent = [], 0
        try:
            while True:
                pairs.append(socket.socketpair())
        except OSError:
            pass
        for end in sum(pairs, ()):
            end.setblocking(False)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**20)
            try:
                while True:
                    sent += end.send(bytes(2**16))
            except BlockingIOError:
                pass
        os.write(1, f"reached {sent} bytes in sockets".encode())
        signal.pause()
os.wait()
