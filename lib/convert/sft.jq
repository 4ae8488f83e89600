# For training: chat messages, each with a flag whether it counts for the loss, which are the agent's.
def used: ["episode", "task", "reward"];
def dropped_of: dropped(used; ["prompt", "tools"]; ["tool", "args"]; ["stdout", "stderr", "error", "exit", "signal", "timeout"]);

def row:
  {task, episode, reward} + (if .reset.tools == null then {} else {tools: [tools[] | function_of]} end);

def learnt: messages | if any(.[]; .role == "assistant") then . else error("there is no turn of an agent in it") end;

def to:
  (learnt | map(.loss = (.role == "assistant"))) as $messages
  | {rows: [{$messages} + row], dropped: dropped_of};
