# The notebook's own kernel, the side that runs the cells: a child of the process that speaks the protocol. It gets a line
# for each cell, and sends frames: a letter, a size of four digits, and as many bytes.
FRAME_MAX = 4000  # below PIPE_BUF: written whole, whoever else writes
FRAMES_SHOWN = 5

# Names the frames of a traceback that are cells, by the number of the execution: library code says little of what is
# wrong with a cell.
SHORTEN = r'''
def pipegym_shorten(error, cell_of, line_of, shown):
    def frames(trace):
        lines = []
        while trace is not None:
            code = trace.tb_frame.f_code
            cell = cell_of(code.co_filename)
            if cell is not None:
                name = "" if code.co_name == "<module>" else ", in " + code.co_name
                lines.append("  Cell In[%s], line %d%s" % (cell, trace.tb_lineno, name))
                source = line_of(code.co_filename, trace.tb_lineno).strip()
                lines[-1] += "\n    " + source if source else ""
            trace = trace.tb_next
        if len(lines) > 2 * shown:
            lines[shown:-shown] = ["  [%d frames left out]" % (len(lines) - 2 * shown)]
        return lines

    def last(error):
        kind = type(error)
        name = kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else kind.__module__ + "." + kind.__qualname__
        try:
            text = str(error.msg if isinstance(error, SyntaxError) else error)
        except Exception:
            text = "<no text>"
        notes = getattr(error, "__notes__", None)
        return [name + (": " + text if text else "")] + ([str(note) for note in notes] if isinstance(notes, list) else [])

    def whole(error, seen):
        seen.add(id(error))
        lines = []
        cause, context = error.__cause__, error.__context__
        if cause is not None and id(cause) not in seen and len(seen) < shown:
            lines += whole(cause, seen) + ["", "The above exception was the direct cause of the following exception:", ""]
        elif context is not None and not error.__suppress_context__ and id(context) not in seen and len(seen) < shown:
            lines += whole(context, seen) + ["", "During handling of the above exception, another exception occurred:", ""]
        found = frames(error.__traceback__)
        if isinstance(error, SyntaxError):
            cell = cell_of(error.filename or "")
            if cell is not None and error.lineno:
                source = error.text if error.text is not None else line_of(error.filename, error.lineno)
                found.append("  Cell In[%s], line %d\n    %s" % (cell, error.lineno, (source or "").strip()))
        return lines + (["Traceback (most recent call last):"] + found if found else []) + last(error)

    return whole(error, set())
'''
exec(SHORTEN)


def send_frame(fd, tag, data):
    """In pieces that are written whole, so that what a cell has forked cannot tear them."""
    for at in range(0, len(data) or 1, FRAME_MAX):
        piece = data[at : at + FRAME_MAX]
        os.write(fd, b"%b%04d%b" % (tag if at + FRAME_MAX >= len(data) else tag.upper(), len(piece), piece))


def make_streams(frames, raw):
    """sys.stdout and sys.stderr of cells: what is written becomes frames. First it waits until nothing is left of what
    came by descriptor before, from a child of the cell's, so that all of it stays in order."""
    import _thread
    import array
    import fcntl
    import io
    import termios
    import time

    turn = _thread.allocate_lock()
    left = array.array("i", [0])

    def settle():
        before, changes = 0, 0
        for look in range(1000):
            fcntl.ioctl(raw, termios.FIONREAD, left)
            changes += left[0] != before
            # Where others go on writing there is no end.
            if left[0] == 0 or changes == 200:
                return
            before = left[0]
            time.sleep(0.00005 if look < 20 else 0.001)

    class Stream(io.RawIOBase):
        def __init__(self, tag, fd):
            super().__init__()
            self.tag, self.fd, self.other = tag, fd, None

        def writable(self):
            return True

        def fileno(self):
            return self.fd

        def write(self, data):
            # The other's flush comes here as well, and other threads may: neither waits.
            if turn.acquire(False):
                try:
                    self.other.flush()
                finally:
                    turn.release()
            settle()
            send_frame(frames, self.tag, bytes(data))
            return len(data)

    streams = []
    for tag, fd in ((b"o", 1), (b"e", 2)):
        buffered = io.BufferedWriter(Stream(tag, fd))
        streams.append(io.TextIOWrapper(buffered, encoding="utf-8", errors="backslashreplace", line_buffering=True))
    streams[0].buffer.raw.other, streams[1].buffer.raw.other = streams[1], streams[0]
    return streams, settle


