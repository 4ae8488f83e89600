#!/usr/bin/env bats
# env-reset: which episodes it opens, what it prints, what it leaves behind when it cannot.

load helper
load episode

setup() {
	common_setup
	need_box
	fixture_task unit/hello
}

# names: what is in the folder of episodes, hidden ones too.
names() {
	find "$PIPEGYM_STATE/episodes" -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null | sort | paste -sd ' '
}

@test "the first observation has these fields and no others" {
	quiet env-reset --id a unit/hello
	expect 'keys' '["cwd","episode","info","limits","prompt","reward","step","task","terminated","timing","tools","truncated","type"]'
	expect '[.type, .episode, .task, .step, .prompt, .cwd, .reward, .terminated, .truncated, .info]' \
		'["observation","a-1","unit/hello",0,"Write hello into greeting.txt.","/workspace",0,false,false,{}]'
	expect .limits '{"steps":20,"step_s":10,"total_s":3600,"memory_mib":128,"disk_mib":16,"processes":128,"output_kib":64}'
	expect '.timing | keys' '["wall_ms"]'
	expect '[.tools[].name]' '["shell","write_file","read_file","edit_file","submit"]'
	expect '.tools[] | [keys, .parameters.type, .parameters.additionalProperties]' \
		"$(printf '[["description","name","parameters"],"object",false]\n%.0s' 1 2 3 4 5)"
	expect '[.tools[] | .parameters.required]' '[["command"],["path","content"],["path"],["path","old","new"],null]'
}

@test "nothing of what grades the task is in the observation" {
	fixture_task unit/secret '{"checks": [{"name": "s3cretname", "type": "file", "path": "s3cretpath", "content": "s3cretcontent"}], "hints": ["s3crethint"]}'
	mkdir "$T/tasks/unit/secret/tests"
	echo s3crettest >"$T/tasks/unit/secret/tests/s3cretfile"
	echo ': s3cretsetup' >"$T/tasks/unit/secret/setup.sh"
	quiet env-reset --id a unit/secret
	[[ $output != *s3cret* ]]
	run ! grep -rl s3cret "$PIPEGYM_STATE"
	ep=a-1
	act 'grep -rls "s3cre[t]" / --exclude-dir=proc --exclude-dir=usr --exclude-dir=dev; ls /tests'
	expect .stdout '""'
}

@test "a task's tools, limits and directory are those of its definition" {
	fixture_task unit/other '{"tools": ["read_file", "submit"], "limits": {"steps": 7}, "env": {"cwd": "/srv/x"}}'
	quiet env-reset unit/other
	expect '[[.tools[].name], .limits.steps, .cwd]' '[["read_file","submit"],7,"/srv/x"]'
}

@test "episodes get random names of one form" {
	quiet env-reset -n 5 unit/hello
	expect '[.[].episode | test("^ep-[0-9a-z]{13}$")] | all' true "$(jq -s . <<<"$output")"
	[ "$(jq -r .episode <<<"$output" | sort -u | wc -l)" = 5 ]
}

@test "-n, --id and several tasks" {
	fixture_task unit/other
	quiet env-reset -n 2 --id p unit/hello unit/other
	expect '[.episode, .task]' '["p-1","unit/hello"]
["p-2","unit/hello"]
["p-3","unit/other"]
["p-4","unit/other"]'
	[ "$(names)" = 'p-1 p-2 p-3 p-4' ]
}

@test "-j opens several at a time" {
	quiet env-reset -n 12 -j 4 --id p unit/hello
	[ "$(jq -r .episode <<<"$output" | sort -V | paste -sd ' ')" = 'p-1 p-2 p-3 p-4 p-5 p-6 p-7 p-8 p-9 p-10 p-11 p-12' ]
	local id
	for id in 1 5 12; do
		works "p-$id"
	done
}

@test "an episode that exists is not opened again, and the others are" {
	quiet env-reset --id p unit/hello
	act 'echo mine >file' p-1
	fails 3 env-reset -n 2 --id p unit/hello
	expect '[.type, .episode, .status]' '["error","p-1",3]
["observation","p-2",null]'
	[[ $stderr == *'p-1: episode p-1 exists'* ]]
	act 'cat file' p-1
	expect_out $'mine\n'
}

@test "ids of all allowed forms, and those that are not" {
	local id
	for id in a A0 0 a.b_c-d "$(printf 'x%.0s' {1..56})"; do
		quiet env-reset --id "$id" unit/hello
		expect .episode "\"$id-1\""
	done
	for id in '' .a -a _a 'a b' a/b ../a ä "$(printf 'x%.0s' {1..57})" $'a\n'; do
		fails 2 env-reset --id="$id" unit/hello
		[ -z "$output" ]
	done
}

