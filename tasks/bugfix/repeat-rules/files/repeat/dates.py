"""Days of months and years."""
import re
from datetime import date, timedelta

LAST = date.max


def parse_date(text):
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(f"bad date: {text}")
    return date.fromisoformat(text)


def leap(year):
    return year % 4 == 0 and year % 100 != 0


def month_length(year, month):
    if month == 2:
        return 29 if leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def add_months(year, month, n):
    """Year and month that are n months later."""
    months = month + n
    return year + months // 12, months % 12 or 12


def monday_of(day):
    return day - timedelta(days=day.weekday())


def nth_weekday(year, month, n, weekday):
    """The day of the n-th such weekday, from the end if n is negative; None if the month has no such day."""
    length = month_length(year, month)
    if n > 0:
        day = 1 + (weekday - date(year, month, 1).weekday()) % 7 + 7 * (n - 1)
    else:
        day = length - (date(year, month, length).weekday() - weekday) % 7 + 7 * n
    return day
