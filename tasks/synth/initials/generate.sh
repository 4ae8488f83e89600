#!/bin/bash
# Names to learn from, and others to be tried with.
exec python3 - "$SEED" << 'END'
import json
import random
import sys

draw = random.Random("pipegym initials " + sys.argv[1]).random
FIRST = "Ada Bruno Clara Dmitri Edda Farid Greta Hana Ivo Jonas Kaya Lena Milan Noor Olga Pavel Quinn Rosa Sami Tove".split()
DOUBLE = "Anna-Maria Jean-Luc Karl-Otto Mary-Jane Hans-Peter Lise-Lotte Jan-Erik Ana-Lucia".split()
SMALL = ["van", "von", "de", "van der", "de la", "di"]
LAST = "Abbott Berger Castro Dahl Evans Fischer Grant Holm Ibsen Jansen Keller Lund Moreau Novak Okafor Petrov Rossi Silva Tanaka Weber".split()


def pick(items):
    return items[int(draw() * len(items))]


def name(kind):
    if kind == "one":
        return pick(FIRST)
    given = [pick(FIRST)]
    if kind in ("two", "all"):
        given.append(pick(FIRST))
    if kind == "three":
        given += [pick(FIRST), pick(DOUBLE)]
    if kind in ("double", "all"):
        given[0] = pick(DOUBLE)
    small = [pick(SMALL)] if kind in ("small", "all") else []
    return " ".join(given + small + [pick(LAST)])


def rule(text):
    words = text.split()
    if len(words) == 1:
        return text
    end = next((i for i, word in enumerate(words) if word[0].islower()), len(words) - 1)
    given = [" ".join("-".join(part[0] + "." for part in word.split("-")) for word in words[:end])]
    return " ".join(words[end:]) + ", " + given[0]


KINDS = ["one", "plain", "two", "double", "small", "three", "all"]
shown = [name(kind) for kind in KINDS for _ in range(3)]
shown.sort(key=lambda _: draw())


def batch(count):
    return [name(KINDS[i % len(KINDS)]) for i in range(count)]


def text(lines):
    return "".join(line + "\n" for line in lines)


cases = [dict(stdin=text(lines), stdout=dict(equals=text(map(rule, lines)))) for lines in (shown, batch(28), batch(35))]
cases[0].update(visible=True, name="examples")
print(json.dumps(dict(
    files={"examples.in": text(shown), "examples.out": text(map(rule, shown))},
    checks=[dict(name="names", type="cases", command="./program", cases=cases)])))
END
