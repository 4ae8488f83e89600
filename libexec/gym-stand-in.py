# The adapter's stand-in for gymnasium, where that is not installed.


class StandIn:
    """The last of the import system's finders, asked for what nothing else has. Of gymnasium, and gym as it was called
    before, it makes as much as classes touch that do without the rest: Env, spaces that take every action (Discrete
    knows its own), a generator of random numbers, and for all other names classes that do nothing."""

    class Space:
        def __init__(self, *arguments, **named):
            self.arguments = arguments
            self.shape = self.dtype = None
            self.__dict__.update(named)

        def seed(self, seed=None):
            return [seed]

        def sample(self, *_):
            raise NotImplementedError("sample() needs gymnasium, which is not installed")

        def contains(self, value):
            return True

        __contains__ = contains

    class Discrete(Space):
        def __init__(self, n, seed=None, start=0):
            super().__init__(n=int(n), start=int(start), shape=())
            self.seed(seed)

        def seed(self, seed=None):
            self.random = generator(seed)
            return [seed]

        def sample(self, *_):
            return self.start + self.random.randrange(self.n)

        def contains(self, value):
            return isinstance(value, int) and self.start <= value < self.start + self.n

        __contains__ = contains

        def __repr__(self):
            return "Discrete(%d)" % self.n

    class Env:
        metadata = {}
        render_mode = spec = None
        reward_range = (-float("inf"), float("inf"))
        observation_space = action_space = None
        pipegym_random = None

        @property
        def np_random(self):
            if self.pipegym_random is None:
                self.pipegym_random = generator(None)
            return self.pipegym_random

        @np_random.setter
        def np_random(self, value):
            self.pipegym_random = value

        @property
        def unwrapped(self):
            return self

        def reset(self, *, seed=None, options=None):
            if seed is not None:
                self.pipegym_random = generator(seed)

        def render(self):
            pass

        def close(self):
            pass

        def __class_getitem__(cls, _):
            return cls

    class Wrapper(Env):
        def __init__(self, env, *_, **__):
            self.env = env

        def __getattr__(self, name):
            return getattr(self.__dict__["env"], name)

        def reset(self, **named):
            return self.env.reset(**named)

        def step(self, action):
            return self.env.step(action)

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("gymnasium", "gym"):
            return type(sys.__spec__ or json.__spec__)(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        def missing(name):
            if name.startswith("__"):
                raise AttributeError(name)
            if name[:1].isupper():
                base = Exception if module.__name__.endswith(".error") else self.Space
                value = type(name, (base,), {"__module__": module.__name__})
            elif module.__name__.count(".") or name not in ("spaces", "core", "error", "utils", "envs", "wrappers", "logger"):
                value = lambda *_, **__: None
            else:
                __import__(module.__name__ + "." + name)
                value = sys.modules[module.__name__ + "." + name]
            setattr(module, name, value)
            return value

        last = module.__name__.rpartition(".")[2]
        if last == "spaces":
            module.Space, module.Discrete = self.Space, self.Discrete
        elif last == "seeding":
            module.np_random = lambda seed=None: (generator(seed), seed)
        elif last == "utils":
            __import__(module.__name__ + ".seeding")
        elif last in ("gymnasium", "gym", "core"):
            module.Env, module.Wrapper, module.Space = self.Env, self.Wrapper, self.Space
        module.__getattr__ = missing


def generator(seed):
    """Random numbers with the names that numpy's generator has for what needs no array."""
    import random

    class Generator(random.Random):
        def integers(self, low, high=None, size=None, endpoint=False, **_):
            low, high = (0, low) if high is None else (low, high)
            if size is not None:
                return [self.randrange(low, high + endpoint) for _ in range(size)]
            return self.randrange(low, high + endpoint)

    return Generator(seed)
