# gym-codecraft: curriculum.json, all tasks in one object. What has to come of a task is said to a teacher only, so that
# somebody or something has to judge.
def convert:
  . as $in
  | .record.tasks
  | if type == "object" then . else error("it has no \"tasks\"") end
  | to_entries
  | map(.key as $id | ($in + {record: .value}) | try (
      if .record | type == "object" then . else error("it is no object") end
      | text_or("shell"; "bash") as $shell
      | if $shell == "" or ($shell | test("(^|/)(ba|da)?sh$")) then . else error("it wants the shell \($shell | .[0:60])") end
      | text("description") as $prompt
      | {
          id: $id,
          note: "nothing says when it is solved: its check is the judge codecraft",
          task: {
            title: (text_or("title"; $prompt) | if title == "" then $prompt else . end | title),
            category: ((.record.category | word) // "bash"),
            difficulty: "medium",
            tags: ["judge"],
            prompt: $prompt,
            checks: [{name: "judge", type: "judge", judge: "codecraft"}
              + (.record.for_teacher | if . == null then {} else {rubric: .} end)],
            source: source(["title", "category", "description", "for_teacher", "shell"])
          }
        }
    ) catch {id: $id, refuse: tostring});
