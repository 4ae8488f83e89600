#!/usr/bin/env bats
# task-import: small files in each format, whose tasks are played where that tells more than their definition; real ones
# where they are at hand (PIPEGYM_DATA, or ../shared/data beside the source tree); and files that are made to harm.

load helper
load episode

setup() {
	common_setup
	mkdir sets
	export PIPEGYM_TASKS=$T/sets
}

# imports STATUS ARGUMENT...: runs task-import; the report of its one file is in $output.
imports() {
	local expected=$1
	shift
	separate timeout 60 task-import "$@"
	[[ $status == "$expected" ]] || { echo "status $status, not $expected: $stderr $output"; return 1; }
}

# plays SET FILTER JSON: what the verdicts of its tasks' solutions are, in order.
plays() {
	task-list "$1" | env-reset | agent-oracle | env-step | env-verify >verdicts || :
	env-close --all -q >/dev/null
	expect "$2" "$3" "$(jq -s . verdicts)"
}

# With a definition that shadows a name of Python's own, a setup, and a field that nobody knows.
mbpp() {
	cat <<'END'
{"text": "Write a function to add two numbers.", "code": "def add(a, b):\r\n  return a + b", "task_id": 601, "test_setup_code": "three = 3", "test_list": ["assert add(1, 2) == three", "assert add(-1, 1) == 0"], "challenge_test_list": [], "author": "x"}
{"prompt": "Write a function to find the sum of digits.", "code": "def sum(n): return n and n % 10 + sum(n // 10)", "task_id": 11, "test_imports": ["import math"], "test_list": ["assert sum(math.floor(123.5)) == 6"]}
END
}

@test "mbpp: the tasks of JSON Lines, whose solutions pass" {
	mbpp >mbpp.jsonl
	imports 0 mbpp mbpp.jsonl -o sets/mbpp
	expect 'del(.timing)' '{"type":"import","file":"mbpp.jsonl","format":"mbpp","set":"mbpp","records":2,"tasks":2,"refused":0,
		"unsolved":0,"noted":0,"refusals":[],"notes":[]}'
	[[ -z $stderr && $(find sets -name '.*') == "" ]]
	[[ $(stat -c %a sets/mbpp sets/mbpp/mbpp-11/task.json | xargs) == '755 644' ]]
	expect '[.prompt, .split, .source, .checks[0].setup]' '["Write a function to add two numbers.\n\nWrite it in Python 3, to the file solution.py. It begins with:\n\n    def add(a, b):",
		"train", {"format":"mbpp","file":"mbpp.jsonl","record":1,"fields":{"task_id":601,"challenge_test_list":[],"author":"x"}}, "three = 3"]' \
		"$(<sets/mbpp/mbpp-601/task.json)"
	expect '[.split, .checks[0].names]' '["test",["sum"]]' "$(<sets/mbpp/mbpp-11/task.json)"
	need_box
	plays mbpp 'map([.task, .status])' '[["mbpp/mbpp-11","pass"],["mbpp/mbpp-601","pass"]]'
}

