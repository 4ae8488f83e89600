# The notebook: cells of Python in a kernel that lives as long as the episode, behind the program protocol.
#
# Arguments: [auto|ipykernel|own]. The kernel is ipykernel where it and jupyter_client are installed, and else one of our
# own: a child of this process that runs the cells. This process speaks the protocol and knows the cells. Whatever runs
# them only prints and is asked for one thing after the other, so that both kernels give the same records.
#
# Each step gives {"observation": what a person sees, "info": {"cell", "execution_count", "outputs"}}, the outputs as
# nbformat 4 has them, with text only. What is printed when no cell runs comes with the next.
STATE_MAX = 500  # of a cell's outputs, in the notebook's state


class Notebook:
    def __init__(self, channel, make):
        self.channel, self.make = channel, make
        self.kernel = None
        self.cells = []
        self.count = 0
        self.shell = None
        self.busy = self.interrupted = False
        # Where whatever cells and commands start writes to. Its end here is never closed.
        self.raw, self.raw_write = os.pipe()
        os.set_blocking(self.raw, False)
        self.wake, wake_write = os.pipe()
        for fd in self.wake, wake_write:
            os.set_blocking(fd, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, self.interrupt)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)

    def interrupt(self, *_):
        """Ends what is under way, and nothing else."""
        self.interrupted = True
        if self.shell is not None:
            os.killpg(self.shell, signal.SIGINT)
        elif self.kernel is not None and self.busy:
            self.kernel.interrupt()

    def wait(self, *fds):
        """Waits for output, or the end of the child that is waited for: whether it is still there, and whether there is
        something by descriptor."""
        poll = select.poll()
        for fd in (self.raw, self.wake) + fds:
            poll.register(fd, select.POLLIN)
        some = self.raw in dict(poll.poll())
        try:
            os.read(self.wake, 4096)
        except BlockingIOError:
            return True, some
        return os.waitid(os.P_PID, self.shell or self.kernel.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None, some

    def take_raw(self, outputs):
        """Takes what is there by descriptor: a pipe has no more."""
        try:
            outputs.write("stdout", os.read(self.raw, 1 << 20))
        except BlockingIOError:
            pass

    def reset(self, seed, options):
        if self.kernel is not None:
            self.kernel.close()
        self.kernel, self.cells, self.count = None, [], 0
        return {"observation": ""}

    def step(self, tool, args):
        function = self.TOOLS.get(tool)
        if function is None:
            raise Wrong("there is no tool %s" % tool)
        wanted = {"get_notebook_state": [], "execute_shell_command": ["command"]}.get(tool, ["code"])
        if list(args) != wanted or not all(isinstance(value, str) for value in args.values()):
            raise Wrong("%s takes %s" % (tool, " and ".join('"%s", a text' % name for name in wanted) or "nothing"))
        return function(self, **args)

    def start(self):
        if self.kernel is None:
            self.kernel = self.make(self)

    def add(self, code):
        self.cells.append(None)
        return self.execute(code)

    def edit(self, code):
        if not self.cells:
            raise Wrong("there is no cell yet")
        return self.execute(code)

    def execute(self, code):
        self.start()
        self.count += 1
        outputs, error, dead = Outputs(), None, []
        try:
            self.interrupted, self.busy = False, True
            self.kernel.execute(code, self.count, outputs)
        except Ended as end:
            error = "the kernel died (%s); a new one was started, in which no variable is set" % end
            dead = [error_output("DeadKernelError", error, [error])]
            self.kernel = None
        finally:
            self.busy = False
        found = outputs.all()
        cell = {"cell": len(self.cells), "execution_count": self.count, "outputs": found + dead}
        self.cells[-1] = {**cell, "source": code}
        reply = {"observation": as_text(found), "info": cell}
        return {**reply, "error": error} if error else reply

    def execute_shell(self, command):
        if "\0" in command:
            raise Wrong("a command cannot have a NUL in it")
        self.start()
        outputs = Outputs()
        here = os.open(".", os.O_PATH)
        try:
            try:
                os.chdir(self.kernel.directory())
            except FileNotFoundError:
                pass  # it has ended, as the next cell will say
            self.interrupted = False
            self.shell = spawn(command, self.raw_write)
        except OSError as problem:
            raise Wrong("the command cannot be started: %s" % problem.strerror) from problem
        finally:
            os.fchdir(here)
            os.close(here)
        if self.interrupted:
            self.interrupt()
        alive = True
        while alive:
            alive, _ = self.wait()
            self.take_raw(outputs)
        status = os.waitstatus_to_exitcode(os.waitpid(self.shell, 0)[1])
        self.shell = None
        return {"observation": as_text(outputs.all()), "info": {"exit": status if status >= 0 else 128 - status}}

    def state(self):
        parts, size = [], 0
        for cell in reversed(self.cells):
            text = cut(as_text(cell["outputs"]), STATE_MAX)
            head = "[cell %d, execution %d]\n%s" % (cell["cell"], cell["execution_count"], cell["source"])
            part = head + ("\n[output]\n" + text if text else "")
            size += len(part)
            if size > CHARACTERS_MAX:
                parts.append("[cells 1 to %d left out]" % cell["cell"])
                break
            parts.append(part)
        text = "\n\n".join(reversed(parts)) or "There is no cell yet."
        return {"observation": text, "info": {"cells": len(self.cells)}}

    TOOLS = {"add_and_execute_code_cell": add, "edit_and_execute_current_cell": edit,
             "execute_shell_command": execute_shell, "get_notebook_state": state}  # fmt: skip


def main():
    kind = sys.argv[1] if len(sys.argv) > 1 else "auto"
    if len(sys.argv) > 2 or kind not in ("auto", "ipykernel", "own"):
        sys.stderr.write("usage: notebook [auto|ipykernel|own]\n")
        leave(2)
    channel = Channel()

    def work():
        notebook = Notebook(channel, kernel_class(kind))
        serve(channel, notebook.reset, notebook.step)

    guarded(work)


main()
