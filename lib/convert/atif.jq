# ATIF 1.7. It knows no reward and no exit status, and refuses keys that it does not know: those are under extra.

def from_calls($step):
  ($step.observation.results // []) as $results
  | ([$step.tool_calls[] | .tool_call_id]) as $ids
  | (all($results[]; keys == ["content", "source_call_id"] and (.content | type) == "string"
      and (.source_call_id as $id | $ids | index([$id]) != null))
    and ([$results[].source_call_id] == $ids) and ($step.observation == null or ($step.observation | keys) == ["results"])) as $simple
  | {
      calls: [$step.tool_calls[] | . as $call
        | [$results[] | select(.source_call_id == $call.tool_call_id)] as $own
        | {
            action: {tool: .function_name, args: (if (.arguments | type) == "object" then .arguments else {} end), id: .tool_call_id},
            result: (if $own == [] then null else {stdout: ([$own[].content | text] | join("\n"))} end),
            extra: (if keys == ["arguments", "function_name", "tool_call_id"] and (.arguments | type) == "object" then {}
              else {call: {atif: .}} end)
          }],
      rest: (if $simple or $step.observation == null then {} else {observation: $step.observation} end)
    };

def item:
  . as $step
  | if type == "object" and (.source == "agent" or .source == "user" or .source == "system") then .
    else error("a step has no source that is agent, user or system") end
  | if .reasoning_content | maybe("string") then . else error("the reasoning_content of a step is no text") end
  | (if (.tool_calls // []) == [] then {calls: [], rest: ({observation} | filled)} else from_calls($step) end) as $acts
  | (without(["step_id", "source", "message", "reasoning_content", "tool_calls", "observation"]) + $acts.rest
    + (if (.message | type) == "string" then {} else {message} end)
    + (if .tool_calls == [] then {tool_calls} else {} end)) as $fields
  | {role: .source, content: (.message | text), reasoning: .reasoning_content,
      fields: (if $fields == {} then null else {atif: $fields} end), calls: $acts.calls};

def from:
  . as $in
  | (.value | object("it")) as $all
  | if ($all.schema_version | type) != "string" or ($all.schema_version | test("^ATIF-v1\\.") | not) then
      error("it has no \"schema_version\" of ATIF 1") else . end
  | ($all.steps | array("its \"steps\"") | map(item)) as $items
  | ($all.agent.tool_definitions // null | if type == "array" then map((.function // .) | tool_of) else null end) as $tools
  | $all.extra.pipegym as $kept
  | if $kept != null then
      restore($kept; first($items[] | select(.role == "user") | .content) // ""; $tools;
        [$items[].calls[] | {action: .action, content: .result.stdout}]
        | to_entries | map((.key + 1) as $n | .value | .action |= call_back($n)))
    else
      {episode: ($in | episode([$all.trajectory_id, $all.session_id])), task: null, $tools,
        reward: (try $all.final_metrics.extra.reward catch null | number),
        extra: {fields: {atif: ($all | without(["steps"]))}}} as $head
      | $items | gather($head) | foreign($in; $head)
    end;

def results: [.[] | .n as $n | select(.observation != null) | {source_call_id: (.action | call_id($n)), content: (.observation | shown)}];

def step_of:
  ((.fields.atif // {}) as $own
    | (.fields // {} | del(.atif) | if . == {} then {} else {extra: (($own.extra // {}) + {fields: .})} end) as $others
    | {source: .role, message: (.content // ""), reasoning_content: .reasoning}
      + (if .steps == null then {} else .steps as $steps | ($steps | results) as $results | {
          tool_calls: [$steps[] | .n as $n | .extra.call.atif
            // {tool_call_id: (.action | call_id($n)), function_name: (.action | tool_name), arguments: (.action.args | objects // {})}],
          observation: (if $results == [] then null else {$results} end),
          extra: ([$steps[] | {step: .n, reward: step_reward, exit: .observation.exit, timeout: .observation.timeout} | filled
            | select(length > 1)] | if . == [] then null else {outcomes: .} end)
        } end)
      | filled | . + $own + $others);

# Which calls have the name of another of their step, where it may be one's alone.
def repeated: [groups[] | select(length > 1) | group_by(.n as $n | .action | call_id($n))[] | select(length > 1)[] | .n];

def to:
  . as $all
  | theirs("atif") as $theirs
  | (if $theirs then [] else repeated end) as $repeated
  | kept_of($theirs; keep(.n as $n | if $repeated | index($n) then null else .action | call_back($n) end; true)) as $kept
  | reduce $repeated[] as $n (.; .steps[$n - 1].action.id = "call-\($n)")
  | [conversation | if . == [] then {role: "user", content: ""} else .[] end | step_of
      | if $theirs then (if .extra.outcomes then del(.extra.outcomes) | if .extra == {} then del(.extra) else . end else . end) else . end]
  | to_entries | map({step_id: (.key + 1)} + .value) as $steps
  | ({schema_version: "ATIF-v1.7", session_id: $all.episode, trajectory_id: $all.episode,
      agent: ({name: "unknown", version: "unknown",
        tool_definitions: (if $all.reset.tools == null then null else [$all | tools[] | function_of] end)} | filled),
      final_metrics: {total_steps: ($steps | length),
        extra: ({reward: $all.reward, terminated: $all.terminated, truncated: $all.truncated} | filled)}}) as $root
  | (if $theirs then $all.extra.fields.atif else $root end) as $root
  | {rows: [$root + {$steps}
      + (if $kept == null then {} else {extra: (($root.extra // {}) + {pipegym: $kept})} end)], dropped: []};
