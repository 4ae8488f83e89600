"""Feeds free_slots() with cases and prints what it returns, a line of JSON a case."""
import importlib.util
import json
import sys

spec = importlib.util.spec_from_file_location("slots", "/workspace/slots.py")
slots = importlib.util.module_from_spec(spec)
spec.loader.exec_module(slots)

for line in open(sys.argv[1], encoding="utf-8"):
    arguments = json.loads(line)
    before = json.dumps(arguments)
    try:
        result = slots.free_slots(*arguments)
        shown = json.dumps([[str(a), str(b)] for a, b in result])
    except ValueError:
        shown = "ValueError"
    except Exception as error:
        shown = "unexpected " + type(error).__name__
    if json.dumps(arguments) != before:
        shown += " and the arguments were changed"
    print(shown)
print("end of cases")
