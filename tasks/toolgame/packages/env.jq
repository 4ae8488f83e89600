# Packages that need one another are to be installed on a disk with room for no more than is needed. The state: what each package
# needs, which are installed, in order; the one that is wanted; the room.
def names: ["amber", "basil", "cedar", "daisy", "ember", "fern", "grove", "hazel", "ivory", "jade", "kelp", "lilac", "maple", "nettle", "olive", "pearl", "quartz", "raven"];

# What a package needs, however deep, each behind all that it needs itself.
def order($needs; $name):
  if index([$name]) then . else reduce $needs[$name][] as $need (.; order($needs; $need)) | . + [$name] end;

# generator | {g, needs, wanted, room}: of names in a random order each needs some of the next ones, so that there are no circles;
# what the first one does not need would only be in the way.
def made:
  shuffled(names) as [$g, $all]
  | (reduce range($all | length) as $i ([$g, {}];
      (.[0] | shuffled($all[$i + 1:$i + 5])) as [$g, $next] | ($g | draw(4)) as [$g, $count]
      | [$g, (.[1] | .[$all[$i]] = ($next[:if $i < 3 then $count + 1 else $count end] | sort))])) as [$g, $needs]
  | {$g, $needs, wanted: $all[0], room: ([] | order($needs; $all[0]) | length)};

def reset:
  {g: (.seed | generator), room: 0} | until(.room >= 7 and .room <= 14; .g | made)
  | {state: {needs, installed: [], wanted, room},
     observation: "wanted: \(.wanted)\npackages: \(.needs | keys | join(", "))\nroom for \(.room) packages"};

def step:
  .state as $state | .action as $action | $action.args.package as $name
  | if $state.needs[$name] == null then refused($state; "there is no such package\n")
    elif $action.tool == "info" then {$state, observation: {package: $name, needs: $state.needs[$name], installed: ($state.installed | index([$name]) != null)}}
    elif $state.installed | index([$name]) then refused($state; "\($name) is installed already\n")
    else ($state.needs[$name] - $state.installed) as $missing
      | if $missing != [] then refused($state; "\($name) needs \($missing | join(", "))\n")
        elif ($state.installed | length) == $state.room then refused($state; "the disk is full\n")
        else {state: ($state | .installed += [$name]), terminated: ($name == $state.wanted),
              observation: "installed \($name); room for \($state.room - ($state.installed | length) - 1) more"} end
    end;

def generate:
  reset.state
  | .needs as $needs | .wanted as $wanted | ([] | order($needs; $wanted)) as $order
  | {solution: [($order | reverse[] | {tool: "info", args: {package: .}}), ($order[] | {tool: "install", args: {package: .}})]};
