import socket
import sys

with socket.socket(socket.AF_UNIX) as s:
    s.connect("/tmp/keeper.sock")
    s.sendall((" ".join(sys.argv[1:]) + "\n").encode())
    print(s.makefile().readline().strip())