@test "humaneval, apps, CodeContests: their solutions pass, and a wrong one does not" {
	cat >humaneval.jsonl <<'END'
{"task_id": "HumanEval/0", "prompt": "\ndef twice(n: int) -> int:\n    \"\"\" Two times n.\n    >>> twice(2)\n    4\n    \"\"\"\n", "entry_point": "twice", "canonical_solution": "    return 2 * n\n", "test": "METADATA = {}\n\ndef check(candidate):\n    assert candidate(2) == 4\n    assert candidate(0) == 0\n"}
END
	cat >apps.jsonl <<'END'
{"problem_id": 7, "question": "Add all numbers of the input.", "difficulty": "introductory", "starter_code": "", "url": "u", "solutions": "[\"import sys\\nprint(sum(map(int, sys.stdin.read().split())), end=' \\\\n')\"]", "input_output": "{\"inputs\": [\"1 2\\n\", [\"3\", \"4\"]], \"outputs\": [\"3\\n\", [\"7\"]]}"}
{"problem_id": 8, "question": "The pairs of a list.", "difficulty": "interview", "starter_code": "class Solution:\n    def pairs(self, v: list) -> list:\n", "solutions": "[\"class Solution:\\n    def pairs(self, v):\\n        return list(zip(v, v[1:]))\"]", "input_output": "{\"fn_name\": \"pairs\", \"inputs\": [[[1, 9007199254740993, 3]], [[]]], \"outputs\": [[[[1, 9007199254740993], [9007199254740993, 3]]], [[]]]}"}
{"problem_id": 9, "question": "Halve.", "difficulty": "competition", "starter_code": "def halve(n):\n", "solutions": "[\"def halve(n):\\n    return n // 2 + 1\"]", "input_output": "{\"fn_name\": \"halve\", \"inputs\": [[4]], \"outputs\": [2]}"}
{"name": "1_A. Bits", "description": "Print it in base two.", "difficulty": 1, "time_limit": {"seconds": 1, "nanos": 0}, "public_tests": {"input": ["5"], "output": ["0101"]}, "private_tests": {"input": ["2"], "output": ["0010"]}, "generated_tests": {"input": [], "output": []}, "solutions": {"language": [2, 3], "solution": ["int main", "print(format(int(input()), '04b'))"]}}
END
	imports 0 humaneval humaneval.jsonl -o sets/he.jsonl
	imports 0 apps apps.jsonl -o sets/apps.jsonl
	expect '[.tasks, .unsolved]' '[4,0]'
	expect 'map([.name, .difficulty])' '[["7","easy"],["8","medium"],["9","hard"],["1_A.-Bits","easy"]]' "$(jq -s . sets/apps.jsonl)"
	expect '[.[3].checks[0] | .timeout_s, .cases]' '[3,[{"stdin":"5","stdout":{"trimmed":"0101"},"visible":true},{"stdin":"2","stdout":{"trimmed":"0010"}}]]' \
		"$(jq -s . sets/apps.jsonl)"
	jq -cn '({inputs: ["1"], outputs: []}, {}, "no", {inputs: ["1"], outputs: ["nan"]}) | {question: "q", input_output: (tojson | sub("\"no\""; "no"))}' >refused.jsonl
	imports 1 apps refused.jsonl -o sets/refused
	expect '[.refusals[].reason[:29]]' '["its tests have not as many ou","it has no tests","its \"input_output\" is no JSON","it makes no task: .checks[0]."]'
	need_box
	plays he 'map(.status)' '["pass"]'
	plays apps 'map([.task, .status])' '[["apps/1_A.-Bits","pass"],["apps/7","pass"],["apps/8","pass"],["apps/9","fail"]]'
}

