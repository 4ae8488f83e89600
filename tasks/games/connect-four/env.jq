# Connect four. Cells are numbered from the foot of the first column upwards, six a column; of the 69 lines of four places the
# program counts, for each, the agent's pieces and five times its own. A *position* is [these counts, how high each column is,
# what the position is worth to the agent]. The state has the position, what each cell holds, and in which order columns are tried.

# Of each cell: the lines that it is in. Literals are folded at compile time.
def lines_of: [
  [0,1,2],[1,3,4,5],[1,4,6,7,8],[1,4,7,9,10],[4,7,11,12],[7,13,14],
  [0,15,16,17],[2,3,16,18,19,20],[5,6,10,16,19,21,22,23],[8,9,12,16,19,22,24,25],[11,14,19,22,26,27],[13,22,28,29],
  [0,15,30,31,32],[3,10,17,18,31,33,34,35],[2,6,12,20,21,25,31,34,36,37,38],[5,9,14,23,24,27,31,34,37,39,40],[8,11,26,29,34,37,41,42],[13,28,37,43,44],
  [0,10,15,30,45,46,47],[3,12,18,25,32,33,46,48,49,50],[6,14,17,21,27,35,36,40,46,49,51,52,53],[2,9,20,24,29,38,39,42,46,49,52,54,55],[5,11,23,26,41,44,49,52,56,57],[8,13,28,43,52,58,59],
  [15,25,30,45,60],[18,27,33,40,47,48,60,61],[21,29,32,36,42,50,51,55,60,61,62],[17,24,35,39,44,53,54,57,60,61,62],[20,26,38,41,56,59,61,62],[23,28,43,58,62],
  [30,40,45,63],[33,42,48,55,63,64],[36,44,47,51,57,63,64,65],[32,39,50,54,59,63,64,65],[35,41,53,56,64,65],[38,43,58,65],
  [45,55,66],[48,57,66,67],[51,59,66,67,68],[47,54,66,67,68],[50,56,67,68],[53,58,68]];
# Of a count: what such a line is worth, and 100,000 more, since a literal with negative numbers is not folded; only differences
# are used. A line that both have a piece in is worth nothing; one of four ends the game.
def worth: [100000,100001,100006,100030,200000,99999,100000,100000,100000,100000,99994,100000,100000,100000,100000,99970,100000,100000,100000,100000,0,100000,100000,100000,100000];
def empty_position: [[range(69) | 0], [0, 0, 0, 0, 0, 0, 0], 0];

# position | the one after a piece of $who (1: the agent, 5: the program) in a column.
def dropped($column; $who):
  .[1][$column] as $height
  | reduce lines_of[$column * 6 + $height][] as $line (setpath([1, $column]; $height + 1);
      .[0][$line] as $count | (.[2] + worth[$count + $who] - worth[$count]) as $worth
      | setpath([0, $line]; $count + $who) | setpath([2]; $worth));

# position | what it is worth to the agent after such a move.
def worth_with($column; $who):
  .[0] as $counts
  | reduce lines_of[$column * 6 + .[1][$column]][] as $line (.[2]; . + worth[$counts[$line] + $who] - worth[$counts[$line]]);

# position | [what it comes to for $who, the column to take], looking so many moves ahead; alpha and beta bound what matters.
def best($who; $order; $ahead; $alpha; $beta):
  . as $position
  | reduce ($order[] | select($position[1][.] < 6)) as $column ([$alpha, null];
      if .[0] >= $beta then .
      else . as $so_far
        | ($position | worth_with($column; $who)) as $worth
        | (if $worth > 50000 or $worth < -50000 then 100000 + $ahead
           elif $ahead == 1 then if $who == 1 then $worth else - $worth end
           else - ($position | dropped($column; $who) | best(6 - $who; $order; $ahead - 1; - $beta; - $so_far[0]) | .[0]) end) as $value
        | if $value > $so_far[0] or $so_far[1] == null then [([$value, $so_far[0]] | max), $column] else . end
      end)
  | if .[1] == null then [0, null] else . end;
