# InterCode's datasets, which one is seen from the fields: a query and what is right, each on its own environment.

# Its own reward is beside exact checks, for comparison; or decides alone, where all is to be as it was.
def with_own($original; $check): if $original then [] else . end + [{name: "intercode"} + $check + (if $original then {} else {weight: 0} end)];

# A do-nothing agent has it too, in part.
def own_reward: if .original then {reward: "weighted", idle_reward: 0.99} else {} end;

# --- bash: a tree of files that is the workspace, and commands that change it or print something ---

def tree:
  [.assets // {} | to_entries[] | select(.value.folder and (.key | contains("/") | not)) | .key];

# Its environment is set back by git before each rollout, which leaves no empty folder.
def tracked:
  (reduce (to_entries[] | select(.value.folder | not) | .key | split("/") | range(1; length) as $n | .[:$n] | join("/")) as $folder
    ({}; .[$folder] = true)) as $parents
  | with_entries(select((.value.folder | not) or $parents[.key] or (.key | contains("/") | not)));

def within($top): # what is below a folder of the assets, as files of a task
  .assets | with_entries(select(.key | startswith($top + "/")) | .value = {asset: .key} | .key |= .[($top | length) + 1:]);

# What commands that look around find in the root of its image, which is Ubuntu's, and here would not.
def image:
  "for folder in boot media mnt opt srv sys; do mkdir -p \"/$folder\"; done 2>/dev/null\n"
  + "[ -e /etc/networks ] || cat >/etc/networks <<'END'\n"
  + "# symbolic names for networks, see networks(5) for more information\nlink-local 169.254.0.0\nEND\n:\n";

def bash:
  .original as $original
  | (if .original and .assets != null then .assets |= tracked else . end)
  | text("query") as $query
  | text("gold") as $gold
  | tree as $trees
  | [$query, $gold | match("/(testbed|system|workspace|backup)(?![A-Za-z0-9_-])"; "g").captures[0].string] as $named
  | ($trees | map(select(. as $tree | $named | index([$tree]) != null))) as $used
  | if .assets == null and $named != [] then error("it needs the files of /\($named[0]): --assets")
    elif $named - $trees != [] then error("it is about /\(($named - $trees)[0]), which the assets do not have")
    elif ($used | length) > 1 and $used != ["backup", "workspace"] then
      error("it is about more than one tree: " + ($used | join(", "))) else . end
  | (if $used != [] then $used[-1] else ($trees - ["backup"])[0] // $trees[0] end) as $top
  # Its third dataset has both in every container.
  | ($trees - [$top] | map(select([.] + [$top] | sort == ["backup", "workspace"]))) as $beside
  | any($top // empty, $beside[]; . as $tree | $gold | test("(^|[ \"'=])" + $tree + "(/|[ ]|$)")) as $relative
  | {
      id: numbered,
      task: ({
        title: ($query | title),
        category: "bash",
        difficulty: "medium",
        prompt: $query,
        tags: ["intercode"],
        env: ({merge_output: true} + (if .original then {commands: "intercode"} else {} end)
          + (if $top == null then {} else {cwd: "/\($top)"} end)
          + (if $beside == [] then {} else {workspaces: ($beside | map("/" + .))} end)),
        files: (if $top == null then {} else within($top) end),
        # Its commands begin in /.
        solution: [(if $relative and (.original | not) then "cd /\n" else "" end) + $gold, {tool: "submit", args: {}}],
        checks: ([{name: "files", type: "tree"}, {name: "output", type: "output", compare: "normalised"}] | with_own($original; {type: "intercode"})),
        source: source(["query", "gold"])
      } + own_reward + (if .original then {setup: image} else {} end) + (if $beside == [] then {} else
        {workspaces: (.assets | with_entries(select(.key | split("/")[0] as $tree | $beside | index([$tree]) != null) | .value = {asset: .key}))} end))
    };

# --- python: MBPP ---

def python:
  {
    id: ((id("task_id") | if . == null then null else "mbpp-\(.)" end) // numbered),
    task: (asserted(text("query"); text("gold"); texts("tests"); text_or("test_setup_code"; ""))
      + {source: source(["query", "gold", "tests", "test_setup_code"])})
  };

# --- sql: a database, and a query whose rows are wanted ---

# A database of the assets by the name: DB.sqlite, DB.db or DB.sql, in whatever folder; the shortest path of all.
# Or the only one that there is, whatever its name.
def database($db):
  [.assets // {} | to_entries[] | select(.value.size != null) | .key | select(test("\\.(sqlite3?|db|sql)$"))] as $all
  | [$all[] | select(split("/") | .[-1] | sub("\\.[a-z0-9]+$"; "") | ascii_downcase == ($db | ascii_downcase))] | sort_by(length)[0]
  | if . == null and ($all | length) == 1 then $all[0] else . end;

def sql:
  .original as $original
  | text("db") as $db
  | text("query") as $query
  | text("gold") as $gold
  | database($db) as $path
  | if $path == null then error("there is no database \($db | .[0:60]) in --assets: \($db | .[0:60]).sqlite or .sql") else . end
  | if .assets[$path].start // "" | test("mysql|create +(user|database)|engine *=|auto_increment"; "i") then
      error("\($path | .[0:60]) is not SQLite's SQL, but a dump of MySQL") else . end
  | ($path | split("/") | .[-1]) as $name
  | ($name | sub("\\.sql$"; ".sqlite")) as $shown
  | {
      id: numbered,
      task: ({
        title: ($query | title),
        category: "sql",
        difficulty: ({easy: "easy", hard: "hard", extra: "hard"}[.record.hardness | tostring] // "medium"),
        prompt: "\($query)\n\nThe SQLite database is the file \($shown). Submit one query as the answer, whose rows are what is asked for.",
        requires: ["python3"],
        tags: ["intercode"],
        files: {($name): {asset: $path}},
        tests: {($name): {asset: $path}},
        solution: [{tool: "submit", args: {answer: $gold}}],
        checks: ([{name: "rows", type: "sql", databases: [$name], gold: $gold,
            compare: (if $gold | test("order +by"; "i") then "ordered" else "multiset" end)}]
          | with_own($original; {type: "sql", databases: [$name], gold: $gold, compare: "iou"})),
        source: source(["query", "gold", "hardness", "db_tables"])
      } + own_reward + (if $shown == $name then {} else {
        setup: "python3 - \($name | @sh) \($shown | @sh) <<'END' && rm -- \($name | @sh)\nimport sqlite3, sys\nwith open(sys.argv[1], encoding='utf-8') as text:\n    database = sqlite3.connect(sys.argv[2])\n    database.executescript(text.read())\n    database.commit()\nEND\n"
      } end))
    };

# --- ctf: files, and a flag that is the answer ---

# What a task names of the world outside.
def outside:
  [match("https?://[^ ]+|\\bnc +[^ ]+ +[0-9]+|[a-z0-9-]+(\\.[a-z0-9-]+)*\\.(org|net|com)\\b"; "").string][0];

def ctf:
  text("query") as $query
  | text("gold") as $gold
  | id("task_id") as $id
  | text_or("setup"; "") as $setup
  | if $id == null then error("it has no \"task_id\"")
    elif .assets == null then error("its files are in the assets: --assets")
    elif $setup | test("(^|[^a-z])(apt|apt-get|pip|pip3|git|wget|curl|npm|gem) ") then
      error("its setup needs a network: \($setup | .[0:100])")
    elif ($query | outside) != null then error("it needs a network: \($query | outside | .[0:100])") else . end
  | ([.assets | to_entries[] | select(.value.folder) | .key | select(split("/") | .[-1] == $id)] | sort_by(length)[0]) as $folder
  | {
      id: "ctf-\($id)",
      task: ({
        title: ($query | title),
        category: "ctf",
        difficulty: "medium",
        prompt: ($query + "\n\nSubmit the flag as the answer."),
        tags: (["intercode"] + (.record.tags | if type == "array" then words else [] end) | unique),
        hints: (.record.hint | if type == "string" and . != "" then [.] else [] end),
        env: {cwd: "/ctf", merge_output: true},
        # Beside the files are solutions, too.
        files: (if $folder == null then {} else within($folder) | with_entries(select(.key | test("^solution(/|$)") | not)) end),
        solution: [{tool: "submit", args: {answer: $gold}}],
        checks: [{name: "flag", type: "answer", answer: {trimmed: $gold, ignore_case: true}}],
        source: source(["query", "gold", "hint", "setup"])
      } + (if $setup == "" then {} else {setup: ($setup + "\n")} end))
    };

def convert:
  .record as $record
  | def any_of($keys): any($keys[]; . as $key | $record | has($key));
  if any_of(["db", "db_tables"]) then sql
  elif any_of(["tests", "test_setup_code"]) then python
  elif any_of(["tags", "task_id"]) then ctf
  elif any_of(["query", "gold"]) then bash
  else error("its fields are of none of InterCode's datasets") end;