@test "intercode: which dataset it is, is seen" {
	mkdir -p tree/testbed/logs db ctf/assets/4 ctf/assets/5
	echo one >tree/testbed/logs/a.log
	printf '#!/bin/sh\n' >tree/testbed/run.sh
	chmod +x tree/testbed/run.sh
	ln -s run.sh tree/testbed/link
	tar -czf tree.tar.gz -C tree testbed
	echo '[{"query": "Print the logs in /testbed/logs", "gold": "ls testbed/logs"}, {"query": "Copy", "gold": "cp -r /testbed/logs /testbed/old"}]' >bash.json
	cat >sql.json <<'END'
[
  {"db": "pets", "query": "Names of all pets?", "gold": "SELECT name FROM pet ORDER BY name", "hardness": "easy", "db_tables": {"pet": ["name"]}},
  {"db": "Shop", "query": "How many?", "gold": "SELECT count(*) FROM item", "hardness": "extra", "db_tables": {}},
  {"db": "none", "query": "?", "gold": "SELECT 1", "hardness": "easy", "db_tables": {}}
]
END
	echo 'CREATE TABLE pet (name); INSERT INTO pet VALUES ("Rex"), ("Ada");' >db/pets.sql
	python3 -c 'import sqlite3; c = sqlite3.connect("db/shop.sqlite"); c.execute("CREATE TABLE item (n)"); c.execute("INSERT INTO item VALUES (1)"); c.commit()'
	printf 'flag\0{4}' >ctf/assets/4/secret
	cat >ctf.json <<'END'
[{"task_id": 4, "query": "What is in the file?", "gold": "flag{4}", "source": "s", "tags": ["General Skills"], "hint": "look"},
 {"task_id": 5, "query": "And here?", "gold": "flag{5}", "tags": ["Forensics"], "setup": "echo 'flag{5}' > made"},
 {"task_id": 6, "query": "Far away", "gold": "flag{6}", "tags": [], "setup": "pip install nothing"},
 {"task_id": 7, "query": "Connect with nc far.example.org 99.", "gold": "flag{7}"}]
END
	mbpp | jq -s 'map({query: (.text // .prompt), gold: .code, tests: .test_list, task_id, test_setup_code: (.test_setup_code // "import math")})' >python.json
	imports 0 intercode python.json -o sets/python.jsonl
	imports 1 intercode bash.json -o sets/none.jsonl
	[[ $stderr == *'record 1: it needs the files of /testbed: --assets'* && ! -e sets/none.jsonl ]]
	imports 1 intercode sql.json --assets db -o sets/sql
	[[ $stderr == 'task-import: sql.json: record 3: there is no database none in --assets'* ]]
	jq '.[2:]' sql.json >one.json
	imports 0 intercode one.json --assets db/pets.sql -o sets/single
	echo 'CREATE DATABASE none; CREATE TABLE a (b INT AUTO_INCREMENT) ENGINE=InnoDB;' >mysql.sql
	imports 1 intercode one.json --assets mysql.sql -o sets/mysql
	[[ $stderr == *"record 1: mysql.sql is not SQLite's SQL, but a dump of MySQL"* ]]
	mkdir ctf/assets/4/solution
	echo 'flag{4}' >ctf/assets/4/solution/README.md
	imports 1 intercode ctf.json --assets ctf -o sets/ctf
	expect '.refusals | map([.id, .reason])' '[["6","its setup needs a network: pip install nothing"],["7","it needs a network: nc far.example.org 99"]]'
	[[ $(ls sets/ctf/ctf-4/files) == secret ]]
	# What is no text fits into a folder only.
	imports 1 intercode ctf.json --assets ctf -o sets/lines.jsonl
	expect '[.tasks, .refusals[0].reason]' '[1,".files.secret: it is not a text, which a set that is a folder can have"]'
	cmp ctf/assets/4/secret sets/ctf/ctf-4/files/secret
	need_box
	imports 0 intercode bash.json --assets tree.tar.gz -o sets/bash
	[[ -x sets/bash/bash-001/files/run.sh && $(readlink sets/bash/bash-001/files/link) == run.sh ]]
	plays python 'map(.status)' '["pass","pass"]'
	plays bash 'map([.status] + (.checks | map(.score)))' '[["pass",1,1,1],["pass",1,1,1]]'
	plays sql 'map([.status] + (.checks | map(.score)))' '[["pass",1,1],["pass",1,1]]'
	plays ctf 'map(.status)' '["pass","pass"]'
	# The database is there to be asked, and the setup has been run.
	env-reset --id s sql/sql-001 ctf/ctf-5 >/dev/null
	act 'python3 -c "import sqlite3; print(sqlite3.connect(\"pets.sqlite\").execute(\"SELECT count(*) FROM pet\").fetchone())"; ls' s-1
	expect_out $'(2,)\npets.sqlite\n'
	act 'cat made' s-2
	expect_out $'flag{5}\n'
}

