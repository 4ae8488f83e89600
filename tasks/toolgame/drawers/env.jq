# Drawers with a number in each, to be sorted with as few swaps as can be. The state: the numbers, the swaps done, how many it takes.

# permutation | how many circles it has.
def circles:
  reduce range(length) as $i ({p: ., seen: [], count: 0};
    if .seen[$i] then . else .count += 1 | .at = $i | until(.seen[.at]; .at as $at | .seen[$at] = true | .at = .p[$at]) end)
  | .count;
# distinct numbers | for each its place among all of them.
def places: sort as $sorted | map(. as $x | $sorted | index([$x]));

def reset:
  .options.drawers as $count
  | {g: (.seed | generator), numbers: [0]}
  | until((.numbers | length) == $count and (.numbers | unique | length) == $count and (.numbers | places | circles) <= 3;
      .g as $g | reduce range($count) as $i (.numbers = []; (.g | draw(900)) as $drawn | .g = $drawn[0] | .numbers += [100 + $drawn[1]]))
  | (.numbers | places | circles) as $circles
  | {state: {numbers, swaps: 0, enough: ($count - $circles), sorted: false},
     observation: "\($count) drawers, numbered from 1; at most \($count - $circles) swaps"};

def step:
  .state as $state | .action as $action | $action.args as $args
  | def is_drawer: . >= 1 and . <= ($state.numbers | length);
    if $action.tool == "done" then
      {state: ($state | .sorted = (.numbers == (.numbers | sort))), terminated: true, observation: "swaps: \($state.swaps)"}
    elif $action.tool == "look" then
      if $args.drawer | is_drawer then {$state, observation: "drawer \($args.drawer) holds \($state.numbers[$args.drawer - 1])"}
      else refused($state; "there is no such drawer\n") end
    elif ($args.a | is_drawer | not) or ($args.b | is_drawer | not) then refused($state; "there is no such drawer\n")
    elif $state.swaps == $state.enough then refused($state; "no swaps are left\n")
    else ($args.a - 1) as $a | ($args.b - 1) as $b
      | {state: ($state | .swaps += 1 | .numbers |= (.[$a] as $x | .[$b] as $y | setpath([$a]; $y) | setpath([$b]; $x))),
         observation: "swapped; swaps left: \($state.enough - $state.swaps - 1)"}
    end;

# Looks at all, then puts into each drawer what belongs there.
def generate:
  reset.state.numbers as $numbers
  | ($numbers | sort) as $sorted
  | {now: $numbers, moves: [range($numbers | length) | {tool: "look", args: {drawer: (. + 1)}}]}
  | reduce range($numbers | length) as $i (.;
      (.now | index([$sorted[$i]])) as $from
      | if $from == $i then .
        else .moves += [{tool: "swap", args: {a: ($i + 1), b: ($from + 1)}}] | .now |= (.[$i] as $x | setpath([$i]; .[$from]) | setpath([$from]; $x)) end)
  | {solution: (.moves + [{tool: "done", args: {}}])};
