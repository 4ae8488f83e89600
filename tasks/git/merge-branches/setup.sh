#!/bin/bash
# Two branches of a small program that do not fit together.
set -eu
umask 022
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null

git init -q --template= --initial-branch=main todo && cd todo
git config user.name 'Ben Frost'
git config user.email ben@todo.example
git fast-import --quiet <<'STREAM'
commit refs/heads/main
mark :1
author Ben Frost <ben@todo.example> 1717400000 +0000
committer Ben Frost <ben@todo.example> 1717400000 +0000
data <<END
List items
END
M 100755 inline todo.py
data <<END
#!/usr/bin/python3
"""todo.py list FILE: prints the items of a list. todo.py open FILE: how many are open."""
import sys


def load(path):
    """The items of a file: (done, text)."""
    items = []
    with open(path) as file:
        for line in file:
            if line.startswith("- ["):
                items.append((line[3] == "x", line[6:].strip()))
    return items


def show(items):
    for number, (done, text) in enumerate(items, 1):
        print(f"{number}. [{'x' if done else ' '}] {text}")


def main(args):
    command, path = args
    items = load(path)
    if command == "list":
        show(items)
    elif command == "open":
        print(sum(not done for done, _ in items))
    else:
        sys.exit(f"todo: no such command: {command}")


if __name__ == "__main__":
    main(sys.argv[1:])
END
M 100644 inline CHANGELOG
data <<END
- list and open
END
M 100644 inline .gitignore
data <<END
__pycache__/
END

commit refs/heads/main
mark :2
author Ben Frost <ben@todo.example> 1717418420 +0000
committer Ben Frost <ben@todo.example> 1717418420 +0000
data <<END
Add a readme
END
M 100644 inline README.md
data <<END
# todo

A list is a text file with an item a line, `- [ ] open` or `- [x] done`. Other
lines mean nothing.

`todo.py list FILE` prints `NUMBER. [ ] TEXT` for each item, in the order of
the file; an item that is done has an x between the brackets.

`todo.py open FILE` prints how many items are open.
END
M 100644 inline CHANGELOG
data <<END
- readme
- list and open
END

commit refs/heads/due-days
mark :3
author Kim Brook <kim@todo.example> 1717436840 +0000
committer Kim Brook <kim@todo.example> 1717436840 +0000
data <<END
Let items have a day
END
from :2
M 100755 inline todo.py
data <<END
#!/usr/bin/python3
"""todo.py list FILE: prints the items of a list. todo.py open FILE: how many are open."""
import sys


def load(path):
    """The items of a file: (done, text, due). due is YYYY-MM-DD or empty."""
    items = []
    with open(path) as file:
        for line in file:
            if line.startswith("- ["):
                text, _, due = line[6:].strip().partition(" due:")
                items.append((line[3] == "x", text.strip(), due))
    return items


def show(items):
    for number, (done, text, due) in enumerate(items, 1):
        until = f" (due {due})" if due else ""
        print(f"{number}. [{'x' if done else ' '}] {text}{until}")


def main(args):
    command, path = args
    items = load(path)
    if command == "list":
        show(items)
    elif command == "open":
        print(sum(not done for done, _, _ in items))
    else:
        sys.exit(f"todo: no such command: {command}")


if __name__ == "__main__":
    main(sys.argv[1:])
END
M 100644 inline CHANGELOG
data <<END
- items can have a day
- readme
- list and open
END

commit refs/heads/main
mark :4
author Ben Frost <ben@todo.example> 1717455260 +0000
committer Ben Frost <ben@todo.example> 1717455260 +0000
data <<END
Items are dictionaries
END
from :2
M 100755 inline todo.py
data <<END
#!/usr/bin/python3
"""todo.py list FILE: prints the items of a list. todo.py open FILE: how many are open."""
import re
import sys


def read_items(path):
    """The items of a file, as dictionaries: number, done, priority (a letter or None), text."""
    items = []
    with open(path) as file:
        for line in file:
            match = re.match(r"- \[([ x])\] (?:\(([A-Z])\) )?(.*)", line)
            if match:
                items.append({
                    "number": len(items) + 1,
                    "done": match[1] == "x",
                    "priority": match[2],
                    "text": match[3].strip(),
                })
    return items


