"""Runs the tests: python3 tests.py"""
import sys

from limiter import Gate


def test_limit():
    gate = Gate("3/10s")
    assert [gate.allow("limit", now) for now in (0, 1, 2, 3, 4)] == [True, True, True, False, False]


def test_end_of_period():
    gate = Gate("1/10s")
    assert [gate.allow("end", now) for now in (0, 9, 9.5)] == [True, False, False]
    gate = Gate("1/10s")
    assert [gate.allow("exact end", now) for now in (0, 10)] == [True, True]


def test_refused_do_not_count():
    gate = Gate("1/4s")
    assert [gate.allow("refused", now) for now in (0, 3, 5)] == [True, False, True]


def test_gates_are_apart():
    assert Gate("1/m").allow("apart", 0)
    assert Gate("1/m").allow("apart", 1)


def test_two_rules():
    gate = Gate("2/s, 3/m")
    assert [gate.allow("two", now) for now in (0, 0, 0, 2, 3, 59, 60, 61)] == [True, True, False, True, False, False, True, True]


def test_wait():
    gate = Gate("1/10s")
    assert gate.wait("wait", 5) == 0
    assert gate.allow("wait", 5)
    assert gate.wait("wait", 8) == 7


def test_bad_rules():
    for text in ("", "5", "x/s", "0/s", "5/w"):
        try:
            Gate(text)
        except ValueError:
            continue
        raise AssertionError(text)


failed = 0
for name, test in sorted(globals().items()):
    if name.startswith("test_"):
        try:
            test()
            print("ok     ", name)
        except AssertionError:
            print("FAILED ", name)
            failed = 1
sys.exit(failed)
