# Karel's world, as in Karel the Robot (R. E. Pattis, 1981): the agent writes a program, which runs in worlds that it is shown, and at
# last in others. .options.level says which worlds. The state: the worlds, of which the first .options.shown are shown; how many
# were right in the end; the worlds that are shown, as the last program left them.

# --- text to words ---------------------------------------------------------

def is_letter: (. >= 97 and . <= 122) or (. >= 65 and . <= 90) or . == 95;
def is_digit: . >= 48 and . <= 57;

# program text | [[word, line]...]; a comment goes from # or // to the end of its line.
def scanned:
  (explode + [10]) as $c
  | {i: 0, line: 1, words: []}
  | until(.i >= ($c | length);
      .i as $i | $c[$i] as $at
      | if $at == 10 then .line += 1 | .i += 1
        elif $at == 32 or $at == 9 or $at == 13 then .i += 1
        elif $at == 35 or ($at == 47 and $c[$i + 1] == 47) then .i |= until($c[.] == 10; . + 1)
        elif ($at | is_letter) then
          (($i + 1) | until($c[.] | is_letter or is_digit | not; . + 1)) as $to
          | .words += [[($c[$i:$to] | implode), .line]] | .i = $to
        elif ($at | is_digit) then
          (($i + 1) | until($c[.] | is_digit | not; . + 1)) as $to
          | .words += [[($c[$i:$to] | implode), .line]] | .i = $to
        elif ($at == 33 or $at == 40 or $at == 41 or $at == 123 or $at == 125 or $at == 59) then
          .words += [[([$at] | implode), .line]] | .i += 1
        else error({say: "line \(.line): what is \([$at] | implode)?"}) end)
  | .words + [["the end", .line - 1]];

# --- words to code -----------------------------------------------------------
# Code is an array of [operation, argument, line]: do NAME; test [[condition...] in postfix form, where to go on if it is false];
# jump TO; push COUNT; count WHERE (one round less, or on from there); call NAME; return.

def actions: {move: 1, turn_left: 1, pick_beeper: 1, put_beeper: 1};
def conditions: {front_is_clear: 1, left_is_clear: 1, right_is_clear: 1, beepers_present: 1, beepers_in_bag: 1,
  facing_north: 1, facing_east: 1, facing_south: 1, facing_west: 1};
def reserved: {"if": 1, "else": 1, "while": 1, "repeat": 1, "def": 1, "not": 1, "and": 1, "or": 1};

def word: .words[.i][0];
def fail($why): error({say: "line \(.words[.i][1]): \($why)"});
def expect($wanted): if word == $wanted then .i += 1 else fail("\($wanted) is expected, not \(word)") end;
def emit($operation; $argument): .code += [[$operation, $argument, .words[.i][1]]];
def go_on_here($at): (.code | length) as $here | .code |= setpath($at; $here);
def is_name: (explode[0] | is_letter) and (reserved[.] | not) and . != "the end";

def condition:
  def primary:
    if .depth > 30 then fail("too much in each other") else .depth += 1 end
    | if word == "not" or word == "!" then .i += 1 | primary | .test += ["not"]
      elif word == "(" then .i += 1 | condition | expect(")")
      elif conditions[word] then .test += [word] | .i += 1 | if word == "(" then .i += 1 | expect(")") else . end
      else fail("\(word) is no condition") end
    | .depth -= 1;
  primary | until(word != "and" and word != "or"; word as $operation | .i += 1 | primary | .test += [$operation]);
def tested:
  expect("(") | .test = [] | condition | expect(")") | .test as $test
  | if ($test | length) > 40 then fail("the condition is too long") else emit("test"; [$test, 0]) end;

def statement(block):
  (.code | length) as $start
  | if word == "while" then .i += 1 | tested | block | emit("jump"; $start) | go_on_here([$start, 1, 1])
    elif word == "if" then
      .i += 1 | tested | block
      | if word == "else" then
          (.code | length) as $otherwise
          | emit("jump"; 0) | go_on_here([$start, 1, 1]) | .i += 1
          | (if word == "if" then statement(block) else block end) | go_on_here([$otherwise, 1])
        else go_on_here([$start, 1, 1]) end
    elif word == "repeat" then
      .i += 1 | expect("(")
      | (if (word | explode[0] | is_digit) and (word | length) < 5 then . else fail("repeat needs a number of at most four digits") end)
      | emit("push"; word | tonumber) | .i += 1 | expect(")") | emit("count"; 0)
      | block | emit("jump"; $start + 1) | go_on_here([$start + 1, 1])
    elif (word | is_name) then
      word as $name | emit(if actions[$name] then "do" else "call" end; $name) | .i += 1 | expect("(") | expect(")")
      | if word == ";" then .i += 1 else . end
    else fail("an instruction is expected, not \(word)") end;
