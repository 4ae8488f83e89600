#!/bin/bash
# The library of this seed, and what becomes of it.
exec python3 - "$SEED" << 'END'
import json
import random
import sys
from datetime import date, datetime, timedelta

draw = random.Random("pipegym return-box " + sys.argv[1]).random
NAMES = ["Ada Moss", "Ben Frost", "Cleo Hart", "Dan Reed", "Eva Stone", "Finn Hale", "Gina Wells", "Hugo Lane", "Iris Cole", "Jon Marsh",
         "Kim Brook", "Leo Ford", "Mia Wood", "Nils Bay", "Olga Hill", "Paul Dale"]
WORDS = ["Snow", "Rivers", "Bread", "Clocks", "Ships", "Maps", "Owls", "Glass", "Roads", "Salt"]
FIRST = datetime(2024, 9, 2, 7)


def below(count):
    return int(draw() * count)


def right(code):
    return len(code) == 8 and code.isascii() and code.isdigit() and sum(int(d) * (3, 1)[i % 2] for i, d in enumerate(code)) % 10 == 0


def barcode():
    seven = "%07d" % (1000000 + below(8999999))
    return next(seven + digit for digit in "0123456789" if right(seven + digit))


books = []
while len(books) < 60:
    code = barcode()
    if code not in [book[1] for book in books]:
        title = "%s and %s" % (WORDS[below(10)], WORDS[below(10)].lower())
        books.append((len(books) + 1, code, title))
members = [(number + 1, name, 25 * below(9)) for number, name in enumerate(NAMES)]
loans, scans = [], []


def lend(member, book, out, back):
    """Of the kind that the library has; where back is a time, the box has it."""
    loans.append([0, member, book, out.date(), out.date() + timedelta(days=21), None if isinstance(back, datetime) else back])
    if isinstance(back, datetime):
        scan(book, back)


def scan(book, at):
    code = books[book - 1][1]
    scans.append((at, code))
    for _ in range(below(3)):
        scans.append((at + timedelta(seconds=5 + below(40000)), code))
    if below(5) == 0:
        # Two digits changed places, or one was lost.
        place = below(7)
        wrong = code[:place] + code[place + 1] + code[place] + code[place + 2:] if below(2) else code[:place] + code[place + 1:]
        if not right(wrong):
            scans.append((at - timedelta(seconds=5 + below(60)), wrong))


for number in range(60):
    at = FIRST + timedelta(minutes=below(12 * 1440))
    out = at - timedelta(days=2 + below(70), hours=9)
    for _ in range(below(3)):
        # Loans that have ended long ago.
        end = out - timedelta(days=3 + below(40))
        lend(1 + below(16), number + 1, end - timedelta(days=5 + below(30)), end.date())
        out = min(out, end + timedelta(days=2))
    kind = below(10)
    if kind < 5:
        lend(1 + below(16), number + 1, at - timedelta(days=2 + below(70)), at)
    elif kind == 5:
        # It came back twice: the second loan began at the desk, a day or more after the first return.
        lend(1 + below(16), number + 1, at - timedelta(days=2 + below(70)), at)
        lend(1 + below(16), number + 1, at + timedelta(days=1), at + timedelta(days=3 + below(3), minutes=below(300)))
    elif kind == 6:
        scan(number + 1, at)  # nobody has it
    elif kind == 7:
        # Brought back by somebody who found it; it was lent afterwards, and is out.
        scan(number + 1, at)
        lend(1 + below(16), number + 1, at + timedelta(days=2), None)
    elif kind == 8:
        lend(1 + below(16), number + 1, at, None)
loans.sort(key=lambda loan: (loan[3], loan[2], draw()))
for number, loan in enumerate(loans):
    loan[0] = number + 1
scans += [(FIRST + timedelta(minutes=below(12 * 1440)), text) for text in ("", "ERROR", "1234567", "unreadable")]

# What is right.
returns, last = [], {}
for at, code in sorted(scans):
    if right(code) and (code not in last or at - last[code] > timedelta(hours=24)):
        returns.append((at.date(), code))
    if right(code):
        last[code] = at
numbers = {code: number for number, code, _ in books}
owes, open_none, cents = {number: start for number, _, start in members}, 0, 0
ended = {loan[0]: loan[5] for loan in loans}
for day, code in returns:
    found = [loan for loan in loans if loan[2] == numbers[code] and loan[3] <= day and ended[loan[0]] is None]
    if not found:
        open_none += 1
        continue
    assert len(found) == 1
    ended[found[0][0]] = day
    fine = min(max((day - found[0][4]).days, 0) * 25, 600)
    owes[found[0][1]] += fine
    cents += fine

sql = """CREATE TABLE members (id INTEGER PRIMARY KEY, name TEXT NOT NULL, owes INTEGER NOT NULL);
CREATE TABLE books (id INTEGER PRIMARY KEY, barcode TEXT NOT NULL UNIQUE, title TEXT NOT NULL);
CREATE TABLE loans (
  id INTEGER PRIMARY KEY,
  member INTEGER NOT NULL REFERENCES members,
  book INTEGER NOT NULL REFERENCES books,
  out_on TEXT NOT NULL,
  due_on TEXT NOT NULL,
  back_on TEXT
);
"""


