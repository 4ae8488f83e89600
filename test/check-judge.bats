#!/usr/bin/env bats
# Judges: what they get, what they may say, what becomes of those that do otherwise, and that nothing of them is left.

load helper
load episode

setup() {
	common_setup
	need_box
	mkdir judges
	export PIPEGYM_JUDGES=$T/judges
}

# judge NAME: the script on stdin, as a judge.
judge() {
	cat >"judges/$1"
	chmod +x "judges/$1"
}

# task [JSON]: opens an episode whose only check is the judge j; JSON is merged over the check.
task() {
	fixture_task unit/graded "{\"checks\": [$(merged '{"name": "c", "type": "judge", "judge": "j"}' "${1:-"{}"}")], \"attempts\": 5}"
	ep=g-1
	env-reset --id g unit/graded >/dev/null
}

# error REASON: the verdict is error, with reward null, for this reason.
error() {
	separate env-verify --again "$ep"
	expect '[.status, .reward]' '["error",null]' || return
	[ "$status" = 4 ]
	[[ $(field .reason) == "check c: $1" ]] || { field .reason; false; }
}

@test "a judge's score and reason, the same for submit, env-verify and rollout-replay" {
	judge j <<-'END'
	#!/bin/sh
	exec jq -c '{score: (.steps | length / 4), reason: "\(.steps | length) of 4"}'
	END
	task
	act true
	quiet env-step -e "$ep" <<<'{"tool": "submit"}'
	expect '[.reward, .info.verdict]' '[0,"fail"]'
	separate env-verify "$ep"
	expect '[.checks[0].score, .reason]' '[0.25,"c: 1 of 4"]'
	act true
	act true
	quiet env-step -e "$ep" <<<'{"tool": "submit"}'
	expect '[.reward, .info.verdict]' '[1,"pass"]'
	env-close "$ep" >rollout
	quiet rollout-replay <rollout
	expect '[.match, .verdict_match]' '["exact",true]'
}

@test "what a judge gets: one record, in a file, and no more of its caller than it needs" {
	judge j <<-END
	#!/bin/sh
	cat >'$T/got'
	{ pwd; env | sort; ls /proc/self/fd | wc -l; } >'$T/about'
	echo '{"score": 1}'
	END
	task '{"rubric": {"look": "closely"}}'
	act 'echo out'
	quiet env-step -e "$ep" <<<'{"tool": "submit", "args": {"answer": "42"}}'
	SECRET=1 PIPEGYM_JUDGE_KEY=k HOME=/h env-verify --again "$ep" >/dev/null
	[[ $(wc -l <got) == 1 ]]
	expect '[.type, .episode, .task, .answer, .rubric, .checks, (.steps | length), .steps[0].observation.stdout]' \
		'["rollout","g-1","unit/graded","42",{"look":"closely"},[],1,"out\n"]' "$(<got)"
	expect '[.. | objects | select(has("timing"))]' '[]' "$(<got)"
	expect 'has("prompt") and has("seed") and has("task_digest")' true "$(<got)"
	diff about - <<-'END'
	/
	HOME=/h
	LC_ALL=C.UTF-8
	PATH=/usr/local/bin:/usr/bin:/bin
	PIPEGYM_JUDGE_KEY=k
	PWD=/
	TZ=UTC
	4
	END
}

@test "a task names a judge; which program that is, the caller says, or there is none" {
	judge j <<<'#!/bin/sh'
	task
	separate env -u PIPEGYM_JUDGES "$BIN/env-verify" "$ep"
	[ "$status" = 4 ]
	expect '[.status, .reason]' '["error","check c: there is no judge j: PIPEGYM_JUDGES is not set"]'
	env -u PIPEGYM_JUDGES "$BIN/env-step" -e "$ep" <<<'{"tool": "submit"}' >out
	expect '[.reward, .info.verdict]' '[null,"error"]' "$(<out)"
	rm judges/j
	error "there is no judge $T/judges/j: No such file or directory"
	echo >judges/j
	error "there is no judge $T/judges/j: Permission denied"
	PIPEGYM_JUDGES=/nowhere error 'PIPEGYM_JUDGES: /nowhere: No such file or directory'
	local name
	for name in ../j /bin/sh .j a/b '' 'a b'; do
		fixture_task unit/bad "$(jq -cn --arg judge "$name" '{checks: [{name: "c", type: "judge", $judge}]}')"
		separate task-list --missing unit/bad
		[[ $stderr == *'.checks[0].judge: must be a name'* ]] || { echo "$name: $stderr"; false; }
	done
}

