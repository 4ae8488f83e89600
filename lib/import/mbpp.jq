# MBPP, and its sanitized edition with other names of fields.
def convert:
  (if .record.text == null then text("prompt") else text("text") end) as $prompt
  | (.record.test_imports // [] | if type == "array" then map(tostring) | join("\n") else "" end) as $imports
  | ([$imports, text_or("test_setup_code"; "")] | map(select(. != "")) | join("\n")) as $setup
  | id("task_id") as $id
  | {
      id: ($id | if . == null then null else "mbpp-\(.)" end),
      task: (asserted($prompt; text("code"); texts("test_list"); $setup) + {
        # The split that its authors made.
        split: (.record.task_id | if type == "number" and . >= 11 and . <= 510 then "test" else "train" end),
        source: source(["text", "prompt", "code", "test_list", "test_setup_code", "test_imports"])
      })
    };
