# The sql check's half in a box: runs one query on one database after the other and prints the rows that come, as JSON.
# The check runs it twice, with what the task gives and with what the agent gave, and compares what both print elsewhere:
# whoever talks this script into printing something does not know what to print.
#
# Input: {"cwd", "compare", "query", "expected", "databases": [{"tests" | "schema" | "workspace", "rows"?}]}; with
# "expected" the rows of a database stand for those that a query would give.
# Output: {"rows": [[row, ...], ...]}, a string for each row and a list for each database; or {"failed": why}, of the
# query; or {"broken": why}, of the task.
import json
import os
import re
import sqlite3
import stat
import sys
import urllib.parse

ROWS = 10000
BYTES = 4 << 20

given = json.load(sys.stdin)
# In a box without namespaces its root is a folder.
root = os.getcwd()[: -len(given["cwd"])]


def end(key, value):
    print(json.dumps({key: value}))
    sys.exit()


# --- rows as strings ---


class Ill:  # text that is not UTF-8
    def __init__(self, data):
        self.data = data

    def __repr__(self):
        return repr(self.data)


def text(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        return Ill(data)


def cell(value):
    if value is None:
        return None
    if isinstance(value, float):
        # As SQL compares: 1 and 1.0 are equal. The order in which numbers are added up is free.
        if abs(value) >= 2**53 or value != int(value):
            return "n%.12g" % value
        value = int(value)
    if isinstance(value, int):
        return "n%d" % value
    if isinstance(value, bytes):
        return "x" + value.hex()
    return "i" + value.data.hex() if isinstance(value, Ill) else "t" + value


def key(row):
    # str() of a tuple is what InterCode compares.
    return str(tuple(row)) if given["compare"] == "iou" else json.dumps([cell(value) for value in row])


# --- a database ---


def open_database(place):
    script = place.get("schema")
    if "workspace" in place:
        path = os.path.join(os.getcwd(), place["workspace"])
        if not os.path.lexists(path):
            end("failed", "%s is missing" % place["workspace"])
        if not stat.S_ISREG(os.lstat(path).st_mode) or not os.path.realpath(path).startswith(os.getcwd() + "/"):
            end("failed", "%s is no file of the workspace" % place["workspace"])
        options = "mode=ro"
    elif "tests" in place:
        path = root + "/tests/" + place["tests"]
        options = "mode=ro&immutable=1"
        if path.endswith(".sql"):
            with open(path, encoding="utf-8") as file:
                script = file.read()
    if script is None:
        return sqlite3.connect("file:%s?%s" % (urllib.parse.quote(path), options), uri=True, isolation_level=None)
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.executescript(script)
    return database


# --- the query ---

READS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}
NAMES = {
    sqlite3.SQLITE_ATTACH: "ATTACH",
    sqlite3.SQLITE_DETACH: "DETACH",
    sqlite3.SQLITE_PRAGMA: "PRAGMA",
    sqlite3.SQLITE_TRANSACTION: "a transaction",
}
PRAGMAS = {"data_version", "table_info", "table_xinfo", "table_list", "index_list", "index_info", "foreign_key_list"}
FUNCTIONS = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"}
# What the parser says of words of the query. Other messages may hold what a query found.
SAYS = re.compile(
    r"near \"(.*)\": syntax error|no such (?:column|table|function): (.*)|ambiguous column name: (.*)|incomplete input", re.S
)

refused = []


def authorize(action, first, second, *_):
    reads = action in READS
    if action == sqlite3.SQLITE_FUNCTION:
        reads = second.lower() not in FUNCTIONS
    elif action == sqlite3.SQLITE_PRAGMA:
        reads = first.lower() in PRAGMAS
    elif action == sqlite3.SQLITE_UPDATE:
        # What SQLite asks for before it declares a virtual table such as json_each. The query itself could not: query_only.
        reads = first == "sqlite_master"
    if reads:
        return sqlite3.SQLITE_OK
    refused.append(second if action == sqlite3.SQLITE_FUNCTION else NAMES.get(action, "a change"))
    return sqlite3.SQLITE_DENY


def run(place):
    # Of a database that is the agent's own, that it cannot be read is the agent's doing.
    try:
        database = open_database(place)
        database.text_factory = text
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        database.execute("PRAGMA query_only = ON")
        if "workspace" in place:
            database.execute("PRAGMA trusted_schema = OFF")
    except (sqlite3.Error, sqlite3.Warning, OSError, ValueError) as problem:
        if "workspace" in place:
            end("failed", "%s is no database" % place["workspace"])
        end("broken", "database %s: %s" % (place.get("tests", "from a schema"), problem))
    database.set_authorizer(authorize)
    try:
        cursor = database.execute(given["query"])
        if cursor.description is None:
            end("failed", "the query is no statement that gives rows")
        rows = cursor.fetchmany(ROWS + 1)
    except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as problem:
        if refused:
            end("failed", "the query may only read; this one wants %s" % refused[0])
        if "one statement" in str(problem):
            end("failed", "the query is more than one statement")
        said = SAYS.fullmatch(str(problem))
        known = said and all(word is None or word in given["query"] for word in said.groups())
        end("failed", "the query fails" + (": %.100s" % problem if known else ""))
    if len(rows) > ROWS:
        end("failed", "the query gives more than %d rows" % ROWS)
    return rows


try:
    result = []
    for place in given["databases"]:
        rows = place["rows"] if given["expected"] and "rows" in place else run(place)
        result.append([key(row) for row in rows])
    if sum(len(row) for rows in result for row in rows) > BYTES:
        end("failed", "the query gives more than %d MiB" % (BYTES >> 20))
    end("rows", result)
except MemoryError:
    end("failed", "the query needs more memory than there is")