def block:
  (if .depth > 30 then fail("too much in each other") else .depth += 1 end)
  | expect("{") | until(word == "}" or word == "the end"; statement(block)) | expect("}") | .depth -= 1;

def definition:
  .i += 1 | word as $name | (.code | length) as $start
  | if (($name | is_name) and (actions[$name] or conditions[$name] or .names[$name] | not)) then . else fail("\($name) cannot be defined") end
  | emit("jump"; 0) | .names[$name] = $start + 1 | .i += 1 | expect("(") | expect(")")
  | block | emit("return"; null) | go_on_here([$start, 1]);

# program text | {code, names: {name: where it begins}}. What stands outside of definitions is run; if nothing does, main() is.
def compiled:
  scanned as $words
  | if ($words | length) > 1500 then error({say: "the program is too long: more than 1500 words and signs"}) else . end
  | {words: $words, i: 0, code: [], names: {}, depth: 0, plain: false}
  | until(word == "the end"; if word == "def" then definition else .plain = true | statement(block) end)
  | (if .plain or (.names.main | not) then . else emit("call"; "main") end)
  | .names as $names
  | first((.code[] | select(.[0] == "call" and ($names[.[1]] | not)) | error({say: "line \(.[2]): \(.[1]) is not defined"})), .)
  | {code, names};

# --- worlds ------------------------------------------------------------------
# A world: how wide it is; its cells, row by row (-1 is a wall, and walls are all around; else how many beepers lie there); where
# Karel is; where Karel looks (0 north, 1 east, 2 south, 3 west); how many beepers are in the bag (null: as many as you like).
# .goal has the cells as they have to become, and .at if it matters where Karel is in the end.

# rows of cells, without the walls around them | the world.
def world($row; $column; $direction; $bag):
  ((.[0] | length) + 2) as $width | [range($width) | -1] as $wall
  | {$width, cells: ([$wall] + map([-1] + . + [-1]) + [$wall] | add), at: (($row + 1) * $width + $column + 1), $direction, $bag};
def all_picked: .cells | map(if . > 0 then 0 else . end);
# generator | [generator, whole number from $least to $most].
def between($least; $most): draw($most - $least + 1) | .[1] += $least;
# generator | [generator, as many of them].
def several($count; $least; $most): reduce range($count) as $i ([., []]; .[1] as $all | .[0] | between($least; $most) | .[1] |= $all + [.]);

# generator | [generator, world]: a corridor with one beeper on the way; Karel is to pick it up and go to the end.
def line_world:
  between(5; 12) as [$g, $length] | ($g | between(1; $length - 2)) as [$g, $at]
  | [$g, ([[range($length) | if . == $at then 1 else 0 end]] | world(0; 0; 1; 0) | .goal = {cells: all_picked, at: (.at + $length - 1)})];

# A field with up to three beepers in a cell; all of them are to be picked up.
def field_world:
  between(2; 6) as [$g, $rows] | ($g | between(2; 8)) as [$g, $columns]
  | ($g | several($rows * $columns; -2; 3)) as [$g, $all]
  | [$g, ([range($rows) as $r | [range($columns) | $all[$r * $columns + .] | if . < 0 then 0 else . end]]
      | setpath([$rows - 1, $columns - 1]; 2) | setpath([0, 0]; 1) | world($rows - 1; 0; 1; 0) | .goal = {cells: all_picked})];

# Walls of different heights stand on the floor, never two side by side; a beeper lies behind the last one.
def hurdle_world:
  between(2; 5) as [$g, $count] | ($g | several($count; 1; 4)) as [$g, $heights] | ($g | several($count; 1; 2)) as [$g, $gaps]
  | (reduce range($count) as $i ([0]; . + [$heights[$i]] + [range($gaps[$i]) | 0])) as $floor
  | [$g, ([range(6) as $r | [$floor[] | if . >= 6 - $r then -1 else 0 end]] | setpath([5, ($floor | length) - 1]; 1)
      | world(5; 0; 1; 0) | .goal = {cells: all_picked})];

# In each row two piles, of which the second is not larger; their difference is to lie where the first one was.
def pile_world:
  between(2; 5) as [$g, $rows] | ($g | several($rows; 0; 4)) as [$g, $small] | ($g | several($rows; 0; 4)) as [$g, $more]
  | [range($rows) | [$small[.] + $more[.], $small[.]]] | setpath([0]; [5 + $rows, 3])
  | [$g, (world(0; 0; 1; null) | .width as $width
      | .goal = {cells: [.cells as $cells | range($cells | length) | . as $i | $cells[$i]
          | if $i % $width == 1 and . >= 0 then . - $cells[$i + 1] elif $i % $width == 2 and . >= 0 then 0 else . end]})];

