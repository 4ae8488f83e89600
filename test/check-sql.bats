#!/usr/bin/env bats
# The sql check: what a query gives, against what another one gives.

load helper
load episode
load grading

setup() {
	common_setup
	need_box
	mkdir -p tasks/unit/graded/tests tasks/unit/graded/files
	cat >tasks/unit/graded/tests/shop.sql <<'END'
CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price REAL, note);
INSERT INTO item VALUES (1, 'pen', 1.5, NULL), (2, 'ink', 4, x'00ff'), (3, 'cup', 4.0, '1'), (4, 'pad', 0.3, 1);
END
}

teardown() {
	common_teardown
	[[ -z ${root:-} ]] || rm -rf "$root"
}

two='{"databases": ["shop.sql", {"schema": "CREATE TABLE item (id, name, price, note); INSERT INTO item VALUES (9, \u0027cap\u0027, 2, 3), (8, \u0027cap\u0027, 2, 3);"}]}'
one='{"databases": ["shop.sql"]}'

# sql_task GOLD [JSON]: a task with one check of query.sql; JSON is merged over it.
sql_task() {
	task "$(jq -cn --arg gold "$1" --argjson more "${2:-$one}" '[{name: "q", type: "sql", file: "query.sql", $gold} + $more]')"
}

# rows STATUS REWARD SQL [REASON]: what this query is worth.
rows() {
	tool write_file "$(jq -cn --arg sql "$3" '{path: "query.sql", content: $sql}')"
	verdict "$1" "$2" || { echo "$3"; return 1; }
	[[ -z ${4:-} ]] || [[ $(field '.checks[0].reason') == "$4" ]] || { echo "$3: $(field .reason)"; return 1; }
}

