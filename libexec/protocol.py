# What the programs in Python that a task's tools are made of have in common: their side of the program protocol, a JSON
# line for a request and one for its reply. Each of them comes behind this text.
#
# The protocol's descriptors are duplicates that nobody else is told of. Descriptor 1 is then stderr and 0 is empty, so
# that whatever foreign code prints, from Python, from C or by a child of its own, is never taken for a reply.
import sys

# Of a script that is an argument Python looks for modules in the workspace first, where a json.py may be.
if sys.path[:1] == [""]:
    del sys.path[0]
sys.dont_write_bytecode = True
import json
import os

DEPTH_MAX = 100  # an object is two levels to libjq, which takes 256
VALUES_MAX = 1000000
BYTES_MAX = 8 << 20
INTEGER_MAX = 10**300  # libjq's numbers are doubles
TEXT_MAX = 1000  # of an object that is no data


def write_all(fd, data):
    while data:
        data = data[os.write(fd, data) :]


def cut(text, most):
    return text if len(text) <= most else "%s\n[%d characters left out]" % (text[:most], len(text) - most)


class Wrong(Exception):
    """What the agent did wrong: it becomes the reply's "error"."""


class TooLarge(Exception):
    pass


# --- values as JSON ---


def plain_text(text):
    """A surrogate without its other half becomes U+FFFD: JSON could carry it, and no reader takes it."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def plain_float(value):
    # The names that protobuf's JSON has for them. The comparison is false for NaN as well.
    if -1e400 < value < 1e400:
        return value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def plain_integer(value):
    return value if -INTEGER_MAX < value < INTEGER_MAX else "an integer of %d bits" % value.bit_length()


def plain_bytes(value):
    return plain_text(bytes(value).decode("utf-8", "backslashreplace"))


def plain_key(key):
    if isinstance(key, str):
        text = plain_text(str(key))
    elif key is None or isinstance(key, bool):
        text = {None: "null", True: "true", False: "false"}[key]
    else:
        text = described(key)
    return text.replace("\0", "\\x00")


def described(value):
    """The text of what is no data."""
    try:
        text = str(value)
        if " at 0x" in text:
            import re

            text = re.sub(r" at 0x[0-9a-fA-F]+", "", text)
    except Exception:
        text = "<%s>" % type(value).__name__
    return plain_text(text if len(text) <= TEXT_MAX else text[:TEXT_MAX] + "…")


def ordered(items):
    """A set's items: its own order is another one in each process."""
    try:
        return sorted(items)
    except Exception:
        return sorted(items, key=lambda item: (type(item).__name__, described(item)))


SCALARS = {str: plain_text, int: plain_integer, float: plain_float, bool: bool, type(None): lambda value: None}
LISTS = (list, tuple, set, frozenset, range, type({}.keys()), type({}.values()), type({}.items()))


def plain(value):
    """The value made of what JSON holds. Texts, numbers and None are themselves; NaN and the infinities are their names;
    bytes are text, with \\xNN for what is no UTF-8; tuples, ranges and sorted sets are lists, dataclasses and mappings
    objects, members of an enum their values; what has tolist(), as numpy's and torch's have, is that; of all else it is
    str(), without addresses. Nesting is cut with "…" below DEPTH_MAX. Raises TooLarge."""
    left = VALUES_MAX

    def spend(count):
        nonlocal left
        left -= count
        if left < 0:
            raise TooLarge

    def put_all(items, depth):
        if depth >= DEPTH_MAX:
            return "…"
        spend(5 * len(items))  # an answer has room for 200,000
        kinds = set(map(type, items))
        if kinds == {int} and -INTEGER_MAX < min(items) and max(items) < INTEGER_MAX:
            return list(items)
        return [put(item, depth + 1) for item in items]

    def put(value, depth=0):
        kind = type(value)
        if kind is str:
            spend(len(value) >> 3)
        if kind in SCALARS:
            return SCALARS[kind](value)
        if isinstance(value, dict):
            return dict(zip(map(plain_key, value), put_all(value.values(), depth))) if depth < DEPTH_MAX else "…"
        if isinstance(value, LISTS):
            return put_all(ordered(value) if isinstance(value, (set, frozenset)) else value, depth)
        if isinstance(value, (bytes, bytearray, memoryview)):
            return plain_bytes(value)
        return put_else(value, depth)

    def put_else(value, depth):
        kind = type(value)
        if isinstance(value, type):
            return value.__name__
        if depth >= DEPTH_MAX:
            return "…"
        # Of the class: what has a __getattr__ may have everything.
        fields = getattr(kind, "__dataclass_fields__", None)
        if fields:
            return put({name: getattr(value, name, None) for name in fields}, depth)
        if hasattr(kind, "tolist"):
            return put(value.tolist(), depth + 1)
        enum = sys.modules.get("enum")
        if enum and isinstance(value, enum.Enum):
            return put(value.value, depth + 1)
        for scalar in str, int, float:
            if isinstance(value, scalar):
                return put(scalar(value), depth)
        if hasattr(kind, "keys") and hasattr(kind, "__getitem__"):
            return put({key: value[key] for key in value.keys()}, depth)
        return put(list(value), depth) if kind.__module__ == "collections" else described(value)

    return put(value)


