#!/usr/bin/env bats
# pipegym-record(5) against what the programs print: test/record-check reads its tables, and what is collected here is of every
# program that prints records, with as many of the fields as can be had in some seconds.

load helper
load episode

# Every function of_... prints records; what their episodes have on disk is kept as well.
setup() {
	local part
	common_setup
	need_box
	collected=$BATS_FILE_TMPDIR
	[[ ! -e $collected/records ]] || return 0
	for part in shell branches crashes person tools environments reports others; do
		"of_$part" || :
		keep || :
	done >"$collected/all" 2>"$collected/messages"
	mv "$collected/all" "$collected/records"
}

keep() {
	cat "$PIPEGYM_STATE"/episodes/*/journal.jsonl >>"$collected/journals"
	cat "$PIPEGYM_STATE"/episodes/*/episode.json >>"$collected/episodes"
	env-close --all -q
}

# All that a step of a shell can be.
of_shell() {
	fixture_task unit/hello
	fixture_task unit/shell '{"hints": ["first", "second"], "attempts": 2, "tools": ["shell", "hint", "submit"],
		"limits": {"output_kib": 1}, "env": {"workspaces": ["/backup"]},
		"checks": [{"name": "seen", "type": "file", "path": "greeting.txt", "visible": true},
			{"name": "cases", "type": "cases", "command": "cat", "cases": [{"stdin": "1\n", "stdout": "1\n"}]}]}'
	mkdir -p tasks/unit/shell/workspaces/backup
	env-reset --id a unit/shell
	printf '%s\n' '{"tool":"shell","id":"1","tag":1,"args":{"command":"seq 9999; printf \"\\\\377\"; { seq 9999; printf \"\\\\377\"; } >&2; exit 3"}}' \
		'{"tool":"shell","args":{"command":"sleep 9","timeout_s":0.1}}' \
		'{"tool":"shell","args":{"command":"kill -SEGV $BASHPID","pty":{}}}' \
		'{"tool":"none"}' '{}' '{"tool":"hint"}' '{"tool":"submit"}' '{"tool":"submit"}' | env-step -e a-1
	env-step -e nobody -- true
	echo '{' | env-step
	env-verify a-1
	env-list
	rollout-log a-1 | tee rollouts
	rollout-show --json rollouts
	env-reset --id l --isolation landlock unit/hello
}

of_branches() {
	env-reset --id b unit/hello
	env-step -e b-1 <<-'END'
		"mkdir d; cd d; sleep 60 <&- &"
		"echo x$RANDOM; rm -r ../d"
		"true"
	END
	env-fork --id c b-1
	env-fork --id d --at 2 --accept b-1
	rollout-log --family b-1 | tee -a rollouts
	mkdir "$PIPEGYM_STATE/episodes/not an id"
	kill_box b-1
	env-list --dead
	env-verify b-1
	env-restore b-1
	env-restore --accept b-1
	env-restore b-1
}

# What crashes leave; and an episode whose time is up.
of_crashes() {
	local episode pid
	env-reset --id x --idle 3s unit/hello
	env-reset -n 3 --id i unit/hello
	for episode in i-1 i-2 i-3; do
		env-step -e $episode -- 'sleep 3' >/dev/null &
		pid=$!
		until_is last_is action "$episode"
		kill -9 $pid
		wait $pid
	done
	env-step -e i-1 --retry </dev/null
	rollout-log i-2
	kill_box i-2
	env-restore i-2
	env-step -e i-2 --skip </dev/null
	sed -i 's/sleep/SLEEP/' "$PIPEGYM_STATE/episodes/i-3/journal.jsonl"
	env-step -e i-3 -- true
	rm -r "$PIPEGYM_STATE/episodes/i-3"
	until env-list --dead | grep '"x-1".*expired'; do sleep 0.1; done
	env-step -e x-1 -- true
	rollout-log x-1
	env-restore x-1
}

of_person() {
	fixture_task unit/told '{"hints": ["first"], "checks": [{"name": "seen", "type": "file", "path": "f", "visible": true}]}'
	printf '%s\n' 'echo x >f' ':note a text' ':score' ':hint' ':submit' ':log' | env-play --json unit/told
	env-reset --id p unit/told
	TERM=xterm "$SRC/test/sit" 20 60 "$BUILD/test/probe/attend" p-1 'echo ready; read -r' >/dev/null <<<'["wait", "ready"]
["type", "x\r"]'
	rollout-log p-1
}

of_tools() {
	fixture_task unit/sets '{"tools": ["shell", "notebook", "sql", "submit"], "env": {"sql": {"database": "a.db"}}, "limits": {"memory_mib": 512}}'
	env-reset --id n unit/sets
	printf '%s\n' '{"tool":"shell","args":{"command":"touch a.db"}}' '{"tool":"add_and_execute_code_cell","args":{"code":"print(1)"}}' \
		'{"tool":"execute_shell_command","args":{"command":"true"}}' '{"tool":"get_notebook_state"}' \
		'{"tool":"sql","args":{"query":"create table t(a); insert into t values (1); select * from t"}}' '{"tool":"sql_schema"}' \
		'{"tool":"shell","args":{"command":"pkill python3"}}' \
		'{"tool":"add_and_execute_code_cell","args":{"code":"print(1)"}}' '{"tool":"sql","args":{"query":"select 1"}}' | env-step -e n-1
	rollout-log n-1
}

