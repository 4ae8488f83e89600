# What candidate and decider of a python check say to each other: plain data as bytes, and frames of them. The text of this
# file goes before that of each of the two. Nothing but modules that are part of the interpreter is imported: start-up
# is most of what a check costs, and a file of the workspace cannot stand in for these.
#
# A value is a row of tokens, each a letter, a text and ";", and its parts stand before it:
#     N T F     None, True, False                 iHEX fTEXT cTEXT,TEXT     int, float, complex
#     sN bN BN  str (UTF-8), bytes, bytearray: N bytes follow
#     lN tN SN ZN dN   list, tuple, set, frozenset, dict of the last N values (of a dict 2 N)
#     r g       range of the last 3 values; an iterator over the last one, a list
#     vTEXT     module.Class of the last value, its arguments
#     qTEXT     module:name, a thing that both sides can import
#     hTEXT nTEXT      an object of the candidate's by its number, and by its name
import builtins
import posix
import sys

BYTES_MAX = 16 << 20
VALUES_MAX = 1 << 20
DEPTH_MAX = 200

KNOWN = {
    "collections.deque": lambda value: (list(value),),
    "datetime.date": lambda value: (value.year, value.month, value.day),
    "datetime.datetime": lambda value: (value.year, value.month, value.day, value.hour, value.minute, value.second,
                                        value.microsecond),
    "datetime.time": lambda value: (value.hour, value.minute, value.second, value.microsecond),
    "datetime.timedelta": lambda value: (value.days, value.seconds, value.microseconds),
    "decimal.Decimal": lambda value: (str(value),),
    "fractions.Fraction": lambda value: (value.numerator, value.denominator),
}
PLAIN = {type(None), bool, int, float, complex, str, bytes, bytearray, list, tuple, set, frozenset, dict, range}
TAGS = {list: b"l", tuple: b"t", set: b"S", frozenset: b"Z", str: b"s", bytes: b"b", bytearray: b"B"}


def find(module, name):
    """What a module of the host has under a dotted name; None: nothing."""
    value = sys.modules.get(module)
    for part in name.split("."):
        value = getattr(value, part, None)
    return value


def known_class(value):
    for base in type(value).__mro__:
        name = "%s.%s" % (base.__module__, base.__name__)
        if name in KNOWN and find(base.__module__, base.__name__) is base:
            return name if getattr(value, "tzinfo", None) is None else None
    return None


# A value of a class that is derived from a plain one is what that class's own methods say that it is.
def encode(value, other):
    """The bytes of a value. other(value) gives the bytes of what is no plain data, or raises."""
    parts = []

    def put_all(values, depth):
        count = 0
        for item in values:
            put(item, depth + 1)
            count += 1
        return b"%d;" % count

    def put(value, depth):
        kind = type(value)
        if kind not in PLAIN:
            kind = next((base for base in kind.__mro__ if base in PLAIN), None)
        if depth > DEPTH_MAX or len(parts) > VALUES_MAX:
            raise ValueError("too deep, or too large")
        if kind is int:
            token = b"i%b;" % int.__format__(value, "x").encode()
        elif kind is str or kind is bytes or kind is bytearray:
            data = str.encode(value, "utf-8", "surrogatepass") if kind is str else memoryview(value).tobytes()
            token = b"%b%d;%b" % (TAGS[kind], len(data), data)
        elif kind in TAGS:
            token = TAGS[kind] + put_all(kind.__iter__(value), depth)
        elif kind is dict:
            count = 0
            for pair in dict.items(value):
                put_all(pair, depth)
                count += 1
            token = b"d%d;" % count
        elif kind is float:
            token = b"f%b;" % float.__repr__(value).encode()
        elif kind is bool:
            token = b"T;" if value is True else b"F;"
        elif kind is complex:
            real, imaginary = complex.real.__get__(value), complex.imag.__get__(value)
            token = b"c%r,%r;" % (real, imaginary)
        elif kind is range:
            put_all((value.start, value.stop, value.step), depth)
            token = b"r;"
        elif kind is not None:
            token = b"N;"
        else:
            token = put_else(value, depth)
        parts.append(token)

    def put_else(value, depth):
        name = known_class(value)
        if name:
            put(KNOWN[name](value), depth + 1)
            return b"v%b;" % name.encode()
        if type(value).__module__.partition(".")[0] == "numpy" and hasattr(value, "tolist"):
            put(value.tolist(), depth + 1)
            return b""
        if isinstance(value, type) and getattr(builtins, value.__name__, None) is value:
            return b"qbuiltins:%b;" % value.__name__.encode()
        data = other(value)
        if isinstance(data, list):
            put(data, depth + 1)
            return b"g;"
        return data

    put(value, 0)
    return b"".join(parts)