@test "--seed is what setup.sh sees, and is in the rollout" {
	echo 'echo "seed <$SEED>" >seed; echo out; echo err >&2' >"$T/tasks/unit/hello/setup.sh"
	quiet env-reset --id a unit/hello
	quiet env-reset --id b --seed 'x "y"' unit/hello
	act 'cat seed; echo "<$SEED>"' a-1
	expect_out $'seed <0>\n<>\n'
	act 'cat seed' b-1
	expect_out $'seed <x "y">\n'
	quiet env-close a-1 b-1
	expect .seed $'"0"\n"x \\"y\\""'
}

@test "a seed that is not UTF-8 is refused, or replayed as it was" {
	echo 'printf %s "$SEED" >seed' >"$T/tasks/unit/hello/setup.sh"
	separate env-reset --id a --seed $'\xff' unit/hello
	if [ "$status" != 2 ]; then
		[ "$status" = 0 ]
		act 'od -An -tx1 seed' a-1
		quiet bash -c 'env-close a-1 | rollout-replay'
		expect .match '"exact"'
	fi
}

@test "files, links, modes and times of a task arrive in the workspace" {
	local files=$T/tasks/unit/hello/files
	mkdir -p "$files/deep/er/empty" "$files/.hidden"
	echo text >"$files/deep/er/file"
	printf '#!/bin/sh\necho ran\n' >"$files/run"
	chmod 755 "$files/run"
	chmod 600 "$files/deep/er/file"
	ln -s deep/er/file "$files/link"
	ln -s /nowhere "$files/dangling"
	printf '\0\xff' >"$files/.hidden/bytes"
	echo strange >"$files"/$'new\nline "q" *'
	head -c 3000000 /dev/urandom >"$files/large"
	quiet env-reset --id a unit/hello
	ep=a-1
	act 'find . -mindepth 1 -printf "%y %m %p %l\n" | sort'
	expect_out $'d 755 ./.hidden \nd 755 ./deep \nd 755 ./deep/er \nd 755 ./deep/er/empty \nf 644 ./.hidden/bytes \nf 644 ./deep/er/file \nf 644 ./large \nf 644 ./new\nf 755 ./run \nl 777 ./dangling /nowhere\nl 777 ./link deep/er/file\nline "q" * \n'
	act 'cat link; ./run; od -An -tx1 .hidden/bytes; sha256sum <large'
	expect_out $'text\nran\n 00 ff\n'"$(sha256sum <"$files/large")"$'\n'
	act 'find . -newermt "2025-01-01 00:00:01" -o ! -newermt "2024-12-31 23:59:59"; stat -c %y .'
	expect_out $'2025-01-01 00:00:00.000000000 +0000\n'
}

@test "what setup.sh makes has the time of the task's files, and the script is nowhere" {
	printf '%s\n' 'mkdir made; echo x >made/file; touch -d 2001-02-03 made/old; exec 3</dev/null; echo more >>given; [ "$PWD" = /workspace ]; [ -z "$(cat)" ]' \
		>"$T/tasks/unit/hello/setup.sh"
	echo given >"$T/tasks/unit/hello/files/given"
	quiet env-reset --id a unit/hello
	ep=a-1
	act 'stat -c "%n %Y" . given made made/file made/old'
	expect_out $'. 1735689600\ngiven 1735689600\nmade 1735689600\nmade/file 1735689600\nmade/old 981158400\n'
	act 'ls -A; ls -A /tmp'
	expect_out $'given\nmade\n'
}

@test "a setup.sh that fails: an error, and nothing is left behind" {
	echo 'echo "this is why" >&2; exit 9' >"$T/tasks/unit/hello/setup.sh"
	fails 3 env-reset --id a unit/hello
	expect '[.type, .episode, .status]' '["error","a-1",3]'
	expect '.reason | test("unit/hello: setup.sh ended with status 9: this is why")' true
	[ "$(names)" = '' ]
	echo 'kill -9 $$' >"$T/tasks/unit/hello/setup.sh"
	fails 3 env-reset --id a unit/hello
	expect '.reason | test("killed by signal 9")' true
	# A program that setup starts and that stays does not keep it from ending.
	echo 'sleep 1000 & echo x >done' >"$T/tasks/unit/hello/setup.sh"
	quiet env-reset --id a unit/hello
	act 'cat done' a-1
	expect_out $'x\n'
}

@test "files that do not fit into the task's disk" {
	fixture_task unit/big '{"limits": {"disk_mib": 1}}'
	head -c 3000000 /dev/zero >"$T/tasks/unit/big/files/big"
	fails 3 env-reset --id a unit/big
	expect '.reason | test("does not fit")' true
	[ "$(names)" = '' ]
}

