#!/bin/bash
# Dates to learn from, and others to be tried with.
exec python3 - "$SEED" << 'END'
import json
import random
import sys

draw = random.Random("pipegym mixed-dates " + sys.argv[1]).random


def below(count):
    return int(draw() * count)


def pick(items):
    return items[below(len(items))]


def text(lines):
    return "".join(line + "\n" for line in lines)


MONTHS = "January February March April May June July August September October November December".split()
LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
BORDER = 43  # a year of two digits below it is of the 21st century


def date():
    month = below(12)
    return pick([1944, 1957, 1968, 1979, 1986, 1999, 2000, 2003, 2011, 2024, 2038]), month + 1, 1 + below(LENGTHS[month])


WAYS = [str, lambda name: name[:3], lambda name: name[:3].upper(), str.lower]  # to write a month


def make(kind, y, m, d, way=None):
    """What is written, and what it means."""
    iso = "%04d-%02d-%02d" % (y, m, d)
    name = MONTHS[m - 1]
    return {
        "dots": ("%d.%d.%d" % (d, m, y), iso),
        "short dots": ("%d.%d.%02d" % (d, m, y % 100), iso),
        "slashes": ("%d/%d/%d" % (m, d, y), iso),
        "short slashes": ("%02d/%02d/%02d" % (m, d, y % 100), iso),
        "dashes": ("%d-%d-%d" % (y, m, d), iso),
        "month first": ("%s %d, %d" % (name, d, y), iso),
        "day first": ("%d %s %d" % (d, (way or pick(WAYS))(name), y), iso),
        "old": ("%d %s '%02d" % (d, name[:3], y % 100), iso),
        "no day": ("%s %d" % (name, y), iso[:7]),
        "rubbish": (pick(["unknown", "?", "-", "in spring", "32.1.1999", "13/13/2003", "0 May 1957"]), "?"),
    }[kind]


KINDS = ["dots", "short dots", "slashes", "short slashes", "dashes", "month first", "day first", "old", "no day", "rubbish"]
# Days that tell day from month, all ways to write a month, both sides of the border, and all that is no date.
shown = [make(kind, *day, way) for kind in KINDS[:-1]
         for way, day in zip(WAYS, ((1944, 3, 25), (2038, 11, 4), (1979, 10, 9), date()))]
shown += [make("short dots", 1943, 1, 2), make("old", 2042, 2, 1), make("short slashes", 1943, 7, 30)]
shown += [(line, "?") for line in ("unknown", "?", "-", "in spring", "32.1.1999", "13/13/2003", "0 May 1957")]
shown.sort(key=lambda _: draw())


def batch(count):
    return [make(KINDS[i % len(KINDS)], *date()) for i in range(count)]


def case(pairs):
    return dict(stdin=text(a for a, _ in pairs), stdout=dict(equals=text(b for _, b in pairs)))


cases = [case(shown), case(batch(40)), case(batch(60))]
cases[0].update(visible=True, name="examples")
print(json.dumps(dict(
    files={"examples.in": cases[0]["stdin"], "examples.out": cases[0]["stdout"]["equals"]},
    checks=[dict(name="dates", type="cases", command="./program", cases=cases)])))
END
