# What the formats have in common. Between two formats is pipegym's own rollout. A format is a file NAME.jq that defines
#   from   of {format, file, stem, number, key, value}: a rollout; with .refer, {record, name, dataset}, which task it is of.
#          value is a record, or of a format whose records are steps an array of those of an episode. An error that is a text
#          refuses it.
#   to     of a rollout: {rows, dropped}: what is to be printed, and names of what has no place there.
#          Where the output is one object, a row is {key, entry}; a key that is null or taken is made a number.
# What a format has no field for goes under "extra": in a rollout what the other project has beyond ours, and in theirs,
# as extra.pipegym, what ours has beyond the messages that they hold. What was read from there is put together again.

def filled: with_entries(select(.value != null));
def object($what): if type == "object" then . else error("\($what) is no object") end;
def array($what): if type == "array" then . else error("\($what) is no array") end;
def without($keys): with_entries(select(.key as $key | $keys | index([$key]) | not));
def nonempty: if . == {} or . == [] then null else . end;
def number: if type == "number" then . else null end;

# What is said, whatever its form: a text, an array of parts with texts, or any other value.
def text:
  if type == "string" then . elif . == null then ""
  elif type == "array" and length > 0 and all(.[]; type == "object" and (.text | type) == "string") then map(.text) | join("")
  else tojson end;

# An observation as an agent reads it.
def shown:
  if type != "object" then "" else
    [(.stdout, .stderr, .error | strings),
      (if .timeout == true then "[timeout]" elif .signal != null then "[\(.signal)]"
        elif .exit != null and .exit != 0 then "[exit \(.exit)]" else "" end)]
    | map(select(. != ""))
    | reduce .[] as $part (""; if . == "" or endswith("\n") then . + $part else . + "\n" + $part end)
  end;

# The reward of a step: the other project's own, if it gave one.
def step_reward: if (.extra.reward | type) == "number" then .extra.reward else .observation.reward end;

# --- what others have no field for ---

# A call has a name of its own everywhere but here.
def call_id($n): if (.id | type) == "string" then .id else "call-\($n)" end;
def tool_name: .tool | strings // "none";
def regular: (.tool | type) == "string" and (.args | type) == "object";
def call_back($n): # null: nothing that is an action
  if regular then {tool, args} + (if (.id | type) == "string" and .id != "call-\($n)" then {id} else {} end) else null end;

# Whether other formats can hold its tools, which are {name, description, parameters}.
def tool_of: {name, description, parameters} | filled;
def plain_tools: (.reset.tools | type) == "array" and all(.reset.tools[]; . == tool_of);

# All of a rollout but what is read again from the other form: prompt, actions (of which `back` is what is made of
# {n, action}), what was printed, and tools, where it has those.
def keep(back; $tools):
  ($tools and plain_tools) as $tools
  | {
    rollout: (del(.steps) | if (.reset.prompt | type) == "string" then del(.reset.prompt) else . end
      | if $tools then del(.reset.tools) else . end),
    prompt: ((.reset.prompt | type) == "string"),
    $tools,
    steps: [.steps | to_entries[] | {n: (.key + 1), action: .value.action} as $call | .value
      | (.observation | shown) as $shown
      | if .action == ($call | back) then del(.action) else . end
      | if (.observation | type) == "object" and .observation.stdout == $shown then del(.observation.stdout) | .stdout = true
        else . end]
  };
def keep: keep(.n as $n | .action | call_back($n); true);

# The shape of what gather puts under extra: it may have been changed since.
def maybe($kind): . == null or type == $kind;
def fields: maybe("object") and ([.atif?, .openai?, .nemo?, .intercode?] | all(maybe("object")));
def said: (.content | maybe("string")) and (.reasoning | maybe("string")) and (.fields | fields);
def sayings: maybe("array") and all(.[]?; type == "object" and (.role | . == "system" or . == "user" or . == "agent") and said);
def of_step: said and (.before | sayings) and (.arguments | maybe("string")) and (.call | fields) and (.result | fields);
def of_rollout: (.system | sayings) and (.after | sayings) and (.prompt | fields) and (.fields | fields);

