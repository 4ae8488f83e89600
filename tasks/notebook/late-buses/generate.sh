#!/bin/bash
# The rides of this seed.
exec python3 - "$SEED" << 'END'
import json
import random
import statistics
import sys

draw = random.Random("pipegym late-buses " + sys.argv[1]).random
NAMES = ["Mill Lane", "Old Bridge", "Market", "Station", "Hospital", "North Gate", "Castle", "Harbour", "School", "Water Tower",
         "Brickworks", "Mere Road", "Library", "South Park"]


def below(count):
    return int(draw() * count)


def clock(minute):
    return "%02d:%02d" % (minute % 1440 // 60, minute % 60)


def make():
    names = sorted(NAMES, key=lambda _: draw())
    lines = {str(number + 1): names[number * 4:number * 4 + 4] + names[12 + number % 2:13 + number % 2] for number in range(3)}
    usual = {name: 2 + below(6) for name in names}
    messages = []
    for number in range(140):
        line = str(1 + below(3))
        # Many rides are in the night, and those are late.
        night = below(3) == 0
        start, late = (1410 + below(40), 4) if night else (360 + below(960), 0)
        stops, wrong = [], []
        for place, name in enumerate(lines[line]):
            # The last stop is left out by most rides.
            if place == 4 and below(4):
                continue
            delay = usual[name] - 5 + below(9) + (late if below(2) else 0) + (60 + below(90) if below(14) == 0 else 0)
            due = start + 7 * place
            stops.append({"stop": name, "due": clock(due), "at": None if below(12) == 0 else clock(due + max(delay, -20))})
            wrong.append({**stops[-1], "at": clock(due + below(20))})
        ride = {"ride": 1000 + number, "line": line, "day": "2024-05-%02d" % (6 + number // 20), "stops": stops}
        if below(3) == 0:
            messages.append((number, {**ride, "stops": wrong}))
        messages.append((number + 1 + below(9), ride))
    return [ride for _, ride in sorted(messages, key=lambda message: message[0])]


def delays(rides, midnight=True):
    found = {}
    for ride in rides:
        for stop in ride["stops"]:
            if stop["at"]:
                minutes = [int(time[:2]) * 60 + int(time[3:]) for time in (stop["due"], stop["at"])]
                delay = minutes[1] - minutes[0]
                found.setdefault(stop["stop"], []).append((delay + 30) % 1440 - 30 if midnight else delay)
    return found


def latest(found, least=25, middle=statistics.median):
    sizes = {name: middle(values) for name, values in found.items() if len(values) >= least}
    first, second = sorted(sizes, key=sizes.get)[:-3:-1]
    return first, sizes[first], sizes[second]


# What comes close must lead elsewhere.
while True:
    messages = make()
    rides = list({message["ride"]: message for message in messages}.values())
    firsts = list({message["ride"]: message for message in reversed(messages)}.values())
    name, median, second = latest(delays(rides))
    close = [latest(delays(messages)), latest(delays(firsts)), latest(delays(rides, False)), latest(delays(rides), 1),
             latest(delays(rides), 25, statistics.mean)]
    if median > second and all(other[:2] != (name, median) for other in close):
        break

answer = "%s %g" % (name, median)
cells = ["""import json

messages = [json.loads(line) for line in open("rides.jsonl")]
rides = {message["ride"]: message for message in messages}
print(len(messages), len(rides))
messages[0]""", """def minute(time):
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def delay(stop):
    return (minute(stop["at"]) - minute(stop["due"]) + 30) % 1440 - 30


delays = {}
for ride in rides.values():
    for stop in ride["stops"]:
        if stop["at"] is not None:
            delays.setdefault(stop["stop"], []).append(delay(stop))
{name: (len(values), min(values), max(values)) for name, values in delays.items()}""", """from statistics import median

medians = {name: median(values) for name, values in delays.items() if len(values) >= 25}
sorted(medians.items(), key=lambda pair: -pair[1])[:4]"""]
print(json.dumps({
    "files": {"rides.jsonl": "".join(json.dumps(message) + "\n" for message in messages)},
    "checks": [{"name": "latest-stop", "type": "answer", "answer": {"numbers": answer}}],
    "solution": [{"tool": "add_and_execute_code_cell", "args": {"code": code}} for code in cells]
    + [{"tool": "submit", "args": {"answer": answer}}],
}))
END
