# 2048. The state: the board (4 rows; 0 is an empty place), the generator of what appears, how many moves are left.

# row | the same with all tiles pushed to its beginning, equal ones joined.
def joined: if length < 2 then . elif .[0] == .[1] then [.[0] + .[1]] + (.[2:] | joined) else .[:1] + (.[1:] | joined) end;
def pushed: (map(select(. > 0)) | joined) + [0, 0, 0, 0] | .[:4];
def pushed_back: (reverse | pushed | reverse);
def moved($way):
  if $way == "left" then map(pushed) elif $way == "right" then map(pushed_back)
  elif $way == "up" then flipped | map(pushed) | flipped else flipped | map(pushed_back) | flipped end;

# {board, g} | the same with one tile more: a 2, or each tenth time a 4.
def more:
  .board as $board
  | [range(4) as $r | range(4) as $c | select($board[$r][$c] == 0) | [$r, $c]] as $free
  | (.g | draw($free | length)) as $place | ($place[0] | draw(10)) as $kind
  | {board: ($board | setpath($free[$place[1]]; if $kind[1] == 0 then 4 else 2 end)), g: $kind[0]};

def most: .board | map(max) | max;
def is_stuck: .board as $board | all(["left", "right", "up", "down"][]; . as $way | $board == ($board | moved($way)));
def view: .left as $left | .board | map(map(tostring | if . == "0" then "." else . end | "     "[length:] + .) | add) | join("\n") + "\nmoves left: \($left)";

def reset:
  .options.moves as $moves | {board: grid(4; 4; 0), g: (.seed | generator)} | more | more | .left = $moves | {state: ., observation: view};

def step:
  .state as $state | .action.args.direction as $way | .options.goal as $goal | ($state.board | moved($way)) as $board
  | if $board == $state.board then refused($state; "nothing moves that way\n")
    else ({$board, g: $state.g} | more | .left = $state.left - 1) as $new
      | {state: $new, observation: ($new | view), terminated: ($new.left == 0 or ($new | most >= $goal or is_stuck))}
    end;

def render:
  (.state.board | map("│" + (map((if . == 0 then "" else tostring end) | "     "[length:] + . + " │") | add))) as $rows
  | ["┌──────┬──────┬──────┬──────┐", $rows[0]]
    + [$rows[1:][] | "├──────┼──────┼──────┼──────┤", .]
    + ["└──────┴──────┴──────┴──────┘", "the goal: \(.options.goal)   moves left: \(.state.left)"]
  | join("\n");

# How good a board is: large tiles in a line that goes to and fro from a corner, and room.
def worth:
  (.[0][0] * 16 + .[0][1] * 12 + .[0][2] * 9 + .[0][3] * 7 + .[1][3] * 5 + .[1][2] * 4 + .[1][1] * 3 + .[1][0] * 2)
  + ([.[][] | select(. == 0)] | length) * 24;
# {board, g} | [how good, move] of the best move, looking so many moves ahead at what will appear.
def best($ways; $ahead):
  . as $now
  | [$ways[] | . as $way | ($now.board | moved($way)) as $board | select($board != $now.board)
      | [(if $ahead == 0 then $board | worth else {$board, g: $now.g} | more | best($ways; $ahead - 1) | .[0] end), $way]]
  | if $ways == [] or . == [] then [-1000, null] else max_by(.[0]) end;
# state | the moves that lead to the goal, at most as many as there may be; null if the search does not find them.
def found($goal; $ahead):
  {state: ., moves: []}
  | until(.moves == null or (.state | most >= $goal);
      if .state.left == 0 then .moves = null
      else (.state | best(["left", "up", "right", "down"]; $ahead)[1]) as $way
        | if $way == null then .moves = null
          else .moves += [$way] | .state |= ((.left - 1) as $left | {board: (.board | moved($way)), g} | more | .left = $left) end
      end)
  | .moves;

def generate:
  .options.goal as $goal | reset.state
  | {solution: [first((1, 2, 3) as $ahead | found($goal; $ahead) | values) | .[] | {tool: "slide", args: {direction: .}}]};