# each GOLD JSON: of lines "SCORE SQL -> REASON" on stdin (the reason may be missing), all of it in one verdict.
each() {
	local line count=0 folder=tasks/unit/graded/files
	rm -rf "$folder" expected
	mkdir -p "$folder"
	while read -r line; do
		((count += 1))
		sed -E 's/^[^ ]+ //; s/ -> [^>]*$//' <<<"$line" >"$folder/$count.sql"
		printf '%s %s\n' "${line%% *}" "$([[ $line != *' -> '* ]] || echo "${line##* -> }")" >>expected
	done
	task "$(jq -cn --arg gold "$1" --argjson more "$2" --argjson count "$count" \
		'[range($count) + 1 | {name: "q\(.)", type: "sql", file: "\(.).sql", $gold} + $more]')"
	separate env-verify "$ep"
	diff <(jq -r '.checks[] | "\(.score) \(.reason // "")"' <<<"$output") expected || { field .reason; return 1; }
	env-close "$ep" >/dev/null
}

# script: what libexec/sql.py prints for each line on stdin, a query, on an empty database; with the query before it.
script() {
	local input
	jq -cR '{cwd: "", compare: "multiset", expected: false, query: ., databases: [{schema: "CREATE TABLE item (id, name)"}]}' >queries
	while IFS= read -r input; do
		PATH=/usr/local/bin:/usr/bin:/bin python3 -I -S -B "$SRC/libexec/sql.py" <<<"$input"
	done <queries >replies
	jq -rs --slurpfile queries queries 'to_entries[] | "\($queries[.key].query)|\(.value.failed // "rows")"' replies
}

@test "sql: the same rows in any order, or in one" {
	each 'SELECT name, price FROM item ORDER BY price, id' "$two" <<'END'
1 SELECT name, price FROM item
1 WITH x AS (SELECT * FROM item) SELECT name, price * 1.0 FROM x ORDER BY name; -- the end
0 SELECT price, name FROM item -> not the rows of database 1
0 SELECT DISTINCT name, price FROM item -> not the rows of database 2
0 SELECT name, price FROM item UNION ALL SELECT name, price FROM item WHERE id = 1 -> not the rows of database 1
0 VALUES ('pen', 1.5), ('ink', 4), ('cup', 4), ('pad', 0.3) -> not the rows of database 2
0 SELECT 1 WHERE 0 -> not the rows of database 1
END
	each 'SELECT name, price FROM item ORDER BY price, id' '{"compare": "ordered", "databases": ["shop.sql"]}' <<'END'
1 SELECT name, price FROM item ORDER BY 2, id
0 SELECT name, price FROM item ORDER BY id -> another order of the rows of database 1
0 SELECT name FROM item -> not the rows of database 1
END
}

@test "sql: numbers are equal as SQL has it; text, blobs and NULL are apart" {
	each "SELECT 1, 0.1 + 0.2, NULL, x'31', '1', 9007199254740993, 1e300, -0.0, 'é' || char(0) || CAST(x'ff' AS TEXT)" "$one" <<'END'
1 SELECT 1.0, 0.3, NULL, x'31', '1', 9007199254740993, 1e300, 0, 'é' || char(0) || CAST(x'ff' AS TEXT)
0 SELECT '1', 0.3, NULL, x'31', '1', 9007199254740993, 1e300, 0, 'é' || char(0) || CAST(x'ff' AS TEXT) -> not the rows of database 1
0 SELECT 1, 0.31, NULL, x'31', '1', 9007199254740993, 1e300, 0, 'é' || char(0) || CAST(x'ff' AS TEXT) -> not the rows of database 1
0 SELECT 1, 0.3, '', x'31', '1', 9007199254740993, 1e300, 0, 'é' || char(0) || CAST(x'ff' AS TEXT) -> not the rows of database 1
0 SELECT 1, 0.3, NULL, '1', '1', 9007199254740993, 1e300, 0, 'é' || char(0) || CAST(x'ff' AS TEXT) -> not the rows of database 1
0 SELECT 1, 0.3, NULL, x'31', 1, 9007199254740993, 1e300, 0, 'é' || char(0) || CAST(x'ff' AS TEXT) -> not the rows of database 1
0 SELECT 1, 0.3, NULL, x'31', '1', 9007199254740992, 1e300, 0, 'é' || char(0) || CAST(x'ff' AS TEXT) -> not the rows of database 1
0 SELECT 1, 0.3, NULL, x'31', '1', 9007199254740993, 1e300, 0, 'é' || char(0) || CAST(x'fe' AS TEXT) -> not the rows of database 1
END
}

@test "sql: a query may only read, and is one statement" {
	cat >expected <<'END'
SELECT count(*) FROM item|rows
SELECT value FROM json_each('[1, 2]')|rows
SELECT name FROM pragma_table_info('item')|rows
DELETE FROM item|the query may only read; this one wants a change
UPDATE item SET id = id + 10 RETURNING 4|the query may only read; this one wants a change
UPDATE sqlite_master SET sql = ''|the query fails
CREATE TABLE t (a)|the query may only read; this one wants a change
CREATE TEMP TABLE t AS SELECT 1|the query may only read; this one wants a change
CREATE VIRTUAL TABLE t USING fts5 (a)|the query may only read; this one wants a change
INSERT INTO item (name) VALUES ('x') RETURNING 4|the query may only read; this one wants a change
ATTACH 'shop.db' AS other|the query may only read; this one wants ATTACH
VACUUM INTO '/tmp/x'|the query may only read; this one wants ATTACH
DETACH main|the query may only read; this one wants DETACH
PRAGMA query_only = 0|the query may only read; this one wants PRAGMA
PRAGMA writable_schema = 1|the query may only read; this one wants PRAGMA
BEGIN|the query may only read; this one wants a transaction
SELECT load_extension('./x.so')|the query may only read; this one wants load_extension
SELECT 4; SELECT 4|the query is more than one statement
SELECT 4; DELETE FROM item|the query is more than one statement
.tables|the query fails: near ".": syntax error
.shell echo 4|the query fails: near ".": syntax error
SELECT readfile('/tests/shop.sql')|the query fails: no such function: readfile
SELECT nope FROM item|the query fails: no such column: nope
SELECT|the query fails: incomplete input
SELECT ?|the query fails
SELECT json_extract('{}', upper('x'))|the query fails
SELECT abs(-9223372036854775808)|the query fails
-- only this|the query is no statement that gives rows
|the query is no statement that gives rows
END
	cut -d '|' -f 1 expected | script | diff - expected
}

@test "sql: what does not end, or gives too much, fails" {
	sql_task 'SELECT 4' '{"timeout_s": 1, "databases": ["shop.sql"]}'
	verdict fail 0
	reason 'q: query.sql is missing'
	rows fail 0 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n' 'the time limit was exceeded'
	env-close "$ep" >/dev/null
	sql_task 'SELECT 4' '{"databases": ["shop.sql"]}'
	rows fail 0 'SELECT hex(zeroblob(300000000))'
	act "printf 'SELECT \"\\xff\"' >query.sql"
	verdict fail 0
	reason 'the query is not UTF-8'
	act 'rm query.sql; mkfifo query.sql'
	verdict fail 0
	act 'rm query.sql; ln -s /tests/shop.sql query.sql'
	verdict fail 0
	reason 'query.sql cannot be read'
	act 'rm query.sql; head -c 70000 /dev/zero >query.sql'
	verdict fail 0
	reason 'query.sql cannot be read, or is too large'
	[[ $(script <<<'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n') == *'|the query gives more than 10000 rows' ]]
	[[ $(script <<<'SELECT hex(zeroblob(4000000))') == *'|the query gives more than 4 MiB' ]]
}

@test "sql: nothing that the agent leaves changes how queries are run" {
	sql_task 'SELECT name FROM item'
	act 'for name in json sqlite3 os re stat sitecustomize usercustomize encodings; do echo "raise SystemExit" >$name.py; done
		mkdir bin; printf "#!/bin/sh\nexit 3\n" >bin/python3; chmod +x bin/python3; echo .quit >.sqliterc; cp bin/python3 python3
		export PATH=$PWD/bin:$PATH PYTHONPATH=$PWD; echo "not a database" >shop.sql'
	rows pass 1 'SELECT name FROM item'
	rows fail 0 'SELECT id FROM item'
}

@test "sql: a disk that the agent has filled is not in the way of the task's query" {
	sql_task "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
		SELECT count(*) FROM (SELECT printf('%.500c', 'x') AS text FROM n ORDER BY i % 7, text LIMIT 19999)" "$one"
	tool write_file '{"path": "query.sql", "content": "SELECT 1"}'
	act 'head -c 14M /dev/zero >full'
	verdict fail 0
	reason 'not the rows'
}

@test "sql: the answer is the query where no file is named" {
	task '[{"name": "q", "type": "sql", "gold": "SELECT sum(price) FROM item", "databases": ["shop.sql"]}]' '{"attempts": 9}'
	verdict fail 0
	reason 'there is no answer'
	quiet env-step -e "$ep" <<<'{"tool":"submit","args":{"answer":"SELECT 9.9 FROM item"}}'
	expect .reward 0
	quiet env-step -e "$ep" <<<'{"tool":"submit","args":{"answer":"SELECT 5.8 + sum(id) - sum(id) + 4 FROM item"}}'
	expect .reward 1
}

@test "sql: InterCode's overlap of rows, times Kendall's tau of what is common" {
	local iou='{"compare": "iou", "databases": ["shop.sql"]}'
	# Two of five; reversed; one pair of six in another order; a row twice; another type; one common row has no order.
	each 'SELECT id FROM item ORDER BY id' "$iou" <<'END'
1 SELECT id FROM item ORDER BY id
0.4 SELECT id FROM item WHERE id < 3 UNION ALL SELECT 7 -> not the rows of database 1
0 SELECT id FROM item ORDER BY id DESC -> another order of the rows of database 1
0.67 VALUES (2), (1), (3), (4) -> another order of the rows of database 1
0.8 VALUES (1), (1), (2), (3), (4) -> not the rows of database 1
0 SELECT id * 1.0 FROM item -> not the rows of database 1
0.14285714285714285 VALUES (2), (9), (9), (9) -> not the rows of database 1
0 SELECT 1 WHERE 0 -> not the rows of database 1
END
	each 'SELECT 1 WHERE 0' "$iou" <<'END'
1 SELECT 2 WHERE 0
0 SELECT 2 -> not the rows of database 1
END
	# Equal rows: tau-b, less than 0 for the first.
	each "VALUES ('a'), ('a'), ('b')" "$iou" <<'END'
0 VALUES ('a'), ('b'), ('a') -> another order of the rows of database 1
0.5 VALUES ('a'), ('b'), ('b') -> not the rows of database 1
END
}

@test "sql: databases of the agent's own are asked by the task" {
	local make why
	task '[{"name": "d", "type": "sql", "query": "SELECT name, price FROM item ORDER BY 1", "compare": "ordered",
		"databases": [{"workspace": "out/shop.db", "rows": [["cup", 4], ["ink", null], ["pen", 1.5]]}]}]'
	verdict fail 0
	reason 'd: out/shop.db is missing'
	act 'mkdir out; sqlite3 out/shop.db "PRAGMA journal_mode = wal; CREATE TABLE item (name, price); INSERT INTO item VALUES (\"pen\", 1.5), (\"ink\", NULL), (\"cup\", 4.0);"'
	verdict pass 1
	cp tasks/unit/graded/tests/shop.sql .
	while IFS='|' read -r make why; do
		act "$make"
		verdict fail 0
		[[ $(field '.checks[0].reason') == "$why" ]] || { echo "$make"; field .reason; false; }
	done <<'END'
