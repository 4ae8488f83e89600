"""turn.py MACHINE: lets a machine run, and opens what lies behind it if what it prints is right.

Nobody has to tell right from wrong: what lies behind is sealed with the output itself.
"""
import base64
import hashlib
import json
import os
import subprocess
import sys

MACHINES = {"water": ("bash", "water/gauge.sh"), "wheel": ("bash", "wheel/spin.sh"), "stones": ("awk", "-f", "stones/grind.awk", "stones/sacks")}
BEHIND = {"water": "wheel", "wheel": "stones", "stones": "bakery"}


def stream(key, length):
    out = b""
    while len(out) < length:
        out += hashlib.sha256(key + len(out).to_bytes(8, "big")).digest()
    return out[:length]


def unseal(key, text):
    """What was sealed with this key, or None."""
    sealed = base64.b64decode(text)
    secret = hashlib.pbkdf2_hmac("sha256", key.encode(), b"pipegym quest", 5000)
    data = bytes(a ^ b for a, b in zip(sealed[32:], stream(secret, len(sealed) - 32)))
    return json.loads(data) if hashlib.sha256(secret + data).digest() == sealed[:32] else None


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in MACHINES:
        sys.exit(__doc__)
    machine = sys.argv[1]
    try:
        ran = subprocess.run(MACHINES[machine], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=8)
    except subprocess.TimeoutExpired:
        sys.exit("%s: it does not come to an end" % machine)
    room = BEHIND[machine]
    print("%s: status %d, %d lines" % (machine, ran.returncode, ran.stdout.count(b"\n")))
    key = hashlib.sha256(ran.stdout.strip()).hexdigest()
    content = unseal(key, open(room + ".sealed").read())
    if content is None or ran.returncode:
        sys.exit("%s: this is not right yet, and %s stays shut" % (machine, room))
    for path, text in content.items():
        os.makedirs(room, exist_ok=True)
        with open(os.path.join(room, path), "w") as out:
            out.write(text)
    print("%s turns: see the folder %s" % (machine, room))


main()