@test "intercode: tasks on /workspace and /backup, which are both there and both graded" {
	mkdir -p tree/workspace/dir1 tree/backup
	echo one >tree/workspace/dir1/a.txt
	echo '[{"query": "Copy the folder /workspace/dir1 to /backup", "gold": "cp -r workspace/dir1 backup"},
		{"query": "Say how many files are in /workspace/dir1, and where you are", "gold": "ls /workspace/dir1 | wc -l"},
		{"query": "Move /system to /backup", "gold": "mv /system /backup"}]' >bash.json
	imports 1 intercode bash.json --assets tree -o sets/both
	expect '[.tasks, .refusals[0].reason]' '[2,"it is about /system, which the assets do not have"]'
	expect '[.env.cwd, .env.workspaces]' '["/workspace",["/backup"]]' "$(<sets/both/bash-001/task.json)"
	tar -czf tree.tar.gz -C tree workspace backup
	imports 1 intercode bash.json --assets tree.tar.gz -o sets/lines.jsonl
	need_box
	plays both 'map([.status] + (.checks | map(.score)))' '[["pass",1,1,1],["pass",1,1,1]]'
	plays lines 'map(.status)' '["pass","pass"]'
	# One that copies elsewhere.
	env-reset --id b both/bash-001 >/dev/null
	act 'cp -r /workspace/dir1 /workspace/dir2' b-1
	separate env-verify b-1
	expect '[.reward, .checks[0].reason]' '[0,"paths: 2 missing, 2 too many"]'
}

@test "intercode, with its own rules for commands and its own reward" {
	mkdir -p tree/testbed/dir/none tree/testbed/empty
	echo x >'tree/testbed/dir/a b'
	cat >bash.json <<'END'
[{"query": "Sizes in /testbed", "gold": "du -a testbed/dir \"unread"}, {"query": "Names in /testbed", "gold": "find testbed -name \"a*\" | xargs -n1 echo"}]
END
	imports 0 intercode bash.json --assets tree --original -o sets/original
	expect '[.env.commands, .reward, .checks]' '["intercode","weighted",[{"name":"intercode","type":"intercode"}]]' "$(<sets/original/bash-001/task.json)"
	# Its git keeps no empty folder.
	[[ $(cd sets/original/bash-001/files && find . | sort) == $'.\n./dir\n./dir/a b' ]]
	need_box
	plays original 'map([.status, .reward])' '[["pass",1],["pass",1]]'
	env-reset --id o original/bash-002 >/dev/null
	jq -Rc '{tool: "shell", args: {command: .}}' >actions <<'END'
pwd
echo "a  b" c
echo 'a  b' $0
echo "it's
echo \"x  y\"; x=1
cd testbed
echo $PWD $x
cd dir && ls
pwd
cd ./dir/../dir
pwd; echo "$PWD" two
cd nowhere
pwd
exit 7
ls -d /boot /srv; tail -n 1 /etc/networks
END
	env-step -e o-1 <actions >observations
	# What Python's shlex and bash make of the same.
	expect 'map(.stdout)' '["/\n","a\n","a  b /bin/bash\n","","x  y\n","","/testbed\n","a b\n","/testbed\n","","/testbed/dir\n/testbed/dir two\n","","/testbed/dir\n","","/boot\n/srv\nlink-local 169.254.0.0\n"]' \
		"$(jq -s 'map(.stdout |= sub("(/bin/)?bash: line .*\n"; ""))' observations)"
	expect '[.[3].stderr, .[13].exit, .[10].cwd]' '["Malformed command\n",7,"/testbed/dir"]' "$(jq -s . observations)"
}

@test "codecraft: a judge" {
	cat >curriculum.json <<'END'
{
  "tasks": {
    "1": {"category": "shell basics", "docker": "ubuntu", "shell": "/bin/bash", "title": "First", "description": "Make a file.", "for_teacher": "a file x"},
    "2": {"category": "sql", "shell": "mysql", "title": "Second", "description": "Ask."},
    "3": "none"
  }
}
END
	imports 1 codecraft curriculum.json -o sets/cc.jsonl
	expect '[.records, .tasks, .refused, .notes, (.refusals | map(.id, .reason))]' '[1,1,2,[{"record":1,"id":"1","note":"nothing says when it is solved: its check is the judge codecraft"}],
		["2","it wants the shell mysql","3","it is no object"]]'
	expect '[.category, .checks, .source.fields]' '["shell-basics",[{"name":"judge","type":"judge","judge":"codecraft","rubric":"a file x"}],{"docker":"ubuntu"}]' "$(<sets/cc.jsonl)"
	separate task-list cc
	[[ $status == 0 && $(field .title) == First && $output != *'file x'* ]]
}

