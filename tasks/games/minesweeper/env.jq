# Minesweeper on a square field, whose cells are numbered row by row from 0. The state: the mines (the number of mines around each
# cell; 9 is a mine itself), which cells are open (1, else 0), how it stands.

# the cells around each cell.
def around($size): [range($size) as $r | range($size) as $c | [beside8($r; $c)[] | select(min >= 0 and max < $size) | .[0] * $size + .[1]]];

# open | the same with the cell open, and, where no mine is near, all around it.
def opened($near; $around; $cell):
  {open: ., todo: [$cell]}
  | until(.todo == [];
      .todo[0] as $at
      | .todo |= .[1:]
      | if .open[$at] == 1 then . else .open |= setpath([$at]; 1) | if $near[$at] == 0 then .todo += $around[$at] else . end end)
  | .open;

# What the open cells say: [[cells not known, mines among them]...]. known: 1 is open, 2 a mine.
def said($near; $around):
  . as $known
  | [range(length) as $i | select($known[$i] == 1 and $near[$i] > 0)
      | [[$around[$i][] | select($known[.] == 0)], $near[$i] - ([$around[$i][] | select($known[.] == 2)] | length)] | select(.[0] != [])]
  | unique;
# What follows: [safe cells, mines], from each alone, else from two of which one has all cells of the other.
def follows:
  . as $said
  | [[.[] | select(.[1] == 0) | .[0][]], [.[] | select(.[1] == (.[0] | length)) | .[0][]]]
  | if . != [[], []] then .
    else [$said[] as $a | $said[] | select($a != . and .[1] >= $a[1] and ($a[0] - .[0]) == []) | [.[0] - $a[0], .[1] - $a[1]] | select(.[0] != [])]
      | [[.[] | select(.[1] == 0) | .[0][]], [.[] | select(.[1] == (.[0] | length)) | .[0][]]]
    end
  | map(unique);

# open | the cells to open one after the other, found by thinking alone; null if that does not do.
def thought($near; $around):
  {known: ., moves: []}
  | until(.moves == null or (. as $x | all(range($near | length); $near[.] == 9 or $x.known[.] == 1));
      (.known | said($near; $around) | follows) as $new
      | if $new == [[], []] then .moves = null
        else reduce $new[1][] as $mine (.; .known |= setpath([$mine]; 2))
          | reduce $new[0][] as $cell (.;
              if .known[$cell] == 1 then . else .moves += [$cell] | .known |= opened($near; $around; $cell) end)
        end)
  | .moves;

# {g} | {g, near, open, moves}: a field with its first cell open.
def field($size; $mines; $around):
  (.g | draw($size * $size)) as $first
  | ($first[0] | shuffled([range($size * $size)] - $around[$first[1]] - [$first[1]])) as $places
  | $places[1][:$mines] as $mined
  | [range($size * $size) | . as $i | if $mined | index([$i]) then 9 else ($around[$i] - ($around[$i] - $mined) | length) end] as $near
  | ([$near[] | 0] | opened($near; $around; $first[1])) as $open
  | {g: $places[0], $near, $open, moves: ($open | thought($near; $around))};

# The first one that can be cleared without a guess.
def made:
  .options as $options | around($options.size) as $around
  | {g: (.seed | generator), moves: null} | until(.moves; field($options.size; $options.mines; $around));

def view($size):
  . as $state
  | ["    \([range(1; $size + 1) | tostring] | join(" "))"]
    + [range($size) as $r | "\($r + 1)   \([range($size) | $r * $size + . | if $state.open[.] == 1 then $state.near[.] | if . == 0 then "." elif . == 9 then "*" else tostring end else "?" end] | join(" "))"]
  | join("\n");

def reset: .options.size as $size | made | {near, open, cleared: false} | {state: ., observation: view($size)};

def step:
  .options.size as $size | .state as $state | .action.args as $args | (($args.row - 1) * $size + $args.column - 1) as $cell
  | if $args.row < 1 or $args.row > $size or $args.column < 1 or $args.column > $size then refused($state; "there is no such cell\n")
    elif $state.open[$cell] == 1 then refused($state; "it is open already\n")
    else ($state | .open |= opened($state.near; around($size); $cell)) as $new
      | ([range($size * $size) | select($state.near[.] < 9 and $new.open[.] == 0)] == []) as $cleared
      | ($state.near[$cell] == 9) as $hit
      | {state: ($new | .cleared = ($cleared and ($hit | not))), terminated: ($cleared or $hit),
         observation: "\($new | view($size))\n\(if $hit then "that was a mine" elif $cleared then "cleared" else "" end)"}
    end;

def render:
  .options.size as $size | .state as $state
  | ["    \([range(1; $size + 1) | tostring | .[-1:]] | join(" "))", "  ┌─\("──" * $size)┐"]
    + [range($size) as $r
        | "\($r + 1 | tostring | " "[length - 1:] + .)│ \([range($size) | $r * $size + . | if $state.open[.] == 1 then $state.near[.] | if . == 0 then " " elif . == 9 then "*" else tostring end else "▒" end] | join(" ")) │"]
    + ["  └─\("──" * $size)┘"]
  | join("\n");

def generate:
  .options.size as $size
  | {solution: [made.moves[] | {tool: "open", args: {row: (. / $size | floor + 1), column: (. % $size + 1)}}]};
