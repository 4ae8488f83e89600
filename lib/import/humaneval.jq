# HumanEval: a function's head and docstring are the prompt, and test defines check(candidate).
def convert:
  text("prompt") as $prompt
  | text("entry_point") as $name
  | text("test") as $test
  | text_or("canonical_solution"; "") as $body
  | if $test | test("(^|\\n)def check *\\(") then . else error("its \"test\" has no function check") end
  | if $name | test("^[A-Za-z_][A-Za-z_0-9]*$") then . else error("its \"entry_point\" is not a name") end
  | {
      id: id("task_id"),
      task: {
        title: "Complete the function \($name)"[0:100],
        category: "python",
        difficulty: "medium",
        split: "test",
        prompt: "Complete the function \($name) in the file solution.py, which begins with:\n\n\($prompt)",
        requires: ["python3"],
        files: {"solution.py": $prompt},
        solution: (if $body == "" then [] else
          [{tool: "shell", args: {command: "cat >> solution.py", stdin: $body}}, {tool: "submit", args: {}}] end),
        checks: [{name: "check", type: "python", setup: $test, asserts: ["check(\($name))"]}
          + ($prompt | taken | if . == [] then {} else {names: .} end)],
        source: source(["prompt", "entry_point", "test", "canonical_solution"])
      }
    };
