# InterCode's results: an object of index -> rollout. Its forms differ in the arrays of turn_history: actions and what
# belongs to each (observations, rewards, valid_action; ReAct's thoughts), and plans.

# What an action of its environments is among ours. `submit` and `skip` end an episode.
def action($environment):
  if . == "submit" then {tool: "submit", args: {}}
  elif startswith("submit ") then {tool: "submit", args: {answer: .[7:]}}
  elif $environment | test("sql") then {tool: "sql", args: {query: .}}
  elif $environment | test("python") then {tool: "python", args: {code: .}}
  else {tool: "shell", args: {command: .}} end;

# Two observations are said in place of what was printed.
def observed:
  if . == "Command timed out" then {timeout: true}
  elif . == "Malformed command" then {stdout: "Malformed command\n"}
  else {stdout: text} end;

def plan($at): if type == "string" and . != "" then {role: "agent", content: ., fields: {intercode: {plan: $at}}} else empty end;

def from:
  . as $in
  | (.value | object("it")) as $all
  | ($all.turn_history | object("its turn_history")) as $history
  | ($history.actions | array("its turn_history.actions")) as $actions
  | if all($actions[]; type == "string") then . else error("an action is no text") end
  | ($actions | length) as $count
  | $all.extra.pipegym as $kept
  | (($all.environment // "") | text) as $environment
  | if $kept != null then
      restore($kept; $all.query; null; [range($count) as $i
        | {action: ($actions[$i] | action("")), content: ($history.observations[$i]
          | if $environment == "pipegym" then . else observed | .stdout end)}])
    else
      ([$history | to_entries[] | select(.key != "actions" and $count > 0 and (.value | type) == "array" and (.value | length) == $count)]) as $each
      | ($history.rewards[-1:] // [] | .[0] | number) as $reward
      | ($actions[-1:] | .[0] // "") as $last
      | ($last | . == "skip" or test("^submit( |$)")) as $ended
      | ($all.task_id // $in.key) as $index
      | ($in | episode([])) as $episode
      | {
          $episode, task: null, tools: null, $reward,
          terminated: ($ended or $reward == 1),
          truncated: ($ended or $reward == 1 | not),
          refer: {record: (try ($index | tonumber + 1) catch null), dataset: ($all.dataset | text | split("/") | .[-1])},
          extra: {fields: {intercode: ($all | without(["query"])
            | .turn_history |= without(["actions"] + [$each[].key]) | del(.turn_history.plan)
            | if (.plan | type) == "string" then del(.plan) else . end)}}
        } as $head
      | [(($all.query | text) | {role: "user", content: .}),
          ($history.plan | plan("turn_history")), ($all.plan | plan("top")),
          (range($count) as $i
            | ([$each[] | {key, value: .value[$i]}] | from_entries) as $turn
            | {
                role: "agent", reasoning: ($turn.thoughts | strings // null),
                calls: [{
                  action: ($actions[$i] | action($environment)),
                  result: (if ($turn | has("observations")) then $turn.observations | observed else null end),
                  extra: {reward: ($turn.rewards | number), turn: ($turn
                    | if (.observations | type) == "string" and (.observations | observed | .stdout) == .observations then del(.observations) else . end)}
                }]
              })]
      | gather($head) | foreign($in; $head)
      | .extra.fields.intercode.turn_history.plan = (if ($history.plan | type) == "string" then null else $history.plan end)
      | if .extra.fields.intercode.turn_history.plan == null then del(.extra.fields.intercode.turn_history.plan) else . end
    end;

# An action as its environments take them.
def line:
  (.args | keys) as $keys
  | if .tool == "shell" and $keys == ["command"] then .args.command
    elif .tool == "sql" and $keys == ["query"] then .args.query
    elif .tool == "python" and $keys == ["code"] then .args.code
    elif .tool == "submit" and $keys == [] then "submit"
    elif .tool == "submit" and $keys == ["answer"] then "submit " + (.args.answer | text)
    else {tool, args} | tojson end;

def back: .action | if regular then line | strings | action("") else null end;

def as_it_was: # what was read from InterCode
  . as $all
  | [.steps[] | .extra.turn // {}] as $turns
  | [$all | conversation[] | select(.fields.intercode.plan != null)] as $plans
  | ($all.extra.fields.intercode + {query: $all.reset.prompt})
  | .turn_history += {actions: [$all.steps[].action | line]}
  | reduce ($turns[0] // {} | keys[]) as $key (.; .turn_history[$key] = [$turns[][$key]])
  | .turn_history += (if all($all.steps[]; .observation == null) then {} else
      {observations: [$all.steps[] | if .extra.turn | has("observations") then .extra.turn.observations else .observation.stdout end]} end)
  | reduce $plans[] as $plan (.; if $plan.fields.intercode.plan == "top" then .plan = $plan.content
      else .turn_history.plan = $plan.content end);

def to:
  . as $all
  | (theirs("intercode") and all(.steps[]; .extra.turn | type == "object")) as $theirs
  | kept_of($theirs; keep(back; false)) as $kept
  | [.steps[] | step_reward // 0] as $rewards
  | ($rewards | max) as $best
  | {rows: [{key: (if .source.format == "intercode" then .source.key else null end), entry: (if $theirs then as_it_was else {
      environment: "pipegym", dataset: (.task // "" | split("/") | .[0]), task_id: (.task // .episode), query: (.reset.prompt // ""),
      turn_history: {actions: [.steps[].action | if regular then line else tojson end], observations: [.steps[].observation | shown],
        $rewards, valid_action: [.steps[].observation | .exit == 0]},
      summary: {max_reward: ($best // 0), max_reward_idx: (($rewards | index($best // 0)) // 0), turns_taken: (.steps | length),
        turns_max: (.reset.limits.steps // (.steps | length))}
    } end | if $kept == null then . else .extra.pipegym = $kept end)}], dropped: []};
