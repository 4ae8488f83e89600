# The adapter: an environment that is a class in Python, as Gymnasium's and CodeGym's are, behind the program protocol.
#
# Arguments: gymnasium or codegym, FILE:CLASS, and perhaps what else to do than to serve requests, for which it needs the
# texts of gym-tools.py and gym-task.py before it:
#   tools  print what can be called, as JSON: [{"name", "description", "parameters"}]
#   solve  read the reset request from stdin, run the class's solve() and print the calls that it made, as JSON:
#          {"calls": [{"tool", "args"}], "finished", "reward"}
#   task   the same with the options as a text, which is Python's or JSON; print what a task is made of, as JSON:
#          {"options", "tools", "calls", "finished", "reward"}; without solve() the calls are null
DONE = "The answer has been received."


def stop(text):
    """It cannot be used as it is: says so and ends the program."""
    sys.stderr.write("gym-adapter: %s\n" % text)
    leave(1)


# --- the class ---


def load(place):
    """The class, or function, that FILE:CLASS names. The file is imported as Python would, under its own name."""
    file, colon, name = place.rpartition(":")
    if not colon:
        stop("%s is not FILE:CLASS" % place)
    path = os.path.abspath(file)
    sys.path[:0] = [os.path.dirname(path)]
    sys.argv = [path]
    sys.meta_path.append(StandIn())
    module = type(sys)(os.path.basename(path).rpartition(".")[0] or "environment")
    module.__file__ = path
    sys.modules[module.__name__] = module
    try:
        with open(path, "rb") as stream:
            source = stream.read()
    except OSError as error:
        stop("%s: %s" % (file, error.strerror))
    exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)
    if not callable(getattr(module, name, None)):
        stop("%s has no class %s" % (file, name))
    return getattr(module, name)


def named(function, name):
    """Whether a function has a parameter of that name."""
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    if code is None:
        import inspect

        try:
            parameters = inspect.signature(function).parameters
        except (TypeError, ValueError):
            return False
        return name in parameters or any(part.kind is part.VAR_KEYWORD for part in parameters.values())
    return name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] or bool(code.co_flags & 8)


def seed_number(seed):
    """The number that a seed is, or that is made of its text."""
    if seed is None:
        return None
    if str(seed).isdecimal() and len(str(seed)) <= 18:
        return int(seed)
    import zlib

    return zlib.crc32(str(seed).encode())


def call_reset(env, seed, options):
    """Calls reset() with as much as it takes, after having seeded what has a seed of its own."""
    number = seed_number(seed)
    if number is not None:
        if "random" in sys.modules:
            sys.modules["random"].seed(number)
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(number % 2**32)
        if not named(env.reset, "seed") and callable(getattr(env, "seed", None)):
            env.seed(number)
    given = {"seed": number, "options": options or None}
    return env.reset(**{name: value for name, value in given.items() if value is not None and named(env.reset, name)})


ENVIRONMENT_NAMES = {"step", "reset", "solve", "get_ref_answer", "from_env_str", "render", "close", "seed", "finished", "reward"}


def method_names(make):
    """The methods that a class has of its own and that say what they do, in the order in which they are written."""
    names = {}
    for base in reversed(getattr(make, "__mro__", ())):
        if base is object or base.__module__.partition(".")[0] in ("gymnasium", "gym", "__main__"):
            continue
        for name, value in vars(base).items():
            if isinstance(value, type(stop)) and value.__doc__ and name[:1] != "_" and name not in ENVIRONMENT_NAMES:
                names[name] = None
    return list(names)


def number(value, what):
    if (type(value) is float or type(value) is int) and -1e300 < value < 1e300:
        return value
    value = value.item() if hasattr(value, "item") else value
    if value is None:
        return 0
    if not isinstance(value, (int, float)) or plain_float(float(value)) != value:
        raise ValueError("%s is %.100r and no number" % (what, value))
    # To Python True is a number, as which many classes give it; to JSON it is none.
    return value + 0


class Gymnasium:
    """One that has reset() and step(), with the values that they have had since 0.26, or those before."""

    def __init__(self, make):
        self.make = make
        self.env = None

    def reset(self, seed, options):
        if self.env is None:
            self.env = self.make()
        result = call_reset(self.env, seed, options)
        observation, info = result, {}
        if isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], dict):
            observation, info = result
        return {"observation": observation, "info": info}

    def step(self, tool, args):
        if self.env is None:
            raise Wrong("there has been no reset")
        action = args["action"] if args.keys() == {"action"} else args
        action = self.examine(action)
        try:
            result = self.env.step(action)
        except Exception as error:
            # gymnasium.error.InvalidAction, under whichever name it was imported.
            if type(error).__name__ == "InvalidAction":
                raise Wrong(str(error) or "an invalid action") from error
            raise
        if isinstance(result, tuple) and len(result) == 5:
            observation, reward, terminated, truncated, info = result
        elif isinstance(result, tuple) and len(result) == 4:
            observation, reward, terminated, info = result
            truncated = bool(info and info.get("TimeLimit.truncated"))
            terminated = terminated and not truncated
        else:
            raise ValueError("step() gave %.100r, not the tuple of five values or four" % (result,))
        return {
            "observation": observation,
            "reward": number(reward, "the reward"),
            "terminated": bool(terminated),
            "truncated": bool(truncated),
            "info": info if isinstance(info, dict) else {},
        }

    def examine(self, action):
        """The action as step() takes it. What is no action is the agent's mistake, while what step() raises is the
        environment's."""
        space = getattr(self.env, "action_space", None)
        if not hasattr(space, "contains"):
            return action
        given = action
        try:
            if isinstance(action, list) and "numpy" in sys.modules and getattr(space, "shape", None):
                given = sys.modules["numpy"].asarray(action, dtype=space.dtype)
            known = space.contains(given)
        except Exception:
            known = False
        if not known:
            raise Wrong("%.200r is no action: %.200s" % (action, space))
        return given

    def record(self, calls):
        step = self.env.step

        def recorded(action, *rest, **more):
            calls.append({"tool": "step", "args": {"action": action}})
            limit(calls)
            result = step(action, *rest, **more)
            outcome["finished"] = bool(result[2])
            outcome["reward"] += number(result[1], "the reward")
            return result

        outcome = {"finished": False, "reward": 0}
        self.env.step = recorded
        return lambda: outcome

    def tools(self):
        space = getattr(self.make(), "action_space", None)
        schema = {"type": "integer"} if type(space).__name__ == "Discrete" else {}
        if schema:
            start = int(getattr(space, "start", 0))
            schema.update(minimum=start, maximum=start + int(space.n) - 1)
        text = description(getattr(self.make, "step", None) or self.make)[0] or "Takes one step."
        parameters = {"type": "object", "properties": {"action": schema}, "required": ["action"], "additionalProperties": False}
        return [{"name": "step", "description": text, "parameters": parameters}]


