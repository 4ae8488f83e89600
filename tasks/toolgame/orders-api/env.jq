# A shop's interface, with pages and with tokens that run out. The state: the orders, the customer that is asked for, the password,
# the token, how many calls it is good for, how many tokens there were, whether the answer was right.
def customers: ["Ada", "Bruno", "Chen", "Dora", "Emil", "Fatima", "Goran", "Hana"];
def states: ["paid", "open", "cancelled", "paid"];

def reset:
  (.seed | generator | draw(11)) as [$g, $more] | ($g | shuffled(customers)) as [$g, $who] | ($g | shuffled([range(100; 1000)])) as [$g, $ids]
  | (reduce range(30 + $more) as $i ([$g, []];
      (.[0] | draw(5)) as [$g, $c] | ($g | draw(4)) as [$g, $s] | ($g | draw(19000)) as [$g, $cents]
      | [$g, .[1] + [{id: $ids[$i], customer: $who[$c], state: states[$s], cents: (1000 + $cents)}]])) as [$g, $orders]
  | ([$orders[] | select(.customer == $who[0] and .state == "paid")]) as $wanted
  | ($g | next | below(900000) + 100000 | tostring) as $password
  | {state: {$orders, customer: $who[0], $password, token: null, calls: 0, logins: 0, total: ($wanted | map(.cents) | add // 0), right: false},
     observation: "user: agent, password: \($password)\ncustomer: \($who[0])"};

# The token of so many logins.
def token($state): "t\($state.logins)-\("\($state.password) \($state.logins)" | generator | below(1000000))";

def step:
  .options as $options | .state as $state | .action as $action | $action.args as $args
  | def answer($observation): {state: ($state | .calls -= 1), $observation};
    if $action.tool == "done" then {state: ($state | .right = ($args.cents == .total)), terminated: true, observation: "thank you"}
    elif $action.tool == "login" then
      if $args.user != "agent" or $args.password != $state.password then refused($state; "401 wrong user or password\n")
      else ($state | .logins += 1 | .calls = $options.calls | .token = token(.)) as $new
        | {state: $new, observation: {token: $new.token, calls: $options.calls}} end
    elif $state.token == null or $args.token != $state.token then refused($state; "401 no such token\n")
    elif $state.calls == 0 then refused($state; "401 the token has run out: log in again\n")
    elif $action.tool == "orders" then
      ([$state.orders[].id | tostring] | index([$args.cursor])) as $found
      | (if $args.cursor == "" then 0 else $found end) as $from
      | if $from == null then refused($state; "400 no such cursor\n")
        else answer({orders: [$state.orders[$from:$from + $options.page][] | {id, customer}],
          next: ($state.orders[$from + $options.page] | if . then .id | tostring else null end)}) end
    else [$state.orders[] | select(.id == $args.id)] as $found
      | if $found == [] then refused($state; "404 no such order\n") else answer($found[0]) end
    end;

# Reads all pages, and then the customer's orders; logs in again whenever the token has run out.
def generate:
  .options as $options | reset.state
  | . as $state
  | [(range(0; .orders | length; $options.page) | {tool: "orders", args: {cursor: (if . == 0 then "" else $state.orders[.].id | tostring end)}}),
     (.orders[] | select(.customer == $state.customer) | {tool: "order", args: {id}})] as $calls
  | reduce range($calls | length) as $i ({state: $state, moves: []};
      (if $i % $options.calls == 0 then .state |= (.logins += 1 | .token = token(.)) | .moves += [{tool: "login", args: {user: "agent", password: .state.password}}] else . end)
      | .state.token as $token | .moves += [$calls[$i] | .args |= . + {$token}])
  | {solution: (.moves + [{tool: "done", args: {cents: .state.total}}])};
