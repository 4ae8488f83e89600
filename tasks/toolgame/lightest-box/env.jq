# Boxes on a shelf: their weights rise to the right, but the row was cut somewhere and its two parts changed places. The state: how
# many boxes there are, where the lightest one is, how many comparisons are left, whether it was named.
def reset:
  (.seed | generator | draw(400)) as [$g, $more] | (400 + $more) as $count
  | {$count, lightest: ($g | 2 + ((next | below($count - 2)))), left: .options.comparisons, solved: false}
  | {state: ., observation: "\(.count) boxes, numbered from 1; comparisons left: \(.left)"};

def step:
  .state as $state | .action.args as $args
  | def is_box: . >= 1 and . <= $state.count;
    def weight: (. - $state.lightest + $state.count) % $state.count;
    if .action.tool == "done" then
      {state: ($state | .solved = ($args.box == .lightest)), terminated: true, observation: "box \($args.box) it is"}
    elif ($args.a | is_box | not) or ($args.b | is_box | not) then refused($state; "there is no such box\n")
    elif $state.left == 0 then refused($state; "no comparisons are left\n")
    else {state: ($state | .left -= 1),
      observation: "box \($args.a) is \(($args.a | weight) as $a | ($args.b | weight) as $b | if $a == $b then "as heavy as" elif $a < $b then "lighter than" else "heavier than" end) box \($args.b); comparisons left: \($state.left - 1)"}
    end;

# What is in the middle is compared with what is last: the lightest one is behind it, or not.
def generate:
  reset.state as $state
  | {low: 1, high: $state.count, moves: []}
  | until(.low == .high;
      ((.low + .high) / 2 | floor) as $middle
      | .moves += [{tool: "compare", args: {a: $middle, b: .high}}]
      | if $state.lightest > $middle and $state.lightest <= .high then .low = $middle + 1 else .high = $middle end)
  | {solution: (.moves + [{tool: "done", args: {box: .low}}])};