@test "whatever a judge does but print a score is an error, never a reward" {
	task
	local line script reason
	while IFS= read -r line; do
		script=${line% | *} reason=${line##* | }
		printf '#!/bin/sh\n%s\n' "$script" | judge j
		error "judge j: $reason" || { echo "$script"; false; }
	done <<-'END'
	: | it printed no JSON object
	echo 1 | it printed no JSON object
	echo '{"score": 1' | it printed no JSON object
	echo '{"score": 1}{"score": 1}' | it printed no JSON object
	echo '{"score": nan}' | it printed no JSON object
	echo '{"score": 1e999}' | it printed no JSON object
	printf '{"score": 1, "reason": "\377"}' | it printed no JSON object
	echo '{}' | its score is not a number from 0 to 1
	echo '{"score": "1"}' | its score is not a number from 0 to 1
	echo '{"score": null}' | its score is not a number from 0 to 1
	echo '{"score": -0.1}' | its score is not a number from 0 to 1
	echo '{"score": 1.1}' | its score is not a number from 0 to 1
	echo '{"score": 1}'; exit 3 | exit status 3
	echo '{"score": 1}'; echo 'no key' >&2; exit 1 | exit status 1: no key
	echo '{"score": 1}'; kill -9 $$ | killed by signal 9
	echo '{"score": 1}'; exec yes | it printed more than 65536 bytes
	END
	printf '#!/nowhere\n' | judge j
	error 'judge j: cannot be started: No such file or directory'
}

@test "a judge that sleeps, with daemons of its own: killed at its deadline, and all of them gone" {
	judge j <<-END
	#!/bin/sh
	trap '' TERM HUP
	echo '{"score": 1}'
	setsid -f sleep 1000
	(setsid sh -c 'sleep 1000; :' &)
	echo begun >>'$T/begun'
	sleep 1000
	sleep 1000
	END
	task '{"timeout_s": 0.5}'
	local start=$SECONDS
	error 'judge j: it took longer than 0.5 s'
	((SECONDS - start < 15))
	# One that ends leaves as little; and one whose grader is killed.
	sed -i '/^sleep/d' judges/j
	env-close "$ep" >/dev/null
	task '{"timeout_s": 20}'
	separate env-verify "$ep"
	expect .status '"pass"'
	echo 'sleep 1000' >>judges/j
	rm begun
	fixture_task unit/graded '{"checks": [{"name": "c", "type": "judge", "judge": "j"}]}'
	env-reset --id k unit/graded >/dev/null
	"$BIN/env-verify" k-1 &
	local grader=$!
	until_is test -e begun
	kill -9 "$grader"
	wait "$grader" || :
	[ -n "${PIPEGYM_CONTAINER:-}" ] || skip 'without test/contain nobody knows whose processes they are'
	within 5 eval '! pgrep -P "$PIPEGYM_CONTAINER" -f "sleep 100[0]"'
	within 5 eval '! pgrep -f "$T/judges/[j]"'
}

@test "many judges side by side" {
	judge j <<<'#!/bin/sh
sleep 0.1; echo "{\"score\": 1}"'
	fixture_task unit/graded '{"checks": [{"name": "c", "type": "judge", "judge": "j"}]}'
	env-reset --id m -n 12 unit/graded >opened
	env-verify -j 6 <opened >verdicts
	[[ $(jq -sc 'map(.status) | unique' verdicts) == '["pass"]' ]]
	[[ $(wc -l <verdicts) == 12 ]]
}
