#!/bin/bash
# The castle of this seed, and a walk through it.
exec python3 - "$SEED" << 'END'
import base64
import hashlib
import json
import random
import sys

draw = random.Random("pipegym dark-castle " + sys.argv[1]).random


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

SIDES = {"north": (0, 1), "east": (1, 0), "south": (0, -1), "west": (-1, 0)}
BACK = {"north": "south", "south": "north", "east": "west", "west": "east"}
NAMES = shuffled("hall,kitchen,library,chapel,armoury,stable,gallery,pantry,tower,bath,music room,nursery,well room,guard room,wine cellar".split(","))
rooms, at, doors = [], {}, []


def add(area, place):
    room = dict(id=len(rooms), name=NAMES[len(rooms)], area=area, place=place, ways={}, things={}, secret=digits(24))
    rooms.append(room)
    at[place] = room
    return room


def free_sides(room):
    x, y = room["place"]
    return [(side, (x + dx, y + dy)) for side, (dx, dy) in SIDES.items() if (x + dx, y + dy) not in at]


def grow(area, sources):
    """A room beside one of the sources, and the side at which it lies."""
    room = pick([r for r in sources if free_sides(r)])
    side, place = pick(free_sides(room))
    return room, side, add(area, place)


for area, size in enumerate([5, 5, 3, 1]):
    if area == 0:
        add(0, (0, 0))
    else:
        room, side, new = grow(area, [r for r in rooms if r["area"] == max(0, area - 1) or area == 3])
        doors.append((room, side, new))
    for _ in range(size - 1):
        room, side, new = grow(area, [r for r in rooms if r["area"] == area])
        room["ways"][side], new["ways"][BACK[side]] = new, room
# A few more ways, so that some lead round.
for room in rooms:
    x, y = room["place"]
    for side, (dx, dy) in SIDES.items():
        other = at.get((x + dx, y + dy))
        if other and other["area"] == room["area"] and below(2):
            room["ways"][side], other["ways"][BACK[side]] = other, room
NEEDS = [["brass-key"], ["silver-key"], ["ruby", "emerald"]]
# Things, as far from the door of their part as can be.
def far(area, taken=()):
    return pick([r for r in rooms if r["area"] == area and r not in taken][-3:])


dark = far(1)
lamp = far(0)
things = {"lamp": lamp, "brass-key": far(0, [lamp]), "silver-key": dark, "ruby": far(1, [dark]), "emerald": far(2), "crown": rooms[-1]}
secrets = {}
for thing, room in things.items():
    secrets[thing] = room["things"][thing] = digits(24)


def content(room):
    held = dict(things=room["things"])
    out = dict(name=room["name"], ways={side: [str(r["id"]), r["secret"]] for side, r in room["ways"].items()}, doors={})
    out.update(dict(dark=seal(secrets["lamp"], held)) if room is dark else held)
    for (start, side, end), needs in zip(doors, NEEDS):
        if start is room:
            out["doors"][side] = dict(needs=needs, place=seal("+".join(secrets[n] for n in needs), [str(end["id"]), end["secret"]]))
        if end is room:
            out["ways"][BACK[side]] = [str(start["id"]), start["secret"]]
    return out


def walk(start, end):
    """The shortest way through rooms whose doors are open by now."""
    paths, queue = {start["id"]: []}, [start]
    for room in queue:
        ways = dict(room["ways"])
        for (a, side, b), _ in zip(doors, NEEDS):
            if a is room and b["area"] <= max(end["area"], start["area"]):
                ways[side] = b
            if b is room:
                ways[BACK[side]] = a
        for side, other in ways.items():
            if other["id"] not in paths:
                paths[other["id"]] = paths[room["id"]] + [side]
                queue.append(other)
    return paths[end["id"]]


place, solution = rooms[0], ["cat castle.py | head -n 8; python3 castle.py look"]
for thing, room in things.items():
    path = walk(place, room)
    if path:
        solution.append("python3 castle.py " + " ".join("go " + side for side in path))
    solution.append("python3 castle.py take " + thing)
    place = room
solution += ["head found/*", {"tool": "submit", "args": {}}]
files = {
    "castle.json": json.dumps({str(r["id"]): seal(r["secret"], content(r)) for r in rooms}, indent=0) + "\n",
    "state.json": json.dumps(dict(room="0", secret=rooms[0]["secret"], bag={})),
}
print(json.dumps(dict(files=files, solution=solution, checks=[
    dict(name=thing, type="file", path="found/" + thing, content=secrets[thing], weight=2 if thing == "crown" else 1, visible=True)
    for thing in things if thing != "lamp"])))
END
