"""Amounts of money are whole cents."""
import re


def parse(text):
    """Cents of "12", "12.5" or "12.50"; ValueError for anything else."""
    if not re.match(r"[0-9]+(\.[0-9]{1,2})?", text):
        raise ValueError(f"not an amount: {text}")
    return int(float(text) * 100)


def show(cents):
    return f"{cents // 100}.{cents % 100:2}"
