"""open.py ROOM KEY: opens ROOM.sealed with its key, and puts what is in it into the folder ROOM."""
import base64
import hashlib
import json
import os
import sys


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
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    room, key = sys.argv[1], sys.argv[2].strip()
    try:
        content = unseal(key, open(room + ".sealed").read())
    except FileNotFoundError:
        sys.exit("there is no door to %s here" % room)
    if content is None:
        sys.exit("the key does not fit")
    for path, text in content.items():
        os.makedirs(os.path.dirname(os.path.join(room, path)), exist_ok=True)
        with open(os.path.join(room, path), "w") as out:
            out.write(text)
    print("the door opens: see the folder %s" % room)


if __name__ == "__main__":
    main()