# Whether it has the shape of a rollout; what is wrong is said of the first place where it is.
def checked:
  object("it")
  | if .type != "rollout" then error("it is no rollout") else . end
  | if (.episode | type) != "string" then error("its episode is no text") else . end
  | if .reset != null and (.reset | type) != "object" then error("its reset is no object") else . end
  | if .reset.tools != null and (.reset.tools | type != "array" or any(.[]; type != "object")) then
      error("its reset.tools are no array of objects") else . end
  | if .source != null and (.source | type) != "object" then error("its source is no object") else . end
  | if .extra != null and (.extra | type) != "object" then error("its extra is no object") else . end
  | .steps |= array("its steps")
  | if .extra | of_rollout then . else error("its extra is not as a conversion makes it") end
  | reduce range(.steps | length) as $i (.; .steps[$i] as $step
    | if ($step | type) != "object" or ($step.action | type) != "object" then error("step \($i + 1) has no action")
      elif $step.observation != null and ($step.observation | type) != "object" then
        error("the observation of step \($i + 1) is no object")
      elif $step.extra != null and ($step.extra | type) != "object" then error("the extra of step \($i + 1) is no object")
      elif $step.extra | of_step | not then error("the extra of step \($i + 1) is not as a conversion makes it")
      else . end);

# calls: [{action, content}] of all steps.
def restore($kept; $prompt; $tools; $calls):
  if ($kept.steps | length) != ($calls | length) then
    error("its extra.pipegym has \($kept.steps | length) steps, and it has \($calls | length)") else . end
  | $kept.rollout
  | .steps = [range($calls | length) as $i | $kept.steps[$i]
    | if has("action") then . else .action = $calls[$i].action end
    | if .stdout == true then .observation.stdout = $calls[$i].content | del(.stdout) else . end]
  | if $kept.prompt == true then .reset.prompt = $prompt else . end
  | if $kept.tools == true then .reset.tools = $tools else . end
  | checked;

# Whether it was read from the format, and has what it was read from.
def theirs($format): .source.format == $format and (.extra.fields[$format] | type) == "object";
# What has to go under extra; null if it is all theirs.
def kept_of(theirs; kept): if theirs and .task_digest == null then null else kept end;

# --- conversations: [{role: system|user|agent, content, reasoning, fields}], with `steps` where an agent acts ---

def groups:
  reduce (.steps | to_entries[]) as $entry ([]; ($entry.value + {n: ($entry.key + 1)}) as $step
    | if length > 0 and $step.extra.joined == true then .[-1] += [$step] else . + [[$step]] end);

