# The deciding side of a python check, in a box without workspace: runs the test code. The names in it that are neither
# its own nor Python's are the candidate's, and each stands for something in the other box, which is asked for what it
# does and answers with data. All comparing is done here, on that data, by what this interpreter has.
#
# Standard input: NUL between code that the candidate is given, names, classes, setup, asserts. Descriptors: answers come
# by 3, questions go by 4. Standard output: "asked" when the first answer has come; at the end "score PASSED OF" or
# "gone PASSED OF" and a line with the reason, or "error" and a line. Nothing that the candidate wrote is ever in it.
class Failed(BaseException):
    """An assert fails for this reason; test code cannot catch it by mistake."""


class Unsendable(BaseException):
    """The test gives something to the candidate that is no data."""


class State:
    result = posix.dup(1)
    asked = False    # an answer has come
    failed = None    # why the assert under way fails, whatever it makes of it
    gone = False     # there will be no more answers
    raised = None    # the last exception of the candidate's, and its name
    stops = False    # the test code knows of StopIteration
    classes = ()


EXCEPTIONS = {name: value for name, value in vars(builtins).items()
              if isinstance(value, type) and issubclass(value, BaseException)}
ATTRIBUTE, VALUE, INSTANCE = range(3)  # what test code may do with an object, less first


def say(text):
    posix.write(State.result, text.encode("ascii", "backslashreplace"))


def finish(*lines):
    say("\n".join(" ".join(line.split()) for line in lines) + "\n")
    posix._exit(0)


def fail(reason):
    State.failed = State.failed or reason
    raise Failed(reason)


def given_token(value):
    """The bytes for what a test gives to the candidate and is no plain data."""
    if isinstance(value, Object):
        return value.pipegym_token
    if hasattr(type(value), "__next__"):
        return [item for item, _ in zip(value, range(VALUES_MAX))]
    name = getattr(value, "__qualname__", "")
    module = getattr(value, "__module__", None) or getattr(getattr(value, "__objclass__", None), "__module__", None)
    if module and name and find(module, name) is value:
        return b"q%b:%b;" % (module.encode(), name.encode())
    raise Unsendable("a %s of the test's cannot be given to the candidate: what is in \"given\" can" % type(value).__name__)


def question(operation, arguments, keywords, most):
    try:
        data = encode((operation, arguments, keywords), given_token)
    except ValueError:
        # It may be what the candidate itself has made, and gets back.
        if State.asked:
            fail("what the test code gives to the program is too deep, or too large")
        raise Unsendable("what is given to the candidate is too deep, or too large") from None
    word = posix.urandom(8).hex().encode()
    try:
        if State.gone:
            raise EOFError
        send_frame(4, word, data)
        echo, reply = read_frame(3, most)
    except (EOFError, OSError):
        State.gone = True
        fail("the program is gone")
    except ValueError:
        echo, reply = b"", None
    if echo != word or not reply:
        State.gone = True
        posix.close(3)
        posix.close(4)
        fail("the program's answer is too large" if echo == word and reply is None else "the program's answer is none")
    return reply


def resolver(level):
    def resolve(tag, text):
        if tag == b"h" and text.isdigit() and len(text) < 12:
            return Object(b"h%b;" % text.encode(), level)
        value = vars(builtins).get(text.partition(":")[2])
        if tag == b"q" and isinstance(value, type):
            return value
        raise ValueError("a thing")
    return resolve


def has_answered():
    if not State.asked:
        State.asked = True
        say("asked\n")


def exception(data, operation):
    name, arguments = decode(data, resolver(ATTRIBUTE))
    kind = EXCEPTIONS.get(name, Exception) if isinstance(name, str) else Exception
    if not issubclass(kind, Exception):
        fail("the program raised %s" % kind.__name__)
    try:
        error = kind(*arguments)
    except Exception:
        error = kind.__new__(kind)
    # Of a function that map() calls, it would be the end of what is to be looked at. Python does the same for generators.
    if issubclass(kind, StopIteration) and operation != "next" and not State.stops:
        error = RuntimeError("the program raised StopIteration")
    State.raised = error, kind.__name__
    return error


def ask(level, operation, *arguments, **keywords):
    reply = question(operation, arguments, keywords, BYTES_MAX)
    has_answered()
    error = None
    try:
        if reply[:1] == b"v":
            return decode(reply[1:], resolver(level))
        if reply[:1] == b"x":
            error = exception(reply[1:], operation)
    except Exception:
        fail("the program's answer makes no sense")
    if error is not None:
        raise error
    missing = [value.pipegym_token[1:-1].decode() for value in arguments if type(value) is Name]
    fail("the program has no %s" % missing[0] if reply == b"m" and missing else "the program's answer makes no sense")