class Cells:
    """The kernel's side of the cells: their names, and how they are run."""

    def __init__(self, frames, raw):
        # Before the workspace is where modules are looked for.
        import ast
        import builtins

        self.ast, self.frames = ast, frames
        (sys.stdout, sys.stderr), self.settle = make_streams(frames, raw)
        sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr
        self.sources = {}
        self.pid = os.getpid()
        self.loop = None
        module = type(sys)("__main__")
        module.__dict__.update(__builtins__=__builtins__, In=[""], Out={}, _="", display=self.display, exit=exit_cell,
                               quit=exit_cell)  # fmt: skip
        sys.modules["__main__"] = module
        self.names = module.__dict__
        sys.argv = [""]
        sys.path[:0] = [""]
        builtins.input = no_input
        builtins._pipegym_line = self.line
        builtins._pipegym_output = self.shell_lines

    # What a cell calls.

    def display(self, *values, **_):
        for value in values:
            self.show("display_data", value)

    def show(self, kind, value):
        self.flush()
        data = bundle(value)
        if sum(map(len, data.values())) > BYTES_MAX // 2:
            data = {"text/plain": cut(data["text/plain"], HALF_MAX)}
        self.send(b"r", {"kind": kind, "data": data})

    def line(self, text):
        """A line that begins with ! or %."""
        if text[:1] == "!":
            self.names["_exit_code"] = self.shell(text[1:])
            return None
        word, _, rest = text[1:].strip().partition(" ")
        rest = rest.strip()
        if word == "cd":
            os.chdir(os.path.expanduser(rest.strip("'\"") or "~"))
            print(os.getcwd())
        elif word == "pwd":
            return os.getcwd()
        elif word != "matplotlib":
            raise NameError("there is no magic %%%s: there are %%cd, %%pwd, %%%%bash, %%%%sh and %%%%writefile" % word)
        return None

    def shell(self, command):
        self.flush()
        return self.finish(spawn(command, 1))

    def finish(self, child):
        try:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        except BaseException:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise

    def shell_lines(self, command):
        self.flush()
        output, end = os.pipe()
        child = spawn(command, end)
        os.close(end)
        with open(output, encoding="utf-8", errors="replace") as lines:
            try:
                return lines.read().splitlines()
            except BaseException:
                os.killpg(child, signal.SIGKILL)
                raise
            finally:
                self.finish(child)

    # How a cell is run.

    def serve(self, requests):
        """Runs what comes on the descriptor, a line each, until there is no more."""
        with open(requests, "rb") as lines:
            for line in lines:
                request = json.loads(line)
                try:
                    signal.signal(signal.SIGINT, signal.default_int_handler)
                    send_frame(self.frames, b"b", b"")
                    self.execute(request["code"], request["count"])
                except BaseException as error:
                    signal.signal(signal.SIGINT, signal.SIG_IGN)
                    self.leave_forked()
                    self.fail(error, request["count"])
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                self.leave_forked()
                self.flush()
                self.settle()
                self.send(b"d", {})

    def leave_forked(self):
        """A child that a cell has forked ends where the cell does."""
        if os.getpid() != self.pid:
            self.flush()
            os._exit(0)

    def execute(self, source, count):
        self.names["In"].append(source)
        file = "<cell %d>" % count
        self.sources[file] = source.split("\n")
        if source.lstrip().startswith("%%"):
            self.cell_magic(source.lstrip())
            return
        body, last = parse(self.ast, source, file)
        if body.body:
            self.run(body, file, "exec")
        if last is not None:
            value = self.run(last, file, "eval")
            if value is not None and not source.rstrip().endswith(";"):
                self.names["Out"][count] = self.names["_"] = value
                self.show("execute_result", value)

    def run(self, tree, file, mode):
        code = compile(tree, file, mode, self.ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, True)
        if not code.co_flags & 0x80:  # inspect.CO_COROUTINE
            return eval(code, self.names)
        if self.loop is None:
            import asyncio

            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
        return self.loop.run_until_complete(eval(code, self.names))

    def cell_magic(self, source):
        first, _, rest = source.partition("\n")
        word, _, argument = first[2:].strip().partition(" ")
        if word in ("bash", "sh"):
            status = self.shell(rest)
            if status:
                raise OSError("%s ended with status %d" % (word, status))
        elif word == "writefile":
            append, name = argument.startswith("-a "), argument.strip()
            name = name[3:].strip() if append else name
            with open(name, "a" if append else "w", encoding="utf-8") as file:
                file.write(rest)
            print("%s %s" % ("Appending to" if append else "Writing", name))
        else:
            raise NameError("there is no magic %%%%%s: there are %%cd, %%pwd, %%%%bash, %%%%sh and %%%%writefile" % word)

    def fail(self, error, count):
        if isinstance(error, SystemExit) and error.code in (None, 0):
            return
        try:
            lines = pipegym_shorten(error, lambda file: file[6:-1] if file in self.sources else None, self.source_line, FRAMES_SHOWN)
            value = str(error)
        except BaseException:
            lines, value = [type(error).__name__], ""
        self.flush()
        self.send(b"x", {"name": cut(type(error).__name__, HALF_MAX), "value": cut(value, HALF_MAX), "lines": last_lines(lines)})

    def source_line(self, file, number):
        lines = self.sources.get(file, [])
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def flush(self):
        for stream in sys.__stdout__, sys.__stderr__, sys.stdout, sys.stderr:
            try:
                stream.flush()
            except Exception:
                pass

    def send(self, tag, value):
        self.settle()
        send_frame(self.frames, tag, encode(plain(value)).encode())


