#!/usr/bin/env bats
# The python check: what its test code may say, what becomes of values on the way, and what a program that lies can and
# cannot do about it. One episode has many programs in its workspace, and a check for each.

load helper
load episode

setup() {
	common_setup
	need_box
	files=$T/tasks/unit/python/files
	mkdir -p "$files"
	checks='[]'
}

# check NAME [JSON]: a check of the program on stdin, NAME.py, with the fields of JSON. Its asserts are those of the
# variable, unless JSON has others.
check() {
	mkdir -p "$(dirname "$files/$1.py")"
	cat >"$files/$1.py"
	checks=$(jq -c --arg name "$1" --argjson more "${2:-"{}"}" --argjson asserts "${asserts:-[]}" \
		'. + [{$name, type: "python", file: ($name + ".py"), $asserts} + $more]' <<<"$checks")
}

# graded [JSON] [STATUS]: opens an episode of a task with the checks and grades it. The verdict is in $output.
graded() {
	fixture_task unit/python "{\"checks\": $checks, \"reward\": \"weighted\"}" "${1:-"{}"}"
	quiet env-reset --id p unit/python
	separate env-verify --again p-1
	[[ $status == "${2:-1}" && -z $stderr ]] || { echo "status $status: $stderr $output"; return 1; }
}

# scores JSON: every check's score.
scores() {
	expect '[.checks[] | {(.name): .score}] | add' "$1" || { jq -c '.checks[] | [.name, .score, .reason]' <<<"$output"; return 1; }
}

@test "values arrive as what they are" {
	asserts=$(jq -Rs 'split("\n")[:-1]' <<'END'
assert echo(None) is None and echo(True) is True and echo(False) is False
assert echo(0) == 0 and echo(-1) == -1 and echo(2**200) == 2**200 and echo(-10**5000) == -10**5000 and type(echo(7)) is int
assert echo(0.1) == 0.1 and repr(echo(-0.0)) == "-0.0" and echo(1e999) == float("inf") and echo(float("nan")) != echo(0.0) and type(echo(1.0)) is float
assert echo(1-2j) == 1-2j and repr(echo(complex("-0-0j"))) == repr(complex("-0-0j")) and echo(complex("inf+nanj")).real == float("inf")
assert echo("") == "" and echo("a;b\n\0é😀\ud800") == "a;b\n\0é😀\ud800" and type(echo("")) is str
assert echo(b"") == b"" and echo(bytes(range(256))) == bytes(range(256)) and type(echo(bytearray(b"x"))) is bytearray
assert echo([]) == [] and echo([1, [2, (3, "a"), {}], []]) == [1, [2, (3, "a"), {}], []]
assert echo(()) == () and echo((1,)) == (1,) and type(echo((1,))) is tuple
assert echo({1, "a", (2, 3)}) == {1, "a", (2, 3)} and type(echo(frozenset({1}))) is frozenset and echo(set()) == set()
assert list(echo({2: "b", (1, 2): [3], None: {}, 1.5: 0}).items()) == [(2, "b"), ((1, 2), [3]), (None, {}), (1.5, 0)]
assert echo(range(2, 10, 3)) == range(2, 10, 3)
assert list(echo(iter([1, 2]))) == [1, 2] and list(echo(x * x for x in range(3))) == [0, 1, 4]
from collections import Counter, OrderedDict, deque, namedtuple; assert echo(Counter("aab")) == {"a": 2, "b": 1} and echo(OrderedDict(a=1)) == {"a": 1}
assert echo(deque([1, 2])) == deque([1, 2]) and echo(namedtuple("P", "x y")(1, 2)) == (1, 2)
from datetime import date, datetime, timedelta; assert echo([date(2024, 2, 29), datetime(2024, 1, 2, 3, 4, 5, 6), timedelta(1, 2, 3)]) == [date(2024, 2, 29), datetime(2024, 1, 2, 3, 4, 5, 6), timedelta(1, 2, 3)]
from decimal import Decimal; from fractions import Fraction; assert echo([Decimal("1.10"), Fraction(1, 3)]) == [Decimal("1.10"), Fraction(1, 3)] and str(echo(Decimal("1.10"))) == "1.10"
assert echo(int) is int and echo([ValueError]) == [ValueError]
import math, operator; assert apply(len, "abc") == 3 and apply(math.sqrt, 4) == 2 and apply(str.upper, "a") == "A" and apply(operator.neg, 3) == -3
assert len(echo("x" * 3000000)) == 3000000 and sum(echo(list(range(100000)))) == 4999950000
assert apply(echo, 5) == 5 and echo(echo)(6) == 6 and echo(x=3, y=[4]) == {"x": 3, "y": [4]}
END
	)
	check echo <<'END'
def echo(*values, **named):
    return values[0] if values else named
def apply(function, value):
    return function(value)
END
	graded '{}' 0
	expect .status '"pass"'
	check same '{"asserts": ["assert echo([1]) != [1]", "assert echo(1) == 2", "assert type(echo(1)) is bool", "assert echo(\"a\") == b\"a\"",
		"assert echo(0.1) == 0.10000001", "assert echo((1,)) == [1]", "assert not echo([0])"]}' <"$files/echo.py"
	checks=$(jq -c '.[1:]' <<<"$checks")
	env-close p-1 >/dev/null
	graded
	expect '.checks[].score' 0
	expect '.checks[].reason' '"assert 1: failed"'
}

