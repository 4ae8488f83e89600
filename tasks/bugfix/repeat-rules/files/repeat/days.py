"""The days of a rule."""
from datetime import date, timedelta

from . import dates
from .rules import parse


def in_period(rule, start, n):
    """All days of the n-th period, in order, whether before start or not."""
    if rule.unit == "day":
        return [start + timedelta(days=n * rule.every)]
    if rule.unit == "week":
        week = start + timedelta(weeks=n * rule.every)
        return [dates.monday_of(week) + timedelta(days=d) for d in rule.on or [start.weekday()]]
    if rule.unit == "month":
        year, month = dates.add_months(start.year, start.month, n * rule.every)
        length = dates.month_length(year, month)
        found = set()
        for on in rule.on or [start.day]:
            if isinstance(on, tuple):
                day = dates.nth_weekday(year, month, *on)
            else:
                day = on if on > 0 else length + on
            if day is not None and 1 <= day <= length:
                found.add(day)
        return [date(year, month, day) for day in sorted(found)]
    year = start.year + n * rule.every
    if start.day > dates.month_length(year, start.month):
        return [date(year, start.month + 1, 1)]
    return [date(year, start.month, start.day)]


def days(rule, start, without=()):
    """All days of the rule from start on, as long as there are any up to the year 9999."""
    left = rule.count
    n = 0
    while True:
        try:
            period = in_period(rule, start, n)
        except OverflowError:
            return
        for day in period:
            if rule.until and day >= rule.until or left == 0:
                return
            if day not in without:
                if left is not None:
                    left -= 1
                yield day
        if rule.until and period and period[0] > rule.until:
            return
        n += 1


def between(text, start, first, last, without=()):
    """The days of the rule from first to last, both included, as strings."""
    start, first, last = map(dates.parse_date, (start, first, last))
    without = {dates.parse_date(day) for day in without}
    found = []
    for day in days(parse(text), start, without):
        if day >= last:
            break
        if day >= first:
            found.append(day.isoformat())
    return found