def exit_cell(code=None):
    raise SystemExit(code)


def no_input(prompt="", /):
    raise RuntimeError("input() is not possible here: nobody can type an answer")


def spawn(command, output):
    """Starts a shell that runs the command, with its output where the descriptor leads. Returns its id."""
    shell = "/bin/bash" if os.path.exists("/bin/bash") else "/bin/sh"
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, output, 1),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    defaults = [signal.SIGINT, signal.SIGPIPE]
    return os.posix_spawn(shell, [shell, "-c", command], os.environ, file_actions=actions, setpgroup=0, setsigdef=defaults)


def bundle(value):
    """The forms that an object has for showing itself, as text."""
    data = {}
    try:
        data["text/plain"] = cut(repr(value), HALF_MAX)
    except Exception as error:
        data["text/plain"] = "<%s whose repr() raises %s>" % (type(value).__name__, type(error).__name__)
    if isinstance(value, type):
        return data
    many = getattr(type(value), "_repr_mimebundle_", None)
    if many is not None:
        try:
            found = many(value, include=None, exclude=None)
            found = found[0] if isinstance(found, tuple) else found
            data.update({str(kind): as_form(form) for kind, form in found.items()})
        except Exception:
            pass
    for name, kind in FORMS:
        method = getattr(type(value), name, None)
        if method is not None and kind not in data:
            try:
                form = method(value)
                form = form[0] if isinstance(form, tuple) else form
                if form is not None:
                    data[kind] = as_form(form)
            except Exception:
                continue
    return data


FORMS = (("_repr_markdown_", "text/markdown"), ("_repr_latex_", "text/latex"), ("_repr_html_", "text/html"),
         ("_repr_png_", "image/png"), ("_repr_jpeg_", "image/jpeg"), ("_repr_svg_", "image/svg+xml"),
         ("_repr_pdf_", "application/pdf"))  # fmt: skip


def as_form(form):
    return base64.b64encode(form).decode() if isinstance(form, bytes) else str(form)


def parse(ast, source, file):
    """The statements of a cell, and its last expression, if it ends with one. A line that begins with ! or % is no
    Python: it is made a call where the parser stumbles upon it, so that those within texts stay what they are."""
    lines = source.split("\n")
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    while True:
        try:
            tree = compile("\n".join(lines), file, "exec", flags, True)
            break
        except SyntaxError as error:
            at = (error.lineno or 0) - 1
            places = [at] if 0 <= at < len(lines) and special(lines[at]) else []
            places += [place for place, line in enumerate(lines) if special(line)]
            if not places:
                raise
            lines[places[0]] = special(lines[places[0]])
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
    return tree, last


def special(line):
    match = re.match(r"(\s*)([!%].*)", line)
    if match:
        return "%s_pipegym_line(%r)" % (match[1], match[2])
    match = re.match(r"(\s*)(\w+)\s*=\s*!(?!=)(.*)", line)
    return match and "%s%s = _pipegym_output(%r)" % (match[1], match[2], match[3])