@test "a part of the asserts: a part of the score" {
	asserts='["assert f(1) == 1", "assert f(2) == 5", "assert f(3) == 3", "assert f(4) == 0", "assert f(5) == 5"]'
	check part <<<'f = lambda x: x'
	check raises '{"asserts": ["assert f(0) == 0", "assert f(1) == 0", "assert f(2) == 2"]}' <<<'f = lambda x: [0][x]'
	check other '{"asserts": ["assert f(0) == 0", "f.x", "assert f(0) + 1 == 1", "assert f(0)[0] == 1", "assert g(1)"]}' <<<'f = lambda x: x'
	graded
	expect '.checks | map([.name, .score, .passed, .reason])' '[["part",0.6,false,"assert 2: failed"],
		["raises",0.3333333333333333,false,"assert 2: the program raised IndexError"],["other",0.4,false,"assert 2: the program raised AttributeError"]]'
}

@test "test code of its own: setup, modules, functions that get a function, names of builtins" {
	check candidate '{"setup": "import math\nMETADATA = {\"dataset\": \"test\"}\ndef check(candidate):\n    for i in range(4):\n        assert math.isclose(candidate(i), i / 2)\n    assert sorted({candidate(2), candidate(4)}) == [1.0, 2.0]", "asserts": ["check(half)"]}' <<<'half = lambda x: x / 2'
	check builtins '{"names": ["sum"], "asserts": ["assert sum(10, 15) == 6", "assert max([1, 2]) == 2"]}' <<'END'
def sum(a, b):
    total = 0
    for i in range(1, min(a, b) + 1):
        if a % i == 0 and b % i == 0:
            total += i
    return total
def max(values):
    return 77
END
	check raises '{"asserts": ["try:\n    f(-1)\nexcept ValueError as error:\n    assert str(error) == \"negative\" and error.args == (\"negative\",)\nelse:\n    assert False",
		"try:\n    f(0)\nexcept LookupError as error:\n    assert type(error) is KeyError\nelse:\n    assert False",
		"import unittest\nwith unittest.TestCase().assertRaises(ZeroDivisionError):\n    f(1)"]}' <<'END'
class Mine(KeyError):
    pass
def f(x):
    if x < 0:
        raise ValueError("negative")
    if x == 0:
        raise Mine(x)
    return 1 / 0
END
	# Hidden files are seen by the test code and by nobody else.
	mkdir -p "$files/../tests"
	echo 42 >"$files/../tests/answer"
	check hidden '{"asserts": ["assert f() == int(open(\"/tests/answer\").read())"]}' <<<'f = lambda: 42'
	check steals '{"asserts": ["assert f() == int(open(\"/tests/answer\").read())"]}' <<<'f = lambda: int(open("/tests/answer").read())'
	graded
	scores '{"candidate":1,"builtins":1,"raises":1,"hidden":1,"steals":0}'
	expect '.checks[4].reason' '"assert 1: the program raised FileNotFoundError"'
}

