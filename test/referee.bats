#!/usr/bin/env bats
# Programs of a task that the agent cannot reach, or that live on in branches: referees, and environments that are branched.

load helper
load episode

# guess NAME ENV: a task unit/NAME, of the program kind, with a shell. Its program counts requests; its referee knows the number.
guess() {
	local folder=$T/tasks/unit/$1
	need_box
	fixture_task "unit/$1" "$(jq -cn --argjson env "$2" '{env: ({kind: "program"} + $env), tools: ["shell", {name: "guess", description: "Guess.",
		main: "n", parameters: {type: "object", properties: {n: {type: "string"}}}}],
		checks: [{name: "won", type: "jq", condition: "any(.steps[]; .observation.reward == 1)"}], limits: {step_s: 5}}')"
	mkdir -p "$folder/tests"
	echo 7 >"$folder/tests/number"
	cat >"$folder/files/count.sh" <<-'END'
		while read -r line; do
			echo "a stray print"
			[[ $line != *'"n":"deep"'* ]] || echo "{\"observation\": \"\", \"x\": $(printf '[%.0s' {1..252})$(printf ']%.0s' {1..252})}"
			echo "{\"observation\": \"asked $((count += 1)) times\"}"
		done
	END
	cat >"$folder/tests/referee.sh" <<-'END'
		number=$(<number)
		while read -r line; do
			echo "it is $number"
			case $line in
			*'"n":"crash"'*) exit 3 ;;
			*"\"n\":\"$number\""*) won=1 ;;
			*) won=0 ;;
			esac
			text="$((count += 1)), $(ls /workspace | wc -l) files, $(sed -n 's/.*asked \([0-9]*\) times.*/\1/p' <<<"$line")"
			echo "{\"observation\": \"$text\", \"reward\": $won, \"terminated\": $([ $won = 1 ] && echo true || echo false)}"
		done
	END
}

both='{"program": {"command": ["bash", "count.sh"]}, "referee": {"command": ["bash", "referee.sh"]}}'

@test "a referee hears what the program replied, and its reply counts; it is nowhere in the agent's box" {
	guess both "$both"
	quiet env-reset --id g unit/both
	expect '.stdout' '"1, 0 files, 1"'
	quiet env-step -e g-1 <<-'END'
		{"tool": "guess", "args": {"n": "1"}}
		{"tool": "shell", "args": {"command": "ls /tests; ls; grep -ls referee /proc/[0-9]*/cmdline"}}
		{"tool": "guess", "args": {"n": "2"}}
	END
	expect '[.stdout, .reward]' '["2, 0 files, 2",0]
["count.sh\n",0]
["3, 0 files, 3",0]'
	# Another process has a new one, which is told all that was.
	quiet env-step -e g-1 <<<'{"tool": "guess", "args": {"n": "7"}}'
	expect '[.stdout, .reward, .terminated, .stderr]' '["4, 0 files, 4",1,true,"a stray print\n"]'
	quiet bash -c 'env-verify g-1 | env-close'
	expect '[.verdict.status, (tostring | contains("asked"))]' '["pass",false]'
	quiet rollout-replay <<<"$output"
	expect '[.match, .verdict_match]' '["exact",true]'
}

@test "a referee alone is the environment" {
	guess alone '{"referee": {"command": ["bash", "referee.sh"]}}'
	env-reset --id g unit/alone >/dev/null
	quiet env-step -e g-1 <<<'"ls"'
	quiet env-step -e g-1 <<<'{"tool": "guess", "args": {"n": "7"}}'
	expect '[.stdout, .reward, .terminated]' '["2, 0 files, ",1,true]'
}

@test "whose failure it is: what the agent can reach is the agent's, a referee is not" {
	guess both "$both"
	env-reset -n 3 --id g unit/both >/dev/null
	act 'pkill -f count.sh' g-1
	quiet env-step <<-'END'
		{"episode": "g-1", "tool": "guess", "args": {"n": "7"}}
		{"episode": "g-2", "tool": "guess", "args": {"n": "crash"}}
		{"episode": "g-3", "tool": "guess", "args": {"n": "deep"}}
	END
	expect '[.info, .reward, .truncated]' '[{"environment":"ended"},null,true]
[{"environment":"ended","referee":true},null,true]
[{"environment":"rubbish"},null,true]'
	separate env-verify g-1 g-2 g-3
	[[ $status == 4 ]]
	expect '[.status, .reward]' '["fail",0]
["error",null]
["fail",0]'
}

@test "branches of an episode with a program carry its steps out again, each for itself" {
	guess both "$both"
	env-reset --id g unit/both >/dev/null
	quiet env-step -e g-1 <<-'END'
		{"tool": "guess", "args": {"n": "1"}}
		{"tool": "shell", "args": {"command": "x=5; cd /tmp; echo a >>/workspace/log"}}
		{"tool": "guess", "args": {"n": "2"}}
	END
	quiet env-fork -n 2 --id b g-1
	expect '[.step, .cwd, .info]' '[3,"/tmp",{}]
[3,"/tmp",{}]'
	quiet env-step <<-'END'
		{"episode": "b-2", "tool": "guess", "args": {"n": "3"}}
		{"episode": "b-2", "tool": "shell", "args": {"command": "echo $x; wc -l </workspace/log"}}
		{"episode": "g-1", "tool": "guess", "args": {"n": "3"}}
	END
	expect '.stdout' '"4, 0 files, 4"
"5\n1\n"
"4, 0 files, 4"'
	quiet env-fork --at 1 --id c b-2
	quiet env-step -e c-1 <<<'{"tool": "guess", "args": {"n": "7"}}'
	expect '[.stdout, .terminated]' '["3, 0 files, 3",true]'
	# What does not come out the same again is said.
	act 'date +%N' b-1
	fails 1 env-fork b-1
	[[ $stderr == *"its replay diverged at step 4: stdout"* ]]
	kill_box b-2
	quiet env-restore b-2
	expect '[.match, .restored]' '["exact",true]'
	quiet env-step -e b-2 <<<'{"tool": "guess", "args": {"n": "4"}}'
	expect '.stdout' '"5, 0 files, 5"'
}
