"""Rules like "5/10s, 100/h"."""
import re

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 84600}
RULE = re.compile(r"([0-9]+)/([0-9]*)([smhd])")


def parse_rules(text):
    """A list of (limit, seconds), one for each rule."""
    rules = []
    for part in text.split(","):
        match = RULE.match(part.strip())
        if not match:
            raise ValueError(f"not a rule: {part!r}")
        limit = int(match[1])
        count = int(match[2] or 1)
        if limit < 1 or count < 1:
            raise ValueError(f"not a rule: {part!r}")
        rules.append((limit, count * SECONDS[match[3]]))
    return rules
