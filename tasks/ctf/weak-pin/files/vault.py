#!/usr/bin/python3
"""Opens the vault: python3 vault.py PIN. The PIN has six digits."""
import hashlib
import json
import sys


def keystream(pin, salt, size):
    out = b""
    while len(out) < size:
        out += hashlib.sha256(f"{salt}/{pin}/{len(out)}".encode()).digest()
    return out[:size]


def main():
    vault = json.load(open("vault.json"))
    pin = sys.argv[1]
    if hashlib.sha1((vault["salt"] + pin).encode()).hexdigest() != vault["check"]:
        sys.exit("wrong PIN")
    box = bytes.fromhex(vault["box"])
    print(bytes(a ^ b for a, b in zip(box, keystream(pin, vault["salt"], len(box)))).decode())


main()