# Environments of tasks, one of which fails, and what they and their tasks give for steps.
of_environments() {
	local folder=$T/tasks/unit/refereed
	env-reset --id m games/number-guess >first
	agent-oracle <first | tee "$collected/actions" | env-step | env-verify
	cat first
	rollout-log m-1 | tee -a rollouts
	fixture_task unit/refereed '{"env": {"kind": "program", "referee": {"command": ["bash", "referee.sh"]}},
		"tools": ["shell", {"name": "guess", "description": "Guess.", "parameters": {"type": "object", "properties": {}}}]}'
	mkdir "$folder/tests"
	echo 'read; echo "{\"observation\": [1], \"info\": {\"own\": 1}}"; read' >"$folder/tests/referee.sh"
	env-reset --id r unit/refereed
	env-step -e r-1 <<<'{"tool":"guess"}'
	fixture_task unit/paid '{"reward_range": [0, 1], "step_reward": {"jq": "9"}, "penalties": {"timeout": -0.5}}'
	env-reset --id s unit/paid
	env-step -e s-1 -- true
}

of_reports() {
	jq -c 'select(.episode == "b-1") | .reward = 1 | .steps |= [.[1], .[0], .[0], (.[0] | .action.args.command = "false"),
		(.[2] | .action.id = "a" | .observation += {id: "b"})]' rollouts >changed
	jq -c 'select(.episode == "b-1") | .pipegym = null | .box = null' rollouts >>changed
	jq -c 'select(.episode == "a-1") | .task = "no/such", (.pipegym = "0.0.1" | del(.steps[0]))' rollouts >>changed
	rollout-replay --summary <changed
	rollout-replay --summary </dev/null
	jq -c 'select(.episode == "m-1")' rollouts | rollout-replay --verify-only
	head -n 1 rollouts | rollout-replay --stop-at 1
	rollout-replay --list-normalisers
	fixture_task unit/lacking '{"requires": ["no-such-program"]}'
	task-check unit/hello unit/lacking no/such
	box-run --probe --json
	PIPEGYM_LIBEXEC=$T box-run --probe --json
}

of_others() {
	echo '{"messages": [{"role": "assistant", "content": "", "tool_calls": [{"id": "a", "function": {"name": "shell", "arguments": "{}"}}]}]}' |
		rollout-convert --from openai --to pipegym | tee foreign
	echo '{"7": {"query": "q", "turn_history": {"actions": ["ls", "submit"], "observations": ["x", ""], "rewards": [0, 1], "valid_action": [true, true]}, "summary": {}}}' |
		rollout-convert --from intercode --to pipegym | tee -a foreign
	rollout-replay <foreign
	rollout-stat foreign foreign rollouts rollouts
	rollout-stat -k 1,2 --by split foreign rollouts
	rollout-stat --compare foreign rollouts
	rollout-stat --compare rollouts rollouts
	echo '{"tasks": {"1": {"description": "x"}, "2": {}}}' >curriculum.json
	task-import codecraft curriculum.json -o set
	echo '[1]' >broken.json
	task-import mbpp broken.json -o other
	echo '{"levels": [{"name": "all", "tasks": ["unit", "bash"]}]}' >all.json
	task-list --missing --curriculum=all.json unit bash
	task-list -n 1
}

# check PAGE: what test/record-check says. Exceptions: what is not always to be had, or not at all in a test, and why.
check() {
	"$SRC/test/record-check" "$1" "$collected/records" "action:$collected/actions" "journal entry:$collected/journals" \
		"episode file:$collected/episodes" <<-'END'
		action type: what others write may have it
		observation info.own: a field of the environment's own
		observation info.full: the rollout has 64 MiB then
		box base: that takes a root file system
		box landlock: not every host has it
		box not_isolated: the same
	END
}

@test "each record has the fields of its table in pipegym-record(5), and each field of a table is printed" {
	check "$SRC/man/pipegym-record.5"
}

@test "a field more or less in the page, or of another type, is found" {
	local page=$SRC/man/pipegym-record.5 edit said
	while IFS='|' read -r edit said; do
		sed "$edit" "$page" >page
		run check page
		[[ $status == 1 && ${lines[0]} == "$said"* ]] || { echo "$edit: $output" && false; }
	done <<-'END'
		/^\.It task_digest Ta string or null /d|rollout task_digest: printed, but not in the page
		/^\.It info.cell Ta /d|observation info.cell: printed, but not in the page
		/^\.It weight Ta /a .It gone Ta number Ta its height|check gone: in the page, but not always printed
		/^\.It weight Ta /a .It gone Ta number, maybe Ta its height|check gone: in the page, but not printed at all
		s/^\.It weight Ta number /.It weight Ta string /|check weight: printed, but not as string
		s/^\.It weight Ta number /.It weight Ta number or null /|check weight: in the page, but not printed as null
		s/^\.It visible Ta true, maybe /.It visible Ta true /|check visible: in the page, but not always printed
		s/^\.It first Ta difference, maybe /.It first Ta check, maybe /|check step: printed, but not in the page
	END
}

@test "every program has its part in this" {
	local program
	for program in "$SRC"/bin/*.c; do
		program=${program##*/} program=${program%.c}
		# It prints nothing.
		[[ $program == box-image ]] || grep -qE "(^|[[:space:]])$program " <(sed '/^@test/,$d' "$BATS_TEST_FILENAME") || { echo "$program" && false; }
	done
}
