"""Plays the events of each case against a gate of its own and prints what it answers."""
import json
import sys

sys.path.append("/workspace")
from limiter import Gate

for line in open(sys.argv[1], encoding="utf-8"):
    case = json.loads(line)
    try:
        gate = Gate(case["rules"])
        answers = []
        for what, client, now in case["events"]:
            answers.append(bool(gate.allow(client, now)) if what == "allow" else float(gate.wait(client, now)))
        print(json.dumps(answers))
    except ValueError:
        print("ValueError")
print("end of cases")
