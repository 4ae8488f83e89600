#!/usr/bin/env bats
# The programs in Python behind the program protocol, each on plain pipes: the adapter for classes, the notebook, the SQL
# shell. What boxes make of them is tested elsewhere.

load helper

setup() {
	common_setup
}

# text NAME: a program's texts, one after the other.
text() {
	local parts=("$SRC/libexec/protocol.py")
	case $1 in
	gym-adapter) parts+=("$SRC"/libexec/gym-{stand-in,tools,task,adapter}.py) ;;
	notebook) parts+=("$SRC"/libexec/notebook{-outputs,-cells,-kernels,}.py) ;;
	*) parts+=("$SRC/libexec/$1.py") ;;
	esac
	cat "${parts[@]}"
}

setup_file() {
	local name
	for name in gym-adapter notebook sql-shell; do
		text "$name" >"$BATS_FILE_TMPDIR/$name.py"
		sed -e '/^ *#/d' -e '/^$/d' "$BATS_FILE_TMPDIR/$name.py" >"$BATS_FILE_TMPDIR/$name"
	done
}

# program NAME [ARGUMENT...]: runs it as a box does, from its text without comments.
program() {
	timeout 60 python3 -c "$(<"$BATS_FILE_TMPDIR/$1")" "${@:2}" 3>&-
}

# step TOOL [ARGS]: a request.
step() {
	printf '{"step":{"tool":"%s","args":%s}}\n' "$1" "${2-"{}"}"
}

# cells: for each line on stdin, in which ¶ ends a line of the cell, the request that adds it.
cells() {
	jq -cR '{step: {tool: "add_and_execute_code_cell", args: {code: gsub("¶"; "\n")}}}'
}

# queries: for each line on stdin, the request for it.
queries() {
	jq -cR '{step: {tool: "sql", args: {query: .}}}'
}

# replies EXPECTED...: the lines of the file replies are these, all of them.
replies() {
	diff <(printf '%s\n' "$@") replies
}

@test "the scripts stay the same without comments, and fit into an argument" {
	python3 - "$BATS_FILE_TMPDIR" <<'EOF'
import ast, re, sys
for name in "gym-adapter", "notebook", "sql-shell":
    texts = [open("%s/%s" % (sys.argv[1], file)).read() for file in (name + ".py", name)]
    assert len(texts[1].encode()) < 100000, name
    # Lines of texts that are empty go as well.
    whole, stripped = (re.sub(r"(\\n)+", r"\\n", ast.dump(ast.parse(text))) for text in texts)
    assert whole == stripped, name
EOF
}

@test "the adapter plays Gymnasium's classes, with five values and with four" {
	local worlds=$SRC/test/programs/worlds.py
	program gym-adapter gymnasium "$worlds:Corridor" >replies <<-EOF
		{"reset":{"seed":"3","options":{"goal":3}}}
		$(for action in 1 7 '"x"' 1; do step step "{\"action\":$action}"; done)
		{"reset":{"seed":"3","options":{"goal":9}}}
	EOF
	replies '{"observation":1,"info":{"goal":3}}' \
		'{"observation":2,"reward":-0.1,"terminated":false,"truncated":false,"info":{"count":1}}' \
		'{"observation":"","error":"7 is no action: Discrete(2)"}' \
		'{"observation":"","error":"'"'x'"' is no action: Discrete(2)"}' \
		'{"observation":3,"reward":1.0,"terminated":true,"truncated":false,"info":{"count":2}}' \
		'{"observation":1,"info":{"goal":9}}'
	program gym-adapter gymnasium "$worlds:Old" >replies <<-EOF
		{"reset":{"seed":"7"}}
		$(step go '{"a":1,"b":2}'; step go '{"action":5}'; step go '{"action":"quit"}'; step go '{"action":"quit"}')
	EOF
	diff <(jq -c '[.observation, .reward, .terminated, .truncated]' replies) - <<-'EOF'
		[[7,true],null,null,null]
		["action {'a': 1, 'b': 2}",1,false,false]
		["action 5",1,false,false]
		["action 'quit'",1,false,true]
		["action 'quit'",1,true,false]
	EOF
	program gym-adapter gymnasium "$worlds:Corridor" tools >replies
	replies "$(jq -cn '[{name: "step", description: "Go left (0) or right (1).", parameters: {type: "object",
		properties: {action: {type: "integer", minimum: 0, maximum: 1}}, required: ["action"], additionalProperties: false}}]')"
	program gym-adapter gymnasium "$worlds:Corridor" solve >replies <<<'{"reset":{"seed":"3","options":{"goal":3}}}'
	replies '{"calls":[{"tool":"step","args":{"action":1}},{"tool":"step","args":{"action":1}}],"finished":true,"reward":0.9}'
}