@test "tasks that are unknown or broken, and the next is opened" {
	mkdir -p "$T/tasks/unit/broken"
	echo '{"title": "only"}' >"$T/tasks/unit/broken/task.json"
	fails 3 env-reset --id a unit/nosuch unit/broken unit/hello nonsense ../unit/hello
	expect '[.type, .status]' '["error",3]
["error",3]
["observation",null]
["error",3]
["error",3]'
	grep -q 'unit/broken/task.json' <<<"$stderr"
	[ "$(names)" = 'a-1' ]
}

@test "a task that needs a program which this host does not have" {
	fixture_task unit/needs '{"requires": ["sh", "no-such-program"]}'
	fails 4 env-reset unit/needs
	expect '[.type, .status, (.reason | test("unit/needs.*no-such-program"))]' '["error",4,true]'
	fixture_task unit/needs '{"requires": ["sh", "cat"]}'
	quiet env-reset unit/needs
}

@test "task records on standard input" {
	fixture_task unit/other
	quiet bash -c 'task-list "unit/*" | env-reset --id p'
	expect '[.episode, .task]' '["p-1","unit/hello"]
["p-2","unit/other"]'
	# Another version of the task than the one that was listed is refused.
	task-list unit/hello >record
	quiet env-reset --id same <record
	echo more >>"$T/tasks/unit/hello/files/file"
	fails 3 env-reset --id changed <record
	expect '[.type, .line, .status, (.reason | test("digest"))]' '["error",1,3,true]'
	# An id is enough.
	quiet env-reset --id bare <<<'{"type":"task","id":"unit/hello"}'
	expect .episode '"bare-1"'
}

@test "what is no task record" {
	{
		echo '{"type":"observation","id":"unit/hello"}'
		echo '"unit/hello"'
		echo '{"type":"task"}'
		echo 'broken'
		echo '{"type":"error","reason":"passed","status":4}'
		echo '{"type":"task","id":"unit/nosuch"}'
		echo '{"type":"task","id":"unit/hello"}'
	} >records
	fails 4 env-reset --id p <records
	expect '[.type, .line]' '["error",1]
["error",2]
["error",3]
["error",4]
["error",null]
["error",6]
["observation",null]'
	quiet env-reset </dev/null
	[ -z "$output" ]
}

@test "-T and PIPEGYM_TASKS" {
	mkdir -p one/set two
	cp -r tasks/unit/hello one/set/
	cp -r one/set two/other
	PIPEGYM_TASKS=$T/one quiet env-reset set/hello
	PIPEGYM_TASKS=$T/one:$T/two quiet env-reset set/hello other/hello
	quiet env-reset -T one set/hello
	quiet env-reset -T one:two other/hello
	fails 3 env-reset -T one unit/hello
	fails 3 env-reset -T two set/hello
	# Later programs find the task from anywhere.
	quiet env-reset --id far -T two other/hello
	cd /
	act 'echo hello >greeting.txt' far-1
	quiet env-verify far-1
	expect .status '"pass"'
}

@test "a task of a .jsonl set" {
	jq -cn '{name: "inline", title: "t", category: "bash", difficulty: "easy", prompt: "p", setup: "echo $SEED >seed",
		files: {"a/b": "text\n", run: {text: "#!/bin/sh\necho ran\n", executable: true}, l: {link: "a/b"}, e: {folder: true}},
		tests: {"hidden": "h\n"}, checks: [{name: "c", type: "command", command: "cat /tests/hidden a/b", stdout: "h\ntext"}]}' >tasks/lines.jsonl
	quiet env-reset --id a --seed s lines/inline
	act 'cat l seed; ./run; ls; ls /tests' a-1
	expect '[.stdout, .exit]' '["text\ns\nran\na\ne\nl\nrun\nseed\n",2]'
	quiet env-verify a-1
	expect .status '"pass"'
}

@test "the state folder: its place and its modes" {
	unset PIPEGYM_STATE
	XDG_STATE_HOME=$T/xdg quiet env-reset --id a unit/hello
	[ -d xdg/pipegym/episodes/a-1 ]
	HOME=$T/home quiet env-reset --id a unit/hello
	[ -d home/.local/state/pipegym/episodes/a-1 ]
	PIPEGYM_STATE='' XDG_STATE_HOME='' HOME=$T/home quiet env-reset --id b unit/hello
	[ -d home/.local/state/pipegym/episodes/b-1 ]
	# A relative XDG_STATE_HOME counts as none (XDG base directory specification).
	XDG_STATE_HOME=relative HOME=$T/home quiet env-reset --id c unit/hello
	[ -d home/.local/state/pipegym/episodes/c-1 ]
	[ -z "$(find xdg/pipegym home/.local/state -perm /077)" ]
	HOME='' fails 4 env-reset unit/hello
	XDG_STATE_HOME=$T/xdg env-close --all >/dev/null
	HOME=$T/home env-close --all >/dev/null
}

