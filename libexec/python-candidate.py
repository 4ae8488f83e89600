# The candidate's side of a python check, in the box that has the workspace: imports the candidate's file and does what
# it is asked to, call by call. Nothing here decides anything, and nothing of what is expected comes here. What it has
# been told by the candidate it passes on; the other side trusts none of it.
#
# Started in the workspace. Argument: the file. Standard input: code that goes before the candidate's. Descriptors:
# questions come by 3, answers go by 4.
objects = []
numbers = {}


def handle(value):
    """The bytes for what is no plain data: a number by which it can be asked for."""
    number = numbers.get(id(value))
    if number is None:
        number = numbers[id(value)] = len(objects)
        objects.append(value)
    return b"h%d;" % number


class Missing(Exception):
    pass


def resolver(names):
    def resolve(tag, text):
        if tag == b"h":
            return objects[int(text)]
        if tag == b"q":
            module, name = text.split(":")
            __import__(module)
            return find(module, name)
        if text not in names:
            raise Missing
        return names[text]
    return resolve


OPERATIONS = {
    "call": lambda value, *arguments, **keywords: value(*arguments, **keywords),
    "get": getattr, "set": setattr, "str": str, "repr": repr, "len": len, "iter": iter, "next": next,
    "isinstance": isinstance,
}


def exception_data(error):
    """The first class of Python's own that an exception is of, and its arguments."""
    name = next(base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins")
    for make in (lambda: encode((name, error.args), None), lambda: encode((name, (str(error),)), None)):
        try:
            return make()
        except BaseException:
            continue
    return encode((name, ()), None)


def answer(data, resolve, imported):
    try:
        operation, arguments, keywords = decode(data, resolve)
        if operation == "hello":
            return b"v" + encode(None, None) if imported is None else b"x" + exception_data(imported)
        return b"v" + encode(OPERATIONS[operation](*arguments, **keywords), handle)
    except Missing:
        return b"m"
    except BaseException as error:
        return b"x" + exception_data(error)


def load(file, given):
    """Imports the candidate's file as Python would, under its own name. Gives the names it has, and what it raised."""
    path = posix.getcwd() + "/" + file
    folder, _, name = path.rpartition("/")
    module = type(sys)(name.rpartition(".")[0] or name)
    module.__file__ = path
    sys.modules[module.__name__] = module
    sys.argv = [path]
    sys.path[:0] = [folder]
    try:
        with open(path, "rb") as stream:
            source = stream.read()
        exec(compile(given, "given", "exec", dont_inherit=True), module.__dict__)
        exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)
    except BaseException as error:
        return module.__dict__, error
    return module.__dict__, None


def main():
    # What is left of this process when the decider is gone has nothing more to do, whatever threads there are.
    leave = posix._exit
    parts = list(iter(lambda: posix.read(0, 1 << 20), b""))
    posix.set_inheritable(3, False)
    posix.set_inheritable(4, False)
    sys.path[:1] = []
    sys.path += installed()
    names, imported = load(sys.argv[1], b"".join(parts))
    resolve = resolver(names)
    try:
        while True:
            word, data = read_frame(3, BYTES_MAX)
            reply = answer(data, resolve, imported)
            send_frame(4, word, reply)
    finally:
        leave(0)


main()
