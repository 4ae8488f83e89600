# Rows with messages and tools. Whatever else is in a row, or in a message, is kept.

def call:
  (.function.arguments | if type == "string" then arguments elif type == "object" then {args: .} else {args: {}} end) as $given
  | {
      action: ({tool: .function.name, args: $given.args, id} | if .id == null then del(.id) else . end),
      result: null,
      extra: ({arguments: $given.raw} | filled)
    };

def item:
  (.content | if . == null then null else text end) as $content
  | (.reasoning_content | strings // null) as $reasoning
  | without(["role", "content", "tool_calls"] + (if $reasoning == null then [] else ["reasoning_content"] end)) as $rest
  | ($rest + (if (.content | type) == "array" then {content} else {} end)
      + (if .role | . == "assistant" or . == "system" or . == "user" then {} else {role} end)) as $fields
  | {
      role: (if .role == "assistant" then "agent" elif .role == "system" or .role == "developer" then "system" else "user" end),
      $content, $reasoning,
      fields: (if $fields == {} then null else {openai: $fields} end),
      calls: [(.tool_calls // [])[] | call]
    };

# A tool's message answers a call of the last message that has some.
def items:
  reduce .[] as $message ({items: [], last: null};
    (if $message.role != "tool" or .last == null then null else
      first(.items[.last].calls | to_entries[] | select(.value.result == null and .value.action.id == $message.tool_call_id) | .key)
      // null end) as $call
    | if $call != null then
        .last as $last
        | .items[$last].calls[$call] |= (.result = {stdout: ($message.content | text)}
          | if ($message | keys) == ["content", "role", "tool_call_id"] and ($message.content | type) == "string" then .
            else .extra.result = {openai: $message} end)
      else
        .items += [$message | item] | if .items[-1].calls == [] then . else .last = (.items | length - 1) end
      end)
  | .items;

def from:
  . as $in
  | (.value | if type == "array" then {messages: .} else object("it") end) as $row
  | ($row.messages | array("its \"messages\"")) as $messages
  | if all($messages[]; type == "object" and (.role | type) == "string") then . else error("a message has no role") end
  | ($row.tools | if . == null then null else array("its \"tools\"") end) as $functions
  | (if $functions == null then null else [$functions[] | (.function // .) | tool_of] end) as $tools
  | ($messages | items) as $items
  | $row.extra.pipegym as $kept
  | if $kept != null then
      restore($kept; first($items[] | select(.role == "user") | .content) // ""; $tools;
        [$items[].calls[] | {action: .action, content: .result.stdout}]
        | to_entries | map((.key + 1) as $n | .value | .action |= call_back($n)))
    else
      {episode: ($in | episode([$row.episode, $row.id])), task: (($row.task | strings) // null), $tools,
        reward: ($row.reward | number), refer: {name: $row.task},
        extra: {fields: ({openai: ($row | without(["messages"])
          | if $functions == null or $functions == [$tools[] | function_of] then del(.tools) else . end)})}} as $head
      | $items | gather($head) | foreign($in; $head)
    end;

def to:
  kept_of(theirs("openai"); keep) as $kept
  | {rows: [{messages: messages}
      + (if .reset.tools == null then {} else {tools: [tools[] | function_of]} end)
      + (.extra.fields.openai // {})
      + (if $kept == null then {} else {extra: {pipegym: $kept}} end)], dropped: []};
