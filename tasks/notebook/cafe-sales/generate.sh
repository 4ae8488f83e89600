#!/bin/bash
# The sales of this seed.
exec python3 - "$SEED" << 'END'
import json
import random
import sys

draw = random.Random("pipegym cafe-sales " + sys.argv[1]).random
ITEMS = {"coffee": 240, "tea": 210, "cocoa": 290, "cake, apple": 350, "cake, plum": 370, "roll, cheese": 420, "soup": 560, "juice": 310}


def below(count):
    return int(draw() * count)


def make():
    prices, rows = dict(ITEMS), []
    for number in range(61):
        day = "2024-%02d-%02d" % ((3, number + 1) if number < 31 else (4, number - 30))
        if number % 7 == 3:  # Mondays
            continue
        if below(12) == 0:
            item = list(prices)[below(len(prices))]
            prices[item] += 10
        minutes = sorted(480 + below(600) for _ in range(18 + below(14)))
        for minute in minutes:
            item = list(prices)[below(len(prices))]
            back = below(15) == 0
            pieces = -1 - below(3) if back else 1 + below(4)
            rows.append((day, "%02d:%02d" % (minute // 60, minute % 60), item, pieces, prices[item]))
    return rows


def best(rows, value):
    days = {}
    for row in rows:
        days[row[0]] = days.get(row[0], 0) + value(row)
    first, second = sorted(days, key=days.get)[:-3:-1]
    return first, days[first], days[second]


# What comes close must lead elsewhere.
while True:
    rows = make()
    day, cents, second = best(rows, lambda row: row[3] * row[4])
    others = [lambda row: 1, lambda row: row[3], lambda row: max(row[3], 0) * row[4], lambda row: abs(row[3]) * row[4]]
    if cents > second and all(best(rows, other)[0] != day for other in others):
        break

text = "day,time,item,pieces,price\n"
for row in rows:
    text += "%s,%s,%s,%d,%d.%02d\n" % (row[0], row[1], '"%s"' % row[2] if "," in row[2] else row[2], row[3], *divmod(row[4], 100))
answer = "%s %d.%02d" % (day, *divmod(cents, 100))
look = """import csv

rows = list(csv.DictReader(open("sales.csv")))
len(rows), rows[:2], {row["item"] for row in rows}"""
add = """sums = {}
for row in rows:
    cents = int(row["pieces"]) * round(float(row["price"]) * 100)
    sums[row["day"]] = sums.get(row["day"], 0) + cents
[(day, sums[day] / 100) for day in sorted(sums, key=sums.get, reverse=True)[:3]]"""
print(json.dumps({
    "files": {"sales.csv": text},
    "checks": [{"name": "best-day", "type": "answer", "answer": {"numbers": answer, "tolerance": 0.001}}],
    "solution": [{"tool": "add_and_execute_code_cell", "args": {"code": code}} for code in (look, add)]
    + [{"tool": "submit", "args": {"answer": answer}}],
}))
END
