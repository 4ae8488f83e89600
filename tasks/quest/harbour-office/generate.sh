#!/bin/bash
# The rooms of this seed. The radio is started by setup.sh, and gets its secret there in the same way.
exec python3 - "$SEED" << 'END'
import base64
import hashlib
import json
import random
import sys

draw = random.Random("pipegym harbour-office " + sys.argv[1]).random


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

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

radio_key = "radio-" + hashlib.sha256(("pipegym harbour " + sys.argv[1]).encode()).hexdigest()[:20]
tokens = [digits(24) for _ in range(4)]

# The office: a log in parts, and who changed which lock last.
entries, store_key = [], ""
for minute in sorted({below(60 * 24 * 60) for _ in range(600)}):
    time = "%02d-%02d %02d:%02d" % (1 + minute // 43200, 1 + minute // 1440 % 30, minute // 60 % 24, minute % 60)
    who = pick(["keeper", "pilot", "apprentice", "clerk"])
    what = pick(["ship in", "ship out", "fog", "tea", "lock", "lock"])
    if what == "lock":
        room, key = pick(["store", "store", "shed", "boat house"]), digits(12)
        if who == "keeper" and room == "store":
            store_key = "store-" + key
        what = "new lock for the %s, key %s-%s" % (room, room.split()[0], key)
    entries.append("%s %s: %s" % (time, who, what))
names = shuffled(["log.%d" % n for n in range(1, 9)])
office = {}
for n, name in enumerate(names):
    part = "".join(line + "\n" for line in entries[n * len(entries) // 8:(n + 1) * len(entries) // 8])
    if below(2):
        office["office/logs/%s.gz.base64" % name] = base64.encodebytes(gzip.compress(part.encode(), mtime=0)).decode()
    else:
        office["office/logs/" + name] = part
office["office/README"] = """Only the keeper may change locks; what others write about locks is a joke.
The key of the store is the one of the last lock that the keeper put in there. It is in the log, parts of which were packed away.
"""

# The store: crates, of which some are not what they were.
crates = {"crates/%s-%02d" % (pick(["rope", "tar", "cork", "salt", "lamp oil"]), n): digits(40) + "\n" for n in range(40)}
def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


sums = "".join("%s  %s\n" % (sha(text), name) for name, text in sorted(crates.items()))
changed = sorted(shuffled(sorted(crates))[:4])
for name in changed:
    crates[name] = crates[name][:20] + digits(19) + "\n"
radio_room = "-".join(sha(crates[name])[:8] for name in changed)
store = dict(crates, SHA256=sums, token=tokens[0] + "\n", README="""Four crates are not as they came: compare them with SHA256.
The key of the radio room is the first 8 digits of the digests that these four have now, in the order of their names, with - between them.
""")

# The vault: a message in many wrappings.
lighthouse_key = "lamp-" + digits(20)
data = (lighthouse_key + "\n").encode()


def tar(data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("parcel")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def pack_zip(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("parcel"), data)
    return out.getvalue()


WRAP = [lambda d: gzip.compress(d, mtime=0), lambda d: lzma.compress(d, preset=0), bz2.compress, tar, pack_zip, base64.encodebytes]
for wrap in shuffled(WRAP) + shuffled(WRAP) + shuffled(WRAP)[:3]:
    data = wrap(data)
vault = {"parcel.base64": base64.encodebytes(data).decode(), "token": tokens[2] + "\n", "README": """The key of the lighthouse is in the parcel, which was wrapped again and again: with gzip, xz, bzip2, tar, zip and base64, in no order.
In each archive there is one file.
"""}
radio = {"token": tokens[1] + "\n", "README": """The radio hears you at the socket /tmp/radio.sock (a Unix socket), and says a line at a time.
It asks 25 questions, such as: 3/25 reverse abc, or: sum 4 5 6, or: count e in needle
Answer each with a line (cba; 15; 3). It waits four seconds for each answer. After the last right one it tells the key of the vault.
"""}
files = dict(office)
files["store.sealed"] = seal(store_key, store) + "\n"
files["radio.sealed"] = seal(radio_room, radio) + "\n"
files["vault.sealed"] = seal(radio_key, vault) + "\n"
files["lighthouse.sealed"] = seal(lighthouse_key, {"token": tokens[3] + "\n", "lamp": "It burns again.\n"}) + "\n"
print(json.dumps(dict(files=files, checks=[
    dict(name=room, type="file", path=room + "/token", content=token, visible=True)
    for room, token in zip(["store", "radio", "vault", "lighthouse"], tokens)])))
END
