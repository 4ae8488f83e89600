# An environment of CodeGym's form: find the heaviest of some sealed crates with a pair of scales, and say what all of
# them weigh together, which is shown bit by bit.
import ast
import json

import gymnasium


class ScalesEnv(gymnasium.Env):
    def __init__(self, env_str: str = None):
        super().__init__()
        self.COMPARE, self.WEIGH, self.ADD, self.OBSERVE, self.DONE = range(5)
        self.func_mapping = {
            "Compare": self.COMPARE,
            "Weigh": self.WEIGH,
            "Add": self.ADD,
            "Observe": self.OBSERVE,
            "Done": self.DONE,
        }
        if env_str is not None:
            self.reset(ast.literal_eval(env_str.split("@")[1]))
        else:
            self.reset()

    @property
    def finished(self) -> bool:
        return self._done

    @property
    def reward(self):
        return float(self._reward)

    @staticmethod
    def from_env_str(env_str: str):
        if not env_str.startswith("ScalesEnv@"):
            return None
        return ScalesEnv(env_str=env_str)

    def reset(self, options={}):
        self.weights = options.get("weights", [3, 9, 4])
        self.label = options.get("label", "")
        self._reward = 0
        self._done = False
        self.step_count = 0
        return "%d crates are on the floor." % len(self.weights)

    def get_ref_answer(self):
        return sum(self.weights) * 1000 + self.weights.index(max(self.weights))

    def step(self, action: str):
        self.step_count += 1
        try:
            call = json.loads(action)
            name, params = call["name"], call["parameters"]
            if name not in self.func_mapping:
                raise ValueError("Invalid action: %s" % name)
            code = self.func_mapping[name]
            if code == self.COMPARE:
                message = self.Compare(params["left"], params["right"])
            elif code == self.WEIGH:
                message = self.Weigh(**params)
            elif code == self.ADD:
                message = self.Add(params["numbers"])
            elif code == self.OBSERVE:
                message = self.Observe()
            else:
                message = self.Done(params["answer"])
        except Exception as error:
            message = "Error: %s" % error
        return True, message

    def Compare(self, left: int, right: int):
        r"""

        Put two crates on the scales.

        Args:
            left (int): The crate on the left side,
                counted from 0.
            right (int): The crate on the right side.

        Returns:
            str: "left", "right" or "equal", for the heavier side.

        Example Output:
            "left"
        """
        a, b = self.weights[left], self.weights[right]
        return "left" if a > b else "right" if b > a else "equal"

    def Weigh(self, crate: int, unit: str = "kg"):
        """
        Weigh one crate.

        Args:
            crate (int): Which one.
            unit (str, optional): "kg" or "g".

        Returns:
            str: The weight.
        """
        return str(self.weights[crate] * (1000 if unit == "g" else 1))

    def Add(self, numbers):
        """
        Add numbers up.

        Args:
            numbers (List[int]): The numbers.

        Returns:
            str: Their sum.

        Example Output:
            "12"
        """
        return str(sum(numbers))

    def Observe(self):
        """
        Say how many crates there are.

        Args:
            None

        Returns:
            str: Their number.
        """
        return "crates=%d" % len(self.weights)

    def Done(self, answer):
        """
        Verify the final answer: the sum of all weights, three digits for the number of the heaviest crate behind it.

        Args:
            answer (int): The answer.

        Returns:
            str: The result.

        Example Output:
            "Your answer: 4001, Reference answer: 4001, Result: Correct, reward=1"
        """
        reference = self.get_ref_answer()
        self._reward = 1 if answer == reference else 0
        self._done = True
        return "Your answer: %s, Reference answer: %s, reward=%d" % (answer, reference, self._reward)

    def helper(self):
        return "no tool"

    def call(self, name, **parameters):
        return self.step(json.dumps({"name": name, "parameters": parameters}))[1]

    def solve(self):
        count = int(self.call("Observe").split("=")[1])
        best = 0
        for crate in range(1, count):
            if self.call("Compare", left=crate, right=best) == "left":
                best = crate
        weights = [int(self.call("Weigh", crate=crate)) for crate in range(count)]
        return self.call("Done", answer=int(self.call("Add", numbers=weights)) * 1000 + best)


if __name__ == "__main__":
    raise SystemExit("a test would run here")