# Corridors without circles, and a beeper in a dead end far away.
def maze_world:
  between(3; 5) as [$g, $size] | (2 * $size - 1) as $side
  | {g: $g, rows: (grid($side; $side; -1) | with_cell(0; 0; 0)), path: [[0, 0]], far: [[0, 0]]}
  | until(.path == [];
      .path[-1] as [$r, $c] | .rows as $rows
      | [beside4(0; 0)[] | [$r + .[0] * 2, $c + .[1] * 2, $r + .[0], $c + .[1]]
          | select(.[0] >= 0 and .[1] >= 0 and .[0] < $side and .[1] < $side) | select($rows[.[0]][.[1]] == -1)] as $new
      | (if (.path | length) > (.far | length) then .far = .path else . end)
      | if $new == [] then .path |= .[:-1]
        else (.g | draw($new | length)) as [$g, $which] | $new[$which] as $to
          | .g = $g | .path += [$to[:2]] | .rows |= (setpath($to[:2]; 0) | setpath($to[2:]; 0)) end)
  | .far[-1] as $far | (.g | draw(4)) as [$g, $direction]
  | [$g, (.rows | setpath($far; 1) | world(0; 0; $direction; 0) | .goal = {cells: all_picked})];

# generator | [generator, world].
def world_of($level):
  if $level == "line" then line_world elif $level == "field" then field_world elif $level == "hurdles" then hurdle_world
  elif $level == "piles" then pile_world else maze_world end;

def picture:
  . as $world
  | [range(.cells | length / $world.width) as $r | [range($world.width) | ($r * $world.width + .) as $i | $world.cells[$i]
      | if $i == $world.at then ["^", ">", "v", "<"][$world.direction] elif . == -1 then "#" elif . == 0 then "." elif . > 9 then "+" else tostring end] | add]
  + (.cells[.at] | if . > 0 then ["beepers under Karel: \(.)"] else [] end) | join("\n");

# --- running -----------------------------------------------------------------

def ahead($turns): .cells[.at + ([- .width, 1, .width, -1][(.direction + $turns) % 4])];
def holds($name):
  if $name == "front_is_clear" then ahead(0) >= 0 elif $name == "left_is_clear" then ahead(3) >= 0
  elif $name == "right_is_clear" then ahead(1) >= 0 elif $name == "beepers_present" then .cells[.at] > 0
  elif $name == "beepers_in_bag" then .bag == null or .bag > 0
  else .direction == {facing_north: 0, facing_east: 1, facing_south: 2, facing_west: 3}[$name] end;
# The value of a condition in postfix form.
def value($test):
  . as $world
  | reduce $test[] as $part ([];
      if $part == "not" then .[:-1] + [.[-1] | not] elif $part == "and" then .[:-2] + [.[-1] and .[-2]]
      elif $part == "or" then .[:-2] + [.[-1] or .[-2]] else . + [$part as $name | $world | holds($name)] end)
  | .[0];
# An action that cannot be done sets .stopped.
def done($name):
  if $name == "move" then (if ahead(0) >= 0 then .at += [- .width, 1, .width, -1][.direction] else .stopped = "there is a wall in front of Karel" end)
  elif $name == "turn_left" then .direction = (.direction + 3) % 4
  elif $name == "pick_beeper" then
    if .cells[.at] > 0 then .at as $at | .cells |= setpath([$at]; .[$at] - 1) | (if .bag then .bag += 1 else . end) else .stopped = "there is no beeper here" end
  else
    if .bag == 0 then .stopped = "the bag is empty" else .at as $at | .cells |= setpath([$at]; .[$at] + 1) | (if .bag then .bag -= 1 else . end) end
  end;

# world | the same at the end of the program, with .stopped, or null, and .actions, the number of them.
def run($program; $most):
  ($program.code | length) as $last
  | . + {pc: 0, calls: [], counts: [], actions: 0, left: $most, stopped: null}
  | until(.pc >= $last or .stopped;
      $program.code[.pc] as [$operation, $argument, $line]
      | .left -= 1
      | if .left < 0 then .stopped = "line \($line): it does not come to an end: \($most) steps"
        elif $operation == "do" then done($argument) | .actions += 1 | .pc += 1 | if .stopped then .stopped |= "line \($line): \(.)" else . end
        elif $operation == "test" then .pc = (if value($argument[0]) then .pc + 1 else $argument[1] end)
        elif $operation == "jump" then .pc = $argument
        elif $operation == "push" then .counts += [$argument] | .pc += 1
        elif $operation == "count" then
          if .counts[-1] > 0 then .counts |= setpath([length - 1]; .[-1] - 1) | .pc += 1 else .counts |= .[:-1] | .pc = $argument end
        elif $operation == "return" then .pc = .calls[-1] | .calls |= .[:-1]
        elif (.calls | length) >= 200 then .stopped = "line \($line): too many calls in each other"
        else .calls += [.pc + 1] | .pc = $program.names[$argument] end);
