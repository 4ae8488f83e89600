#!/bin/bash
# The readings of this seed, and what follows from them.
exec python3 - "$SEED" << 'END'
import json
import random
import sys

draw = random.Random("pipegym cold-boxes " + sys.argv[1]).random
ROOMS = ["north", "south", "quay", "van-1", "van-2"]
END = 3 * 1440


def below(count):
    return int(draw() * count)


def pick(items):
    return items[below(len(items))]


def shuffled(items):
    return sorted(items, key=lambda _: draw())


def stamp(minute):
    return "2024-06-%02d %02d:%02d" % (3 + minute // 1440, minute % 1440 // 60, minute % 60)


def logger(fahrenheit, comma, clocks):
    """The lines of a logger, and what they say: true minute -> Celsius. clocks: (from which minute, how fast)."""
    known, lines = {}, ["# logger %04d" % below(10000)] + (["# unit F"] if fahrenheit else [])
    warm = [(below(END - 400), 40 + below(200), 2 + 6 * draw()) for _ in range(7)]
    minute, old = 20 + below(30), []
    for begin, fast in clocks:
        if fast or begin:
            lines.append("# clock %+d" % fast)
        end = min([other for other, _ in clocks if other > begin], default=END - 20)
        minute = max(minute, begin)
        while minute < end:
            celsius = 4.5 + 1.5 * draw() + sum(more for at, length, more in warm if at <= minute < at + length)
            reading = round(celsius * 9 / 5 + 32 if fahrenheit else celsius, 1)
            text = "ERR" if below(25) == 0 else ("%.1f" % reading).replace(".", "," if comma else ".")
            line = stamp(minute + fast) + ";" + text
            lines.append(line)
            old.append((line, minute, reading, text))
            if below(18) == 0:
                # A first line with an error in it comes before the one that counts.
                lines.insert(-1, stamp(minute + fast) + ";" + ("%.1f" % (reading + 9)).replace(".", "," if comma else "."))
            if below(60) == 0:
                lines += [line for line, *_ in old[-6:]]
            minute += 9 + below(4) + (40 + below(60) if below(40) == 0 else 0)
        old = []
    # As the README says, from the text.
    fast = 0
    for line in lines:
        if line.startswith("# clock"):
            fast = int(line[8:])
        elif line[0] != "#" and not line.endswith("ERR"):
            time, value = line.split(";")
            value = float(value.replace(",", "."))
            true = (int(time[8:10]) - 3) * 1440 + int(time[11:13]) * 60 + int(time[14:16]) - fast
            known[true] = (value - 32) * 5 / 9 if fahrenheit else value
    return "\n".join(lines) + "\n", sorted(known.items())


def above(readings, begin, end, gap=30, limit=8.0):
    total = 0.0
    for (t0, c0), (t1, c1) in zip(readings, readings[1:]):
        low, high = max(t0, begin), min(t1, end)
        if t1 - t0 > gap or low >= high:
            continue
        first, last = (c0 + (c1 - c0) * (t - t0) / (t1 - t0) - limit for t in (low, high))
        if first > 0 and last > 0:
            total += high - low
        elif first > 0 or last > 0:
            total += (high - low) * max(first, last) / abs(first - last)
    return total


def make():
    files, readings = {}, {}
    forms = shuffled([(False, False, [(0, 0)]), (True, False, [(0, 0)]), (False, True, [(0, 13)]), (True, True, [(0, -18)]),
                      (False, False, [(0, 11), (1800 + below(600), -16)])])
    for room, form in zip(ROOMS, forms):
        files["loggers/%s.log" % room], readings[room] = logger(*form)
    rows = []
    for number in range(12):
        at = below(1440)
        for _ in range(1 + below(3)):
            stay = 300 + below(700)
            rows.append(("M%02d" % (number + 1), pick(ROOMS), at, min(at + stay, END - 1)))
            at = min(at + stay + 5 + below(60), END - 100)
    files["boxes.csv"] = "box,room,from,until\n" + "".join(
        "%s,%s,%s,%s\n" % (box, room, stamp(begin), stamp(end)) for box, room, begin, end in shuffled(rows))
    return files, readings, rows


def totals(readings, rows, gap=30):
    result = {row[0]: 0.0 for row in rows}
    for box, room, begin, end in rows:
        result[box] += above(readings[room], begin, end, gap)
    return result


def warm(minutes):
    return sorted(box for box, time in minutes.items() if time > 90)


while True:
    files, readings, rows = make()
    minutes = totals(readings, rows)
    if (all(abs(time - 90) > 2 for time in minutes.values()) and 4 <= len(warm(minutes)) <= 8
            and 0.0 in minutes.values() and warm(totals(readings, rows, 10000)) != warm(minutes)):
        break

add = "add_and_execute_code_cell"
steps = [
    ("shell", "cat README; head -n 4 boxes.csv; wc -l boxes.csv loggers/*"),
    ("shell", "head -n 6 loggers/*; grep -n '#' loggers/*; grep -c ERR loggers/*"),
    (add, """import csv
from datetime import datetime
from pathlib import Path


def minute(text):
    return (datetime.strptime(text, "%Y-%m-%d %H:%M") - datetime(2024, 6, 3)).total_seconds() / 60


def read(path):
    fahrenheit, fast, known = False, 0, {}
    for line in path.read_text().splitlines():
        if line.startswith("# unit F"):
            fahrenheit = True
        elif line.startswith("# clock"):
            fast = int(line.split()[2])
        elif not line.startswith("#") and not line.endswith(";ERR"):
            time, value = line.split(";")
            value = float(value.replace(",", "."))
            known[minute(time) - fast] = (value - 32) * 5 / 9 if fahrenheit else value
    return sorted(known.items())


rooms = {path.stem: read(path) for path in sorted(Path("loggers").glob("*.log"))}"""),
    (add, "{name: (len(room), room[0], min(c for _, c in room), max(c for _, c in room)) for name, room in rooms.items()}"),
    (add, """def gaps(room):
    return [(a[0], b[0] - a[0]) for a, b in zip(room, room[1:]) if b[0] - a[0] > 30]


{name: gaps(room)[:3] for name, room in rooms.items()}"""),
    (add, """def above(room, begin, end):
    total = 0
    for (t0, c0), (t1, c1) in zip(room, room[1:]):
        low, high = max(t0, begin), min(t1, end)
        if t1 - t0 <= 30 and low < high:
            slope = (c1 - c0) / (t1 - t0)
            first, last = c0 + slope * (low - t0) - 8, c0 + slope * (high - t0) - 8
            if min(first, last) > 0:
                total += high - low
            elif max(first, last) > 0:
                total += (high - low) * max(first, last) / (max(first, last) - min(first, last))
    return total"""),
    (add, """# A line from 6 to 10 in 20 minutes is above 8 in its second half.
assert above([(0, 6), (20, 10)], 0, 20) == 10 and above([(0, 6), (20, 10)], 15, 18) == 3
assert above([(0, 9), (31, 9)], 0, 31) == 0 and above([(0, 9), (30, 9)], 10, 99) == 20"""),
    (add, """minutes = {}
for row in csv.DictReader(open("boxes.csv")):
    time = above(rooms[row["room"]], minute(row["from"]), minute(row["until"]))
    minutes[row["box"]] = minutes.get(row["box"], 0) + time
minutes"""),
    (add, """import json

with open("result.json", "w") as file:
    json.dump({box: round(time, 3) for box, time in sorted(minutes.items())}, file)
",".join(sorted(box for box, time in minutes.items() if time > 90))"""),
    ("shell", "python3 -m json.tool result.json"),
]
print(json.dumps({
    "files": files,
    "checks": [
        {"name": "minutes", "type": "file", "path": "result.json", "content": {"json": minutes, "tolerance": 0.05}},
        {"name": "too-warm", "type": "answer", "answer": {"set": warm(minutes)}},
        {"name": "data-kept", "type": "file", "path": "boxes.csv", "untouched": True},
    ],
    "solution": [{"tool": tool, "args": {"command" if tool == "shell" else "code": text}} for tool, text in steps]
    + [{"tool": "submit", "args": {"answer": ",".join(warm(minutes))}}],
}))
END
