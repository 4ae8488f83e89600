# What environments written in jq can use beside jq itself. It comes before their own definitions, which may replace it.
# In the common subset of jq 1.6 and later.

# Random numbers: a *generator* is [a, b] with 0 < a < 2147483563 and 0 < b < 2147483399, L'Ecuyer's combined one (Communications of
# the ACM 31(6), 1988): all products fit into a double, so that the same seed gives the same numbers on every machine.
# string | generator: of a seed, of any text.
def generator:
  reduce explode[] as $c ([1, 1]; [(.[0] * 257 + $c + 1) % 2147483562, (.[1] * 263 + $c + 1) % 2147483398])
  | [.[0] + 1, .[1] + 1] | reduce range(8) as $i (.; [.[0] * 40014 % 2147483563, .[1] * 40692 % 2147483399]);
# generator | the next one.
def next: [.[0] * 40014 % 2147483563, .[1] * 40692 % 2147483399];
# generator | a whole number from 0 to $n - 1, of at most 2147483562.
def below($n): ((.[0] - .[1] + 2147483562) % 2147483562) % $n;
# generator | [the next generator, a whole number from 0 to $n - 1].
def draw($n): next | [., below($n)];
# generator | [the next generator, the array in another order].
def shuffled($array):
  reduce range($array | length - 1; 0; -1) as $i ([., $array];
    (.[0] | next) as $g | ($g | below($i + 1)) as $j | .[1][$i] as $x | .[1][$j] as $y
    | [$g, (.[1] | setpath([$i]; $y) | setpath([$j]; $x))]);

# Grids: arrays of rows, which are arrays.
# a grid of that size, with the same in each cell.
def grid($rows; $columns; $cell): [range($rows) | [range($columns) | $cell]];
# grid | whether it has such a cell.
def inside($row; $column): $row >= 0 and $column >= 0 and $row < length and $column < (.[0] | length);
# grid | the cell; null outside.
def cell($row; $column): if inside($row; $column) then .[$row][$column] else null end;
# grid | the grid with another cell.
def with_cell($row; $column; $cell): setpath([$row, $column]; $cell);
# the places beside one: [[row, column]...]; four, or eight with the diagonal ones.
def beside4($row; $column): [[$row - 1, $column], [$row, $column + 1], [$row + 1, $column], [$row, $column - 1]];
def beside8($row; $column): [range(-1; 2) as $r | range(-1; 2) as $c | select($r != 0 or $c != 0) | [$row + $r, $column + $c]];
# grid of strings | lines of text.
def grid_text: map(add // "") | join("\n");
# array | columns as rows.
def flipped: . as $g | [range($g[0] | length) as $c | [range($g | length) as $r | $g[$r][$c]]];

# Words.
# string | its characters.
def letters: explode | map([.] | implode);
# array of strings | {string: how often it is there}.
def counts: reduce .[] as $x ({}; .[$x] += 1);
# string | as marks of a guess against a hidden word of the same length, "=" in its place, "+" elsewhere, "-" not there: a letter is
# marked as often as it is there.
def marks($hidden):
  explode as $g | ($hidden | explode) as $h
  | [foreach $g[] as $c (-1; . + 1;
      if $c == $h[.] then 61
      else . as $i | $h[[$c]]
      | if . == [] then 45
        elif (map(select($g[.] != $c)) | length) > ([range($i) | select($g[.] == $c and $h[.] != $c)] | length) then 43
        else 45 end
      end)]
  | implode;

# Answers of step and reset.
# an error of the agent's: the state stays as it was.
def refused($state; $why): {state: $state, observation: "", error: $why};

def reset: error("it defines no reset");
def step: error("it defines no step");
def generate: error("it defines no generate");
# how a state is drawn for a person who looks on: a text, or null.
def render: null; 
