# NeMo Gym: a row with what the model was given, and what it answered, as items of a response.

def tool_in: tool_of + {type: "function"};

# Items that are no answers to calls belong to what the agent says and does at once.
def entry:
  if type == "string" then {role: "user", content: .}
  elif type != "object" then error("an item is no object")
  elif (.type // "message") == "message" then
    {
      role: (if .role == "assistant" then "agent" elif .role == "system" or .role == "developer" then "system" else "user" end),
      content: (.content | text),
      fields: (without(["role", "content"]) + (if (.content | type) == "string" then {} else {content} end)
        + (if .role == "developer" then {role} else {} end) | if . == {} then null else {nemo: .} end)
    }
  elif .type == "reasoning" then
    {role: "agent", reasoning: ([(.content, .summary | arrays | .[] | .text? | strings)] | join("\n")), fields: {nemo: .}}
  elif .type == "function_call" then
    (.arguments | if type == "string" then arguments elif type == "object" then {args: .} else {args: {}} end) as $given
    | {role: "agent", calls: [{
        action: ({tool: .name, args: $given.args, id: .call_id} | if .id == null then del(.id) else . end), result: null,
        extra: ({arguments: $given.raw, call: (without(["type", "name", "arguments", "call_id"])
          | if . == {} then null else {nemo: .} end)} | filled)
      }]}
  else {role: "user", content: "", fields: {nemo: .}} end;

# Calls that follow each other without an output between them are made at once.
def items:
  reduce .[] as $item ({items: [], open: {}, at_once: false};
    (if ($item | type) == "object" and $item.type == "function_call_output" then .open[$item.call_id | tostring] else null end) as $at
    | if $at != null then
        .items[$at[0]].calls[$at[1]] |= (.result = {stdout: ($item.output | text)}
          | if ($item | keys) == ["call_id", "output", "type"] and ($item.output | type) == "string" then .
            else .extra.result = {nemo: $item} end)
        | del(.open[$item.call_id | tostring]) | .at_once = false
      else
        ($item | entry) as $entry
        | if $entry.calls == null then .items += [$entry] | .at_once = false
          else
            (if .at_once then .items[-1].calls += $entry.calls else .items += [$entry] end)
            | .at_once = true
            | .open[$item.call_id | tostring] = [(.items | length - 1), (.items[-1].calls | length - 1)]
          end
      end)
  | .items;

def from:
  . as $in
  | (.value | object("it")) as $row
  | ($row.responses_create_params | object("its \"responses_create_params\"")) as $given
  | ($row.response.output | array("its response.output")) as $output
  | ($given.input | if type == "string" then [.] else . // [] | array("its input") end) as $input
  | ($given.tools | if . == null then null else map(tool_of) end) as $tools
  | ($input + $output | items) as $items
  | $row.extra.pipegym as $kept
  | if $kept != null then
      restore($kept; first($items[] | select(.role == "user") | .content) // ""; $tools;
        [$items[].calls[]? | {action: .action, content: .result.stdout}]
        | to_entries | map((.key + 1) as $n | .value | .action |= call_back($n)))
    else
      {episode: ($in | episode([$row.id])), task: null, $tools, reward: ($row.reward | number), terminated: true,
          refer: {record: ($row._ng_task_index | if type == "number" then . + 1 else null end)},
          extra: {fields: {nemo: ($row | del(.response.output)
            | .responses_create_params |= del(.input)
            | if $given.tools == null or $given.tools == [$tools[] | tool_in] then del(.responses_create_params.tools) else . end)}}} as $head
      | $items | gather($head) | foreign($in; $head)
    end;

def message($role; $type):
  (.fields.nemo // {}) as $fields
  | if $fields.type != null and $fields.type != "message" then $fields
    else {$role, content: (.content // "")} + (if $type then {type: "message"} else {} end) + $fields end;

def item:
  if .role != "agent" then message(.role; false)
  else
    (if .reasoning != null and .fields.nemo.type != "reasoning" then {type: "reasoning", summary: [{type: "summary_text", text: .reasoning}]} else empty end),
    (if .content != null or .fields.nemo != null then message("assistant"; true) else empty end),
    (.steps // [] | (.[] | .n as $n | {type: "function_call", name: (.action | tool_name), call_id: (.action | call_id($n)),
        arguments: (.extra.arguments // (.action.args | tojson))} + (.extra.call.nemo // {})),
      (.[] | .n as $n | if .extra.result.nemo != null then .extra.result.nemo elif .observation == null then empty
        else {type: "function_call_output", call_id: (.action | call_id($n)), output: (.observation | shown)} end))
  end;

def to:
  kept_of(theirs("nemo"); keep) as $kept
  | conversation as $conversation
  | ([range($conversation | length) | select($conversation[.].role == "agent")][0] // ($conversation | length)) as $first
  | {rows: [{
      responses_create_params: ({input: [$conversation[:$first][] | item]}
        + (if .reset.tools == null then {} else {tools: [tools[] | tool_in]} end)),
      response: {output: [$conversation[$first:][] | item]},
      reward
    } * (.extra.fields.nemo // {}) + (if $kept == null then {} else {extra: {pipegym: $kept}} end)], dropped: []};