@test "the episode's folder" {
	umask 000
	quiet env-reset --id a unit/hello
	[ "$(find "$PIPEGYM_STATE/episodes/a-1" -mindepth 1 -printf '%f\n' | sort | paste -sd ' ')" = 'box.sock episode.json journal.jsonl lock' ]
	[ -z "$(find "$PIPEGYM_STATE" -perm /077)" ]
	expect 'keys' '["attempts","box","created","env","episode","idle_s","limits","pipegym","seed","task","task_digest","task_path","tools"]' \
		"$(cat "$PIPEGYM_STATE/episodes/a-1/episode.json")"
	expect '[.entry, .step, .ended, .observation.step]' '["reset",0,false,0]' "$(cat "$PIPEGYM_STATE/episodes/a-1/journal.jsonl")"
	expect '.box | del(.gaps, .kernel, .machine, .system, .programs)' '{"isolation":"namespaces","namespaces":"user,mount,pid,network,ipc,uts,cgroup","seccomp":true,"tier":"watchdog"}' \
		"$(cat "$PIPEGYM_STATE/episodes/a-1/episode.json")"
}

@test "a very long path of the state folder" {
	PIPEGYM_STATE=$T/$(printf 'folder-with-a-long-name%.0s/' {1..12})
	quiet env-reset --id a unit/hello
	works a-1
	quiet env-close a-1
}

@test "no helper, a folder that cannot be written, no spawner of this version" {
	PIPEGYM_LIBEXEC=$T fails 4 env-reset --id a unit/hello
	expect '[.type, .status, (.reason | test("pipegym-box.*No such file"))]' '["error",4,true]'
	[ "$(names)" = '' ]
	printf '#!/bin/sh\nexit 0\n' >pipegym-box
	chmod +x pipegym-box
	PIPEGYM_LIBEXEC=$T fails 4 env-reset --id a unit/hello
	expect '.reason' '"cannot make a box: the box helper ended"'
	[ "$(names)" = '' ]
	: >pipegym-box
	PIPEGYM_LIBEXEC=$T fails 4 env-reset --id a unit/hello
	[ "$(names)" = '' ]
	touch file
	PIPEGYM_STATE=$T/file fails 4 env-reset unit/hello
}

@test "two env-reset at a time with one prefix: each name is given once" {
	env-reset -n 20 -j 4 --id p unit/hello >one 2>/dev/null &
	env-reset -n 20 -j 4 --id p unit/hello >two 2>/dev/null || :
	wait
	[ "$(jq -r 'select(.type == "observation").episode' one two | sort | uniq -d)" = '' ]
	[ "$(jq -r 'select(.type == "observation").episode' one two | wc -l)" = 20 ]
	[ "$(jq -r 'select(.type == "error").episode' one two | wc -l)" = 20 ]
}

@test "a killed env-reset leaves nothing that lives, and env-close --all removes what lies there" {
	echo 'sleep 1000' >"$T/tasks/unit/hello/setup.sh"
	env-reset --id a unit/hello >out 2>&1 &
	local pid=$!
	until_is eval '[[ $(names) == .a-1 ]]'
	sleep 0.2
	kill -9 "$pid"
	wait "$pid" || :
	within 5 no_boxes
	quiet env-list
	[ -z "$output" ]
	quiet env-list --dead
	expect 'del(.timing)' '{"type":"episode","episode":"a-1","state":"unfinished"}'
	quiet env-close --all
	[ "$(names)" = '' ]
}

@test "SIGTERM, SIGINT and SIGHUP while it works: nothing is left" {
	echo 'sleep 1000' >"$T/tasks/unit/hello/setup.sh"
	local signal number
	for signal in TERM INT HUP; do
		(
			# A shell starts what it puts in the background with SIGINT ignored.
			exec python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' env-reset --id a unit/hello
		) >out 2>&1 &
		local pid=$!
		until_is eval '[[ $(names) == .a-1 ]]'
		sleep 0.1
		kill -s "$signal" "$pid"
		number=0
		wait "$pid" || number=$?
		[ "$number" = "$((128 + $(kill -l "$signal")))" ]
		[ "$(names)" = '' ]
	done
}

@test "usage" {
	local arguments
	for arguments in '-n 0 unit/hello' '-n x unit/hello' '-n 1000001 unit/hello' '-j 0 unit/hello' '-n' '--seed' '--nosuch' '-e x unit/hello'; do
		# shellcheck disable=SC2086 # words
		fails 2 env-reset $arguments </dev/null
		[ -z "$output" ]
		[[ $stderr == *"Try 'env-reset --help'."* ]]
	done
	quiet env-reset --help
	[[ $output == 'Usage: env-reset [-T DIR]'* ]]
}

@test "--text is for people" {
	quiet env-reset --text unit/hello
	[[ $output == *'Write hello into greeting.txt.'* ]]
	[[ $output != *'"type"'* ]]
}