# instance CLASS OPTIONS [JSON]: a record of CodeGym's form, with JSON merged over it.
instance() {
	jq -cn --arg class "$1" --arg options "$2" --argjson more "${3:-"{}"}" '{ability: "codegym_v1@c1__\($class)@\($options)", code_id: "c1",
		plugin_call_max_round: 64, prompt: [{role: "user", content: "What do they weigh?"}], extra_info: {solve_fc_round: 10}} * $more'
}

@test "codegym: the class says in a box what its tools are and how it is solved; its tasks pass task-check" {
	need_box
	mkdir envs
	cp "$SRC/test/programs/scales.py" envs/c1__ScalesEnv.py
	# One whose docstrings are wrong, and that has no solve().
	sed '/def solve/,$d; s/ScalesEnv/Plain/; s/answer (int)/answer (List[str])/' envs/c1__ScalesEnv.py >envs/Plain.py
	sed 's/ScalesEnv/Wrong/; s/answer (int)/answer (List[str])/' envs/c1__ScalesEnv.py >envs/Wrong.py
	{
		instance ScalesEnv '{"weights": [3, 9, 4, 1]}'
		instance ScalesEnv "ScalesEnv@{'weights': (3, 9), 'label': 'a@b', 'known': None}" '{"prompt": [{"role": "system", "content": "Be quick."}]}'
		instance Wrong '{"weights": [2, 1]}' '{"env_str": "Wrong@{}", "plugin_call_max_round": 300}'
		instance Plain '{}'
	} >gym.jsonl
	imports 0 codegym gym.jsonl --assets envs -o sets/gym
	expect '[.records, .tasks, .unsolved, .notes]' '[4,4,1,[{"record":4,"id":"c1__Plain","note":"its class has no solve(): the task has no solution"}]]'
	expect '[.title, .difficulty, .limits, .env, (.tools | map(.name)), (.tools[0].parameters.properties.left.type), .prompt, .source]' \
		'["Scales","hard",{"steps":64},{"kind":"program","program":{"adapter":"codegym","class":"ScalesEnv.py:ScalesEnv"},"options":{"weights":[3,9,4,1]}},
			["Compare","Weigh","Add","Observe","Done"],"integer","What do they weigh?",
			{"format":"codegym","file":"gym.jsonl","record":1,"fields":{"code_id":"c1","extra_info":{"solve_fc_round":10}}}]' \
		"$(<sets/gym/c1__ScalesEnv/task.json)"
	expect '[.prompt, .env.options, .source.fields.prompt[0].content]' '["Be quick.",{"weights":[3,9],"label":"a@b","known":null},"Be quick."]' \
		"$(<sets/gym/c1__ScalesEnv-2/task.json)"
	expect '[.limits.steps, .env.options, .tools[4].parameters.properties]' '[300,{},{"answer":{"description":"The answer."}}]' \
		"$(<sets/gym/c1__Wrong/task.json)"
	quiet task-check gym/c1__ScalesEnv
	plays gym 'map(.status)' '[3,"pass","pass","pass"]'
}

