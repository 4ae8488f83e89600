#!/bin/bash
# The rule of this seed, products to learn from, others to be tried with, and a solution.
exec python3 - "$SEED" << 'END'
import json
import random
import sys

draw = random.Random("pipegym product-labels " + sys.argv[1]).random


def below(count):
    return int(draw() * count)


def pick(items):
    return items[below(len(items))]


def text(lines):
    return "".join(line + "\n" for line in lines)


NAMES = "kettle lantern bucket ladder saddle compass hammer blanket whistle pitcher anchor funnel mirror basket".split()
COLOURS = "red green blue black white yellow purple orange grey brown".split()
WORD = {  # what may become of a word
    "first": "%s[:3]",
    "last": "%s[-3:]",
    "consonants": '"".join(c for c in %s if c not in "aeiou")[:4]',
    "behind": "%s[::-1]",
    "ends": "%s[0] + str(len(%s) - 2) + %s[-1]",
}
NUMBER = {  # and of the size, a whole number
    "padded": '"%%04d" %% int(%s)',
    "half": "str(int(%s) // 2)",
    "letter": '"SML"[(int(%s) >= 20) + (int(%s) >= 60)]',
    "rounded": "str(-(-int(%s) // 10) * 10)",
}
YEAR = {"short": '"%%02d" %% (int(%s) %% 100)', "age": "str(2025 - int(%s))", "letter": 'chr(ord("A") + int(%s) - 2000)'}
CHECK = {
    "lengths": "str((len(name) + len(colour)) % 10)",
    "digits": "str(sum(map(int, size + year)) % 9)",
    "size and name": "str((int(size) + len(name)) % 7)",
}


def of(table, field):
    rule = pick(sorted(table.values()))
    return rule.replace("%s", field).replace("%%", "%") if "%%" in rule else rule.replace("%s", field)


parts = [of(WORD, "name"), of(WORD, "colour"), of(NUMBER, "size"), of(YEAR, "year")]
parts = [part + ".upper()" if i == below(2) and part.count("(") == 0 else part for i, part in enumerate(parts)]
parts.sort(key=lambda _: draw())
parts.append(CHECK[pick(sorted(CHECK))])
between = pick("-/_:")
PROGRAM = """#!/usr/bin/python3
import sys

for line in sys.stdin:
    name, colour, size, year = line.strip().split(";")
    print(%r.join([
%s    ]))
""" % (between, "".join("        %s,\n" % part for part in parts))
rule = eval("lambda name, colour, size, year: %r.join([%s])" % (between, ", ".join(parts)))


def product():
    return pick(NAMES), pick(COLOURS), str(pick([1, 5, 9, 12, 19, 20, 35, 50, 59, 60, 75, 99, 110])), str(2001 + below(24))


def batch(count):
    return [product() for _ in range(count)]


def case(products):
    return dict(stdin=text(map(";".join, products)), stdout=dict(equals=text(rule(*p) for p in products)))


first = batch(1)[0]
shown = [first] + [first[:i] + (product()[i],) + first[i + 1:] for i in (0, 0, 1, 1, 2, 2, 3, 3)]
shown += [first[:2] + (size,) + first[3:] for size in ("1", "19", "20", "59", "60", "110")] + batch(25)
cases = [case(shown), case(batch(40)), case(batch(60))]
cases[0].update(visible=True, name="examples")
print(json.dumps(dict(
    files={"examples.in": cases[0]["stdin"], "examples.out": cases[0]["stdout"]["equals"]},
    checks=[dict(name="labels", type="cases", command="./program", cases=cases)],
    solution=[
        "paste -d ' ' examples.in examples.out | head -n 16",
        "# one part of the labels after the other\npaste -d ' ' examples.in examples.out | tr ';' ' ' | sort -k 1,1 | head -n 12",
        "paste -d ' ' examples.in examples.out | sort -t ';' -k 3,3n | awk '{ print $2, $1 }'",
        "paste -d ' ' examples.in examples.out | awk '{ print substr($2, length($2)), $1 }' | sort | head -n 30",
        {"tool": "write_file", "args": {"path": "program", "content": PROGRAM}},
        "chmod +x program && ./program < examples.in | diff - examples.out && echo same",
        {"tool": "submit", "args": {}}])))
END
