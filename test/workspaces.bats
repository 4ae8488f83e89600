#!/usr/bin/env bats
# Tasks with workspaces beside the working directory: they begin, are graded, branched and rebuilt as that is.

load helper
load episode
load grading

setup() {
	common_setup
	need_box
}

# several CHECKS [JSON]: an episode of a task with the workspaces /backup and /srv/data/in, of which the first has files.
several() {
	local folder=$T/tasks/unit/graded/workspaces
	mkdir -p "$folder/backup/old" "$folder/srv/data"
	echo kept >"$folder/backup/old/file"
	printf '#!/bin/sh\necho ran\n' >"$folder/backup/run"
	chmod +x "$folder/backup/run"
	ln -sfn old "$folder/backup/link"
	task "$1" '{"env": {"workspaces": ["/srv/data/in", "/backup"]}}' "${2:-"{}"}"
}

@test "they are there at the start, as the task's folder or line has them, and after setup.sh" {
	mkdir -p tasks/unit/graded
	echo 'echo "$SEED" >/srv/data/in/made; touch /tmp/elsewhere' >tasks/unit/graded/setup.sh
	several '[{"name": "f", "type": "file", "path": "/backup/old/file"}]'
	local look='cd /; find backup srv workspace | sort; backup/run; cat backup/link/file srv/data/in/made; find backup srv -not -newermt @1735689600 | wc -l; pwd'
	act "$look"
	expect .stdout "$(jq -n '"backup\nbackup/link\nbackup/old\nbackup/old/file\nbackup/run\nsrv\nsrv/data\nsrv/data/in\nsrv/data/in/made\nworkspace\nran\nkept\n0\n9\n/\n"')"
	expect .env.workspaces '["/srv/data/in","/backup"]' "$(task-list unit)"
	jq -c '. + {name: "line", setup: "echo 0 >/srv/data/in/made", workspaces: {"backup/old/file": "kept\n", "backup/run": {text: "#!/bin/sh\necho ran\n", executable: true},
		"backup/link": {link: "old"}, "srv/data": {folder: true}}}' tasks/unit/graded/task.json >tasks/lines.jsonl
	env-reset --id l lines/line >/dev/null
	act "$look" l-1
	expect .stdout "$(jq .stdout <<<"$(rollout-log "$ep" | jq '.steps[0].observation')")"
}

@test "a generator sees them, and gives them files" {
	mkdir -p tasks/unit/graded
	echo 'jq -n --arg old "$(cat /backup/old/file)" --arg seed "$SEED" "{workspaces: {\"backup/old/file\": (\$old + \$seed), \"srv/data/in/made\": \$seed}}"' >tasks/unit/graded/generate.sh
	several '[{"name": "f", "type": "file", "path": "/srv/data/in/made", "content": "7", "untouched": true}]'
	env-reset --id s --seed 7 unit/graded >/dev/null
	act 'cat /backup/old/file /srv/data/in/made' s-1
	expect_out 'kept77'
	quiet env-verify s-1
	expect .reward 1
}

@test "checks see them at their places" {
	several '[{"name": "made", "type": "file", "path": "/srv/data/in/a/b", "content": "1\n"}, {"name": "kept", "type": "file", "path": "/backup/old/file", "untouched": true},
		{"name": "own", "type": "file", "path": "/workspace/w", "content": "w"}, {"name": "gone", "type": "file", "path": "/backup/run", "exists": false},
		{"name": "command", "type": "command", "command": "cat /srv/data/in/a/b w; ls /backup", "stdout": "1\nw\nlink\nold"},
		{"name": "behind", "type": "file", "path": "/backup/link/file"}]' '{"reward": "weighted"}'
	act 'mkdir /srv/data/in/a; echo 1 >/srv/data/in/a/b; echo w >w; rm /backup/run; echo x >/elsewhere'
	verdict pass 1
	act 'rm /backup/link; ln -s /etc /backup/link; ln -s / /srv/data/in/root'
	verdict fail 0.83333333333333337
	reason '/backup/link/file is behind a link that leads out of the workspace'
	act 'echo changed >/backup/old/file'
	verdict tampered 0
	reason 'kept: /backup/old/file was changed'
	act 'rm -r /backup; mkfifo /backup'
	verdict fail 0
	reason 'the workspace cannot be read'
}