class Object:
    """Something of the candidate's that is no plain data."""
    __slots__ = ("pipegym_token", "pipegym_level")

    def __init__(self, token, level):
        object.__setattr__(self, "pipegym_token", token)
        object.__setattr__(self, "pipegym_level", level)

    def __call__(self, *arguments, **keywords):
        # A result that should have been a string may be an object whose startswith() says what is wanted.
        if self.pipegym_level == ATTRIBUTE and (arguments or keywords):
            fail("a method with arguments, of an object that is not of \"classes\"")
        return ask(VALUE, "call", self, *arguments, **keywords)

    def __getattr__(self, name):
        if name[:2] == "__":
            raise AttributeError(name)
        return ask(VALUE if self.pipegym_level == INSTANCE else ATTRIBUTE, "get", self, name)

    def __setattr__(self, name, value):
        ask(ATTRIBUTE, "set", self, name, value)

    def __eq__(self, other):
        if self is not other and isinstance(other, Object):
            fail("two objects of the program's own classes are compared")
        return self is other

    __hash__ = object.__hash__

    def __bool__(self):
        fail("an object of the program's own class is neither true nor false")

    def __str__(self):
        return ask(ATTRIBUTE, "str", self)

    def __repr__(self):
        return ask(ATTRIBUTE, "repr", self)

    def __len__(self):
        return ask(ATTRIBUTE, "len", self)

    def __iter__(self):
        return ask(VALUE, "iter", self)

    def __next__(self):
        return ask(VALUE, "next", self)


class Name(Object):
    """A name that the candidate's file has to have."""
    __slots__ = ()

    def __call__(self, *arguments, **keywords):
        made = self.pipegym_level == INSTANCE
        return ask(INSTANCE if made else VALUE, "call", self, *arguments, **keywords)

    def __instancecheck__(self, value):
        return isinstance(value, Object) and ask(ATTRIBUTE, "isinstance", value, self) is True


def names_of(code):
    """Every name that code may look up among the globals, and some more: what it defines itself covers them."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            yield from names_of(constant)


def compiled(text, where):
    try:
        return compile(text, where, "exec", dont_inherit=True)
    except SyntaxError as error:
        finish("error", "%s: line %s: %s" % (where, error.lineno, error.msg))
    except (ValueError, MemoryError, RecursionError) as error:
        finish("error", "%s: %s" % (where, type(error).__name__))


def run(code, where, namespace):
    """None: it passed. Otherwise why it did not."""
    State.failed = State.raised = None
    try:
        exec(code, namespace)
        return State.failed
    except Failed:
        return State.failed
    except Unsendable as error:
        finish("error", "%s: %s" % (where, error))
    except BaseException as error:
        name = type(error).__name__ if EXCEPTIONS.get(type(error).__name__) is type(error) else "an exception"
        if not State.asked and not State.failed:
            finish("error", "%s: it fails before the program is asked for anything: %s: %s" % (where, name, error))
        if State.failed:
            return State.failed
        if State.raised and error is State.raised[0]:
            return "the program raised %s" % State.raised[1]
        return "failed" if name == "AssertionError" else "failed with %s" % name


def hello():
    try:
        reply = question("hello", (), {}, 1 << 16)
        if reply[:1] == b"v":
            return None
        has_answered()  # whatever comes of it, none of the test code runs
        name = decode(reply[1:], resolver(ATTRIBUTE))[0]
        return "the program cannot be imported: %s" % EXCEPTIONS[name].__name__
    except Failed as error:
        return str(error)
    except Exception:
        return "the program's answer makes no sense"


def main():
    texts = b"".join(iter(lambda: posix.read(0, 1 << 20), b"")).decode().split("\0")
    null = posix.open("/dev/null", posix.O_RDWR)
    posix.dup2(null, 1)
    posix.dup2(null, 2)
    sys.path[:1] = []
    sys.path += installed()
    names, State.classes = texts[1].split(), texts[2].split()
    compiled(texts[0], "given")
    setup = compiled(texts[3], "setup")
    asserts = [compiled(text, "asserts[%d]" % at) for at, text in enumerate(texts[4:])]
    for code in [setup] + asserts:
        State.stops = State.stops or "StopIteration" in names_of(code)
        names += (name for name in names_of(code) if name[:2] != "__" and name not in vars(builtins))
    namespace = {"__name__": "tests", "__builtins__": builtins}
    for name in names + State.classes:
        namespace[name] = Name(b"n%b;" % name.encode(), INSTANCE if name in State.classes else ATTRIBUTE)
    passed, reason = 0, hello()
    if reason is None:
        reason = run(setup, "setup", namespace)
        reason = reason and "setup: " + reason
        for at, code in enumerate(asserts if reason is None else ()):
            why = run(code, "asserts[%d]" % at, namespace)
            passed += why is None
            reason = reason or why and "assert %d: %s" % (at + 1, why)
        if not State.asked and not reason:
            finish("error", "asserts: the program is asked for nothing")
    finish("%s %d %d" % ("gone" if State.gone else "score", passed, len(asserts)), reason or "")


main()