def show(items):
    for item in sorted(items, key=lambda item: item["priority"] or "~"):
        mark = "x" if item["done"] else " "
        priority = item["priority"] + " " if item["priority"] else ""
        print(f"{item['number']}. [{mark}] {priority}{item['text']}")


def main(args):
    command, path = args
    items = read_items(path)
    if command == "list":
        show(items)
    elif command == "open":
        print(sum(not item["done"] for item in items))
    else:
        sys.exit(f"todo: no such command: {command}")


if __name__ == "__main__":
    main(sys.argv[1:])
END

commit refs/heads/due-days
mark :5
author Kim Brook <kim@todo.example> 1717473680 +0000
committer Kim Brook <kim@todo.example> 1717473680 +0000
data <<END
Add overdue
END
from :3
M 100755 inline todo.py
data <<END
#!/usr/bin/python3
"""todo.py list FILE: prints the items of a list. todo.py open FILE: how many are open.
todo.py overdue FILE DATE: those that should have been done before DATE."""
import sys

import report


def load(path):
    """The items of a file: (done, text, due). due is YYYY-MM-DD or empty."""
    items = []
    with open(path) as file:
        for line in file:
            if line.startswith("- ["):
                text, _, due = line[6:].strip().partition(" due:")
                items.append((line[3] == "x", text.strip(), due))
    return items


def show(items):
    for number, (done, text, due) in enumerate(items, 1):
        until = f" (due {due})" if due else ""
        print(f"{number}. [{'x' if done else ' '}] {text}{until}")


def main(args):
    if args[0] == "overdue":
        report.overdue(load, args[1], args[2])
        return
    command, path = args
    items = load(path)
    if command == "list":
        show(items)
    elif command == "open":
        print(sum(not done for done, _, _ in items))
    else:
        sys.exit(f"todo: no such command: {command}")


if __name__ == "__main__":
    main(sys.argv[1:])
END
M 100644 inline report.py
data <<END
"""Reports on lists."""


def overdue(load, path, today):
    """Prints the open items that are due before today, the oldest first."""
    late = [
        (due, number, text)
        for number, (done, text, due) in enumerate(load(path), 1)
        if due and due < today and not done
    ]
    for due, number, text in sorted(late):
        print(f"{due} {number}. {text}")
END
M 100644 inline README.md
data <<END
# todo

A list is a text file with an item a line, `- [ ] open` or `- [x] done`. Other
lines mean nothing.

An item may have a day at its end: `- [ ] text due:2024-05-31`.

`todo.py list FILE` prints `NUMBER. [ ] TEXT` for each item, in the order of
the file; an item that is done has an x between the brackets. An item with a
day is printed as `NUMBER. [ ] TEXT (due 2024-05-31)`.

`todo.py open FILE` prints how many items are open.

`todo.py overdue FILE DATE` prints `DAY NUMBER. TEXT` for each open item whose
day is before DATE, the earliest day first, then by number.
END
M 100644 inline CHANGELOG
data <<END
- overdue
- items can have a day
- readme
- list and open
END

commit refs/heads/main
mark :6
author Ben Frost <ben@todo.example> 1717492100 +0000
committer Ben Frost <ben@todo.example> 1717492100 +0000
data <<END
Sort by priority
END
M 100644 inline README.md
data <<END
# todo

A list is a text file with an item a line, `- [ ] open` or `- [x] done`. Other
lines mean nothing.

An item may have a priority: `- [ ] (B) text`. A is the highest, Z the lowest.

`todo.py list FILE` prints `NUMBER. [ ] TEXT` for each item; an item that is
done has an x between the brackets. NUMBER is the place in the file. An item
with a priority is printed as `NUMBER. [ ] B TEXT`. The order is by priority,
then by number; items without a priority come last.

`todo.py open FILE` prints how many items are open.
END
M 100644 inline CHANGELOG
data <<END
- items can have a priority, and are sorted by it
- readme
- list and open
END
STREAM
git reset -q --hard main