class CodeGym:
    """One whose actions are methods, called by name through step(), which always gives a text. It ends with Done, whose
    text has the reference answer: the agent gets another one."""

    def __init__(self, make):
        self.make = make
        self.env = self.known = None
        self.done = False

    def reset(self, seed, options):
        self.env, self.done = None, False
        # It is taken apart at each @.
        if hasattr(self.make, "from_env_str") and "@" not in repr(options):
            self.env = self.make.from_env_str("%s@%r" % (self.make.__name__, options))
        if self.env is None:
            self.env = self.make()
        text = call_reset(self.env, seed, options)
        # As its table of actions has them, where it has one.
        mapping = getattr(self.env, "func_mapping", None)
        self.known = set(mapping if isinstance(mapping, dict) else method_names(self.make)) | {"Observe", "Done"}
        text = text[0] if isinstance(text, tuple) and text else text
        return {"observation": text if isinstance(text, str) else ""}

    def step(self, tool, args):
        if self.env is None:
            raise Wrong("there has been no reset")
        if tool not in self.known:
            raise Wrong("there is no tool %s" % tool)
        try:
            result = self.env.step(encode({"name": tool, "parameters": args}))
        except Exception as error:
            self.examine(tool, args, error)
            raise
        text = result[1] if isinstance(result, tuple) and len(result) > 1 else result
        text = text if isinstance(text, str) else encode(plain(text))
        finished = bool(self.env.finished)
        wrong = text.startswith("Error:")
        if tool == "Done" or finished or self.done:
            text = self.conceal(text, tool, wrong)
        reply = {
            "observation": "" if wrong else text,
            "reward": number(self.env.reward, "the reward"),
            "terminated": finished,
            "truncated": False,
        }
        if wrong:
            reply["error"] = text
        return reply

    def conceal(self, text, tool, wrong):
        if tool == "Done" and not wrong:
            self.done = True
            return DONE
        try:
            answer = str(self.env.get_ref_answer())
        except Exception:
            answer = ""
        if answer not in text:
            return text
        return "Error: this call is not possible" if wrong else DONE

    def examine(self, tool, args, error):
        """Whether what step() raised comes of arguments that the method does not take."""
        import inspect

        method = getattr(self.env, tool, None)
        try:
            inspect.signature(method).bind(**args)
        except TypeError as mistake:
            raise Wrong("Error: %s: %s" % (tool, mistake)) from error
        except ValueError:
            pass

    def record(self, calls):
        step = self.env.step

        def recorded(action, *rest, **more):
            call = json.loads(action)
            calls.append({"tool": call["name"], "args": call.get("parameters") or {}})
            limit(calls)
            return step(action, *rest, **more)

        self.env.step = recorded
        return lambda: {"finished": bool(self.env.finished), "reward": number(self.env.reward, "the reward")}

    def tools(self):
        names = method_names(self.make)
        try:
            mapping = getattr(self.make(), "func_mapping", None)
        except Exception:
            mapping = None
        if isinstance(mapping, dict):
            names = [name for name in mapping if isinstance(name, str)]
        names += [name for name in ("Observe", "Done") if name not in names]
        return [tool_of(name, getattr(self.make, name, None)) for name in names]


def main():
    kinds = {"gymnasium": Gymnasium, "codegym": CodeGym}
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in kinds:
        stop("usage: gym-adapter gymnasium|codegym FILE:CLASS [tools|solve|task]")
    kind, place, mode = sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) == 4 else "serve"
    channel = Channel()

    def work():
        adapter = kinds[kind](load(place))
        if mode == "serve":
            serve(channel, adapter.reset, adapter.step)
        elif mode == "tools":
            channel.send(encode(plain(adapter.tools())))
        elif mode == "solve":
            channel.send(encode(plain(solve(adapter, asked(channel)))))
        elif mode == "task":
            channel.send(encode(plain(task(adapter, asked(channel)))))
        else:
            stop("%s is neither tools nor solve nor task" % mode)

    guarded(work)


main()
