# What the formats have in common. A format is a file FORMAT.jq that defines `convert`: of
#   {format, file, number, record, assets, original}
# it makes {id, task} or {id, refuse: REASON}, or an array of these; with a `note` of what a person should know. An error
# that is a text refuses the record. assets: path -> {size}, {folder} or {link}, and null without any. In a task
# {"asset": PATH} stands for a file of these. original: to be graded as it was at home.
# It may also make {ask: {adapter, file, class, options}}, to be asked again with what the class said of itself in a box, as
# `told` (lib/import_class.h).

# What a field that is needed has in it.
def text($key):
  .record[$key]
  | if type == "string" and test("[^ \\t\\r\\n]") then .
    elif . == null then error("it has no \"\($key)\"")
    else error("its \"\($key)\" is not a text, or is empty") end;

def text_or($key; $other):
  .record[$key] | if type == "string" then . elif . == null then $other else error("its \"\($key)\" is not a text") end;

def texts($key):
  .record[$key]
  | if type == "array" and length > 0 and all(.[]; type == "string") then .
    elif . == null then error("it has no \"\($key)\"")
    else error("its \"\($key)\" is no array of texts") end;

# A line of at most 80 characters, of the beginning of a text.
def title:
  .[0:400] | explode | map(if . < 33 or . == 127 then 32 else . end) | implode
  | [splits(" +")] | map(select(. != "")) | join(" ")
  | if length > 80 then .[0:79] + "…" else . end;

# Of a text a word that can be a tag or a category; null if there is nothing in it.
def word:
  if type == "string" then [.[0:60] | splits("[^A-Za-z0-9._+-]+")] | map(select(. != "")) | join("-") else "" end
  | if test("^[A-Za-z0-9]") then . else null end;

def words: [.[]? | word | select(. != null)] | unique | .[0:60];

def scalar: type as $type | any("string", "number"; . == $type);

# Where a task comes from, and all fields that have no other place.
def source($known):
  (.record | with_entries(select(.key as $key | ($known | index([$key])) == null))) as $rest
  | {format, file, record: .number} + (if $rest == {} then {} else {fields: $rest} end);

# In a set of tasks without ids: the file's name and the record's number.
def numbered:
  (.number | tostring | if length < 3 then "000"[length:] + . else . end) as $number
  | (.file | sub("\\.[A-Za-z]+$"; "")) + "-" + $number;

def id($key): .record[$key] | if scalar then tostring else null end;

# What a record that is refused may call itself.
def any_id: .record | .task_id // .folder // .problem_id // .name // .id // .code_id | if scalar then tostring else null end;

# --- Python ---

def defined: [scan("(?:^|\\n)(?:async +)?(?:def|class) +([A-Za-z_][A-Za-z_0-9]*)")[0]] | unique;

# Names that are Python's own, and that code makes its own.
def taken:
  (" abs all any ascii bin bool bytes callable chr compile complex dict dir divmod enumerate eval exec filter float format "
    + "frozenset getattr hash help hex id input int iter len list locals map max min next object oct open ord pow print property "
    + "range repr reversed round set slice sorted str sum super tuple type vars zip ") as $own
  | defined | map(select(. as $name | $own | contains(" \($name) ")));

# The first lines of those functions and classes of code that a text uses, without what follows them.
def signatures($uses):
  [match("(?:^|\\n)((?:async +)?(?:def +([A-Za-z_][A-Za-z_0-9]*)[^\\n]*?\\)(?: *->[^:\\n]*)?|class +([A-Za-z_][A-Za-z_0-9]*)[^\\n:]*)) *:"; "g")
    | .captures | map(.string)]
  | map(select((.[1] // .[3]) as $name | $uses | test("(^|[^A-Za-z_0-9.])" + $name + "([^A-Za-z_0-9]|$)")) | .[0] + ":");

# write_file and submit.
def solution_py: [{tool: "write_file", args: {path: "solution.py", content: .}}, {tool: "submit", args: {}}];

# A function that has to pass some asserts, as in MBPP.
def asserted($prompt; $code; $tests; $setup):
  ($code | signatures($tests | join("\n"))) as $shown
  | (if ($shown | length) == 0 or any($shown[]; startswith("class"))
     then "It has to pass tests such as:\n\n    \($tests[0])"
     else "It begins with:\n\n" + ($shown | map("    " + .) | join("\n")) end) as $how
  | {
      title: ($prompt | title),
      category: "python",
      difficulty: "easy",
      prompt: ($prompt + "\n\nWrite it in Python 3, to the file solution.py. " + $how),
      requires: ["python3"],
      solution: ($code | solution_py),
      checks: [{name: "asserts", type: "python", asserts: $tests}
        + (if $setup == "" then {} else {setup: $setup} end)
        + ($code | taken | if . == [] then {} else {names: .} end)]
    };