@test "what a class prints, forks and returns cannot corrupt the adapter's replies" {
	local action status worlds=$SRC/test/programs/worlds.py
	for action in numbers texts kinds keys object loop huge wide fork invalid; do
		step step "{\"action\":\"$action\"}"
	done >steps
	# The late child's print comes while the next request is waited for.
	{ echo '{"reset":{}}'; cat steps; until_is grep -q later stderr; step step '{"action":"object"}'; } |
		program gym-adapter gymnasium "$worlds:Odd" >replies 2>stderr
	[[ $(grep -c forged stderr) == 4 ]]
	[[ $(jq -s 'map(select(.observation | tostring | test("forged"))) | length' replies) == 0 ]]
	diff <(jq -c 'if .error then .error elif .observation | tojson | length > 200 then (.observation | [flatten[], (tojson | length)])
		else .observation end' replies) - <<-'EOF'
		"ready"
		["NaN","Infinity","-Infinity",1099511627776,"an integer of 1329 bits",1.5,true]
		["a\\xff","😀","�","\u0000"]
		[[1,2],[1,2,3],["a","b"],{"x":1,"y":0.5},"red",[[1,2],[3,"NaN"]],[0,1,2],"Point",null]
		{"1":"d","null":"b","(1, 2)":"c","\\x00":"e"}
		"<object object>"
		["…",201]
		"the observation is too large"
		"the observation is too large"
		"forked"
		"that is no move"
		"<object object>"
	EOF
	for action in exit reward other; do
		status=0
		{ echo '{"reset":{}}'; step step "{\"action\":\"$action\"}"; step step '{"action":"object"}'; } |
			program gym-adapter gymnasium "$worlds:Odd" >replies 2>stderr || status=$?
		[[ $status == 1 ]]
		replies '{"observation":"ready","info":{}}'
		tail -n 1 stderr >>last
	done
	diff last - <<-'EOF'
		SystemExit: 0
		ValueError: the reward is nan and no number
		RuntimeError: the world has ended
	EOF
}

@test "the adapter plays CodeGym's classes, solves them and does not show the answer" {
	local scales=$SRC/test/programs/scales.py
	echo '{"reset":{"seed":"7","options":{"weights":[5,8,2,8],"label":"a@b"}}}' >reset
	program gym-adapter codegym "$scales:ScalesEnv" solve <reset >solved
	jq -e '.finished and .reward == 1 and (.calls | length) == 10 and .calls[-1] == {tool: "Done", args: {answer: 23001}}' solved
	{ cat reset; jq -c '.calls[] | {step: .}' solved; } | program gym-adapter codegym "$scales:ScalesEnv" >replies
	diff <(jq -c '[.observation, .reward, .terminated]' replies) - <<-'EOF'
		["4 crates are on the floor.",null,null]
		["crates=4",0,false]
		["left",0,false]
		["right",0,false]
		["equal",0,false]
		["5",0,false]
		["8",0,false]
		["2",0,false]
		["8",0,false]
		["23",0,false]
		["The answer has been received.",1,true]
	EOF
	{
		cat reset
		step Compare '{"left":0}'
		step Weigh '{"x":0}'
		step helper
		step get_ref_answer
		step Done '{}'
		step Done '{"answer":5}'
		step Add '{"numbers":[23000,1]}'
		step Add '{"numbers":[1]}'
	} | program gym-adapter codegym "$scales:ScalesEnv" >replies
	diff <(jq -c '[.observation, .error, .terminated]' replies | sed 's/ScalesEnv\.//') - <<-'EOF'
		["4 crates are on the floor.",null,null]
		["","Error: 'right'",false]
		["","Error: Weigh() got an unexpected keyword argument 'x'",false]
		["","there is no tool helper",null]
		["","there is no tool get_ref_answer",null]
		["","Error: 'answer'",false]
		["The answer has been received.",null,true]
		["The answer has been received.",null,true]
		["1",null,true]
	EOF
	program gym-adapter codegym "$scales:ScalesEnv" tools >replies
	diff <(jq -c '.[] | [.name, .description, .parameters.required, .parameters.properties]' replies) - <<-'EOF'
		["Compare","Put two crates on the scales.\nReturns: str: \"left\", \"right\" or \"equal\", for the heavier side.\nExample output: \"left\"",["left","right"],{"left":{"type":"integer","description":"The crate on the left side, counted from 0."},"right":{"type":"integer","description":"The crate on the right side."}}]
		["Weigh","Weigh one crate.\nReturns: str: The weight.",["crate"],{"crate":{"type":"integer","description":"Which one."},"unit":{"type":"string","description":"\"kg\" or \"g\"."}}]
		["Add","Add numbers up.\nReturns: str: Their sum.\nExample output: \"12\"",["numbers"],{"numbers":{"type":"array","items":{"type":"integer"},"description":"The numbers."}}]
		["Observe","Say how many crates there are.\nReturns: str: Their number.",[],{}]
		["Done","Verify the final answer: the sum of all weights, three digits for the number of the heaviest crate behind it.\nReturns: str: The result.",["answer"],{"answer":{"type":"integer","description":"The answer."}}]
	EOF
	for place in "$scales:Nobody" missing.py:Env scales.py; do
		run -1 --separate-stderr program gym-adapter codegym "$place" tools
		[[ -z $output ]]
		echo "${stderr##*/}" >>reasons
	done
	diff reasons - <<-'EOF'
		scales.py has no class Nobody
		gym-adapter: missing.py: No such file or directory
		gym-adapter: scales.py is not FILE:CLASS
	EOF
}

@test "the notebook's cells share one kernel, and show what a person would see" {
	{
		cells <<-'EOF'
			x = 41¶print("hello")¶x + 1
			def f(n):¶    return 1 / n¶f(0)
			import os, subprocess, sys¶print("a")¶print("b", file=sys.stderr)¶_ = os.write(1, b"c\n")¶print("d", end="")¶print("e", file=sys.stderr)¶_ = subprocess.run(["sh", "-c", "echo f; echo g >&2"])¶_ = os.system("echo h")¶print("i")
			!echo one; echo two >&2¶lines = !printf '1\n2\n'¶text = """¶!no¶%pwd"""¶print(lines, repr(text))
			%%bash¶echo $((1 + 1))¶exit 3
			mkdir = os.makedirs("sub", exist_ok=True)¶%cd sub¶%pwd
			input("name? ")
			sys.exit()
			x = = 1
			try:¶    {}["k"]¶except KeyError as error:¶    raise ValueError("v") from error
			await __import__("asyncio").sleep(0)¶[x] * 3
			x;
			print("\x1b[31mred\x1b[0m")¶print("50%\r100%")
			class Rich:¶    def _repr_html_(self): return "<b>bold</b>"¶    def _repr_png_(self): return b"12345"¶Rich()
		EOF
		step execute_shell_command '{"command":"basename \"$PWD\"; echo wrong >&2; exit 3"}'
		step edit_and_execute_current_cell '{"code":"x = 5\nx"}'
		step edit '{"code":"1"}'
		step execute_shell_command '{"code":"1"}'
	} | program notebook own >replies
	jq -r '"> \(.info.cell) \(.info.execution_count) \(.info.exit) \(.error)", .observation' replies | sed 's/0x[0-9a-f]*/ADDRESS/' |
		sed "s|'/.*/sub'|'sub'|; s|^/.*/sub|sub|" >seen
	diff seen - <<-'EOF'
		> 1 1 null null
		hello
		42
		> 2 2 null null
		Traceback (most recent call last):
		  Cell In[2], line 3
		    f(0)
		  Cell In[2], line 2, in f
		    return 1 / n
		ZeroDivisionError: division by zero
		> 3 3 null null
		a
		b
		c
		d
		e
		f
		g
		h
		i

		> 4 4 null null
		one
		two
		['1', '2'] '\n!no\n%pwd'

		> 5 5 null null
		2
		OSError: bash ended with status 3
		> 6 6 null null
		sub
		'sub'
		> 7 7 null null
		Traceback (most recent call last):
		  Cell In[7], line 1
		    input("name? ")
		RuntimeError: input() is not possible here: nobody can type an answer
		> 8 8 null null

		> 9 9 null null
		Traceback (most recent call last):
		  Cell In[9], line 1
		    x = = 1
		SyntaxError: invalid syntax
		> 10 10 null null
		Traceback (most recent call last):
		  Cell In[10], line 2
		    {}["k"]
		KeyError: 'k'

		The above exception was the direct cause of the following exception:

		Traceback (most recent call last):
		  Cell In[10], line 4
		    raise ValueError("v") from error
		ValueError: v
		> 11 11 null null
		[41, 41, 41]
		> 12 12 null null

		> 13 13 null null
		red
		100%

		> 14 14 null null
		bold
		[image/png, 5 bytes]
		> null null 3 null
		sub
		wrong

		> 14 15 null null
		5
		> null null null there is no tool edit
		
		> null null null execute_shell_command takes "command", a text
		
	EOF
	# As nbformat 4 has them.
	jq -se 'map(.info.outputs // [] | .[]) | length > 14 and all(.output_type as $type |
		keys - ["output_type"] == {stream: ["name", "text"], error: ["ename", "evalue", "traceback"], display_data: ["data", "metadata"],
			execute_result: ["data", "execution_count", "metadata"]}[$type])' replies
}

