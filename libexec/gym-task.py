# What the adapter tells of a class for a task that is made of it: the calls that solve it, its tools, its options.
SOLVE_CALLS_MAX = 100000
EXACT_MAX = 2**53  # of integers to all who read numbers as doubles


def limit(calls):
    if len(calls) > SOLVE_CALLS_MAX:
        stop("solve() makes more than %d calls" % SOLVE_CALLS_MAX)


def asked(channel):
    return json.loads(channel.requests.readline() or b"{}").get("reset") or {}


def solve(adapter, given):
    adapter.reset(given.get("seed"), given.get("options") or {})
    if not callable(getattr(adapter.env, "solve", None)):
        stop("the class has no solve()")
    calls = []
    outcome = adapter.record(calls)
    adapter.env.solve()
    return {"calls": calls, **outcome()}


def literal(text):
    try:
        return json.loads(text)
    except ValueError:
        pass
    import ast

    try:
        return ast.literal_eval(text.strip())
    except Exception:
        stop("its options are neither JSON nor a literal of Python's")


def exact(value, what):
    """The value as JSON hands it on: tuples are lists. What would come back as another one ends the program."""
    kind = type(value)
    if kind is dict and all(type(key) is str and "\0" not in key for key in value):
        return {key: exact(part, what) for key, part in value.items()}
    if kind is list or kind is tuple:
        return [exact(part, what) for part in value]
    if kind is int and -EXACT_MAX <= value <= EXACT_MAX or kind is float and plain_float(value) is value:
        return value
    if kind is bool or value is None or kind is str and plain_text(value) == value:
        return value
    stop("%s: %.60r cannot be handed on as JSON" % (what, value))


def attempt(what, work, *given):
    """What work() gives. What it raises is said in one line."""
    try:
        return work(*given)
    except Exception as error:
        stop("%s: %s: %.200s" % (what, type(error).__name__, " ".join(str(error).split())))


TYPES_OF = {str: ("string",), bool: ("boolean",), list: ("array",), dict: ("object",), type(None): ("null",)}


def types_of(value):
    """What a value may be called in a schema."""
    if type(value) in TYPES_OF:
        return TYPES_OF[type(value)]
    return ("number", "integer") if value == int(value) else ("number",)


def widen(tools, calls):
    """Lets the tools take what solve() has called them with, whatever docstrings say."""
    schemas = {tool["name"]: tool["parameters"] for tool in tools}
    for call in calls:
        if call["tool"] not in schemas:
            stop("solve() calls %.60s, which is no tool" % call["tool"])
        schema, args = schemas[call["tool"]], call["args"]
        schema["required"] = [name for name in schema["required"] if name in args]
        for name, value in args.items():
            known = schema["properties"].setdefault(name, {})
            if isinstance(known.get("type"), str) and known["type"] not in types_of(value):
                schema["properties"][name] = {key: known[key] for key in known if key == "description"}


def task(adapter, given):
    options = exact(literal(given.get("options") or "{}"), "options")
    if type(options) is not dict:
        stop("its options are no object")
    tools = attempt("the class", adapter.tools)
    attempt("reset()", adapter.reset, given.get("seed"), options)
    made = {"calls": None, "finished": False, "reward": 0}
    if callable(getattr(adapter.env, "solve", None)):
        made = attempt("solve()", solve, adapter, {"seed": given.get("seed"), "options": options})
        for call in made["calls"]:
            call["args"] = exact(call["args"], "solve()")
        widen(tools, made["calls"])
    return {"options": options, "tools": tools, **made}
