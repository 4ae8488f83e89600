# CodeGym: environments are Python classes, which only a kind of task that runs programs can carry out.
def convert:
  error("an environment of CodeGym is a program, and there is no kind of task that runs one");