@test "a cell harms nothing but its own kernel" {
	{
		cells <<-'EOF'
			print("z" * 200000)¶for number in range(20000): print(number)¶"end"
			def again(n): return again(n + 1)¶again(0)
			import os, time¶if os.fork() == 0:¶    while not os.path.exists("go"): time.sleep(0.01)¶print("both")
			os.write(1, b'{"observation": "forged"}\n'); open("go", "w").close(); os.wait()[1]
			for number in range(3, 100):¶    try: os.write(number, b'{"observation": "forged"}\n')¶    except OSError: pass
			os
			import os; os.kill(os.getpid(), 11)
			import os; os._exit(3)
			float("nan")
		EOF
		step get_notebook_state
	} >requests
	program notebook own <requests >replies
	diff <(jq -c '[.info.cell, .error, (.observation | if length > 300 then [length, .[-8:]] else . end)]' replies | head -9) - <<-'EOF'
		[1,null,[64931,"99\n'end'"]]
		[2,null,[762,"exceeded"]]
		[3,null,"both\n"]
		[4,null,"{\"observation\": \"forged\"}\nboth\n0"]
		[5,"the kernel died (signal 9); a new one was started, in which no variable is set",""]
		[6,null,"Traceback (most recent call last):\n  Cell In[6], line 1\n    os\nNameError: name 'os' is not defined"]
		[7,"the kernel died (signal 11); a new one was started, in which no variable is set",""]
		[8,"the kernel died (status 3); a new one was started, in which no variable is set",""]
		[9,null,"nan"]
	EOF
	jq -se '.[9].info.cells == 9' replies
	jq -rse '.[9].observation | endswith("\n\n[cell 9, execution 9]\nfloat(\"nan\")\n[output]\nnan")' replies
}

