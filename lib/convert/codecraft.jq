# gym-codecraft's actions, one a line: start names a task, close ends its episode, and reset begins it anew.

def from:
  . as $in
  | [.value[] | object("a line") | if (.action | type) == "string" then . else error("a line has no action") end] as $lines
  | ([$lines[] | select(.action == "start") | .task_id // empty][0] | if . == null then null else text end) as $task
  | {episode: ($in | episode([])), task: $task, tools: null, reward: null,
      terminated: any($lines[]; .action == "submit"), refer: {name: $task}, extra: {}} as $head
  | [$lines[] | select(.action | . == "start" or . == "reset" or . == "close" or . == "exit" | not)
    | {role: "agent", calls: [{result: null, action:
        {tool: (if .action == "command" then "shell" else .action end), args: (del(.action))}}]}]
  | gather($head) | foreign($in; $head);

def line:
  if regular | not then {action: "none"}
  elif .args | has("action") then error("an argument of \(.tool) is called action")
  else {action: (if .tool == "shell" then "command" else .tool end)} + .args end;

def to:
  {
    rows: [{action: "start", task_id: (.task // .episode)}, (.steps[].action | line), {action: "close"}],
    dropped: ((dropped(["task"]; []; ["tool", "args"]; []) + (if any(.steps[]; .observation != null) then ["observation"] else [] end))
      | map(select(startswith("observation.") | not)))
  };
