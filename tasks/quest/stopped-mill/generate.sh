#!/bin/bash
# The machines of this seed, with what is right as the keys.
exec python3 - "$SEED" << 'END'
import base64
import hashlib
import json
import random
import sys

draw = random.Random("pipegym stopped-mill " + sys.argv[1]).random


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

NAMES = shuffled("alder birch cedar ferry heron island lower meadow north otter pike reed south upper willow".split())[:12]
SERVICE = """#!/usr/bin/python3
# The wheel: answers each number that it is told on a connection with the position that many teeth further on.
import os
import socket
import sys

conf = dict(line.split("=") for line in open("wheel.conf").read().split())
if os.path.exists("wheel.lock"):
    sys.exit("wheel: it is turning already (wheel.lock)")
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(conf["port"])))
listener.listen(4)
open("wheel.lock", "w").close()
position = int(conf["start"])
try:
    connection, _ = listener.accept()
    with connection, connection.makefile("rw") as lines:
        for line in lines:
            position = (position + int(line)) % int(conf["teeth"])
            lines.write("%d\\n" % position)
            lines.flush()
finally:
    os.remove("wheel.lock")
"""
SPIN = """#!/bin/bash
# Starts the wheel, tells it the steps, and prints its positions.
set -eu
cd "$(dirname "$0")"
port=4711
python3 wheel.py &
trap 'kill $! 2> /dev/null || :' EXIT
for try in {1..250}; do
	kill -0 $! 2> /dev/null || break
	if { exec 3<> /dev/tcp/127.0.0.1/$port; } 2> /dev/null; then
		break
	fi
	sleep 0.02
done
while read -r step; do
	echo "$step" >&3
	read -r position <&3
	echo "$step $position"
done < steps
"""
GRIND = """# Reads lines of FARM KILOS PERCENT: what came, and how much of it becomes flour.
# Prints FARM SACKS FLOUR for each farm; see NOTES.
{
	sacks[$1]++
	flour[$1] = int($2 * $3 / 100)
	if (!($1 in place)) place[$1] = ++farms
}
END {
	for (farm in place) print farm, sacks[farm], flour[farm]
}
"""
# Levels with and without a digit before the point: as texts they have another order.
levels = [(day, name, 1 + below(1500)) for day in range(1, 29) for name in shuffled(NAMES)]
high = {name: max(level for _, other, level in levels if other == name) for name in NAMES}
water = "".join("%s %d\n" % (name, high[name]) for name in sorted(NAMES))

port, teeth, position = 4000 + below(900), 301 + 2 * below(100), below(300)
steps, wheel, at = [1 + below(5000) for _ in range(60)], "", position
for step in steps:
    at = (at + step) % teeth
    wheel += "%d %d\n" % (step, at)

farms = shuffled("Abel Boyd Cole Dunn Ebert Frost Gray Hale".split())
sacks = [(pick(farms), 20 + below(60), 60 + below(35)) for _ in range(90)]
seen = list(dict.fromkeys(farm for farm, _, _ in sacks))
stones = "".join("%s %d %d\n" % (farm, sum(f == farm for f, _, _ in sacks), (sum(k * p for f, k, p in sacks if f == farm) + 50) // 100) for farm in seen)


def key(output):
    return hashlib.sha256(output.strip().encode()).hexdigest()


tokens = [digits(24) for _ in range(3)]
files = {
    "water/NOTES": "The gauge prints the highest level of each sluice in levels.csv (day,sluice,level): NAME LEVEL, in the order of the names.\nThe levels are whole numbers.\n",
    "water/levels.csv": "day,sluice,level\n" + "".join("%d,%s,%d\n" % row for row in levels),
    "water/gauge.conf": "levels=level.csv\n",
    "wheel.sealed": seal(key(water), {
        "NOTES": "spin.sh starts the wheel, which is a service on the port of wheel.conf, and tells it each number in the file steps.\nIt prints, for each: STEP POSITION. The wheel has to begin at its start, and must be left so that it can be started again.\nThe wheel has %d teeth.\n" % teeth,
        "spin.sh": SPIN, "wheel.py": SERVICE, "wheel.conf": "port=%d\nteeth=%d\nstart=%d\n" % (port, teeth - 2, position),
        "wheel.lock": "", "steps": "".join("%d\n" % s for s in steps), "token": tokens[0] + "\n"}) + "\n",
    "stones.sealed": seal(key(wheel), {
        "NOTES": "grind.awk reads the file sacks, a line for each sack: FARM KILOS PERCENT; PERCENT of its KILOS become flour.\nIt prints, for each farm, in the order in which the farms came first: FARM, the number of its sacks, and the flour of all its sacks together,\nrounded to whole kilos once, at the end: half a kilo is rounded up.\n",
        "grind.awk": GRIND, "sacks": "".join("%s %d %d\n" % s for s in sacks), "token": tokens[1] + "\n"}) + "\n",
    "bakery.sealed": seal(key(stones), {"bread": "It smells of bread.\n", "token": tokens[2] + "\n"}) + "\n",
}
print(json.dumps(dict(files=files, checks=[
    dict(name="water", type="file", path="wheel/token", content=tokens[0], visible=True),
    dict(name="wheel", type="file", path="stones/token", content=tokens[1], visible=True),
    dict(name="stones", type="file", path="bakery/token", content=tokens[2], weight=2, visible=True)])))
END