def size(text, most):
    if len(text) > 8 or not text.isdigit() or int(text) > most:
        raise ValueError("a size")
    return int(text)


def make_leaf(tag, text, resolve):
    if tag == b"i":
        return int(text, 16)
    if tag == b"f":
        return float(text)
    if tag == b"c":
        real, imaginary = text.split(b",")
        return complex(float(real), float(imaginary))
    if tag in b"NTF" and not text:
        return {b"N": None, b"T": True, b"F": False}[tag]
    return resolve(tag, text.decode())


def make_whole(tag, text, parts):
    if tag == b"l":
        return parts
    if tag == b"d":
        return dict(zip(parts[::2], parts[1::2]))
    if tag == b"r":
        return range(*parts)
    if tag == b"g":
        return list.__iter__(parts[0])
    if tag == b"v":
        module, name = text.decode().split(".")
        # Of a text such as 1e999999999 a Fraction would make all the digits.
        if module + "." + name not in KNOWN or name == "Fraction" and {*map(type, parts[0])} != {int}:
            raise ValueError("a class")
        __import__(module)
        return find(module, name)(*parts[0])
    return {b"t": tuple, b"S": set, b"Z": frozenset}[tag](parts)


def decode(data, resolve):
    """The value that the bytes are, and nothing else. resolve(tag, text) gives what q, h and n stand for. Any exception
    says that they are none."""
    values, depths, at, count = [], [], 0, 0
    while at < len(data):
        stop = data.index(b";", at)
        tag, text = data[at:at + 1], data[at + 1:stop]
        at, depth = stop + 1, 0
        if tag in b"sbB":
            end = at + size(text, len(data) - at)
            value = data[at:end]
            value = value.decode("utf-8", "surrogatepass") if tag == b"s" else value if tag == b"b" else bytearray(value)
            at = end
        elif tag in b"ltSZdrgv":
            wanted = 3 if tag == b"r" else 1 if tag in b"gv" else size(text, len(values)) * (2 if tag == b"d" else 1)
            if wanted > len(values):
                raise ValueError("parts")
            first = len(values) - wanted
            depth = 1 + max(depths[first:], default=0)
            value = make_whole(tag, text, values[first:])
            del values[first:], depths[first:]
        else:
            value = make_leaf(tag, text, resolve)
        count += 1
        if depth > DEPTH_MAX + 1 or count > 2 * VALUES_MAX:
            raise ValueError("too deep, or too large")
        values.append(value)
        depths.append(depth)
    value, = values
    return value


def read_exactly(fd, count):
    parts = []
    while count > 0:
        part = posix.read(fd, min(count, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


# A frame is a word that answer and question have in common, the length of the rest, and that.
def send_frame(fd, word, data):
    rest = memoryview(b"%b%08x%b" % (word, len(data), data))
    while rest:
        rest = rest[posix.write(fd, rest):]


def read_frame(fd, most):
    """The word and the data; the data is None when there is more of it than that."""
    head = read_exactly(fd, 24)
    count = int(head[16:], 16)
    return head[:16], read_exactly(fd, count) if 0 <= count <= most else None


# Modules that the host has installed, without what their .pth files and sitecustomize would run.
def installed():
    version = "python%d.%d" % sys.version_info[:2]
    for prefix in ("/usr/local", sys.prefix):
        for path in ("python3/dist-packages", version + "/dist-packages", version + "/site-packages"):
            yield "%s/lib/%s" % (prefix, path)