@test "objects of the program's own: made, passed back, changed, and asked for what they hold" {
	check pairs '{"asserts": ["assert longest([Pair(5, 24), Pair(15, 25), Pair(27, 40)], 3) == 2"]}' <<'END'
class Pair(object):
    def __init__(self, a, b):
        self.a, self.b = a, b
def longest(pairs, n):
    return sum(1 for i in range(n - 1) if pairs[i].b < pairs[-1].a)
END
	check tree '{"setup": "root = Node(1)\nroot.left = Node(2)\nroot.left.left = Node(3)", "asserts": ["assert height(root) == 3", "assert root.left.left.value == 3 and root.right is None", "assert isinstance(root, Node) and not isinstance(3, Node)"]}' <<'END'
class Node:
    def __init__(self, value):
        self.value, self.left, self.right = value, None, None
def height(node):
    return 0 if node is None else 1 + max(height(node.left), height(node.right))
END
	check stack '{"classes": ["Stack"], "asserts": ["s = Stack(); s.push(1); s.push(2); assert s.pop() == 2 and len(s) == 1 and list(s) == [1] and str(s) == \"<1>\" and 1 in s",
		"assert Stack.of([4]).pop() == 4", "s = Stack()\ntry:\n    s.pop()\nexcept IndexError:\n    pass\nelse:\n    assert False"]}' <<'END'
class Stack:
    def __init__(self):
        self.items = []
    def push(self, item):
        self.items.append(item)
    def pop(self):
        return self.items.pop()
    @classmethod
    def of(cls, items):
        made = cls()
        made.items += items
        return made
    def __len__(self):
        return len(self.items)
    def __iter__(self):
        return iter(self.items)
    def __str__(self):
        return "<" + " ".join(map(str, self.items)) + ">"
END
	check given '{"given": "class Point:\n    def __init__(self, x):\n        self.x = x\ndef in_place(values):\n    sort(values)\n    return values\ndef equal(a, b):\n    return a == b",
		"asserts": ["assert move(Point(3)).x == 4", "assert in_place([3, 1, 2]) == [1, 2, 3]", "assert equal(Point(1), Point(1)) is False"]}' <<'END'
def move(point):
    return Point(point.x + 1)
def sort(values):
    values.sort()
END
	check functions '{"asserts": ["assert adder(2)(3) == 5", "g = counter(); assert [next(g), next(g), next(g)] == [0, 1, 2]", "assert list(squares(4)) == [0, 1, 4, 9]", "assert [a for a, b in zip(counter(), \"abc\")] == [0, 1, 2]"]}' <<'END'
import itertools
def adder(a):
    return lambda b: a + b
def counter():
    yield from itertools.count()
def squares(n):
    return map(lambda x: x * x, range(n))
END
	graded '{}' 0
	scores '{"pairs":1,"tree":1,"stack":1,"given":1,"functions":1}'
}

@test "an object of the program's own decides nothing" {
	asserts='["assert total([1, 2]) == 3", "assert 3 == total([1, 2])", "assert not (total([1, 2]) != 3)", "assert total([1, 2])", "assert not total([1, 2])", "assert abs(total([1, 2]) - 3) < 1e-9",
		"assert 3 in total([1, 2])", "assert total([1, 2]) in [3]", "assert total([1, 2]) >= 3", "assert 2 < total([1, 2]) < 4", "assert total([1, 2]).startswith(\"3\")",
		"import math; assert math.isclose(total([1, 2]), 3)", "assert sorted(total([1, 2])) == [3]", "assert total([1, 2]) == total([2, 1])", "assert round(total([1, 2]), 2) == 3",
		"assert isinstance(total([1, 2]), int)", "assert total([1, 2])[0] == 3", "assert [total([1, 2])] == [3]", "assert {total([1, 2])} == {3}", "assert all(x == 3 for x in total([1, 2]))", "assert str(total([1, 2])) == \"3\"",
		"assert float(total([1, 2])) == 3.0", "assert total([1, 2]) is not 3 and total([1, 2]) == 3", "try:\n    assert total([1, 2])\nexcept:\n    pass"]'
	check always <<'END'
class Always:
    def yes(self, *rest, **named):
        return True
    def self(self, *rest, **named):
        return self
    __eq__ = __ge__ = __le__ = __gt__ = __lt__ = __contains__ = __bool__ = yes
    __ne__ = lambda self, other: False
    __sub__ = __rsub__ = __abs__ = __round__ = __getitem__ = __getattr__ = __call__ = self
    __float__ = __index__ = lambda self: 3
    __len__ = lambda self: 1
    __hash__ = lambda self: hash(3)
    __iter__ = lambda self: iter([self])
    __str__ = __repr__ = lambda self: "x"
    __class__ = int
    dtype = shape = tolist = item = property(lambda self: self)
    def startswith(self, prefix):
        return True