@test "codegym: what makes no task says why, whatever its class does" {
	need_box
	mkdir envs
	cp "$SRC/test/programs/scales.py" envs/ScalesEnv.py
	while IFS='|' read -r name code; do
		printf 'import os\nclass %s:\n    def reset(self): pass\n    finished = True\n    reward = 1\n    def step(self, action): pass\n    def solve(self):\n        %s\n' \
			"$name" "$code" >"envs/$name.py"
		instance "$name" '{}' >>gym.jsonl
	done <<-'END'
		Raises|raise ValueError("no\nway")
		Exits|os._exit(0)
		Exits127|os._exit(127)
		Killed|os.kill(os.getpid(), 9)
		Forges|[os.write(fd, b"{}{}") for fd in range(4, 9) if os.path.exists("/proc/self/fd/%d" % fd)]
		Floods|[os.write(4, b"x" * 65536) for _ in range(200)]
		Forks|while True: os.fork()
		Other|self.step('{"name": "x"}')
	END
	echo 'class Exits(' >envs/Syntax.py
	{
		instance Syntax '{}'
		instance ScalesEnv "{'weights': [3, 9, 2 ** 3]}"
		instance ScalesEnv '{"weights": [9007199254740993]}'
		instance ScalesEnv '[1]'
		instance ScalesEnv '{"weights": []}'
		instance ScalesEnv '{"weights": [1, 2]}' '{"plugin_call_max_round": 3}'
		instance ScalesEnv '{}' '{"prompt": []}'
		instance Missing '{}'
		instance 'Scales Env' '{}'
		echo '{"ability": "codegym_v1", "code_id": 7}'
	} >>gym.jsonl
	imports 1 codegym gym.jsonl --assets envs -o sets/gym
	diff <(jq -r '.refusals[].reason' <<<"$output") - <<-'END'
		solve(): ValueError: no way
		it says what is no JSON
		it ended with status 127
		it was killed by signal 9
		it says what is no JSON
		it says more than 8 MiB
		solve(): BlockingIOError: [Errno 11] Resource temporarily unavailable
		solve() calls x, which is no tool
		SyntaxError: '(' was never closed
		its options are neither JSON nor a literal of Python's
		options: 9007199254740993 cannot be handed on as JSON
		its options are no object
		solve() ends with a reward of 0
		solve() makes 6 calls, and 3 are allowed
		it has no "prompt"
		the assets have no c1__Missing.py
		its "ability" names no class
		its "ability" names no class
	END
	[[ ! -e sets/gym ]]
	imports 1 codegym gym.jsonl -o sets/gym
	[[ $(field '.refusals[0].reason') == *--assets* ]]
}

# harbor_task FOLDER: one that asks for a file hello.txt.
harbor_task() {
	mkdir -p "$1"/environment "$1"/tests "$1"/solution
	cat >"$1/task.toml" <<'END'
schema_version = "1.0" # a comment
[metadata]
difficulty = "easy"
category = 'file operations'
tags = ["files", "text"]
[agent]
timeout_sec = 120.0
[environment]
memory_mb = 512
END
	echo 'Write Hello into hello.txt.' >"$1/instruction.md"
	echo data >"$1/environment/data.txt"
	printf '#!/bin/bash\nset -e\nread -r line < data.txt\necho Hello > hello.txt\n' >"$1/solution/solve.sh"
	cat >"$1/tests/test.sh" <<'END'
#!/bin/bash
if [ "$(cat hello.txt)" = "$(cat /tests/expected)" ]; then
  echo 1 > /logs/verifier/reward.txt
else
  echo 0 > /logs/verifier/reward.txt
fi
exit 3
END
	echo Hello >"$1/tests/expected"
}

@test "harbor: folders that need no container to be built" {
	local name
	for name in plain based built image net old; do harbor_task "harbor/$name"; done
	printf 'FROM ubuntu:24.04\n# comment\nWORKDIR /srv/job\n' >harbor/based/environment/Dockerfile
	printf 'FROM ubuntu\nRUN apt-get update \\\n  && true\n' >harbor/built/environment/Dockerfile
	echo 'docker_image = "x/y:1"' >>harbor/image/task.toml
	echo 'pip install pytest' >>harbor/net/tests/test.sh
	rm harbor/old/task.toml && touch harbor/old/task.yaml
	imports 1 harbor harbor -o sets/harbor
	expect '[.records, .tasks, (.refusals | map(.id, .reason))]' '[6,2,["built","it needs a container to be built: RUN apt-get update    && true",
		"image","it needs the image x/y:1","net","it needs a network: pip install pytest","old","it is of the older form, task.yaml, which needs a container to be built"]]'
	expect '[.env.cwd, .difficulty, .category, .tags, .limits.total_s, .limits.memory_mib]' '["/srv/job","easy","file-operations",["files","text"],120,512]' \
		"$(<sets/harbor/based/task.json)"
	[[ $(ls sets/harbor/based/files) == data.txt ]]
	imports 0 harbor harbor/plain -o sets/one.jsonl
	need_box
	plays harbor 'map([.task, .status])' '[["harbor/based","pass"],["harbor/plain","pass"]]'
	env-reset --id h one/plain >/dev/null
	run env-verify h-1
	expect '[.status, .checks[0].score]' '["fail",0]'
}

