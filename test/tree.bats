#!/usr/bin/env bats
# Checks against gold commands: what the workspace became (tree), what was printed last (output with "compare"), and
# InterCode's reward over both. How listings are compared is in test/unit/tree_test.c, the formula in intercode_test.c.

load helper
load episode

setup() {
	common_setup
	need_box
}

# task CHECKS [JSON] [SOLUTION|none]: opens an episode of a task with these checks, in $ep; its workspace has a/one, a/run and two.
task() {
	local folder=$T/tasks/unit/gold
	mkdir -p "$folder/files/a"
	echo one >"$folder/files/a/one"
	printf '#!/bin/sh\n' >"$folder/files/a/run"
	chmod 755 "$folder/files/a/run"
	echo two >"$folder/files/two"
	fixture_task unit/gold "{\"checks\": $1, \"attempts\": 100, \"limits\": {\"steps\": 200}}" "${2:-"{}"}"
	if [[ ${3:-} == none ]]; then
		rm "$folder/solution.jsonl"
	elif [[ -n ${3:-} ]]; then
		printf '%s\n' "$3" >"$folder/solution.jsonl"
	fi
	ep=g-1
	env-reset --id g unit/gold >/dev/null
}

# again CHECKS...: the same for a new episode.
again() {
	env-close "$ep" >/dev/null
	task "$@"
}

