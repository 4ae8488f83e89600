#!/bin/bash
# The chain of this seed, lists that tell it from all chains that do something else, and lists to be tried with.
exec python3 - "$SEED" << 'END'
import json
import random
import sys

draw = random.Random("pipegym list-steps " + sys.argv[1]).random


def below(count):
    return int(draw() * count)


def pick(items):
    return items[below(len(items))]


def text(lines):
    return "".join(line + "\n" for line in lines)

STEPS = {
    "double": lambda v: [2 * n for n in v],
    "square": lambda v: [n * n for n in v],
    "negate": lambda v: [-n for n in v],
    "add-one": lambda v: [n + 1 for n in v],
    "halve": lambda v: [n // 2 for n in v],
    "absolute": lambda v: [abs(n) for n in v],
    "last-digit": lambda v: [n % 10 for n in v],
    "even": lambda v: [n for n in v if n % 2 == 0],
    "odd": lambda v: [n for n in v if n % 2],
    "positive": lambda v: [n for n in v if n > 0],
    "first-three": lambda v: v[:3],
    "drop-first": lambda v: v[1:],
    "every-other": lambda v: v[::2],
    "reverse": lambda v: v[::-1],
    "sort": lambda v: sorted(v),
    "unique": lambda v: list(dict.fromkeys(v)),
    "running-sum": lambda v: [sum(v[:i + 1]) for i in range(len(v))],
    "running-maximum": lambda v: [max(v[:i + 1]) for i in range(len(v))],
    "differences": lambda v: [b - a for a, b in zip(v, v[1:])],
    "with-index": lambda v: [n * i for i, n in enumerate(v)],
}
DESCRIPTION = """The steps that there are, each from a list to a list:

double           each number times 2
square           each number times itself
negate           each number with the other sign
add-one          each number plus 1
halve            each number divided by 2, rounded down: -3 becomes -2
absolute         each number without its sign
last-digit       the rest of each number when it is divided by 10, from 0 to 9: -3 becomes 7
even             only the even numbers
odd              only the odd numbers
positive         only the numbers above 0
first-three      the first three numbers, or all if there are fewer
drop-first       all but the first number
every-other      the first, third, fifth number, and so on
reverse          from behind
sort             in order, the smallest first
unique           each number once, where it came first
running-sum      for each number the sum of all up to it
running-maximum  for each number the greatest of all up to it
differences      each number but the first, less the one before it
with-index       each number times its place: the first times 0, the second times 1
"""


def run(chain, numbers):
    for step in chain:
        numbers = STEPS[step](numbers)
    return numbers


def make(length):
    return [below(41) - 15 for _ in range(length)]


def write(numbers):
    return " ".join(map(str, numbers))


def tells(chain, lists):
    """Whether what the chain does is of some interest."""
    results = [run(chain, numbers) for numbers in lists]
    return len({tuple(r) for r in results}) > len(lists) // 2 and sum(map(len, results)) > 2 * len(lists)


NAMES = list(STEPS)
shown = [make(length) for length in (4, 7, 9, 6, 8, 5, 10, 3, 2, 1, 0, 8, 8, 12)]
hidden = [[make(below(13)) for _ in range(count)] for count in (40, 60)]
while True:
    chain = [pick(NAMES) for _ in range(3)]
    one_less = [chain[:i] + chain[i + 1:] for i in range(3)]
    if not tells(chain, shown) or any(all(run(c, v) == run(chain, v) for v in shown) for c in one_less):
        continue
    # All other chains that are right for the examples have to be right for what is hidden.
    alike = []
    for a in NAMES:
        first = [STEPS[a](v) for v in shown[:2]]
        for b in NAMES:
            second = [STEPS[b](v) for v in first]
            for c in NAMES:
                if STEPS[c](second[0]) == run(chain, shown[0]) and STEPS[c](second[1]) == run(chain, shown[1]):
                    if all(run((a, b, c), v) == run(chain, v) for v in shown):
                        alike.append((a, b, c))
    if all(run(c, v) == run(chain, v) for c in alike for lists in hidden for v in lists):
        break


def case(lists):
    return dict(stdin=text(map(write, lists)), stdout=dict(equals=text(write(run(chain, v)) for v in lists)))


cases = [case(shown), case(hidden[0]), case(hidden[1])]
cases[0].update(visible=True, name="examples")
print(json.dumps(dict(
    files={"examples.in": cases[0]["stdin"], "examples.out": cases[0]["stdout"]["equals"], "STEPS": DESCRIPTION},
    checks=[dict(name="lists", type="cases", command="./program", cases=cases)])))
END
