"""The way into the servers of the tests, on loopback.

    listener = open_door()                      at any free port; listener.getsockname()[1] is it
    for connection in callers(listener): …      one after the other, until the door is shut
    shut(listener)

hang_up(socket) ends a connection for both ends by FIN, hang_up(socket, True) by RST. Neither fails.
"""
import socket
import struct


def open_door(port=0, host="127.0.0.1"):
    return socket.create_server((host, port), backlog=64)


def callers(listener):
    while True:
        try:
            yield listener.accept()[0]
        except OSError:
            return


def shut(listener):
    hang_up(listener)  # which wakes who waits in accept()
    listener.close()


def hang_up(one, is_reset=False):
    try:
        if is_reset:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.shutdown(socket.SHUT_RD)
            one.close()
        else:
            one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