only = Always()
def total(values):
    return only
END
	graded
	scores '{"always":0}'
}

@test "liars of every kind" {
	asserts='["assert total([1, 2]) == 3", "assert shout(\"a\") == \"A\"", "assert evens(5) == [0, 2, 4]", "assert {**info(1)} == {\"a\": 1}"]'
	local rest='
def shout(text): return total(0)
def evens(n): return total(0)
def info(n): return total(0)
'
	check subclass_str <<END
class Lie(str):
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = str.__hash__
    encode = __str__ = lambda self, *rest: Lie("A")
def total(values): return Lie("lie")
$rest
END
	check subclass_int <<END
class Lie(int):
    __eq__ = lambda self, other: True
    __format__ = __repr__ = __index__ = lambda self, *rest: 3
def total(values): return Lie(77)
$rest
END
	check subclass_list <<END
class Lie(list):
    __eq__ = lambda self, other: True
    __iter__ = lambda self: iter([0, 2, 4])
    __len__ = lambda self: 3
def total(values): return Lie([77])
$rest
END
	check class_lie <<END
class Lie:
    __class__ = int
    __eq__ = lambda self, other: True
class Meta(type):
    __mro__ = property(lambda cls: (int, object))
    __eq__ = lambda cls, other: True
    __hash__ = type.__hash__
    __instancecheck__ = lambda cls, other: True
class Other(metaclass=Meta):
    pass
def total(values): return Lie() if values else Other()
$rest
END
	check numpy_lie <<END
class array:
    __module__ = "numpy"
    tolist = item = lambda self: self
    __eq__ = lambda self, other: self
    all = __bool__ = lambda self: True
def total(values): return array()
$rest
END
	check patched <<END
import builtins, sys, json, time, random, operator, types
class Always:
    __eq__ = lambda self, other: True
for module in (builtins, json, random):
    for name in ("sorted", "isinstance", "abs", "len", "all", "any", "sum", "set", "list", "int", "str", "type", "open", "loads", "dumps", "random"):
        if hasattr(module, name):
            setattr(module, name, lambda *rest, **named: Always())
sys.modules.clear()
time.time = lambda: 0
builtins.AssertionError = builtins.ZeroDivisionError
def total(values): return Always()
$rest
END
	check exit_import <<<'import sys; print("PASSED"); sys.exit(0)'
	check os_exit <<<'import os; print("3 passed"); os._exit(0)'
	check system_exit <<<'raise SystemExit'
	check exit_call <<END
import sys
def total(values): sys.exit(0)
$rest
END
	check os_exit_call <<END
import os
def total(values): os._exit(0)
$rest
END
	check killed <<END
import os
def total(values): os.kill(os.getpid(), 9)
$rest
END
	check keyboard <<END
def total(values): raise KeyboardInterrupt
$rest
END
	check printed <<END
import os, sys
for fd in (1, 2):
    os.write(fd, b'asked\nscore 4 4\n\n{"passed":4}\nPASSED\nOK\n')
def total(values):
    print("score 4 4\n\n")
$rest
END
	check advance <<END
import os
three = b"v" + b"i3;"
for word in (b"0" * 16, b"f" * 16, b"score 4 4\n\n\n\n\n\n"):
    os.write(4, word + b"%08x" % len(three) + three)
def total(values): return None
$rest
END
	check proc <<END
import os, glob
for path in glob.glob("/proc/*/fd/*"):
    try:
        if "pipe:" in os.readlink(path):
            fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            os.write(fd, b"score 4 4\n\n" + b"asked\nscore 4 4\n\n")
    except OSError:
        pass
def total(values): return None
$rest
END
	# Neither is what is expected anywhere in the memory of the process that runs the program.
	check memory '{"asserts": ["assert search() == 918273645"]}' <<'END'
import sys
def count(text):
    found = 0
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            begin, end = (int(part, 16) for part in line.split()[0].split("-"))
            if line.split()[1][:2] == "rw" and "[v" not in line:
                memory.seek(begin)
                found += memory.read(end - begin).count(text)
    return found
def search():
    frame, seen = sys._getframe(), ""
    while frame:
        seen += repr(frame.f_locals) + repr(frame.f_globals)
        frame = frame.f_back
    wanted, other = (b"54637281%d" % last for last in (9, 8))
    assert count(b"search") > 0
    return 918273644 + 1 if wanted[::-1].decode() in seen or count(wanted[::-1]) > count(other[::-1]) else 0
END
	check missing_file <<<''
	rm "$files/missing_file.py"
	check folder <<<''
	rm "$files/folder.py" && mkdir "$files/folder.py"
	check broken <<<'def total(values) return 3'
	check nothing <<<'pass'
	check rubbish <<END
import os
def total(values):
    os.write(4, os.read(3, 0) + b"\xff" * 5000)
$rest
END
	check closes <<END
import os
def total(values):
    os.closerange(0, 50)
$rest
END
	check deep <<END
def total(values):
    value = []
    for i in range(100000):
        value = [value]
    return value
$rest
END
	check cycle <<END
value = []
value.append(value)
def total(values): return value
$rest
END
	check forked <<END
import os
pid = os.fork()
def total(values): return 3 if pid == 7 else 4
$rest
END
	check raises_lie <<END
class AssertionError(BaseException):
    __module__ = "builtins"
class Lie(Exception):
    __eq__ = lambda self, other: True
    args = property(lambda self: 1 / 0)
    __str__ = lambda self: 1 / 0
def total(values): raise Lie("PASSED")
def shout(text): raise AssertionError
$rest
END
	local folder
	# What else could be in a workspace and a home, to be picked up by an interpreter or a test runner.
	for folder in . .local/lib/python3.11/site-packages .local/bin; do
		mkdir -p "$files/$folder"
		echo 'import os; os._exit(0)' | tee "$files/$folder"/{sitecustomize,usercustomize,conftest,json,ast,random,posix,collections,encodings,pytest,unittest,asserts}.py >/dev/null
		echo 'import os; os._exit(0)' >"$files/$folder/evil.pth"
		printf '#!/bin/sh\nexit 0\n' | tee "$files/$folder"/{python3,python,env} >/dev/null
		chmod 755 "$files/$folder/python3"
	done
	printf 'home = /workspace\n' >"$files/pyvenv.cfg"
	printf '[pytest]\naddopts = --collect-only\n' | tee "$files"/{pytest.ini,setup.cfg,tox.ini,.coveragerc} >/dev/null
	ln -s /dev/zero "$files/zero.py"
	check zero <"/dev/null"
	check honest <<'END'
def total(values): return sum(values)
def shout(text): return text.upper()
def evens(n): return list(range(0, n, 2))
def info(n): return {"a": n}
END
	graded '{"limits": {"step_s": 5}}'
	expect '[.checks[] | select(.score > 0) | .name]' '["honest"]'
	# Each of them failed for what it did, and nothing tells what was expected.
	expect '[.checks[] | select(.name != "honest") | .reason | test("3|score|PASSED|assert total") | select(.)]' '[]'
	expect '[.checks[] | select(.name | IN("exit_import", "os_exit", "system_exit", "exit_call", "os_exit_call", "killed", "advance", "rubbish", "broken", "missing_file", "cycle")) | .reason]' \
		'["the program cannot be imported: SystemExit","the program is gone","the program cannot be imported: SystemExit","assert 1: the program raised SystemExit",
		"assert 1: the program is gone","killed by signal 9","the program'"'"'s answer is none","the program cannot be imported: FileNotFoundError","the program cannot be imported: SyntaxError",
		"assert 1: the program'"'"'s answer is none","assert 1: the program raised ValueError"]'
}