# What json.dumps() and json.loads() make anew for each call, and half of what they take for a line. The first is not
# there in each Python, and may once take other arguments.
try:
    pack = json.encoder.c_make_encoder(None, None, json.encoder.encode_basestring_ascii, None, ":", ",", False, False, False)
except TypeError:
    pack = None
scan = json.JSONDecoder().scan_once


def encode(value):
    return "".join(pack(value, 0)) if pack else json.dumps(value, separators=(",", ":"), allow_nan=False)


def is_plain(reply):
    """Whether it is for sure what plain() makes of it: most replies are a short text and numbers."""
    for value in reply.values():
        kind = type(value)
        if kind is str:
            if not value.isascii():
                return False
        elif not (kind is bool or (kind is float or kind is int) and -1e300 < value < 1e300):
            return False
    return True


def reply_line(reply):
    """The line of a reply; of one that is too large what the caller needs, and an error."""
    try:
        line = encode(reply if is_plain(reply) else plain(reply))
    except TooLarge:
        line = None
    if line is not None and len(line) <= BYTES_MAX:
        return line
    rest = {key: reply[key] for key in ("reward", "terminated", "truncated") if key in reply}
    return encode({"observation": "", **plain(rest), "error": "the observation is too large"})


# --- requests and replies ---


class Channel:
    """The protocol's two ends. Takes descriptors 0 and 1 away from all else in this process."""

    def __init__(self):
        self.requests = open(os.dup(0), "rb")
        self.replies = os.dup(1)
        self.owner = os.getpid()
        null = os.open("/dev/null", os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)
        os.register_at_fork(after_in_child=self.forget)
        # Made anew: those that Python has remember what kind of file 1 was.
        sys.stdout, sys.stderr = (
            open(fd, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False) for fd in (1, 2)
        )
        sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr

    def forget(self):
        os.closerange(self.replies, self.replies + 1)
        os.closerange(self.requests.fileno(), self.requests.fileno() + 1)

    def send(self, text):
        # What foreign code forked and did not end comes back from it as well.
        if os.getpid() != self.owner:
            leave(0)
        try:
            write_all(self.replies, (text + "\n").encode("ascii"))
        except BrokenPipeError:
            leave(1)


def leave(status):
    """Ends the program, whatever threads and handlers foreign code has left in it."""
    for stream in sys.stdout, sys.stderr:
        try:
            stream.flush()
        except Exception:
            pass
    os._exit(status)


def guarded(work):
    """Runs work() and ends the program. What foreign code raises is the environment's failure: a traceback, status 1."""
    try:
        work()
    except BaseException:
        sys.__excepthook__(*sys.exc_info())
        leave(1)
    leave(0)


def serve(channel, reset, step):
    """Answers each request by reset(seed, options) or step(tool, args), both of which give the reply."""

    def answer(line):
        request = scan(line.decode().lstrip(), 0)[0]
        try:
            if "step" in request:
                return step(request["step"]["tool"], request["step"].get("args") or {})
            given = request["reset"] or {}
            return reset(given.get("seed"), given.get("options") or {})
        except Wrong as wrong:
            return {"observation": "", "error": str(wrong)}

    def work():
        for line in channel.requests:
            channel.send(reply_line(answer(line)))

    guarded(work)
