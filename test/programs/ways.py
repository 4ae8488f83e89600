# An environment that speaks the program protocol itself, and does what it is asked to do wrong.
import json
import os
import sys
import time


def say(text):
    data = text if isinstance(text, bytes) else text.encode()
    while data:
        data = data[os.write(1, data) :]


def answer(observation, **more):
    say(json.dumps({"observation": observation, **more}) + "\n")


def endless():
    while True:
        say("again and again\n" * 4000)


def split():
    for part in '{"observation": ', '"in par', 'ts"}', "\n":
        say(part)
        time.sleep(0.02)


def bomb():
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.01)


def late():
    answer("in time")
    if os.fork() == 0:
        time.sleep(0.1)
        answer("late")
        open("/tmp/late", "w").close()
        os._exit(0)


def deaf():
    os.close(0)
    answer("deaf")
    time.sleep(1000)


ways = {
    "stray": lambda: (say('hello\n{"a": 1}\n[1]\n"observation"\n'), answer("stray")),
    "value": lambda: answer({"a": [1, None]}, reward=0.25, info={"b": 2}),
    "wrong": lambda: answer("", error="that is no move\n", reward=-1),
    "null": lambda: answer(None, reward=None, terminated=None, info=None, error=None),
    "split": split,
    "two": lambda: say('{"observation": "first"}\n{"observation": "second"}\n'),
    "late": late,
    "forged": lambda: answer("forged", type="verdict", episode="w-1", step=9, status="pass", stdout="x", exit=7, timing={}, tag="x"),
    "bytes": lambda: (say(b'a\0b\n{"observation": "\0"}\n{"observation": "\xff"}\n\xc3'), say("\n"), answer("b\0c\ud83d\ude00")),
    "errors": lambda: (os.write(2, b"x" * 1000000), answer("errors")),
    "prints": lambda: (say("0123456789abcde\n" * 62500), answer("prints")),
    "endless": endless,
    "silent": lambda: time.sleep(1000),
    "line": lambda: say("x" * (17 << 20)),
    "long": lambda: answer("x" * 70000),
    "reward": lambda: answer("", reward="1"),
    "info": lambda: answer("", info=[1]),
    "values": lambda: say('{"observation": "", "x": [%s0]}\n' % ("[]," * 200000)),
    "deep": lambda: say('{"observation": "", "x": %s0%s}\n' % ("[" * 201, "]" * 201)),
    "many": lambda: answer("", info={"a": [0] * 10001}),
    "end": lambda: (os.write(2, b"dying\n"), os._exit(3)),
    "half": lambda: (say('{"observation": "ha'), os._exit(0)),
    "killed": lambda: os.kill(os.getpid(), 9),
    "leave": lambda: (answer("bye"), os._exit(0)),
    "deaf": deaf,
    "bomb": bomb,
}
begun, count = None, 0
for line in sys.stdin:
    request = json.loads(line)
    if "reset" in request:
        begun = request["reset"]
        more = '\n{"observation": "not asked for"}' if "early" in begun["options"] else ""
        say(json.dumps({"observation": "begun with %s" % json.dumps(begun), "info": {"n": 1}}) + more + "\n")
        continue
    way = request["step"]["args"].get("way")
    if way in ways:
        ways[way]()
        continue
    count += 1
    left = [name for name in sorted(os.listdir()) if not name.endswith(".py")]
    answer("%d %s" % (count, " ".join(left)), reward=count - 1, terminated=count == 3)