def quoted(value):
    return "NULL" if value is None else str(value) if isinstance(value, int) else "'%s'" % value


for name, rows in ("members", members), ("books", books), ("loans", loans):
    sql += "".join("INSERT INTO %s VALUES (%s);\n" % (name, ", ".join(map(quoted, row))) for row in rows)
lines = []
for at, code in sorted(scans, key=lambda pair: (pair[0].date(), draw())):
    shown = code if len(code) < 8 or below(3) else code[:4] + " " + code[4:]
    lines.append("%s,%s\n" % (at.strftime("%Y-%m-%d %H:%M:%S"), shown + " " * below(2)))
answer = "%d %d" % (open_none, cents)
cell, query = "add_and_execute_code_cell", "sql"
steps = [
    ("sql_schema", None),
    (query, "SELECT * FROM loans WHERE back_on IS NULL LIMIT 5; SELECT * FROM books LIMIT 3; SELECT sum(owes) FROM members"),
    (cell, """import csv

scans = list(csv.DictReader(open("scans.csv")))
print(len(scans), scans[:5])
sorted(scan["barcode"] for scan in scans)[:5]"""),
    (cell, """from datetime import datetime, timedelta


def right(code):
    return len(code) == 8 and code.isdigit() and sum(int(d) * (3, 1)[i % 2] for i, d in enumerate(code)) % 10 == 0


good = []
for scan in scans:
    code = scan["barcode"].replace(" ", "")
    if right(code):
        good.append((datetime.fromisoformat(scan["at"]), code))
good.sort()
len(good), good[0], good[-1]"""),
    (cell, """returns, last = [], {}
for at, code in good:
    if code not in last or at - last[code] > timedelta(hours=24):
        returns.append((len(returns), str(at.date()), code))
    last[code] = at
len(returns), len(last)"""),
    (cell, """import sqlite3

with sqlite3.connect("library.db") as database:
    database.execute("CREATE TABLE returns (id INTEGER, day TEXT, barcode TEXT)")
    database.executemany("INSERT INTO returns VALUES (?, ?, ?)", returns)
database.close()"""),
    (query, """SELECT book, count(*), max(days) FROM (SELECT book, julianday(day) - julianday(due_on) AS days
  FROM returns JOIN books USING (barcode) JOIN loans ON book = books.id AND out_on <= day AND back_on IS NULL)
GROUP BY book ORDER BY 2 DESC LIMIT 5"""),
    (query, """BEGIN;
CREATE TEMP TABLE ended AS
  SELECT loans.id AS loan, member, due_on, min(day) AS day, returns.id AS came
  FROM loans JOIN books ON books.id = book JOIN returns ON returns.barcode = books.barcode AND out_on <= day
  WHERE back_on IS NULL GROUP BY loans.id;
SELECT came, count(*) FROM ended GROUP BY came HAVING count(*) > 1"""),
    (query, """UPDATE loans SET back_on = (SELECT day FROM ended WHERE loan = id) WHERE id IN (SELECT loan FROM ended);
CREATE TEMP TABLE fines AS
  SELECT member, min(25 * max(CAST(julianday(day) - julianday(due_on) AS INTEGER), 0), 600) AS cents FROM ended;
UPDATE members SET owes = owes + (SELECT sum(cents) FROM fines WHERE member = id) WHERE id IN (SELECT member FROM fines);
SELECT (SELECT count(*) FROM returns) - (SELECT count(*) FROM ended), (SELECT sum(cents) FROM fines)"""),
    (query, "DROP TABLE main.returns; COMMIT; SELECT count(*) FROM loans WHERE back_on IS NULL"),
    ("sql_schema", None),
]


def args(tool, text):
    return {} if text is None else {"code" if tool == cell else "query": text}


def rows_are(name, query, rows):
    rows = [[value if value is None or isinstance(value, int) else str(value) for value in row] for row in rows]
    return {"name": name, "type": "sql", "query": query, "compare": "ordered", "databases": [{"workspace": "library.db", "rows": rows}]}


print(json.dumps({
    "files": {"library.sql": sql, "scans.csv": "at,barcode\n" + "".join(lines)},
    "checks": [
        rows_are("loans", "SELECT * FROM loans ORDER BY id", [loan[:5] + [ended[loan[0]]] for loan in loans]),
        rows_are("members", "SELECT * FROM members ORDER BY id", [(number, name, owes[number]) for number, name, _ in members]),
        rows_are("books", "SELECT * FROM books ORDER BY id", books),
        rows_are("tables", "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY name",
                 [["books"], ["loans"], ["members"]]),
        {"name": "numbers", "type": "answer", "answer": {"numbers": answer}},
    ],
    "solution": [{"tool": tool, "args": args(tool, text)} for tool, text in steps] + [{"tool": "submit", "args": {"answer": answer}}],
}))
END
