# CodeGym: an instance for a class in Python, which is a file of the assets. What its tools are and how it is solved, the class
# says itself.
def name_of($who; $code):
  if $code != null and ($who | startswith($code + "__")) then $who[($code | length) + 2:] else $who | split("__") | last end
  | if test("^[A-Za-z_][A-Za-z_0-9]{0,99}$") then . else error("its \"ability\" names no class") end;

# The options as the class gets them: behind the class's name, if that is before them.
def behind($name): if startswith($name + "@") then .[($name | length) + 1:] else . end;

def options_of($name; $own):
  (.record.env_str // (.record.extra_info | if type == "object" then .env_str else null end) // $own)
  | if type == "string" then behind($name) else error("its \"ability\" has no options") end
  | if test("^[ \\t\\r\\n]*$") then "{}" else . end;

def stem: split("/") | last | rtrimstr(".py");

def file_of($names):
  .assets // error("its class is in a file of Python: --assets has to name its folder")
  | [to_entries[] | select((.key | endswith(".py")) and (.value | has("size"))) | .key] as $files
  | first(($names[] as $name | $files[] | select(stem == $name)), (select($files | length == 1) | $files[0]))
    // error("the assets have no \($names[0]).py");

def words_of: gsub("(?<a>[a-z0-9])(?<b>[A-Z])"; "\(.a) \(.b)") | sub("[ _]?Env$"; "") | if . == "" then "Environment" else . end;

def prompt_of:
  .record.prompt
  | if type == "string" then . else
      [.[]? | select(type == "object" and (.content | type) == "string")] as $all
      | [$all[] | select(.role == "user")] | if length == 0 then $all else . end | map(.content) | join("\n\n")
    end
  | if test("[^ \\t\\r\\n]") then . else error("it has no \"prompt\"") end;

def rounds: .record.plugin_call_max_round | if type == "number" and . >= 1 then floor else 256 end;

def made($who; $name; $file):
  .told as $told | rounds as $rounds
  | ($told.calls // [] | length) as $calls
  | if $told.why then error($told.why)
    elif $told.calls == null then .
    elif $told.finished and $told.reward >= 1 | not then error("solve() ends with a reward of \($told.reward)")
    elif $calls > $rounds then error("solve() makes \($calls) calls, and \($rounds) are allowed") else . end
  | {
      id: $who,
      task: {
        title: ($name | words_of | title),
        category: "toolgame",
        difficulty: (if $told.calls == null then "medium" elif $calls <= 3 then "easy" elif $calls >= 10 then "hard" else "medium" end),
        prompt: prompt_of,
        requires: ["python3"],
        env: {kind: "program", program: {adapter: "codegym", class: "\($name).py:\($name)"}, options: $told.options},
        tools: $told.tools,
        limits: {steps: ([$rounds, 100000] | min)},
        checks: [{name: "reward", type: "jq", condition: "[.steps[].observation.reward] | max >= 1"}],
        files: {"\($name).py": {asset: $file}},
        source: source(["ability", "plugin_call_max_round", "env_str"]
          + if .record.prompt | type == "array" and any(.[]; .role != "user") then [] else ["prompt"] end)
      }
    }
  | if $told.calls == null then .note = "its class has no solve(): the task has no solution"
    else .task.solution = $told.calls end;

def convert:
  (text("ability") | split("@")) as $parts
  | if ($parts | length) < 2 then error("its \"ability\" names no class") else . end
  | $parts[1] as $who
  | (.record.code_id | if scalar then tostring else null end) as $code
  | name_of($who; $code) as $name
  | file_of([$who, $name, $code | select(. != null)]) as $file
  | if .told then made($who; $name; $file)
    else {ask: {adapter: "codegym", file: $file, class: $name, options: options_of($name; $parts[2:] | if . == [] then null else join("@") end)}} end;