sqlite3 out/shop.db 'DELETE FROM item WHERE price IS NULL'|not the rows of database 1
sqlite3 out/shop.db 'DROP TABLE item'|the query fails: no such table: item
sqlite3 out/shop.db 'CREATE VIEW item AS SELECT load_extension(1) AS name, 2 AS price'|the query fails
echo nonsense >out/shop.db|out/shop.db is no database
ln -sf /tests/shop.db out/shop.db|out/shop.db is no file of the workspace
rm out/shop.db; mkfifo out/shop.db|out/shop.db is no file of the workspace
rm -r out; ln -s /tests out; mkdir -p real|out/shop.db is missing
END
}

@test "sql: a query of the task's own that is wrong, or a database that is: error" {
	local check why
	while IFS='|' read -r check why; do
		task "$(jq -cn --argjson check "$check" '[{name: "q", type: "sql", file: "query.sql", gold: "SELECT 1", databases: ["shop.sql"]} + $check]')"
		rows error null 'SELECT 1'
		reason "check q: $why" || { echo "$check"; false; }
		env-close "$ep" >/dev/null
	done <<'END'
{"gold": "SELECT nope"}|gold: the query fails: no such column: nope
{"gold": "DELETE FROM item"}|gold: the query may only read
{"databases": ["none.sql"]}|database none.sql: [Errno 2]
{"databases": ["none.db"]}|database none.db: unable to open
{"databases": [{"schema": "CREATE"}]}|database from a schema: incomplete input
END
	# A database may have rows of its own.
	sql_task 'SELECT 1' '{"databases": [{"schema": "CREATE TABLE t (a)", "rows": [[2]]}, "shop.sql"]}'
	rows pass 1 'SELECT 2 - count(*) FROM sqlite_master WHERE name = "item"'
}

