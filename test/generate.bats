#!/usr/bin/env bats
# Tasks that are made for a seed by their generate.sh.

load helper
load episode

setup() {
	common_setup
	need_box
	fixture_task unit/made '{"checks": [{"name": "never", "type": "answer", "answer": {"equals": "replaced"}}],
		"hints": ["none"], "tools": ["shell", "hint", "submit"], "attempts": 2}'
	mkdir -p tasks/unit/made/files/sub tasks/unit/made/tests
	echo kept >tasks/unit/made/files/sub/a
	echo old >tasks/unit/made/files/code
	echo 'secret words' >tasks/unit/made/tests/words
	rm tasks/unit/made/solution.jsonl
	generator <<-'END'
		flag="flag{$(printf '%s %s' "$SEED" "$(cat /tests/words)" | sha256sum | cut -c 1-12)}"
		read -r old <code
		printf '{"prompt": "Seed %s.", "hints": ["it is base64, and was %s"],' "$SEED" "$old"
		printf '"files": {"code": "%s", "new/c": "n\\n"}, "tests": {"expected": "%s\\n"},' "$(printf %s "$flag" | base64)" "$SEED"
		printf '"checks": [{"name": "flag", "type": "answer", "answer": {"equals": "%s"}},' "$flag"
		echo '{"name": "seed", "type": "command", "command": "cmp /tests/expected sub/out && cat /tests/words", "stdout": {"contains": "words"}}],'
		printf '"solution": ["base64 -d code; echo %s >sub/out", {"tool": "submit", "args": {"answer": "%s"}}]}' "$SEED" "$flag"
	END
}

generator() {
	cat >tasks/unit/made/generate.sh
}

# as_line: the same task as a line of a set.
as_line() {
	mkdir -p lines
	jq -c --rawfile g tasks/unit/made/generate.sh '. + {name: "made", generate: $g,
		files: {"sub/a": "kept\n", code: "old\n"}, tests: {words: "secret words\n"}}' tasks/unit/made/task.json >lines/unit.jsonl
	export PIPEGYM_TASKS=$T/lines
}

play_all() {
	env-reset -n 2 --id one --seed 7 unit/made >first
	env-reset --id two --seed 8 unit/made >>first
	expect '[.[].prompt]' '["Seed 7.","Seed 7.","Seed 8."]' "$(jq -sc . first)"
	quiet agent-oracle <first
	echo "$output" >actions
	[[ $(jq -r 'select(.tool == "submit").args.answer' actions | sort -u | grep -c '^flag{[0-9a-f]*}$') == 2 ]]
	quiet env-step -j 2 <actions
	expect '[.[] | select(.tool == "submit").reward]' '[1,1,1]' "$(jq -sc . <<<"$output")"
	quiet env-verify --again one-1 two-1
	expect '[.[].status]' '["pass","pass"]' "$(jq -sc . <<<"$output")"
	env-close one-1 one-2 two-1 >rollouts
	quiet rollout-replay <rollouts
	expect '[.[] | [.match, .verdict_match]] | unique' '[["exact",true]]' "$(jq -sc . <<<"$output")"
}

@test "each seed is a task of its own: prompt, files, hidden files, checks, hints, solution" {
	play_all
	env-reset --id e --seed 9 unit/made >first
	ep=e-1
	act 'cat sub/a new/c; ls -A . /tests 2>&1; find . -newermt 2025-01-02; echo $SEED'
	expect .stdout "$(jq -n '"kept\nn\nls: cannot access '"'/tests'"': No such file or directory\n.:\ncode\nnew\nsub\n\n"')"
	tool hint '{}'
	expect .stdout '"it is base64, and was old"'
	act 'x=5; echo 9 >sub/out'
	quiet env-fork --id b "$ep"
	kill_box "$ep"
	quiet env-restore "$ep"
	expect .match '"exact"'
	for ep in e-1 b-1; do
		quiet env-step -e "$ep" <<<'{"tool": "submit", "args": {"answer": "flag{}"}}'
		expect '[.reward, .info.attempts_left]' '[0,1]'
		act 'base64 -d code'
		quiet env-step -e "$ep" <<<"$(jq -c '{tool: "submit", args: {answer: .stdout}}' <<<"$output")"
		expect .reward 1
	done
}

@test "the same as a line of a set" {
	as_line
	play_all
	quiet task-check unit/made
	expect .status '"pass"'
}

@test "task-check tries a task that is made, and what it makes is looked for" {
	quiet task-check unit/made
	expect '[.tests[] | select(.name == "seed").passed]' '[true]'
	sed "s/%s >sub/0 >sub/; s/ \"\$SEED\" \"\$flag\"\$/ \"\$flag\"/" tasks/unit/made/generate.sh >wrong
	generator <wrong
	separate task-check unit/made
	expect '[.status, .reason]' '["fail","seed: it scores 0: seed: exit status 1"]'
	generator <<-'END'
		echo '{"files": {"flag": "a long hidden text that shows the answer"}, "tests": {"expected": "a long hidden text that shows the answer"},
			"checks": [{"name": "c", "type": "file", "path": "x"}], "solution": ["touch x", {"tool": "submit"}]}' | sed 's/"flag"/"leak"/'
	END
	separate task-check unit/made
	[ "$status" = 1 ]
	expect '.reason | test("hidden")' true
}

@test "a generator that fails, and what it may not print: no episode, and why" {
	local script reason
	while IFS='|' read -r script reason; do
		generator <<<"$script"
		fails 3 env-reset --id c --seed 5 unit/made
		[[ $stderr == "env-reset: c-1: task unit/made: generate.sh, seed 5: $reason" ]] || { echo "$stderr"; return 1; }
		[ -z "$(env-list)" ]
	done <<-'END'
		exit 3|it ended with status 3
		echo no >&2; echo more >&2; false|it ended with status 1: no
		kill -9 $$|it was killed by signal 9
		:|what it prints: a value expected at the end
		echo 5|it must print an object, not number
		echo '{}{}'|what it prints: more than one value at byte 3
		printf '"\377"'|it prints invalid UTF-8 at byte 2
		echo '{"prompt": 5}'|.prompt: must be a string, not number
		echo '{"limits": {}}'|.limits: only prompt, hints, files, workspaces, tests, setup, solution and checks are made
		echo '{"checks": []}'|.checks: must have 1 to 256 elements
		echo '{"files": {"../x": ""}}'|.files["../x"]: must be a relative path without empty, '.' and '..' components
		head -c 20000000 /dev/zero|it prints more than 16 MiB
	END
}
