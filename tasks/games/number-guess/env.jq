# A number is to be found. The state: the number, how many guesses are left, whether it was found, and
# the guesses.
def reset:
  .options as $o
  | {state: {number: (1 + (.seed | generator | below($o.most))), left: $o.guesses, found: false, tried: []},
     observation: "a whole number from 1 to \($o.most); \($o.guesses) guesses"};

def step:
  .state as $state | .action.args.number as $n | .options.most as $most
  | if $n < 1 or $n > $most then refused($state; "not a number from 1 to \($most)\n")
    else ($state.left - 1) as $left | ($n == $state.number) as $found
      | {state: {number: $state.number, $left, $found, tried: ($state.tried + [$n])}, terminated: ($found or $left == 0),
         observation: "\(if $found then "found" elif $n < $state.number then "\($n) is too small" else "\($n) is too large" end); guesses left: \($left)"}
    end;

# A line from 1 to the largest number, on which is filled what the answers leave open.
def render:
  .state as $state | .options.most as $most
  | (if $state.found then [$state.number, $state.number]
     else [([0, ($state.tried[] | select(. < $state.number))] | max + 1), ([$most + 1, ($state.tried[] | select(. > $state.number))] | min - 1)] end) as [$from, $to]
  | ([range(50) | ((. * $most / 50 | floor) + 1) as $first | ([$first, ((. + 1) * $most / 50 | floor)] | max) as $last
      | if $first <= $to and $last >= $from then "█" else "·" end] | add) as $line
  | "1 \($line) \($most)\n"
    + if $state.found then "it is \($state.number)" elif $state.left == 0 then "it was \($state.number)"
      else "it is from \($from) to \($to); guesses left: \($state.left)" end;

def generate:
  reset.state.number as $number
  | {solution: [[1, .options.most] | recurse(((.[0] + .[1]) / 2 | floor) as $n
        | if $n == $number then empty elif $n < $number then [$n + 1, .[1]] else [.[0], $n - 1] end)
      | {tool: "guess", args: {number: ((.[0] + .[1]) / 2 | floor)}}]};
