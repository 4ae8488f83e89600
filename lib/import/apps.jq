# APPS, and CodeContests, which has other names for the same: a problem, tests of inputs and outputs, solutions.

# The lines of a test, where they are an array.
def lines: if type == "array" then map(tostring) | join("\n") else tostring end;

# What a program has to print: words, and numbers as near as is usual, where there are any with a fraction; but as it is
# where a number could be a text, such as 0011.
def expected:
  if test("(^|[ \\n-])0[0-9]") then {trimmed: .}
  elif test("(^|[ \\n-])[0-9]+\\.[0-9]+") then {numbers: ., tolerance: 0.000001, relative: 0.000001}
  else {numbers: .} end;

def pairs($tests; $more):
  ($tests.input // $tests.inputs // []) as $inputs
  | ($tests.output // $tests.outputs // []) as $outputs
  | if ($inputs | type) != "array" or ($outputs | type) != "array" or ($inputs | length) != ($outputs | length)
    then error("its tests have not as many outputs as inputs") else . end
  | [range($inputs | length) | {stdin: ($inputs[.] | lines), stdout: ($outputs[.] | lines | expected)} + $more];

def python_program($cases; $timeout):
  if $cases == [] then error("it has no tests") else . end
  | {
      how: "Write a program in Python 3, the file solution.py. It reads standard input and writes to standard output.",
      checks: [{name: "tests", type: "cases", command: ["python3", "solution.py"], timeout_s: $timeout, cases: $cases}]
    };

# Tests of a function are arrays of arguments. The texts go to Python as they are: jq's numbers are not as long.
def function($name; $tests; $text):
  (.record.starter_code // "" | tostring) as $starter
  | ($starter | test("class +Solution")) as $method
  | if $name | test("^[A-Za-z_][A-Za-z_0-9]*$") then . else error("its fn_name is not a name") end
  | if ($tests.inputs | type) != "array" or ($tests.outputs | type) != "array"
      or ($tests.inputs | length) != ($tests.outputs | length) or $tests.inputs == []
    then error("it has no tests, or not as many outputs as inputs") else . end
  | (if $method then "Solution().\($name)" else $name end) as $call
  | {
      how: ("Write it in Python 3, to the file solution.py: the "
        + (if $method then "method \($name) of the class Solution." else "function \($name)." end)
        + (if $starter == "" then "" else " It begins with:\n\n" + $starter end)),
      checks: [{
        name: "tests", type: "python",
        # An output may be wrapped in one more list, and a tuple is as good as a list.
        setup: ("import json\nTESTS = json.loads(\($text | tojson))\ndef plain(value):\n"
          + "    return [plain(part) for part in value] if isinstance(value, (list, tuple)) else value\n"
          + "def same(got, wanted):\n    got = plain(got)\n"
          + "    return got == wanted or isinstance(wanted, list) and len(wanted) == 1 and got == wanted[0]\n"),
        asserts: [range($tests.inputs | length)
          | "assert same(\($call)(*TESTS[\"inputs\"][\(.)]), TESTS[\"outputs\"][\(.)])"]
      } + (if $method then {classes: ["Solution"]} else {} end)]
    };

def apps_tests:
  (.record.input_output | if type == "string" then . else tojson end) as $text
  # In jq 1.6 a try also catches what is raised behind it, unless its output is collected first.
  | [$text | try fromjson catch error("its \"input_output\" is no JSON")][0] as $tests
  | if ($tests | type) != "object" then error("it has no tests")
    elif $tests.fn_name == null then python_program(pairs($tests; {}); 4)
    else function($tests.fn_name | tostring; $tests; $text) end;

def contest_tests:
  ((.record.time_limit.seconds? // 2) + (.record.time_limit.nanos? // 0) / 1e9) as $seconds
  | python_program(
      pairs(.record.public_tests // {}; {visible: true}) + pairs(.record.private_tests // {}; {})
        + pairs(.record.generated_tests // {}; {});
      # Judges had C in mind.
      [3 * $seconds, 1] | max);

def solution:
  (.record.solutions | if type == "string" then try fromjson catch [] else . end) as $all
  | if $all | type == "array" then $all[0]
    elif $all | type == "object"
    then [range($all.language // [] | length)] | map(select($all.language[.] == 3)) | .[0] as $at
      | if $at == null then null else $all.solution[$at] end
    else null end
  | if type == "string" then solution_py else [] end;

def difficulty:
  {introductory: "easy", interview: "medium", competition: "hard", EASY: "easy", HARD: "hard",
   "1": "easy", "3": "hard", "4": "hard", "5": "hard", "7": "easy"}[.record.difficulty | tostring] // "medium";

def convert:
  (if .record.question == null then "description" else "question" end) as $asked
  | text($asked) as $prompt
  | (if .record.input_output == null then contest_tests else apps_tests end) as $made
  | {
      id: (id("name") // id("problem_id") // id("id") // numbered),
      task: ({
        title: (text_or("name"; $prompt) | title),
        category: "python",
        difficulty: difficulty,
        prompt: ($prompt + "\n\n" + $made.how),
        requires: ["python3"],
        solution: solution,
        checks: $made.checks,
        reward: "weighted",
        source: source(["question", "description", "input_output", "starter_code", "difficulty", "solutions", "public_tests",
          "private_tests", "generated_tests", "time_limit"])
      })
    };
