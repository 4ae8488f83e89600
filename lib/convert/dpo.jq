# For training: one side of a pair. Those of the same task and prompt are put together by convert_pairs.c.
def to:
  learnt as $messages
  | ([range($messages | length) | select($messages[.].role == "assistant")][0]) as $turn
  | {rows: [row + {prompt: $messages[:$turn], completion: $messages[$turn:]}], dropped: dropped_of};