@test "an interrupt ends what is under way; output of between comes with the next cell" {
	local pid kernel
	mkfifo in out
	program notebook own <in >out &
	exec {to}>in {from}<out
	ask() {
		echo "$1" >&"$to"
		read -r reply <&"$from"
	}
	ask "$(cells <<<'import os; (os.getppid(), os.getpid())')"
	read -r pid kernel <<<"$(jq -r '.observation | gsub("[(),]"; "")' <<<"$reply")"
	# Each of them says when it has begun, but one.
	until_is test -e begun && kill -INT "$pid" &
	ask "$(cells <<<'x = 1¶while True: open("begun", "w").close()')"
	[[ $(jq -r .observation <<<"$reply") == *'while True: open'*KeyboardInterrupt ]]
	rm begun
	until_is test -e begun && kill -INT "$pid" &
	ask "$(cells <<<'!touch begun; sleep 5')"
	[[ $(jq -r .info.outputs[0].ename <<<"$reply") == KeyboardInterrupt ]]
	rm begun
	until_is test -e begun && kill -INT "$pid" &
	# One process, which is killed at whatever moment it is interrupted.
	ask "$(step execute_shell_command '{"command":": >begun; exec sleep 5"}')"
	[[ $(jq -r .info.exit <<<"$reply") == 130 ]]
	kill -INT "$pid"
	# One that waits would end what is asked next.
	until_is eval '! grep -qE "^(Sig|Shd)Pnd:.*[2367abef]$" "/proc/$pid/status"'
	ask "$(step execute_shell_command '{"command":"(until [ -e go ]; do sleep 0.01; done; echo late; touch late) & echo soon"}')"
	[[ $(jq -r .observation <<<"$reply") == soon ]]
	touch go
	until_is test -e late
	ask "$(cells <<<'x')"
	[[ $(jq -r .observation <<<"$reply") == $'late\n1' ]]
	# A kernel in the middle of a cell ends with the program.
	cells <<<'open("busy", "w").close()¶while True: pass' >&"$to"
	until_is test -e busy
	kill -KILL "$pid"
	until_is ended "$kernel"
	exec {to}>&- {from}<&-
	wait || :
}