@test "sql: without python3 in the box: error that names it" {
	local library
	[[ $(box-run --probe --json | jq '.findings[] | select(.name == "overlay") | .works') == true ]] || skip 'no overlay: no box has a base'
	# Bats' own folder is closed to all others.
	root=$(mktemp -d /tmp/pipegym-root.XXXXXX)
	for library in /bin/bash $(ldd /bin/bash | grep -o '/[^ ]*'); do
		install -D "$library" "$root$library"
	done
	chmod -R go+rX "$root"
	task '[{"name": "q", "type": "sql", "file": "query.sql", "gold": "SELECT 1", "databases": ["shop.sql"]}]' "$(jq -n --arg base "$root" '{env: {$base}}')"
	rows error null 'SELECT 1'
	reason 'check q: python3 is not in the box'
}

@test "sql: what is no check is refused with its place" {
	local check why
	while IFS='|' read -r check why; do
		fixture_task unit/graded "$(jq -cn --argjson check "$check" '{checks: [{name: "c", type: "sql", gold: "SELECT 1", databases: ["a.db"]} + $check]}')"
		fails 3 env-reset unit/graded
		[[ $stderr == *".checks[0]$why"* ]] || { echo "$check: $stderr"; false; }
	done <<'END'
{"databases": []}|.databases: must have 1 to 16 elements
{"databases": ["../a.db"]}|.databases[0]: must be a relative path
{"databases": [{"tests": "a", "schema": "b"}]}|.databases[0]: must have one of
{"databases": [{"schema": "b", "rows": [[true]]}]}|.databases[0].rows[0][0]: must be null, a number or a string
{"databases": [{"workspace": "a.db"}]}|.databases[0]: needs "rows", since it is the agent's own
{"databases": [{"workspace": "a.db", "rows": []}]}|.databases[0]: cannot be of the workspace
{"databases": [{"schema": "b", "rows": []}], "query": "SELECT 1"}|.databases[0]: must be of the workspace
{"gold": null}|.gold: must be a string
{"query": "a", "file": "b"}|: has both
{"compare": "set"}|.compare: must be one of
{"compare": "iou", "databases": [{"schema": "b", "rows": []}]}|.databases[0]: "iou" compares
END
}

@test "sql: the manual's examples" {
	task "[$(manual_check owners)]"
	env-close "$ep" >/dev/null
	printf '%s\n' 'CREATE TABLE owner (id, name); CREATE TABLE pet (owner, name);' "INSERT INTO owner VALUES (1, 'Ada'), (2, 'Bo');" "INSERT INTO pet VALUES (2, 'Rex');" \
		>tasks/unit/graded/tests/pets.sql
	env-reset --id g unit/graded >/dev/null
	rows pass 1 'SELECT name FROM owner WHERE id NOT IN (SELECT owner FROM pet)'
	rows fail 0 "SELECT 'Ada'"
	env-close "$ep" >/dev/null
	task "[$(manual_check migrated)]"
	act 'sqlite3 shop.db "CREATE TABLE product (sku, cents); INSERT INTO product VALUES (\"B7\", 999), (\"A1\", 250)"'
	verdict pass 1
	act 'sqlite3 shop.db "UPDATE product SET cents = \"250\""'
	verdict fail 0
}
