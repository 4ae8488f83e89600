# What an environment that is a class costs without pipegym: carries out the actions of standard input, a JSON line each.
#
# usage: class.py plain|pipe|child FOLDER MODULE CLASS
#   plain  the class is called in this process
#   pipe   it is called in a child, with a JSON line each way
#   child  is that child
import importlib
import json
import subprocess
import sys
import types


def make(folder, module, name):
    # As much of gymnasium as such classes need, whether it is installed or not.
    sys.modules["gymnasium"] = types.ModuleType("gymnasium")
    sys.modules["gymnasium"].Env = object
    sys.dont_write_bytecode = True
    sys.path[:0] = [folder]
    return getattr(importlib.import_module(module), name).from_env_str(name + "@{}")


def call(env, line):
    action = json.loads(line)
    _, text = env.step(json.dumps({"name": action["tool"], "parameters": action["args"]}))
    return json.dumps({"observation": text, "reward": env.reward, "terminated": env.finished})


def main():
    mode, place = sys.argv[1], sys.argv[2:]
    if mode != "pipe":
        env = make(*place)
        for line in sys.stdin:
            sys.stdout.write(call(env, line) + "\n")
            if mode == "child":
                sys.stdout.flush()
        return
    child = subprocess.Popen([sys.executable, __file__, "child", *place], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for line in sys.stdin:
        child.stdin.write((json.dumps(json.loads(line)) + "\n").encode())
        child.stdin.flush()
        print(json.dumps(json.loads(child.stdout.readline())))
    child.stdin.close()
    child.wait()


main()
