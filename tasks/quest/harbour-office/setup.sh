#!/bin/bash
# Starts the radio; what it tells at the end is in its memory only.
set -eu
key="radio-$(printf '%s %s' 'pipegym harbour' "$SEED" | sha256sum | cut -c 1-20)"
code=$(cat << 'END'
import ctypes
import os
import random
import socket
import sys

words, key = sys.stdin.readline(), sys.stdin.readline().strip()
ctypes.CDLL(None).prctl(4, 0)  # nobody may look into the memory of this process
listener = socket.socket(socket.AF_UNIX)
listener.bind("/tmp/radio.sock")
listener.listen(16)
if os.fork():
    os._exit(0)
os.setsid()


def word(draw):
    return "".join("abcdeefghilmnorstu"[int(draw() * 18)] for _ in range(5 + int(draw() * 12)))


def question(draw):
    kind, text = int(draw() * 3), word(draw)
    if kind == 0:
        return "reverse " + text, text[::-1]
    if kind == 1:
        numbers = [int(draw() * 1000) - 300 for _ in range(2 + int(draw() * 6))]
        return "sum " + " ".join(map(str, numbers)), str(sum(numbers))
    return "count e in " + text, str(text.count("e"))


def talk(lines, draw):
    for n in range(25):
        asked, answer = question(draw)
        lines.write("%d/25 %s\n" % (n + 1, asked))
        lines.flush()
        if lines.readline().strip() != answer:
            lines.write("- no\n")
            return
    lines.write("- %s\n" % key)


draw = random.Random(words).random
while True:
    connection, _ = listener.accept()
    connection.settimeout(4)
    try:
        with connection, connection.makefile("rw") as lines:
            talk(lines, draw)
    except (OSError, ValueError):
        pass
END
)
words=$(printf '%s %s' 'pipegym radio' "$SEED" | sha256sum)
printf '%s\n%s\n' "$words" "$key" | python3 -c "$code" > /dev/null 2>&1
