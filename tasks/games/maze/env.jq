# A maze without circles, of which only what lies in a straight line is seen. The state: for each cell the directions that are
# open, in rows; where the agent is, and has been; the exit.
def ways: {north: [-1, 0], east: [0, 1], south: [1, 0], west: [0, -1]};
def backward: {north: "south", east: "west", south: "north", west: "east"};
def beyond($way): [.[0] + ways[$way][0], .[1] + ways[$way][1]];

# generator | [generator, rows of cells]: walks at random into cells that are new, and back where there are none.
def carved($size):
  [below($size), (next | below($size))] as $first
  | {g: ., cells: grid($size; $size; null), path: [$first]} | .cells |= with_cell($first[0]; $first[1]; [])
  | until(.path == [];
      .path[-1] as $at | .cells as $cells
      | [ways | keys[] | . as $way | ($at | beyond($way)) as $to
          | select(($cells | inside($to[0]; $to[1])) and $cells[$to[0]][$to[1]] == null) | [$way, $to]] as $new
      | if $new == [] then .path |= .[:-1]
        else (.g | draw($new | length)) as $drawn | $new[$drawn[1]] as $to
          | .g = $drawn[0] | .path += [$to[1]]
          | .cells |= (setpath($at; .[$at[0]][$at[1]] + [$to[0]]) | setpath($to[1]; [backward[$to[0]]]))
        end)
  | [.g, .cells];

# All cells with the moves that lead to them: [[cell, [direction...]]...], nearest first.
def reached($cells; $from):
  {done: [], edge: [[$from, [], null]]}
  | until(.edge == [];
      .done += .edge
      | .edge |= [.[] | . as $old | $cells[$old[0][0]][$old[0][1]][] | select(. != $old[2])
          | [(. as $way | $old[0] | beyond($way)), $old[1] + [.], backward[.]]])
  | .done | map(.[:2]);

# What is seen: how far each direction is open, and the exit, if it lies there.
def view:
  . as $state
  | [ways | keys[] | . as $way
      | [$state.at | recurse(if $state.cells[.[0]][.[1]] | index([$way]) then beyond($way) else empty end)] as $line
      | {$way, far: ($line | length - 1), out: ($line | index([$state.out]))}]
  | "row \($state.at[0] + 1), column \($state.at[1] + 1)\nopen: \(map("\(.way) \(.far)") | join(", "))"
    + (map(select(.out)) | if length == 0 then "" elif .[0].out == 0 then "\nthis is the exit" else "\nthe exit is in sight: \(.[0].way) \(.[0].out)" end);

def reset:
  .options.size as $size
  | (.seed | generator | carved($size)) as $made
  | ($made[0] | [(next | below($size)), (next | next | below($size))]) as $at
  | {cells: $made[1], at: $at, out: reached($made[1]; $at)[-1][0], been: [$at]}
  | {state: ., observation: view};

def step:
  .state as $state | .action.args.direction as $way
  | if $state.cells[$state.at[0]][$state.at[1]] | index([$way]) | not then refused($state; "there is a wall\n")
    else ($state | .at |= beyond($way) | .been |= (. - [$state.at] + [$state.at])) | {state: ., observation: view, terminated: (.at == .out)} end;

# The map, as far as it was seen: walls, ways, and in grey what is not known.
def render:
  .state as $state | .state.cells as $cells | ($cells | length) as $size
  | (reduce ($state.been[], $state.at | . as $from | ways | keys[] as $way
        | $from | recurse(if $cells[.[0]][.[1]] | index([$way]) then beyond($way) else empty end)) as $cell ({}; .[$cell | tostring] = true)) as $seen
  | def is_seen: $seen[tostring] // false;
    # What is between two cells.
    def between($a; $b; $way):
      if ($a | is_seen | not) and ($b | is_seen | not) then "░░"
      elif ($cells | inside($a[0]; $a[1])) and ($cells[$a[0]][$a[1]] | index([$way])) then if ($a | is_seen) and ($b | is_seen) then "  " else "░░" end
      else "██" end;
  [range(2 * $size + 1) as $i
    | [range(2 * $size + 1) as $j
        | [(($i - 1) / 2 | floor), (($j - 1) / 2 | floor)] as [$r, $c]
        | if $i % 2 == 1 and $j % 2 == 1 then
            if [$r, $c] == $state.at then "◆ " elif [$r, $c] | is_seen | not then "░░" elif [$r, $c] == $state.out then "X " else "  " end
          elif $i % 2 == 1 then between([$r, $c]; [$r, $c + 1]; "east")
          elif $j % 2 == 1 then between([$r, $c]; [$r + 1, $c]; "south")
          elif any(([$r, $c], [$r, $c + 1], [$r + 1, $c], [$r + 1, $c + 1]); is_seen) then "██" else "░░" end]
    | add]
  + ["◆ you   X the exit"] | join("\n");

def generate:
  reset.state | {solution: [reached(.cells; .at)[-1][1][] | {tool: "move", args: {direction: .}}]};