@test "ipykernel gives the same records as the notebook's own kernel" {
	local kind
	python3 -c 'import ipykernel, jupyter_client' 2>/dev/null || skip "ipykernel or jupyter_client is not installed"
	for kind in own ipykernel; do
		{
			cells <<-'EOF'
				x = 41¶print("hello")¶x + 1
				def f(n):¶    return 1 / n¶f(0)
				import os, sys¶print("a")¶print("b", file=sys.stderr)¶print("c", end="")¶print("d", file=sys.stderr)
				lines = !echo 1; echo 2¶lines
				%cd /usr
				sys.exit()
				[list(range(40)), {"k": "v" * 80}]
				if os.fork() == 0: raise SystemExit¶_ = os.wait()¶"once"
				os.kill(os.getpid(), 9)
				x
			EOF
			step execute_shell_command '{"command":"pwd; exit 3"}'
			step get_notebook_state
		} | program notebook "$kind" >"$kind"
	done
	diff own ipykernel
}

@test "the SQL shell has one connection, shows tables and counts what is left out" {
	sqlite3 shop.db "CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, price REAL); CREATE INDEX by_name ON item(name);
		CREATE VIEW cheap AS SELECT * FROM item WHERE price < 2; INSERT INTO item VALUES (1, 'pen', 1.5), (2, 'in' || char(10) || 'k', NULL), (30, x'00ff', 4)"
	{
		echo '{"reset":{}}'
		queries <<-'EOF'
			SELECT * FROM item; -- all
			BEGIN; UPDATE item SET price = 2; CREATE TEMP TABLE t(a); INSERT INTO t VALUES ('x;y')
			SELECT a, ';' FROM t; ROLLBACK; SELECT count(*) FROM item WHERE price = 2
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000) SELECT i FROM n
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n
			DELETE FROM item WHERE id = 1; SELEC 1; DELETE FROM item
			CREATE TRIGGER more AFTER DELETE ON item BEGIN SELECT 1; SELECT 2; END; SELECT id, printf('%.300c', 'z') FROM item
			SELECT id FROM item WHERE 0
			/* nothing */ ;
			SELECT load_extension('x')
			SELECT zeroblob(100000000)
		EOF
		step sql_schema '{"table":"ITEM"}'
		step sql_schema '{"table":"none"}'
		step sql '{"query":"SELECT 1","more":1}'
	} | program sql-shell shop.db --rows 3 >replies
	diff <(jq -r '"> \(.info.rows) \(.info.truncated) \(.info.changes) \(.error)", .observation' replies | sed 's/zzz*/zzz/; s/---*/--/g') - <<-'EOF'
		> null null null null

		> 3 false 0 null
		id | name    | price
		--+--+--
		 1 | pen     |   1.5
		 2 | in\nk   |  NULL
		30 | x'00ff' |   4.0
		(3 rows)
		> 0 false 4 null
		ok
		3 rows changed
		ok
		1 row changed
		> 1 false 0 null
		a   | ';'
		--+--
		x;y | ;
		(1 row)
		ok
		count(*)
		--
		       0
		(1 row)
		> 3000 true 0 null
		i
		-
		1
		2
		3
		(3 of 3000 rows shown)
		> 100000 true 0 null
		i
		-
		1
		2
		3
		(3 of more than 100000 rows shown)
		> 0 false 1 statement 2: near "SELEC": syntax error
		1 row changed
		> 2 false 0 null
		ok
		id | printf('%.300c', 'z')
		--+--
		 2 | zzz…
		30 | zzz…
		(2 rows)
		> 0 false 0 null
		id
		--
		(0 rows)
		> 0 false 0 null

		> 0 false 0 load_extension is not possible here

		> 0 false 0 not enough memory

		> null null null null
		CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, price REAL);
		CREATE INDEX by_name ON item(name);
		CREATE TRIGGER more AFTER DELETE ON item BEGIN SELECT 1; SELECT 2; END;
		> null null null there is no table none; there are: cheap, item

		> null null null sql takes "query", a text

	EOF
}