# scores NUMBER [REASON]: grades anew; the score of the first check, and its reason.
scores() {
	local wanted=1
	[[ $1 != 1 ]] || wanted=0
	separate env-verify --again "$ep"
	[[ $(printf %.4f "$(field '.checks[0].score')") == $(printf %.4f "$1") ]] || { digest "$output"; return 1; }
	[[ $status == "$wanted" && -z $stderr ]] || { echo "status $status: $stderr"; return 1; }
	[[ $# == 1 ]] || expect '.checks[0].reason' "$(quoted "$2")"
}

gold='[{"name": "t", "type": "tree", "gold": ["mkdir new; echo x >new/file; ln -s ../two new/link", "chmod +x two; rm a/one"]}]'

@test "tree: any way to the same tree is right, and nothing else" {
	task "$gold"
	scores 0 'paths: 3 missing, 1 too many, 1 of another mode'
	act 'cp -r . /tmp/copy; mkdir new; cd new; printf "x\n" >tmp; mv tmp file; ln -s ../two link; cd ..; chmod 700 two; unlink a/one; touch -d 2001-01-01 two new; chmod g+w two'
	scores 0 'paths: 1 of another mode'
	act 'chmod a+x two'
	scores 1
	act 'echo y >new/file'
	scores 0 'paths: 1 of another content'
	act 'echo x >new/file; ln -sfn two new/link'
	scores 0 'paths: 1 of another content'
	act 'ln -sfn ../two new/link; touch more'
	scores 0 'paths: 1 too many'
	act 'rm more; chmod u+s a/run'
	scores 0 'paths: 1 of another mode'
	act 'chmod u-s a/run; chmod +t new'
	scores 0 'paths: 1 of another mode'
	act 'chmod -t new; rm -r a; echo file >a'
	scores 0 'paths: 1 of another kind'
	act 'rm a; ln -s /tmp/copy/a a'
	scores 0 'paths: 1 of another kind'
	act 'rm a; cp -rp /tmp/copy/a .; rm a/one'
	scores 1
}

@test "tree: gold is the solution unless it is given; no action at all means no change" {
	task '[{"name": "t", "type": "tree"}]' '{"hints": ["one"], "tools": ["shell", "write_file", "hint", "submit"]}' '"echo 1 >made"
{"tool": "write_file", "args": {"path": "deep/er", "content": "x"}}
{"tool": "hint"}
{"tool": "submit"}'
	scores 0 'paths: 3 missing'
	act 'mkdir deep; printf x >deep/er; echo 1 >made'
	scores 1
	again '[{"name": "t", "type": "tree", "gold": []}]'
	scores 1
	act 'touch -d 2001-01-01 two'
	scores 1
	act 'echo >>two'
	scores 0 'paths: 1 of another content'
}

@test "tree: what is ignored" {
	task '[{"name": "t", "type": "tree", "ignore": ["*.log", "a/o*", "__pycache__"], "gold": ["touch x.log; echo 1 >made"]}]'
	act 'mkdir -p deep/__pycache__ && rmdir deep/__pycache__ deep; mkdir a/__pycache__; touch a/__pycache__/x a/y.log; rm a/one; echo 1 >made'
	scores 1
	act 'touch a/two'
	scores 0 'paths: 1 too many'
}

@test "tree: the start is that of the episode's seed" {
	mkdir -p tasks/unit/gold
	echo 'echo "$SEED" >seed; mkdir "d $SEED"' >tasks/unit/gold/setup.sh
	task '[{"name": "t", "type": "tree", "gold": ["tr a-z A-Z <seed >upper"]}]'
	for n in 1 2 3; do
		env-reset --id s$n --seed "seed $n" unit/gold >/dev/null
		act 'tr a-z A-Z <seed >upper' "s$n-1"
	done
	env-verify s1-1 s2-1 s3-1 >verdicts
	expect 'map(.reward)' '[1,1,1]' "$(jq -s . verdicts)"
	env-close s1-1 s2-1 s3-1 >rollouts
	expect 'map(.seed)' '["seed 1","seed 2","seed 3"]' "$(jq -s . rollouts)"
	rollout-replay <rollouts >replays
	expect 'map([.match, .verdict_match])' '[["exact",true],["exact",true],["exact",true]]' "$(jq -s . replays)"
}

@test "gold is carried out once for all episodes of a task and seed" {
	task '[{"name": "t", "type": "tree", "gold": ["sleep 3; touch made"]}, {"name": "o", "type": "output", "compare": "exact", "gold": ["sleep 3; touch made"]}]'
	env-reset --id same -n 4 --seed 5 unit/gold >/dev/null
	for n in 1 2 3 4; do act 'touch made' "same-$n"; done
	env-verify same-{1,2,3,4} >verdicts
	expect '[map(.reward), (map(select(.timing.wall_ms >= 3000)) | length)]' '[[1,1,1,1],1]' "$(jq -s . verdicts)"
	# Side by side one of them does it, and the others wait for it.
	env-verify --again -j 4 same-{1,2,3,4} >verdicts
	expect 'map(.reward)' '[1,1,1,1]' "$(jq -s . verdicts)"
}

@test "gold that fails is the grader's error, and no reward" {
	local case
	for case in '["true", "sleep 60"]|gold: action 2: it met a limit (timeout)' \
		'[{"tool": "none"}]|gold: action 1: unknown tool: none' '["true", {"tool": "sql", "args": {"query": "select 1"}}]|gold: action 2: sql cannot be used for gold' \
		'null|gold: the task has no solution, and the check no gold'; do
		[[ -z ${ep:-} ]] || env-close "$ep" >/dev/null
		task "$(jq -cn --argjson gold "${case%%|*}" '[{name: "t", type: "tree", $gold} | del(.gold | nulls)]')" \
			'{"limits": {"step_s": 3}, "tools": ["shell", "sql", "submit"], "env": {"sql": {"database": "a.db"}}}' none
		separate env-verify "$ep"
		[ "$status" = 4 ]
		expect '[.status, .reward, .reason]' "[\"error\",null,\"check t: ${case#*|}\"]"
	done
	quiet env-step -e "$ep" <<<'{"tool": "submit"}'
	expect '[.reward, .info.verdict]' '[null,"error"]'
	# A status other than 0 is none of it: grep has one when it finds nothing.
	again '[{"name": "t", "type": "tree", "gold": ["false; grep nothing two"]}]'
	scores 1
}

@test "output: what was printed last, against a text or against gold's" {
	task '[{"name": "o", "type": "output", "compare": "exact", "text": "a  b\n\nc\n"}, {"name": "n", "type": "output", "compare": "normalised", "text": "a  b\n\nc\n"},
		{"name": "g", "type": "output", "compare": "exact", "gold": ["echo before", "cat two; echo error >&2"]}, {"name": "i", "type": "output", "compare": "intercode", "text": "aa bb"}]' '{"reward": "weighted"}'
	scores 0 'output: there is none'
	expect '[.checks[].score]' '[0,0,0,0]'
	act 'printf "a  b\n\nc\n"'
	scores 1 || expect '[.checks[0,1].score]' '[1,1]'
	act 'printf " a b\t\r\nc"'
	separate env-verify --again "$ep"
	expect '[.checks[] | .score]' '[0,1,0,0]'
	act 'echo two; echo error >&2'
	separate env-verify --again "$ep"
	expect '[.checks[] | .score]' '[0,0,1,0]'
	act 'printf "a b c"'
	separate env-verify --again "$ep"
	expect '[.checks[] | .score]' '[0,0,0,0]'
	act 'echo aa'
	separate env-verify --again "$ep"
	expect '[.checks[] | .score * 1e6 | round]' '[0,0,0,579739]'
	# What is no output of a command is none.
	act 'echo AA BB'
	quiet env-step -e "$ep" <<<'{"tool": "none"}'
	separate env-verify --again "$ep"
	expect '.checks[3] | [.score, .reason]' '[0,"output: there is none"]'
}

@test "intercode: its reward, and its parts" {
	local gold='["mkdir new; echo x >new/x; echo 1 >made; chmod +x two; echo hello big world"]'
	task "[{\"name\": \"i\", \"type\": \"intercode\", \"gold\": $gold}, {\"name\": \"t\", \"type\": \"tree\", \"compare\": \"intercode\", \"gold\": $gold},
		{\"name\": \"o\", \"type\": \"output\", \"compare\": \"intercode\", \"gold\": $gold}, {\"name\": \"none\", \"type\": \"file\", \"path\": \"none\", \"weight\": 0}]" '{"reward": "weighted"}'
	scores 0.34 'changes 0.00, content 0.33, output 0.00 of 0.33 each'
	act 'mkdir new; echo x >new/x; echo 1 >made; chmod u+x two'
	scores 0.67 'changes 0.33, content 0.33, output 0.00 of 0.33 each'
	act 'echo y >new/x'
	scores 0.51 'changes 0.33, content 0.17, output 0.00 of 0.33 each'
	act 'echo x >new/x; touch more'
	scores 0.39 'changes 0.05, content 0.33, output 0.00 of 0.33 each'
	act 'rm more; echo hello world'
	scores 0.9 'changes 0.33, content 0.33, output 0.23 of 0.33 each'
	expect '[.checks[1,2].score * 1000 | round]' '[1000,709]'
	act 'echo world, big HELLO!'
	separate env-verify --again "$ep"
	expect '[.checks[0,1,2].score]' '[1,1,1]'
	# Where nothing is to be changed, nothing is worth 0.67: that is why exact checks are for training.
	again '[{"name": "i", "type": "intercode", "gold": ["cat two"]}]'
	scores 0.67
	act 'cat two'
	scores 1
}

@test "what is submitted, graded after the end, and replayed" {
	task '[{"name": "t", "type": "tree", "gold": ["echo x >made"]}, {"name": "i", "type": "intercode", "gold": ["echo x >made; echo said"]}]' '{"attempts": 3}'
	quiet env-step -e "$ep" <<<'{"tool": "submit"}'
	expect '[.reward, .terminated]' '[0,false]'
	act 'echo x >made; echo said'
	quiet env-step -e "$ep" <<<'{"tool": "submit"}'
	expect '[.reward, .terminated, .info.verdict]' '[1,true,"pass"]'
	quiet env-verify --again "$ep"
	expect '[.status, .reward, [.checks[].score]]' '["pass",1,[1,1]]'
	env-close "$ep" | tee rollouts | rollout-replay >replay
	expect '[.match, .verdict_match]' '["exact",true]' "$(<replay)"
	env-reset --id end unit/gold >/dev/null
	act 'echo x >made' end-1
	separate env-verify end-1
	expect '[.status, [.checks[].score]]' '["fail",[1,0.67]]'
	env-close end-1 | rollout-replay >replay
	expect '[.match, .verdict_match]' '["exact",true]' "$(<replay)"
}

@test "names that are no text, links, rights and other oddities are told apart" {
	task '[{"name": "t", "type": "tree", "gold": ["printf x >\"$(printf \"new\\nline\")\"; printf x >\"$(printf \"bad\\377\")\"; ln two hard; mkfifo pipe; mkdir -p d/d; printf x >d/secret; chmod 0 d/secret; chmod 111 d"]}]' '{"limits": {"disk_mib": 12000}}'
	act 'printf x >"$(printf "new\nline")"; printf x >"$(printf "bad\377")"; mkfifo pipe; mkdir -p d/d; printf x >d/secret; chmod 0 d/secret; chmod 111 d; cp two hard'
	scores 1
	# A name with a newline is not two names, and a byte is not another byte.
	act 'mv new* new; touch line'
	scores 0 'paths: 1 missing, 2 too many'
	act 'rm line; mv new "$(printf "new\nline")"; mv bad* "$(printf "bad\376")"'
	scores 0 'paths: 1 missing, 1 too many'
	act 'mv bad* "$(printf "bad\377")"; chmod 711 d; printf y >d/secret; chmod 0 d/secret; chmod 111 d'
	act 'chmod 700 d; chmod 600 d/secret; printf y >d/secret; chmod 0 d/secret; chmod 111 d'
	scores 0 'paths: 1 of another content'
	act 'chmod 700 d; chmod 600 d/secret; printf x >d/secret; chmod 0 d/secret; chmod 111 d; rm pipe; touch pipe'
	scores 0 'paths: 1 of another kind'
	act 'rm pipe; mkfifo pipe; python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\"socket\")"'
	scores 1
	# Nobody waits for holes, and what a link leads to is never looked at.
	act 'truncate -s 10G big; ln -s /dev/zero endless; ln -s big two-big'
	scores 0 'paths: 3 too many'
	act 'rm big endless two-big; chmod 700 d; rm -rf d; ln -s / d'
	scores 0 'paths: 1 of another kind'
	act 'cd /; mv workspace w; ln -s /usr workspace'
	scores 0 'the workspace cannot be read'
}

@test "a hole is as good as the zeros that it stands for" {
	task '[{"name": "t", "type": "tree", "gold": ["truncate -s 10G hole; head -c 200000 /dev/zero >zeros; { head -c 70000 /dev/zero; echo x; } >mixed"]}]' '{"limits": {"disk_mib": 12000}}'
	act 'truncate -s 10G hole; truncate -s 200000 zeros; truncate -s 70000 mixed; echo x >>mixed'
	scores 1
	act 'truncate -s 10737418241 hole'
	scores 0 'paths: 1 of another content'
	act 'truncate -s 10G hole; printf x | dd of=hole bs=1 seek=5000000000 conv=notrunc status=none'
	scores 0 'paths: 1 of another content'
}

@test "as many files as a disk takes" {
	task '[{"name": "i", "type": "intercode", "gold": []}]' '{"limits": {"disk_mib": 64, "step_s": 60}}'
	act 'cd a; python3 -c "
import os
for n in range(40000): os.close(os.open(\"f%d\" % n, os.O_CREAT, 0o644))"'
	scores 0.67 'changes 0.00, content 0.33, output 0.33 of 0.33 each'
}

@test "what a task may ask" {
	local case
	for case in '{"type": "tree", "compare": "words"}|.checks[0].compare: ' '{"type": "tree", "gold": "true"}|.checks[0].gold: must be an array of actions' \
		'{"type": "tree", "gold": [1]}|.checks[0].gold: action 1 must be' '{"type": "tree", "ignore": ["../x"]}|.checks[0].ignore[0]: ' \
		'{"type": "tree", "ignore": ["x/"]}|.checks[0].ignore[0]: ' '{"type": "output"}|.checks[0]: needs "stdout" or "stderr", or else "compare"' \
		'{"type": "output", "stdout": "x", "compare": "exact"}|.checks[0]: needs' '{"type": "output", "stdout": "x", "text": "x"}|.checks[0]: has "text" without' \
		'{"type": "output", "compare": "exact", "text": "x", "gold": []}|.checks[0]: has both' '{"type": "intercode", "compare": "exact"}|.checks[0].compare: '; do
		fixture_task unit/wrong "$(jq -cn --argjson check "${case%%|*}" '{checks: [$check + {name: "c"}]}')"
		fails 3 env-reset unit/wrong
		[[ $stderr == *"${case#*|}"* ]] || { echo "${case#*|}: $stderr"; false; }
	done
}
