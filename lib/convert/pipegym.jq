# Our own. What is wrong is said of the first place where it is.
def from:
  .value | object("it")
  | if .type != "rollout" then error("it is no rollout") else . end
  | if (.episode | type) != "string" then error("its episode is no text") else . end
  | if .reset != null and (.reset | type) != "object" then error("its reset is no object") else . end
  | if .extra != null and (.extra | type) != "object" then error("its extra is no object") else . end
  | .steps |= array("its steps")
  | reduce range(.steps | length) as $i (.; .steps[$i] as $step
    | if ($step | type) != "object" or ($step.action | type) != "object" then error("step \($i + 1) has no action")
      elif $step.observation != null and ($step.observation | type) != "object" then
        error("the observation of step \($i + 1) is no object")
      elif $step.extra != null and ($step.extra | type) != "object" then error("the extra of step \($i + 1) is no object")
      else . end);

def to: {rows: [.], dropped: []};
