"""castle.py COMMAND...: walks through a castle in the dark. Commands, one or several in a row:

look              where am I, what is here, which ways are there?
go DIRECTION      north, east, south or west; a locked door opens if the bag holds what it needs
take THING        puts it into the bag, and its secret into the file found/THING
bag               what do I carry?
"""
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


# Each room is sealed with a secret that only its neighbours know, behind a door with those of its keys: castle.json shows nothing.
castle = json.load(open("castle.json"))
state = json.load(open("state.json"))


def here():
    room = unseal(state["secret"], castle[state["room"]])
    if "dark" in room and "lamp" in state["bag"]:
        room.update(unseal(state["bag"]["lamp"], room["dark"]) or {})
    return room


def look():
    room = here()
    print("You are in the %s." % room["name"])
    if "things" not in room:
        print("It is too dark to see what is here.")
    things = [thing for thing in room.get("things", {}) if thing not in state["bag"]]
    if things:
        print("You see: %s." % ", ".join(things))
    print("Ways: %s." % ", ".join(sorted(room["ways"]) + ["%s (locked: %s)" % (way, " and ".join(door["needs"])) for way, door in sorted(room["doors"].items())]))


def go(way):
    room = here()
    place = room["ways"].get(way)
    door = room["doors"].get(way)
    if door:
        missing = [thing for thing in door["needs"] if thing not in state["bag"]]
        if missing:
            sys.exit("The door is locked: it needs the %s." % " and the ".join(missing))
        place = unseal("+".join(state["bag"][thing] for thing in door["needs"]), door["place"])
        print("The door opens." if place else "The door stays shut.")
    if not place:
        sys.exit("There is no way %s." % way)
    state["room"], state["secret"] = place
    look()


def take(thing):
    secret = here().get("things", {}).get(thing)
    if secret is None:
        sys.exit("There is no %s that you could see." % thing)
    state["bag"][thing] = secret
    os.makedirs("found", exist_ok=True)
    with open(os.path.join("found", thing), "w") as out:
        out.write(secret + "\n")
    print("You have the %s." % thing)


words = sys.argv[1:] or sys.exit(__doc__)
while words:
    word = words.pop(0)
    if word == "look":
        look()
    elif word == "bag":
        print("You carry: %s." % (", ".join(state["bag"]) or "nothing"))
    elif word in ("go", "take") and words:
        (go if word == "go" else take)(words.pop(0))
    else:
        sys.exit(__doc__)
    with open("state.json", "w") as out:
        json.dump(state, out)