@test "what gold commands leave in all of them is compared" {
	several '[{"name": "t", "type": "tree", "gold": ["mv /backup/old /srv/data/in; touch made", "echo 2 >/backup/new"], "ignore": ["backup/*.tmp", "workspace/log"]}]'
	verdict fail 0
	act 'touch made log /backup/x.tmp; echo 2 >/backup/new; mv /backup/old /srv/data/in; touch /tmp/x /srv/data/beside'
	verdict pass 1
	act 'touch /srv/data/in/more; rm /backup/new'
	verdict fail 0
	reason 'paths: 1 missing, 1 too many'
}

@test "branches, rebuilt boxes, replays and submits have them" {
	several '[{"name": "f", "type": "file", "path": "/backup/new", "content": "2\n"}]' '{"attempts": 2}'
	act 'echo 1 >/backup/new; rm /backup/run'
	quiet env-step -e "$ep" <<<'{"tool":"submit"}'
	expect .reward 0
	env-fork --id b "$ep" >/dev/null
	act 'cat /backup/new; ls /backup; echo 2 >/backup/new' b-1
	expect_out $'1\nlink\nnew\nold\n'
	quiet env-step -e b-1 <<<'{"tool":"submit"}'
	expect '[.reward, .terminated]' '[1,true]'
	kill_box "$ep"
	quiet env-restore "$ep"
	expect .match '"exact"'
	act 'cat /backup/new; ls /backup'
	expect_out $'1\nlink\nnew\nold\n'
	quiet bash -c "env-close $ep b-1 | rollout-replay"
	[ "$(jq -r '"\(.match) \(.verdict_match)"' <<<"$output" | sort -u)" = 'exact null' ] || [ "$(jq -r .match <<<"$output" | sort -u)" = exact ]
}

@test "an absolute path of the working directory, in a box without namespaces too" {
	task '[{"name": "f", "type": "file", "path": "/workspace/a/f", "untouched": true}]'
	mkdir -p tasks/unit/graded/files/a
	echo x >tasks/unit/graded/files/a/f
	env-reset --id n --isolation landlock unit/graded >/dev/null || skip "no Landlock"
	env-reset --id m unit/graded >/dev/null
	verdict pass 1 n-1
	verdict pass 1 m-1
	act "echo y >a/f" n-1
	verdict tampered 0 n-1
}

@test "what is wrong with them is said" {
	local case
	fixture_task unit/bad
	for case in '["workspace"]|.env.workspaces[0]: must be an absolute path' '["/workspace/in"]|.env.workspaces: /workspace/in is, or is in, the workspace /workspace' \
		'["/a", "/a/b"]|.env.workspaces: /a/b is, or is in, the workspace /a' '["/a", "/a"]|.env.workspaces: /a is, or is in' '["/usr/x"]|.env.workspaces[0]: must not be in /usr' \
		'["/a", "/b", "/c", "/d", "/e"]|.env.workspaces: '; do
		fixture_task unit/bad "{\"env\": {\"workspaces\": ${case%|*}}}"
		fails 3 env-reset unit/bad
		[[ $stderr == *"${case#*|}"* ]]
	done
	fixture_task unit/bad '{"env": {"workspaces": ["/a-b"]}, "checks": [{"name": "f", "type": "file", "path": "/a/x"}]}'
	fails 3 env-reset unit/bad
	[[ $stderr == *'.checks[0].path: /a/x is in no workspace'* ]]
	fixture_task unit/bad '{"env": {"workspaces": ["/srv/a"]}}'
	mkdir -p tasks/unit/bad/workspaces/srv/b
	echo x >tasks/unit/bad/workspaces/srv/b/x
	fails 3 env-reset unit/bad
	[[ $stderr == *'workspaces/srv/b: is in none of env.workspaces'* ]]
	rm -r tasks/unit/bad/workspaces/srv/b
	fails 4 env-reset --isolation landlock unit/bad
	[[ $stderr == *'env.workspaces are not there by their names'* || $stderr == *[Ll]andlock* ]]
}
