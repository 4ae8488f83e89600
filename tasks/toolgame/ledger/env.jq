# A bank whose balances have to agree with its entries. The state: the accounts, each with an opening and a closing balance and its
# entries, all in cents; the corrections so far; in the end, which part of what was wrong they put
# right, a wrong one taking away as much as a right one gives.
def names: ["bakery", "brewery", "cinema", "dairy", "garage", "library", "museum", "orchard", "pharmacy", "quarry", "sawmill", "school"];
def sum: reduce .[] as $x (0; . + $x);
# generator | [generator, account]: of two to three pages of entries; $wrong says whether its closing balance is.
def account($wrong; $page):
  draw($page) as [$g, $more] | ($page + 1 + $more) as $count
  | reduce range($count) as $i ([$g, []]; .[1] as $all | .[0] | draw(80000) | .[1] |= $all + [. - 30000])
  | .[1] as $entries | .[0] | draw(500000) as [$g, $opening] | ($g | draw(9000)) as [$g, $by]
  | [$g, {$opening, $entries, closing: ($opening + ($entries | sum) + if $wrong then 100 + $by else 0 end)}];

def reset:
  .options.page as $page | (.seed | generator | shuffled(names)) as [$g, $order] | ($g | draw(3)) as [$g, $more]
  | ($order[:6] | sort) as $used | ($g | shuffled($used)) as [$g, $mixed] | $mixed[:2 + $more] as $wrong
  | (reduce $used[] as $name ([$g, {}]; .[1] as $all | .[0] | account($wrong | index([$name]); $page) | .[1] as $made | .[1] = ($all | .[$name] = $made))) as [$g, $accounts]
  | {state: {$accounts, corrections: {}, right: 0}, observation: "accounts: \($used | join(", "))"};

def step:
  .options.page as $page | .state as $state | .action as $action | $action.args as $args
  | if $action.tool == "done" then
      ([$state.accounts | to_entries[] | (.value.opening + (.value.entries | sum) - .value.closing) as $off | select($off != 0) | {(.key): $off}] | add) as $wanted
      | ([$wanted | to_entries[] | select($state.corrections[.key] == .value)] | length) as $good
      | ([0, (2 * $good - ($state.corrections | length)) / ($wanted | length)] | max) as $right
      | {state: ($state | .right = $right), terminated: true, observation: "the books are closed"}
    elif $state.accounts[$args.account] == null then refused($state; "there is no such account\n")
    else $state.accounts[$args.account] as $account
      | if $action.tool == "balance" then {$state, observation: {account: $args.account, opening: $account.opening, closing: $account.closing}}
        elif $action.tool == "correct" then
          {state: ($state | .corrections[$args.account] = $args.cents), observation: "the closing balance of \($args.account) is to change by \($args.cents)"}
        else ($account.entries | length / $page | ceil) as $pages
          | if $args.page < 1 or $args.page > $pages then refused($state; "there are pages 1 to \($pages)\n")
            else {$state, observation: {account: $args.account, page: $args.page, $pages, entries: $account.entries[($args.page - 1) * $page : $args.page * $page]}} end
        end
    end;

def generate:
  .options.page as $page | reset.state.accounts
  | {solution: ([to_entries[] | .key as $account | .value
      | {tool: "balance", args: {$account}},
        (range(.entries | length / $page | ceil) | {tool: "entries", args: {$account, page: (. + 1)}}),
        ((.opening + (.entries | sum) - .closing) | select(. != 0) | {tool: "correct", args: {$account, cents: .}})]
      + [{tool: "done", args: {}}])};
