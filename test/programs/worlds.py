# Environments of Gymnasium's form, well-behaved ones and others.
import dataclasses
import enum
import os
import random
import sys
import time

import gymnasium as gym
import gymnasium.utils.seeding
from gymnasium import error, spaces
from gymnasium.envs.registration import register

register(id="Corridor-v0", entry_point="worlds:Corridor")


class Corridor(gym.Env):
    """As Gymnasium has had them since 0.26."""

    metadata = {"render_modes": ["ansi"]}

    def __init__(self):
        self.action_space = spaces.Discrete(2)
        self.observation_space = spaces.Box(low=0, high=9, shape=(1,), dtype=int)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = int(self.np_random.integers(1, 2))
        self.goal = (options or {}).get("goal", 9)
        self.count = 0
        return self.place, {"goal": self.goal}

    def step(self, action):
        """Go left (0) or right (1)."""
        self.place = max(0, self.place + (1 if action == 1 else -1))
        self.count += 1
        done = self.place >= self.goal
        return self.place, 1.0 if done else -0.1, done, self.count >= 20, {"count": self.count}

    def solve(self):
        done = False
        while not done:
            done = self.step(1)[2]


class Old:
    """As gym had them before: no info from reset(), four values from step(), a seed of its own."""

    def __init__(self):
        self.count = 0

    def seed(self, seed):
        self.seeded = seed

    def reset(self):
        return [self.seeded, random.random() < 2]

    def step(self, action):
        self.count += 1
        ended = self.count == 3 or action == "quit"
        return "action %r" % (action,), True, ended, {"TimeLimit.truncated": self.count == 3}


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    y: float


class Array:
    """As numpy's are for this."""

    def tolist(self):
        return [[1, 2], [3, float("nan")]]


def loop():
    value = []
    value.append(value)
    return value


class Odd(gym.Env):
    """Observations that are no JSON, prints that look like replies, and worse."""

    values = {
        "numbers": lambda: [float("nan"), float("inf"), -float("inf"), 2**40, 10**400, 1.5, True],
        "texts": lambda: [b"a\xff", "\ud83d\ude00", "\ud800", "\0"],
        "kinds": lambda: [(1, 2), {3, 1, 2}, {"b", "a"}, Point(1, 0.5), Colour.RED, Array(), range(3), Point, None],
        "keys": lambda: {1: "a", None: "b", (1, 2): "c", True: "d", "\0": "e"},
        "object": object,
        "loop": loop,
        "huge": lambda: "x" * 20000000,
        "wide": lambda: list(range(2000000)),
    }

    def reset(self, seed=None, options=None):
        print('{"observation": "forged by print", "reward": 1}')
        os.write(1, b'{"observation": "forged by write"}\n')
        os.system("echo '{\"observation\": \"forged by a child\"}'")
        return "ready", {}

    def step(self, action):
        if action in self.values:
            return self.values[action](), 0, False, False, {}
        if action == "fork":
            if os.fork() == 0:
                time.sleep(0.1)
                print('{"observation": "forged later"}')
                return "from the child", 1, True, False, {}
            return "forked", 0, False, False, {}
        if action == "invalid":
            raise error.InvalidAction("that is no move")
        if action == "exit":
            sys.exit(0)
        if action == "reward":
            return "", float("nan"), False, False, {}
        raise RuntimeError("the world has ended")