# world, as it became | null, or what is wrong.
def wrong:
  if .stopped then .stopped
  elif .cells != .goal.cells then "the beepers are not as they have to be"
  elif .goal.at and .at != .goal.at then "Karel is not where Karel has to be"
  else null end;

# --- the environment -----------------------------------------------------------

def reset:
  .options as $options
  | (reduce range($options.shown + $options.hidden) as $i ([(.seed | generator), []];
      .[1] as $all | .[0] | world_of($options.level) | .[1] |= $all + [.])) as [$g, $worlds]
  | {state: {$worlds, right: 0, handed_in: false, ran: null},
     observation: ([range($options.shown) | "world \(. + 1):\n\($worlds[.] | picture)"] | join("\n\n"))};

def step:
  .state as $state | .options as $options | .action.args.program as $text | .action.tool as $tool
  | (try [$text | if length > 20000 then error({say: "the program is too long: more than 20000 characters"}) else compiled end] catch (if type == "object" then .say else error end)) as $compiled
  | if $compiled | type == "string" then refused($state; $compiled + "\n")
    elif $tool == "run" then
      [$state.worlds[:$options.shown][] | run($compiled[0]; $options.most)] as $ran
      | {state: ($state | .ran = [$ran[] | {width, cells, at, direction, wrong: wrong}]),
         observation: ([range($options.shown) | . as $i | $ran[$i]
           | "world \($i + 1): \(wrong // "right"), after \(.actions) actions\n\(picture)"] | join("\n\n"))}
    else
      [$state.worlds[] | run($compiled[0]; $options.most) | wrong] as $found
      | ([$found[] | select(. == null)] | length) as $right
      | {state: ($state | .right = $right | .handed_in = true), terminated: true, observation: "right in \($right) of \($found | length) worlds"}
    end;

# The worlds that are shown, as the last program left them.
def render:
  .options.shown as $shown | .state
  | [(.ran // .worlds[:$shown])[] as $world
      | [range($world.cells | length / $world.width) as $r | [range($world.width) | ($r * $world.width + .) as $i | $world.cells[$i]
          | if $i == $world.at then ["▲ ", "▶ ", "▼ ", "◀ "][$world.direction] elif . == -1 then "██" elif . == 0 then "· "
            elif . > 9 then "+ " else "\(.) " end] | add]
        + [if $world | has("wrong") then $world.wrong // "right" else empty end] | join("\n")]
  | join("\n\n");

# --- solutions -------------------------------------------------------------------

def solutions: {
  line: "while (front_is_clear()) {\n  move();\n  if (beepers_present()) { pick_beeper(); }\n}\n",
  field: "def turn_right() { repeat (3) { turn_left(); } }\ndef turn_around() { repeat (2) { turn_left(); } }\ndef pick_all() { while (beepers_present()) { pick_beeper(); } }\ndef row() {\n  pick_all();\n  while (front_is_clear()) { move(); pick_all(); }\n  turn_around();\n  while (front_is_clear()) { move(); }\n  turn_right();\n}\nrow();\nwhile (front_is_clear()) {\n  move();\n  turn_right();\n  row();\n}\n",
  hurdles: "def turn_right() { repeat (3) { turn_left(); } }\ndef jump() {\n  turn_left();\n  while (not right_is_clear()) { move(); }\n  turn_right();\n  move(); move();\n  turn_right();\n  while (front_is_clear()) { move(); }\n  turn_left();\n}\nwhile (not beepers_present()) {\n  if (front_is_clear()) { move(); } else { jump(); }\n}\npick_beeper();\n",
  piles: "# Takes one from each pile until the second one is gone.\ndef turn_right() { repeat (3) { turn_left(); } }\ndef turn_around() { repeat (2) { turn_left(); } }\ndef subtract() {\n  move();\n  while (beepers_present()) {\n    pick_beeper();\n    turn_around(); move();\n    pick_beeper();\n    turn_around(); move();\n  }\n  turn_around(); move(); turn_around();\n}\nsubtract();\nwhile (right_is_clear()) {\n  turn_right(); move(); turn_left();\n  subtract();\n}\n",
  maze: "# Keeps a hand on the wall.\ndef turn_right() { repeat (3) { turn_left(); } }\nwhile (not beepers_present()) {\n  if (right_is_clear()) { turn_right(); move(); }\n  else if (front_is_clear()) { move(); }\n  else { turn_left(); }\n}\npick_beeper();\n"
};
def generate: {solution: [("run", "hand_in") as $tool | {tool: $tool, args: {program: solutions[.options.level]}}]};