def conversation:
  (.extra.system // [])
  + (if (.reset.prompt | type) == "string" then [{role: "user", content: .reset.prompt, fields: .extra.prompt}] else [] end)
  + [groups[] | (.[0].extra.before // [])[],
      {role: "agent", content: .[0].extra.content, reasoning: .[0].extra.reasoning, fields: .[0].extra.fields, steps: .}]
  + (.extra.after // []);

# The other way: a conversation whose agents have `calls`, [{action, result, extra}]; result null is none.
def gather($head):
  def said: {role, content, reasoning, fields} | filled;
  reduce .[] as $item ({system: [], prompt: null, fields: null, before: [], steps: []};
    if ($item.calls // []) != [] then
      (.before | nonempty) as $before
      | reduce range($item.calls | length) as $i (.; $item.calls[$i] as $call | (.steps | length + 1) as $n
        | .steps += [{
            action: $call.action,
            observation: (if $call.result == null then null else {type: "observation", episode: $head.episode, task: $head.task,
              step: $n, tool: $call.action.tool} + $call.result end),
            extra: ((if $i > 0 then {joined: true} else
              {$before, content: $item.content, reasoning: $item.reasoning, fields: $item.fields} end) + ($call.extra // {}) | filled)
          } | if .extra == {} then del(.extra) else . end])
      | .before = []
    elif $item.role == "system" and .prompt == null and .steps == [] and .before == [] then .system += [$item | said]
    elif $item.role == "user" and .prompt == null and .steps == [] and .before == [] then
      .prompt = $item.content | .fields = $item.fields
    else .before += [$item | said] end);

# A rollout of what another project logged; input: the above. Rewards from 0 to 1 are taken for verdicts.
def foreign($in; $head):
  {
    type: "rollout", episode: $head.episode, task: $head.task, task_digest: null, seed: "0",
    reset: (if .prompt == null and $head.tools == null then null else {type: "observation", episode: $head.episode,
      task: $head.task, step: 0} + ({prompt, tools: $head.tools} | filled) end),
    steps,
    reward: $head.reward, return: ($head.return // $head.reward),
    terminated: ($head.terminated // false), truncated: ($head.truncated // false),
    verdict: (if $head.reward != null and $head.reward >= 0 and $head.reward <= 1 then {type: "verdict", episode: $head.episode,
      task: $head.task, status: (if $head.reward == 1 then "pass" else "fail" end), reward: $head.reward} else null end),
    pipegym: null, box: null,
    source: ({format: $in.format, file: $in.file, record: $in.number, key: $in.key} | filled),
    extra: ({system: (.system | nonempty), prompt: .fields, after: (.before | nonempty)} + ($head.extra // {}) | filled),
    refer: $head.refer
  };

# Its own name, or one of the file's and the record's.
def episode($names): first($names[] | strings | select(. != "")) // "\(.stem)-\(.key // .number)";

# --- tools: {name, description, parameters} ---

def function_of: {type: "function", function: ({name, description, parameters} | filled)};
def tools: [(.reset.tools // [])[]];

# Arguments are a text there. One that is no object was the model's mistake; it is kept as it was.
def arguments:
  . as $raw | (try fromjson catch null) as $value
  | if ($value | type) == "object" then {args: $value} + (if ($value | tojson) == $raw then {} else {raw: $raw} end)
    else {args: {}, $raw} end;

# --- chat messages, as of OpenAI ---

# A message of an agent and those that answer its calls; all others as they are.
def messages:
  [conversation[] | ((.fields.openai // {})) as $fields
    | if .role != "agent" then {role, content} + $fields
      elif .steps == null then {role: "assistant", content} + ({reasoning_content: .reasoning} | filled) + $fields
      else
        ({role: "assistant", content} + ({reasoning_content: .reasoning} | filled) + {tool_calls: [.steps[] | .n as $n | {id: (.action | call_id($n)), type: "function",
          function: {name: (.action | tool_name), arguments: (.extra.arguments // (.action.args | tojson))}}]} + $fields),
        (.steps[] | .n as $n | if .extra.result.openai != null then .extra.result.openai
          elif .observation == null then empty
          else {role: "tool", tool_call_id: (.action | call_id($n)), content: (.observation | shown)} end)
      end];

# --- what has no place ---

# Names of what of a rollout is there and not used.
def dropped($rollout; $reset; $action; $observation):
  def names($prefix; $used): to_entries[] | select(.value != null and .value != {} and .value != []) | .key
    | select(. as $key | $used | index([$key]) | not) | $prefix + .;
  . as $all
  | [names(""; ["type", "steps", "reset"] + $rollout),
     (.reset | objects | names("reset."; ["type", "episode", "task", "step", "reward", "terminated", "truncated"] + $reset)),
     (.steps[] | (.action | objects | names("action."; $action)),
       (.observation | objects | names("observation."; ["type", "episode", "task", "step", "tool"] + $observation)),
       ({extra} | filled | names("step."; [])))]
  | unique;
