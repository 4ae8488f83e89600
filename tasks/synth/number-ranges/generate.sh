#!/bin/bash
# Lists to learn from, and others to be tried with.
exec python3 - "$SEED" << 'END'
import json
import random
import sys

draw = random.Random("pipegym number-ranges " + sys.argv[1]).random


def below(count):
    return int(draw() * count)


def pick(items):
    return items[below(len(items))]


def text(lines):
    return "".join(line + "\n" for line in lines)


def make(kind):
    if kind == "empty":
        return []
    if kind == "one":
        return [below(20)]
    start, numbers = below(40) - 15, []
    for _ in range(2 + below(4)):
        run = 1 + below(5) if kind != "pairs" else 2
        numbers += range(start, start + run)
        start += run + 1 + below(6)
    if kind == "twice":
        numbers += [pick(numbers) for _ in range(3)]
    if kind != "sorted":
        numbers.sort(key=lambda _: draw())
    return numbers


def rule(line):
    numbers = sorted(set(map(int, line.split())))
    runs = []
    for n in numbers:
        if runs and runs[-1][1] == n - 1:
            runs[-1][1] = n
        else:
            runs.append([n, n])
    parts = []
    for low, high in runs:
        if high - low > 1:
            parts.append("%d..%d" % (low, high))
        else:
            parts += map(str, range(low, high + 1))
    return " ".join(parts) or "none"


KINDS = ["sorted", "mixed", "twice", "pairs", "one", "mixed", "empty"]


def batch(count):
    return [" ".join(map(str, make(KINDS[i % len(KINDS)]))) for i in range(count)]


shown = batch(21)
cases = [dict(stdin=text(lines), stdout=dict(equals=text(map(rule, lines)))) for lines in (shown, batch(28), batch(35))]
cases[0].update(visible=True, name="examples")
print(json.dumps(dict(
    files={"examples.in": text(shown), "examples.out": text(map(rule, shown))},
    checks=[dict(name="lists", type="cases", command="./program", cases=cases)])))
END