@test "names: valid, and each the only one" {
	mbpp | jq -c '., . | .task_id = ("../../" + "x" * 80, "é\u001b[31m", "..", "a", "a", "a-2")' >mbpp.jsonl
	imports 0 mbpp mbpp.jsonl -o sets/names
	[[ $(find . -type d -name 'mbpp-*' | wc -l) == 24 && $(task-list names | wc -l) == 24 ]]
	[[ -d sets/names/mbpp-a-2 && -d sets/names/mbpp-a-2-2 && -d sets/names/mbpp-31m-4 ]]
}

@test "what is no record is refused, and the rest is imported" {
	{
		mbpp
		echo '{"text": '
		printf '{"text": "\377"}\n'
		echo '[]'
		echo '{}'
		echo '{"text": 3, "code": "x", "test_list": ["assert 1"]}'
		echo '{"text": "x", "code": "x", "test_list": {"a": 1}}'
		echo '{"text": "x", "code": "x", "test_list": []}'
		echo '{"text": "a\u0000b", "code": "x", "test_list": ["assert 1"]}'
		printf '{"text": "x", "code": "x", "test_list": ["assert %070000d"]}\n' 1
	} >mixed.jsonl
	imports 3 mbpp mixed.jsonl -o sets/mixed.jsonl
	expect '[.records, .tasks, .refused, (.refusals | map(.record))]' '[11,2,9,[3,4,5,6,7,8,9,10,11]]'
	expect '.refusals | map(.reason)' '["invalid JSON: a value expected at the end","invalid UTF-8 at byte 11","it must be an object, not array",
		"it has no \"prompt\"","its \"text\" is not a text, or is empty","its \"test_list\" is no array of texts","its \"test_list\" is no array of texts",
		"it makes no task: .prompt: must not hold a NUL","it makes no task: .prompt: must have 1 to 65536 bytes"]'
	[[ $(wc -l <<<"$stderr") == 9 && $stderr == *'mixed.jsonl: record 3: invalid JSON'* ]]
	[[ $(task-list mixed | wc -l) == 2 ]]
	# An array, and one that is broken behind its first two elements.
	mbpp | jq -s . >array.json
	imports 0 mbpp array.json -o sets/array.jsonl
	mbpp | jq -cs . | sed 's/\]$/, {"text"]/' >broken.json
	imports 3 mbpp broken.json -o sets/broken.jsonl
	expect '[.tasks, .refusals[0].record]' '[2,3]'
	mbpp | jq -cs . | sed 's/\]$//' >torn.json
	imports 3 mbpp torn.json -o sets/torn.jsonl
	# Of many refusals a hundred are listed.
	seq -f '{"n": %.0f}' 150 >many.jsonl
	imports 1 mbpp many.jsonl -o sets/many.jsonl
	expect '[.refused, (.refusals | length)]' '[150,100]'
	[[ ! -e sets/many.jsonl && $(wc -l <<<"$stderr") == 150 ]]
}

