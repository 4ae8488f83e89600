#!/bin/bash
# The house of this seed.
exec python3 - "$SEED" << 'END'
import base64
import hashlib
import json
import random
import sys

draw = random.Random("pipegym locked-house " + sys.argv[1]).random


def below(count):
    return int(draw() * count)


def pick(items):
    return items[below(len(items))]


def digits(count):
    """Hexadecimal ones, which nobody guesses."""
    return "".join(pick("0123456789abcdef") for _ in range(count))


def shuffled(items):
    return sorted(items, key=lambda _: draw())


def stream(key, length):
    out = b""
    while len(out) < length:
        out += hashlib.sha256(key + len(out).to_bytes(8, "big")).digest()
    return out[:length]


def seal(key, content):
    """What only the key opens: a digest, and the content hidden."""
    data = json.dumps(content).encode()
    secret = hashlib.pbkdf2_hmac("sha256", key.encode(), b"pipegym quest", 5000)
    hidden = bytes(a ^ b for a, b in zip(data, stream(secret, len(data))))
    return base64.b64encode(hashlib.sha256(secret + data).digest() + hidden).decode()

kitchen, cellar = "brass-" + digits(16), "iron-" + digits(16)
tokens = digits(24), digits(24)
jars = shuffled("flour sugar salt rice beans tea coffee honey pepper nuts oats lentils raisins barley".split())
places = ["coats/left-pocket", "coats/right-pocket", "shoes/boot", "shelf/.behind-the-books", ".under-the-mat", "drawer/.box"]
place = pick(places[3:])
hall = {"hall/" + p: ("a key: %s\n" % kitchen if p == place else "nothing but %s\n" % pick(["dust", "a button", "a coin"])) for p in places}
shelf = {"shelf/" + jar: "%d spoons of %s\n" % (1 + below(90), jar) for jar in jars}
jar = pick(jars)
shelf["shelf/" + jar] += "and at the bottom a key: %s\n" % cellar
shelf["note"] = "Somebody has hidden something in one of the jars.\n"
files = dict(hall)
files["kitchen.sealed"] = seal(kitchen, dict(shelf, token=tokens[0] + "\n")) + "\n"
files["cellar.sealed"] = seal(cellar, {"token": tokens[1] + "\n", "chest": "Well done.\n"}) + "\n"
print(json.dumps(dict(files=files, checks=[
    dict(name="kitchen", type="file", path="kitchen/token", content=tokens[0], visible=True),
    dict(name="cellar", type="file", path="cellar/token", content=tokens[1], weight=2, visible=True)])))
END
