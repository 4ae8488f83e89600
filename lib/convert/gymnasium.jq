# Steps as of a Gymnasium environment, a line each: obs, action, reward, terminated, truncated, info. One without an action
# is the observation of a reset. An episode is the lines up to one that is terminated or truncated.

def action_of:
  if type == "string" then {tool: "shell", args: {command: .}}
  elif type == "object" and (.tool | type) == "string" and (.args | type) == "object" then {tool, args} + ({id} | filled)
  else {tool: "step", args: {action: .}} end;

def from:
  . as $in
  | [.value[] | object("a line")] as $lines
  | ([range($lines | length) | select($lines[.].action != null)][0] // ($lines | length)) as $first
  | $lines[$first:] as $acts
  | if any($lines[]; has("obs") | not) then error("a line has no \"obs\"") else . end
  | ($lines[-1].info | if type == "object" then .pipegym else null end) as $kept
  | if $kept != null then
      restore($kept; $lines[0].obs; null; [$acts[] | {action: (.action | action_of), content: .obs}])
    else
      $lines[-1] as $last
      | {episode: ($in | episode([$last.episode, $last.episode_id])), task: null, tools: null, reward: null,
          return: ([$acts[].reward | numbers] | add), terminated: ($last.terminated == true), truncated: ($last.truncated == true),
          refer: {name: ($last.task // $lines[0].task)},
          extra: ({resets: ($lines[:$first] | nonempty)} | filled)} as $head
      | [($lines[:$first][] | {role: "user", content: (.obs | text)}),
          ($acts[] | {role: "agent", calls: [{action: (.action | action_of), result: {stdout: (.obs | text)},
            extra: ({reward: (.reward | number), line: .})}]})]
      | gather($head) | del(.before) | foreign($in; $head)
    end;

def to:
  . as $all
  | (.source.format == "gymnasium" and all(.steps[]; .extra.line | type == "object")) as $theirs
  | kept_of($theirs; keep(.action | if regular then {tool, args} + ({id} | filled) else null end; false)) as $kept
  | (.steps | length) as $count
  | {
      rows: (if $theirs and $kept == null then (.extra.resets // []) + [.steps[].extra.line]
        else
          [{episode, step: 0, obs: (.reset.prompt // ""), reward: null, terminated: false, truncated: false, info: {}},
            (.steps | to_entries[] | .value as $step | {episode: $all.episode, step: (.key + 1), obs: ($step.observation | shown),
              action: ($step.action | {tool, args} + ({id} | filled)), reward: ($step | step_reward),
              terminated: (.key + 1 == $count and ($step.observation.terminated == true or $all.terminated == true)),
              truncated: (.key + 1 == $count and ($step.observation.truncated == true or $all.truncated == true)), info: {}})]
          | .[-1].info = ({pipegym: $kept} | filled)
        end),
      dropped: []
    };
