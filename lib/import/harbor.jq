# Harbor and Terminal-Bench: a folder, in which task.toml says how, instruction.md what, and tests/test.sh writes a reward.

# What is needed of TOML: tables, and keys with a text, number, truth, or an array of these on one line.
def toml_value:
  sub("^\\s+"; "") | sub("\\s+$"; "")
  | if test("^\"") then capture("^(?<text>\"([^\"\\\\]|\\\\.)*\")").text | try fromjson catch .
    elif test("^'") then capture("^'(?<text>[^']*)'").text
    elif test("^\\[") then [scan("\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*'|[-+0-9.]+|true|false")] | map(toml_value)
    elif test("^true") then true
    elif test("^false") then false
    else (capture("^(?<number>[-+]?[0-9][0-9_]*(\\.[0-9]+)?([eE][-+]?[0-9]+)?)").number? // null)
      | if . == null then null else gsub("_"; "") | ltrimstr("+") | tonumber end
    end;

def toml:
  reduce (split("\n")[] | rtrimstr("\r")) as $line ({at: [], value: {}};
    if $line | test("^\\s*\\[[^\\[\\]]+\\]") then
      .at = ($line | capture("\\[(?<name>[^\\[\\]]+)\\]").name | split(".") | map(gsub("[ \"']"; "")))
    elif $line | test("^\\s*[A-Za-z0-9_-]+\\s*=") then
      ($line | capture("^\\s*(?<key>[A-Za-z0-9_-]+)\\s*=(?<value>.*)$")) as $pair
      | .at as $at
      | .value = (.value | try setpath($at + [$pair.key]; $pair.value | toml_value) catch error("its task.toml cannot be read"))
    else . end)
  | .value;

def file($path): .record.files[$path].text // null;

# The folder that its Dockerfile makes the working directory; an error for what needs a container to be built.
def workdir:
  file("environment/Dockerfile") as $text
  | if $text == null then "/app" else
      [$text | gsub("\\\\\\r?\\n"; " ") | split("\n")[] | sub("^\\s+"; "") | select(test("^[A-Za-z]"))]
      | map(capture("^(?<word>[A-Za-z]+)\\s*(?<rest>.*?)\\s*$") | .word |= ascii_upcase)
      | . as $lines
      | (map(select(.word | test("^(FROM|WORKDIR|CMD|LABEL|MAINTAINER)$") | not)) | .[0]) as $other
      | ($lines | map(select(.word == "FROM").rest) | .[0] // "") as $from
      | if $other != null then error("it needs a container to be built: \($other.word) \($other.rest | .[0:80])")
        elif $from | test("^([a-z.]+/)*(debian|ubuntu)(:|$)") | not then error("it needs the image \($from | .[0:80])")
        else [$lines[] | select(.word == "WORKDIR").rest] | .[-1] // "/app" end
    end;

def seconds($value; $other): if $value | type == "number" then $value else $other end;

# Where the reward is written: a box has no /logs.
def moved: if type == "string" then split("/logs/verifier") | join("/tmp/verifier") else . end;

# Its one number: what all of an object of numbers have at least.
def grader:
  "mkdir -p /tmp/verifier && { bash /tests/test.sh >&2 </dev/null; cd /tmp/verifier; } && if [ -s reward.json ]; then python3 -c 'import json; v = json.load(open(\"reward.json\")); print(min(v.values()) if isinstance(v, dict) else v)'; else cat reward.txt; fi";

def convert:
  (.record.folder // "" | tostring) as $id
  | if (.record.files | type) != "object" then error("it is not a task's folder")
    elif .record.files["task.yaml"] != null and .record.files["task.toml"] == null then
      error("it is of the older form, task.yaml, which needs a container to be built")
    elif file("task.toml") == null then error("it has no task.toml")
    elif file("instruction.md") == null then error("it has no instruction.md")
    elif file("tests/test.sh") == null then error("it has no tests/test.sh")
    elif .record.files["environment/docker-compose.yaml"] != null then error("it needs several containers") else . end
  | (file("task.toml") | toml) as $toml
  | file("instruction.md") as $prompt
  | ([file("tests/test.sh"), file("solution/solve.sh") // ""] | map([match("(^|\\n)[^#\\n]*?(?<c>\\b(apt-get|apt|pip3?|uvx?|curl|wget|npm|git clone)\\b[^\\n]*)"; "").captures[] | select(.name == "c").string] | .[0]) | map(select(. != null)) | .[0]) as $network
  | if ($toml.environment.docker_image? // "") != "" and file("environment/Dockerfile") == null then
      error("it needs the image \($toml.environment.docker_image | tostring | .[0:80])")
    elif any($toml.environment.env?, $toml.verifier.env?; length > 0) then error("it needs variables of an environment")
    elif $network != null then error("it needs a network: \($network | .[0:80])") else . end
  | workdir as $cwd
  | ($toml.metadata // {}) as $metadata
  | {
      id: $id,
      task: {
        title: ($prompt | sub("^[#\\s]+"; "") | title),
        category: (($metadata.category | word) // "shell"),
        difficulty: ({easy: "easy", hard: "hard"}[$metadata.difficulty | tostring] // "medium"),
        tags: ($metadata.tags | if type == "array" then words else [] end),
        prompt: $prompt,
        env: {cwd: $cwd},
        limits: {
          total_s: (seconds($toml.agent.timeout_sec?; 3600) | [[., 1] | max | ceil, 604800] | min),
          step_s: (seconds($toml.agent.timeout_sec?; 600) | [[., 1] | max, 600] | min),
          memory_mib: (seconds($toml.environment.memory_mb?; 2048) | [[., 16] | max | floor, 1048576] | min),
          disk_mib: (seconds($toml.environment.storage_mb?; 1024) | [[., 1] | max | floor, 1024] | min)
        },
        files: (.assets | with_entries(select((.key | startswith("environment/")) and .key != "environment/Dockerfile")
          | .value = {asset: .key} | .key |= .[12:])),
        tests: (.record.files as $files | .assets | with_entries(select(.key | startswith("tests/"))
          | .value = (if ($files[.key].text | type) == "string" and ($files[.key].text | test("/logs/verifier"))
              then {text: ($files[.key].text | moved), executable: ($files[.key].executable // false)}
              else {asset: .key} end)
          | .key |= .[6:])),
        solution: (file("solution/solve.sh") | if . == null then [] else
          [{tool: "shell", args: {command: "bash -c \"$(cat)\" solve.sh", stdin: .}}, {tool: "submit", args: {}}] end),
        checks: [{name: "tests", type: "command", command: grader, stdout: {number: 1},
          timeout_s: (seconds($toml.verifier.timeout_sec?; 600) | [[., 0.1] | max, 3600] | min)}],
        source: ({format, file, record: .number} + {fields: $toml})
      }
    };