@test "the SQL shell may only read, can be interrupted, and says what is no database" {
	sqlite3 shop.db 'CREATE TABLE item(id); INSERT INTO item VALUES (7)'
	cp shop.db before.db
	queries >queries <<-'EOF'
		SELECT * FROM item
		INSERT INTO item VALUES (8)
		DROP TABLE item
		ATTACH 'other.db' AS other
		VACUUM INTO 'copy.db'
		PRAGMA journal_mode = DELETE
		PRAGMA writable_schema = 1
		PRAGMA table_info(item)
		CREATE TEMP TABLE t AS SELECT 1 AS one; SELECT * FROM t
	EOF
	program sql-shell shop.db --read-only <queries >replies
	diff <(jq -c '[.error, .info.rows]' replies) - <<-'EOF'
		[null,1]
		["attempt to write a readonly database",0]
		["attempt to write a readonly database",0]
		["ATTACH or DETACH is not possible here",0]
		["ATTACH or DETACH is not possible here",0]
		["PRAGMA journal_mode is not possible here",0]
		["PRAGMA writable_schema is not possible here",0]
		[null,1]
		[null,1]
	EOF
	cmp shop.db before.db
	[[ ! -e other.db && ! -e copy.db ]]
	echo text >text.db
	{
		head -n 1 queries | program sql-shell missing.db
		head -n 1 queries | program sql-shell text.db
	} >replies
	replies '{"observation":"","error":"missing.db: unable to open database file"}' \
		'{"observation":"","error":"text.db: file is not a database"}'
	[[ ! -e missing.db ]]
	run -2 program sql-shell --rows 0 shop.db

	mkfifo in out
	local pid shell ticks
	program sql-shell shop.db <in >out &
	exec {to}>in {from}<out
	head -n 1 queries >&"$to"
	read -r _ <&"$from"
	# timeout passes it on.
	pid=$(pgrep -P $! || echo $!)
	shell=$(pgrep -P "$pid" || echo "$pid")
	ticks=$(cut -d ' ' -f 14 "/proc/$shell/stat")
	step sql '{"query":"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"}' >&"$to"
	until_is eval '(($(cut -d " " -f 14 "/proc/$shell/stat") >= ticks + 10))'
	kill -INT "$pid"
	read -r reply <&"$from"
	[[ $(jq -r .error <<<"$reply") == interrupted ]]
	head -n 1 queries >&"$to"
	read -r reply <&"$from"
	[[ $(jq -r .info.rows <<<"$reply") == 1 ]]
	exec {to}>&- {from}<&-
	wait
}