def choice($who; $order; $ahead): best($who; $order; $ahead; -1000000; 1000000)[1];
def order: [3, 2, 4, 1, 5, 0, 6];

# seed | two pieces of each, at random, so that nobody is ahead by much.
def opening:
  {g: generator, p: empty_position, moves: []}
  | until((.moves | length) == 4 and (.p[2] | . >= -3 and . <= 3);
      reduce range(4) as $i (.p = empty_position | .moves = [];
        (.g | draw(7)) as $drawn | .g = $drawn[0] | .moves += [$drawn[1]] | .p |= dropped($drawn[1]; if $i % 2 == 0 then 1 else 5 end)))
  | .moves as $moves
  | {position: .p, columns: (reduce range(4) as $i ([range(7) | []]; $moves[$i] as $c | setpath([$c]; .[$c] + [if $i % 2 == 0 then "X" else "O" end])))};

def winner: if .position[2] > 50000 then "X" elif .position[2] < -50000 then "O" elif all(.position[1][]; . == 6) then "nobody" else null end;
def put($column; $who): .position |= dropped($column; if $who == "X" then 1 else 5 end) | .columns |= setpath([$column]; .[$column] + [$who]);
def view: .columns as $columns | [range(5; -1; -1) as $r | [range(7) | $columns[.][$r] // "."] | join(" ")] + ["1 2 3 4 5 6 7"] | join("\n");

# state | the state after the agent's move and the program's answer, with .winner when it is over.
def played($column; $ahead):
  put($column; "X") | .winner = winner
  | if .winner then .answer = null else (.position | choice(5; order; $ahead)) as $answer | put($answer; "O") | .answer = $answer | .winner = winner end;

def reset: .seed | opening | {state: (. + {winner: null}), observation: view};

def step:
  .state as $state | .action.args.column as $column | .options.ahead as $ahead
  | if $column < 1 or $column > 7 then refused($state; "there is no such column\n")
    elif ($state.columns[$column - 1] | length) == 6 then refused($state; "this column is full\n")
    else ($state | played($column - 1; $ahead)) as $new
      | {state: $new, terminated: ($new.winner != null),
         observation: "\(if $new.answer then "O takes column \($new.answer + 1)\n" else "" end)\($new | view)\(if $new.winner then "\n\($new.winner) has won" else "" end)"}
    end;

def render:
  .state as $state | {X: " ● ", O: " ○ ", null: " · "} as $signs
  | ["┌" + "───" * 7 + "┐"]
    + [range(5; -1; -1) as $r | "│" + ([range(7) | $signs[$state.columns[.][$r] | tostring]] | add) + "│"]
    + ["└" + "───" * 7 + "┘", "  1  2  3  4  5  6  7 ",
       if $state.winner then "\({X: "●", O: "○", nobody: "nobody"}[$state.winner]) has won" else "● you   ○ the other" end]
  | join("\n");

# state | the columns that lead to a win: found by looking ahead, in several orders, or with other first moves.
def won($first; $order; $ahead; $other):
  {state: ., moves: []}
  | until(.state.winner;
      .state.columns as $columns
      | (($first[.moves | length] | select(. != null and ($columns[.] | length) < 6)) // (.state.position | choice(1; $order; $ahead))) as $column
      | .moves += [$column] | .state |= played($column; $other))
  | select(.state.winner == "X") | .moves;

def generate:
  .options.ahead as $other | reset.state
  | [first(
      ((3, 4) as $ahead | (order, [3, 4, 2, 5, 1, 6, 0]) as $order | won([]; $order; $ahead; $other)),
      ([range(7) | [.]] + [range(7) as $a | range(7) | [$a, .]])[] as $first | (3, 4) as $ahead | won($first; order; $ahead; $other))]
  | {solution: [.[0][]? | {tool: "drop", args: {column: (. + 1)}}]};
