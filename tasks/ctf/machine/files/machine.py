#!/usr/bin/python3
"""A machine with four registers of eight bits: python3 machine.py PROGRAM TEXT

Each instruction has three bytes: operation, X, Y. a is register X, b is register Y.
"""
import sys


def run(code, text):
    r = [0, 0, 0, 0]
    place = pc = 0
    for _ in range(100000):
        op, x, y = code[pc:pc + 3]
        pc += 3
        if op == 0x10:      # set: a = Y
            r[x & 3] = y
        elif op == 0x11:    # copy: a = b
            r[x & 3] = r[y & 3]
        elif op == 0x20:    # add: a = a + b
            r[x & 3] = (r[x & 3] + r[y & 3]) & 255
        elif op == 0x21:    # mul: a = a * Y
            r[x & 3] = r[x & 3] * y & 255
        elif op == 0x22:    # xor: a = a ^ b
            r[x & 3] ^= r[y & 3]
        elif op == 0x23:    # rol: a = a turned left by Y bits
            n = y & 7
            r[x & 3] = (r[x & 3] << n | r[x & 3] >> (8 - n)) & 255
        elif op == 0x30:    # read: a = next character of the text, 0 at its end
            r[x & 3] = ord(text[place]) & 255 if place < len(text) else 0
            place += 1
        elif op == 0x40:    # or: a = a | b
            r[x & 3] |= r[y & 3]
        elif op == 0x50:    # end: the text is right if a is 0
            return r[x & 3] == 0
        # anything else does nothing


if __name__ == "__main__":
    print("right" if run(open(sys.argv[1], "rb").read(), sys.argv[2]) else "wrong")
