#!/bin/bash
# Writes a program for machine.py that accepts the flag alone.
set -eu
flag="flag{$(printf '%s %s' 'pipegym machine' "$SEED" | sha256sum | cut -c 1-16)}"
python3 - "$flag" <<'END'
import hashlib, sys
flag = sys.argv[1]
pool = b""
for n in range(40):
    pool += hashlib.sha256(b"%d %s" % (n, flag.encode())).digest()
draw = iter(pool)
code = []

def emit(op, x, y):
    # operands use two bits of a register's byte; the other bits, and idle instructions, are only there to confuse
    code.append((op, x | next(draw) & 0xf0 & ~3, y))
    if next(draw) % 4 == 0:
        code.append((0x60 | next(draw) & 15, next(draw), next(draw)))

state = next(draw)
emit(0x10, 1, state)
emit(0x10, 3, 0)
for char in flag + "\0":
    key, turn, factor = next(draw), 1 + next(draw) % 7, next(draw) | 1
    emit(0x30, 0, next(draw))
    emit(0x10, 2, key)
    emit(0x22, 0, 2)
    emit(0x23, 0, turn)
    emit(0x20, 0, 1)
    emit(0x21, 0, factor)
    value = ord(char) ^ key
    value = (value << turn | value >> (8 - turn)) & 255
    value = (value + state) * factor & 255
    emit(0x11, 1, 0)
    emit(0x10, 2, value)
    emit(0x22, 0, 2)
    emit(0x40, 3, 0)
    state = value
emit(0x50, 3, 0)
open("check.bin", "wb").write(bytes(b for line in code for b in line))
END