@test "an answer is read in a moment, also the first; no answer ends a loop of the test code early" {
	checks=$(jq -cn '[["map", "assert all(map(lambda x: f(x) == 2 * x, [1, 2]))"], ["zip", "for a, b in zip(map(f, [1]), [2]): assert a == b"],
		["known", "try:\n  f(1)\n  assert False\nexcept StopIteration: pass"], ["next", "assert next(g()) == 1 and list(g()) == [1]"]] |
		map({name: .[0], type: "python", asserts: [.[1]], file: "stops.py"})')
	check stops <<<'def f(x): raise StopIteration
def g(): yield 1'
	checks=$(jq -c '.[:-1]' <<<"$checks")
	check power '{"asserts": ["assert f() == 1"]}' <<'END'
import fractions, os, sys
word = os.read(3, 1 << 16)[:16]
value = b"s12;1e9999999999t1;vfractions.Fraction;"
os.write(4, b"%b%08xx%b" % (word, len(value) + 1, value))
os.read(3, 1)
END
	local start=$SECONDS
	graded
	((SECONDS - start < 25))
	expect '.checks[] | [.name, .score, .reason]' '["map",0,"assert 1: the program raised StopIteration"]
["zip",0,"assert 1: the program raised StopIteration"]
["known",1,null]
["next",1,null]
["power",0,"the program'"'"'s answer makes no sense"]'
}

@test "time, memory, output and processes of a program are limited" {
	asserts='["assert f() == 1"]'
	check spins '{"timeout_s": 0.5}' <<<'def f():
    while True: pass'
	check import_spins '{"timeout_s": 0.5}' <<<'while True: pass'
	check endless '{"timeout_s": 0.5, "asserts": ["assert 1 in (x for x in f() if x)"]}' <<<'def f():
    while True: yield 0'
	check stopped '{"timeout_s": 0.5}' <<<'import os, signal
os.kill(os.getpid(), signal.SIGSTOP)'
	check memory <<<'def f(): return [0] * 10**10'
	check flood <<<'import os
def f():
    while True: os.write(1, b"x" * 65536)'
	check large <<<'def f(): return "x" * (17 << 20)'
	check many <<<'def f(): return [0] * 2000000'
	check digits <<<'def f(): return 10**9 << 2000000000'
	check unread '{"timeout_s": 0.5, "asserts": ["assert f(\"x\" * 1000000) == 1"]}' <<<'import time
time.sleep(60)'
	check daemon <<<'import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(1000)
        os._exit(0)
    os._exit(0)
f = lambda: os._exit(0)'
	check threads <<<'import threading, time, atexit
for i in range(5): threading.Thread(target=time.sleep, args=(1000,)).start()
atexit.register(time.sleep, 1000)
f = lambda: 1'
	check bomb '{"timeout_s": 0.5}' <<<'import os
try:
    while True: os.fork()
except OSError: pass
f = lambda: 2'
	check partial '{"timeout_s": 8, "asserts": ["assert f(1) == 1", "assert f(0) == 0", "assert f(2) == 2"]}' <<<'def f(x):
    while not x: pass
    return x'
	local start=$SECONDS
	graded
	((SECONDS - start < 90))
	expect '[.checks[] | select(.name != "bomb") | [.name, (.reason // "" | sub("^assert 1: "; ""))]]' '[["spins","the time limit was exceeded"],["import_spins","the time limit was exceeded"],
		["endless","the time limit was exceeded"],["stopped","the time limit was exceeded"],["memory","the program raised MemoryError"],["flood","too much output"],
		["large","the program'"'"'s answer is too large"],["many","the program raised ValueError"],["digits","the program raised MemoryError"],["unread","the time limit was exceeded"],
		["daemon","the program is gone"],["threads",""],["partial","the time limit was exceeded"]]'
	expect '[.checks[] | select(.score > 0) | [.name, .score]]' '[["threads",1],["partial",0.3333333333333333]]'
}

@test "data that the test code cannot bear is the program's fault; test code that fails by itself is the task's" {
	check huge '{"asserts": ["assert len(\"x\" * f()) == 3"]}' <<<'def f(): return 1 << 40'
	check ends '{"asserts": ["import os\nif f() == 1 << 40:\n    os._exit(3)"]}' <"$files/huge.py"
	check deep '{"asserts": ["assert decode(encode(1)) == 1"]}' <<<'def encode(x):
    for i in range(200): x = [x]
    return x
decode = lambda x: 1'
	graded
	expect '.checks[] | [.score, .reason]' $'[0,"assert 1: failed with MemoryError"]
[0,"the test code does not get along with the program\'s data"]
[0,"assert 1: what the test code gives to the program is too deep, or too large"]'
	local reason json
	while IFS='|' read -r json reason; do
		env-close p-1 >/dev/null
		checks='[]'
		check f "$json" <<<'f = lambda *rest: 1'
		graded '{}' 4 || { echo "$json"; false; }
		expect '[.status, .reward]' '["error",null]'
		[ "$(field .reason)" = "check f: $reason" ] || { field .reason; false; }
	done <<'END'
{"asserts": ["assert f(1) == 1", "assert f(1) =="]}|asserts[1]: line 1: invalid syntax
{"setup": "x = 1\nif", "asserts": ["f()"]}|setup: line 2: invalid syntax
{"given": "x =", "asserts": ["f()"]}|given: line 1: invalid syntax
{"setup": "import nowhere", "asserts": ["f()"]}|setup: it fails before the program is asked for anything: ModuleNotFoundError: No module named 'nowhere'
{"asserts": ["assert 1 / 0 == f()"]}|asserts[0]: it fails before the program is asked for anything: ZeroDivisionError: division by zero
{"asserts": ["pass"]}|asserts: the program is asked for nothing
{"asserts": ["f(1); f(lambda: 1)"]}|asserts[0]: a function of the test's cannot be given to the candidate: what is in "given" can
{"asserts": ["import os; os._exit(3)"]}|the test code crashes
END
}

@test "a program may import what lies beside it, and read what the workspace has" {
	mkdir -p "$files/pkg"
	echo 'one = 1' >"$files/pkg/parts.py"
	echo 'def double(x): return 2 * x' >"$files/json.py"
	echo 7 >"$files/number"
	check pkg/main '{"asserts": ["assert f() == [1, 7, \"main\", True]"]}' <<'END'
import dataclasses
import parts
@dataclasses.dataclass
class Row:
    x: int
def f():
    return [parts.one, int(open("number").read()), __name__, Row(1) == Row(1)]
END
	check shadow '{"asserts": ["assert f(4) == 8"]}' <<<'import json
f = json.double'
	check stdin '{"asserts": ["assert f() == \"\""]}' <<<'import sys
f = sys.stdin.read'
	check noise '{"asserts": ["assert f() == 3"]}' <<<'import sys
print("begin", file=sys.stderr)
def f():
    print("x" * 100000)
    return 3'
	graded '{}' 0
}

@test "the fields of a python check" {
	local json reason
	while IFS='|' read -r json reason; do
		fixture_task unit/python "{\"checks\": [$json]}"
		fails 3 env-reset unit/python
		[[ $stderr == *"$reason"* ]] || { echo "$json: $stderr"; false; }
	done <<'END'
{"name": "a", "type": "python"}|.checks[0].asserts
{"name": "a", "type": "python", "asserts": []}|.checks[0].asserts
{"name": "a", "type": "python", "asserts": [""]}|.checks[0].asserts[0]
{"name": "a", "type": "python", "asserts": ["f()"], "file": "../x.py"}|.checks[0].file: must be a relative path
{"name": "a", "type": "python", "asserts": ["f()"], "names": ["a b"]}|.checks[0].names[0]: must be an identifier
{"name": "a", "type": "python", "asserts": ["f()"], "classes": ["1a"]}|.checks[0].classes[0]: must be an identifier
{"name": "a", "type": "python", "asserts": ["f()"], "tests": "x"}|.checks[0].tests
END
}

@test "MBPP: each gold solution passes, and fails where something else is expected" {
	local data=${PIPEGYM_DATA:-$SRC/../shared/data}/mbpp/ic_mbpp_120.json
	[ -r "$data" ] || skip "no data of MBPP (PIPEGYM_DATA): there is no $data"
	# Beside each gold solution's own asserts, the opposite of each.
	mkdir sets
	task-import intercode "$data" -o mbpp.jsonl >report
	jq -c '.checks += [.checks[0] | .name = "wrong" | .asserts |= map("assert not (" + sub("^\\s*assert\\s"; "") + "\n)")]' mbpp.jsonl >sets/mbpp.jsonl
	export PIPEGYM_TASKS=$T/sets
	task-list | env-reset -j 2 | agent-oracle | env-step -j 2 | env-close -j 2 >rollouts
	expect 'map(.verdict.checks | map(.name, .score)) | unique' '[["asserts",1,"wrong",0]]' "$(jq -s . rollouts)"
	[ "$(wc -l <rollouts)" = 120 ]
}
