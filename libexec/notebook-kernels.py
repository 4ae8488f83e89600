# The notebook's kernels: our own, as this process sees it, and ipykernel, made to give the same records.


class Ended(Exception):
    """The kernel has."""


def ending(number):
    return "signal %d" % -number if number < 0 else "status %d" % number


class OwnKernel:
    def __init__(self, notebook):
        self.notebook = notebook
        self.frames = self.pieces = b""
        self.begun = False
        self.start()

    def start(self):
        request_read, self.requests = os.pipe()
        self.replies, reply_write = os.pipe()
        # The kernel is told when this process has ended, even by SIGKILL in the middle of a cell.
        life, self.life = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.become_kernel(request_read, reply_write, life)
            finally:
                os._exit(1)
        for fd in request_read, reply_write, life:
            os.close(fd)
        os.set_blocking(self.replies, False)

    def become_kernel(self, requests, replies, life):
        import fcntl

        for fd in self.requests, self.replies, self.life:
            os.close(fd)
        self.notebook.channel.forget()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(life, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
        for fd in 1, 2:
            os.dup2(self.notebook.raw_write, fd)
        for fd in self.notebook.raw_write, self.notebook.wake:
            os.close(fd)
        Cells(replies, self.notebook.raw).serve(requests)
        os._exit(0)

    def directory(self):
        return "/proc/%d/cwd" % self.pid

    def interrupt(self):
        # Before a cell has begun, the kernel ignores it.
        if self.begun:
            os.kill(self.pid, signal.SIGINT)

    def execute(self, code, count, outputs):
        """Runs a cell. Raises Ended when the kernel has not survived it."""
        self.frames = self.pieces = b""
        self.begun = False
        if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            self.bury(outputs)
        try:
            write_all(self.requests, encode({"code": code, "count": count}).encode() + b"\n")
        except BrokenPipeError:
            self.bury(outputs)
        done = False
        while not done:
            alive, some = self.notebook.wait(self.replies)
            # No frame is sent while there is something by descriptor: those that are there came before it.
            done = self.take(outputs, count)
            if some:
                self.notebook.take_raw(outputs)
            if not done and not alive:
                self.bury(outputs)
        self.notebook.take_raw(outputs)

    def take(self, outputs, count):
        """Takes what frames there are; whether the cell is done."""
        while True:
            try:
                data = os.read(self.replies, 1 << 16)
            except BlockingIOError:
                return False
            if not data:
                self.bury(outputs)
            self.frames += data
            try:
                if self.take_whole(outputs, count):
                    return True
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                # A cell has written there.
                self.bury(outputs)

    def take_whole(self, outputs, count):
        at, done = 0, False
        while len(self.frames) - at >= 5 and len(self.frames) - at >= 5 + int(self.frames[at + 1 : at + 5]):
            size = int(self.frames[at + 1 : at + 5])
            done = self.frame(self.frames[at : at + 1], self.frames[at + 5 : at + 5 + size], outputs, count) or done
            at += 5 + size
        self.frames = self.frames[at:]
        return done

    def frame(self, tag, data, outputs, count):
        if tag in b"oOeE":
            outputs.write("stdout" if tag in b"oO" else "stderr", data)
            return False
        if tag == b"b":
            self.begun = True
            if self.notebook.interrupted:
                self.interrupt()
            return False
        self.pieces += data
        if tag.isupper():
            return False
        value, self.pieces = json.loads(self.pieces), b""
        if tag == b"r":
            outputs.add(result_output(value["kind"], value["data"], count))
        elif tag == b"x":
            outputs.add(error_output(value["name"], value["value"], value["lines"]))
        return tag == b"d"

    def bury(self, outputs):
        """Takes what is left of a kernel that has ended, or cannot go on."""
        self.notebook.take_raw(outputs)
        os.kill(self.pid, signal.SIGKILL)
        number = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        for fd in self.requests, self.replies, self.life:
            os.close(fd)
        raise Ended(ending(number))

    def close(self):
        try:
            self.bury(Outputs())
        except Ended:
            pass


# --- ipykernel ---

# Makes ipykernel show what the kernel of our own does: repr() without line breaks of its own, short tracebacks, stdout
# and stderr in the order in which they were written (for each cell anew, since IPython puts back its own write() after
# one). A child that a cell has forked ends where the cell does.
PREPARE = SHORTEN + r'''
def pipegym_prepare(shown):
    import linecache, os, sys, warnings
    shell = get_ipython()
    shell.display_formatter.formatters["text/plain"].pprint = False
    names = getattr(shell.compile, "_filename_map", {})

    def cell_of(file):
        return names.get(file)

    def shorten(self, kind, error, trace, tb_offset=None):
        lines = pipegym_shorten(error, cell_of, linecache.getline, shown)
        self._showtraceback(kind, error, lines)
        return lines

    def show(*_, **__):
        kind, error, trace = sys.exc_info()
        if kind is not SystemExit or error.code not in (None, 0):
            shorten(shell, kind, error, trace)

    def leave(code=None):
        raise SystemExit(code)

    last = [None]

    def after(stream, other):
        write = stream.write
        if getattr(write, "pipegym", False):
            return

        def ordered(text):
            if last[0] is other:
                other.flush()
            last[0] = stream
            return write(text)

        ordered.pipegym = True
        stream.write = ordered

    def order(*_):
        last[0] = None
        after(sys.stdout, sys.stderr)
        after(sys.stderr, sys.stdout)

    def end_forked(*_):
        if os.getpid() != kernel:
            os._exit(0)

    kernel = os.getpid()
    shell.execution_count = COUNT
    shell.showtraceback = shell.showsyntaxerror = show
    shell.user_ns["exit"] = shell.user_ns["quit"] = leave
    warnings.filterwarnings("ignore", message="To exit: use")
    shell.events.register("pre_run_cell", order)
    shell.events.register("post_execute", end_forked)

pipegym_prepare(SHOWN)
del pipegym_prepare
'''


class IpyKernel:
    def __init__(self, notebook):
        self.notebook = notebook
        self.start()

    def start(self):
        import subprocess
        import tempfile

        # Nothing of it is left in a home folder, which may be the workspace.
        folder = tempfile.mkdtemp()
        os.environ["JUPYTER_RUNTIME_DIR"] = folder
        from jupyter_client.manager import KernelManager

        # Sockets that are files need no network.
        self.manager = KernelManager(transport="ipc", kernel_name="python3")
        self.manager.kernel_spec.argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}",
                                         "--HistoryManager.enabled=False"]  # fmt: skip
        environment = {**os.environ, "IPYTHONDIR": folder}
        self.manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready()
        self.pid = self.manager.provisioner.pid
        self.notebook.take_raw(Outputs())
        self.ask(PREPARE.replace("SHOWN", str(FRAMES_SHOWN)).replace("COUNT", str(self.notebook.count + 1)), 0, Outputs(), silent=True)

    def directory(self):
        return "/proc/%d/cwd" % self.pid

    def interrupt(self):
        self.manager.interrupt_kernel()

    def execute(self, code, count, outputs):
        self.ask(code, count, outputs)
        self.notebook.take_raw(outputs)

    def ask(self, code, count, outputs, silent=False):
        ident = self.client.execute(code, silent=silent, store_history=not silent, allow_stdin=False, stop_on_error=False)
        while True:
            message = self.message()
            if message is None or message["parent_header"].get("msg_id") != ident:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                outputs.write(content["name"], content["text"].encode("utf-8", "replace"))
            elif kind in ("execute_result", "display_data"):
                outputs.add(result_output(kind, content["data"], count))
            elif kind == "error":
                outputs.add(error_output(content["ename"], content["evalue"], content["traceback"]))
            elif kind == "status" and content["execution_state"] == "idle":
                return

    def message(self):
        import queue

        try:
            return self.client.get_iopub_msg(timeout=0.5)
        except queue.Empty:
            if not self.manager.is_alive():
                number = getattr(self.manager.provisioner, "process", None)
                number = None if number is None else number.returncode
                self.close()
                raise Ended("no status" if number is None else ending(number)) from None
            return None

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def kernel_class(kind):
    if kind == "own":
        return OwnKernel
    if kind == "auto":
        from importlib.util import find_spec

        if not (find_spec("ipykernel") and find_spec("jupyter_client")):
            return OwnKernel
    return IpyKernel