@test "assets that are made to harm" {
	mkdir -p evil/testbed/sub out
	ln -s "$T/out" evil/testbed/way
	ln -s /etc/passwd evil/testbed/passwd
	python3 - <<'END'
import io, tarfile
with tarfile.open("evil.tar", "w") as tar:
    for name, kind, target in (("testbed/way", tarfile.SYMTYPE, "../../../../../../../../tmp"), ("testbed/way/pipegym-evil", tarfile.REGTYPE, ""),
                               ("../pipegym-evil", tarfile.REGTYPE, ""), ("/tmp/pipegym-evil", tarfile.REGTYPE, ""), ("testbed/x", tarfile.REGTYPE, "")):
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, target
        tar.addfile(info, io.BytesIO(b""))
END
	echo '[{"query": "/testbed", "gold": "true"}]' >bash.json
	imports 0 intercode bash.json --assets evil -o sets/evil
	[[ -L sets/evil/bash-001/files/passwd && -z $(ls out) ]]
	mkfifo evil/testbed/pipe
	imports 3 intercode bash.json --assets evil -o sets/pipe
	[[ $stderr == *'testbed/pipe: neither a file nor a folder'* && ! -e sets/pipe ]]
	need_box
	separate timeout 60 task-import intercode bash.json --assets evil.tar -o sets/tar
	[[ $status != 4 && ! -e /tmp/pipegym-evil && ! -e sets/pipegym-evil ]]
	[[ -z $(find /tmp -maxdepth 1 -name 'pipegym-import-*' -user "$(id -un)" -newer bash.json) ]]
	echo 'no archive' >text.tar
	imports 1 intercode bash.json --assets text.tar -o sets/text
	expect '.refusals[0].reason' '"it is about /testbed, which the assets do not have"'
	head -c 1024 evil.tar >cut.tar
	imports 3 intercode bash.json --assets cut.tar -o sets/text
	[[ $stderr == *'cut.tar: the archive is cut off' ]]
	printf '\037\213broken' >broken.tar.gz
	imports 3 intercode bash.json --assets broken.tar.gz -o sets/text
}

@test "a set takes nobody's place, and is there as a whole or not at all" {
	mbpp >mbpp.jsonl
	mkdir sets/there
	touch sets/there.jsonl
	imports 4 mbpp mbpp.jsonl -o sets/there
	imports 4 mbpp mbpp.jsonl -o sets/there.jsonl
	[[ $stderr == *'File exists'* && ! -s sets/there.jsonl ]]
	imports 4 mbpp mbpp.jsonl no-such-file -o sets/part
	[[ $stderr == *'no-such-file: cannot be read: No such file'* && ! -e sets/part && $(find sets -mindepth 1 | wc -l) == 2 ]]
	imports 4 mbpp mbpp.jsonl -o no-such-folder/set
	# Stopped while it waits for nothing but itself: many records.
	yes "$(<mbpp.jsonl)" | head -n 50000 >many.jsonl
	timeout -s TERM 0.3 task-import mbpp many.jsonl -o sets/stopped || status=$?
	[[ $status == 124 && $(find sets -mindepth 1 | wc -l) == 2 ]]
}

@test "wrong usage" {
	imports 2 mbpp
	imports 2 mbpp x
	[[ $stderr == *'-o PLACE is needed'* ]]
	imports 2 nothing x -o sets/x
	[[ $stderr == *"there is no format 'nothing', but apps, codecraft,"* ]]
	imports 2 mbpp x -o 'sets/a b'
	imports 2 mbpp x -o sets/.jsonl
	imports 4 mbpp x --assets no-such-place -o sets/x
}

@test "for a person: a line for each file" {
	mbpp >mbpp.jsonl
	echo '{}' >>mbpp.jsonl
	imports 1 --text mbpp mbpp.jsonl -o sets/mbpp
	[[ $output == *'mbpp.jsonl'*'2 tasks of 3 records, 1 refused'* && $output == *'record 3: it has no "prompt"'* ]]
}

@test "real files: all of MBPP's first 120, and InterCode's first tree" {
	local data=${PIPEGYM_DATA:-$SRC/../shared/data}
	[ -r "$data/mbpp/ic_mbpp_120.json" ] || skip "no data of MBPP and InterCode (PIPEGYM_DATA): there is no $data"
	need_box
	imports 0 intercode "$data/mbpp/ic_mbpp_120.json" -o sets/mbpp.jsonl
	expect '[.records, .tasks, .unsolved]' '[120,120,0]'
	imports 0 intercode "$data/intercode/nl2bash_fs_1.json" --assets "$data/intercode/fs_1.tar.gz" -o sets/fs1
	expect '[.records, .tasks, .unsolved]' '[60,60,0]'
	# check-python.bats and intercode.bats play them.
	[[ $(task-list | wc -l) == 180 ]]
}
