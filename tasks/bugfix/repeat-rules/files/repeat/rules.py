"""Rules such as "monthly on 31"; see README.md."""
import re

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
UNITS = {"daily": "day", "weekly": "week", "monthly": "month", "yearly": "year"}
FORM = re.compile(r"(daily|weekly|monthly|yearly)(?: every ([1-9][0-9]*))?(?: on ([a-z0-9,-]+))?(?: (count|until) ([0-9-]+))?")
PLACE = re.compile(r"(-?[1-4])(mon|tue|wed|thu|fri|sat|sun)")


class Rule:
    def __init__(self, unit, every, on, count, until):
        self.unit, self.every, self.on, self.count, self.until = unit, every, on, count, until


def parse_on(unit, text):
    found = []
    for part in text.split(","):
        if unit == "week" and part in WEEKDAYS:
            found.append(WEEKDAYS.index(part))
        elif unit == "month" and re.fullmatch("-?[1-9][0-9]?", part):
            found.append(int(part))
        elif unit == "month" and PLACE.fullmatch(part):
            match = PLACE.fullmatch(part)
            found.append((int(match[1]), WEEKDAYS.index(match[2])))
        else:
            raise ValueError(f"bad day: {part}")
    return found


def parse(text):
    from .dates import parse_date
    match = FORM.match(text)
    if not match:
        raise ValueError(f"bad rule: {text}")
    unit = UNITS[match[1]]
    on = parse_on(unit, match[3]) if match[3] else []
    count = until = None
    if match[4] == "count":
        count = int(match[5])
    elif match[4] == "until":
        until = parse_date(match[5])
    return Rule(unit, int(match[2] or 1), on, count, until)
