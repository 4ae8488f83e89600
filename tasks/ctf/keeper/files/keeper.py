"""The keeper reads papers for visitors: one request a line on the socket /tmp/keeper.sock, one answer a line.

It may read all papers, visitors only those in public/. LIST shows what is there, READ PATH shows a paper.
"""
import ctypes
import os
import socket
import sys

PAPERS = {
    "public/opening-hours": "Monday to Friday, 9 to 5.",
    "public/rules": "Visitors may read what is in public/. All else is sealed. Ask the keeper.",
    "public/about/sealed": "The sealed papers are in the vault, one for each year; the newest is of 1998.",
    "vault/1997": "An old bill for candles.",
}


def tidy(path):
    """No way out of public/: every ../ is taken away."""
    return path.replace("../", "").lstrip("/")


def resolve(path):
    """What the path means, with . and .. worked out."""
    parts = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def answer(line):
    word, _, path = line.partition(" ")
    if word == "LIST":
        return ", ".join(sorted(name for name in PAPERS if name.startswith("public/")))
    if word == "READ":
        path = tidy(path)
        if not path.startswith("public/"):
            return "sealed"
        return PAPERS.get(resolve(path), "no such paper")
    return "what?"


def main():
    ctypes.CDLL(None).prctl(4, 0)  # nobody may look into the memory of this process
    PAPERS["vault/1998"] = sys.stdin.readline().strip()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("/tmp/keeper.sock")
    listener.listen(16)
    if os.fork():
        os._exit(0)
    os.setsid()
    while True:
        connection, _ = listener.accept()
        connection.settimeout(5)
        try:
            with connection, connection.makefile(encoding="utf-8") as lines:
                for line in lines:
                    connection.sendall((answer(line.strip()) + "\n").encode())
        except (OSError, ValueError):
            pass


main()
