# The SQL shell: queries to one SQLite database, by one connection that lives as long as the episode, behind the program
# protocol.
#
# Arguments: DATABASE [--rows N] [--read-only]. A step of sql shows what its statements give: rows as a table, cells of at
# most CELL_MAX characters, at most N rows of each; {"info": {"rows", "columns", "truncated", "changes"}} is of the last
# statement that gave rows, and of all changes.
import re
import signal
import sqlite3

CELL_MAX = 200
TEXT_SHOWN = 64 << 10
COUNT_MAX = 100000  # rows that are counted beyond those that are shown
HEAP_MAX = 64 << 20
PROGRESS = 10000  # SQLite's instructions between two looks for a signal

READING_PRAGMAS = {
    "application_id", "collation_list", "compile_options", "data_version", "database_list", "encoding", "foreign_key_check",
    "foreign_key_list", "foreign_keys", "freelist_count", "function_list", "index_info", "index_list", "index_xinfo",
    "integrity_check", "journal_mode", "page_count", "page_size", "pragma_list", "query_only", "quick_check",
    "schema_version", "table_info", "table_list", "table_xinfo", "user_version",
}  # fmt: skip
WITH_NAME = {"foreign_key_check", "foreign_key_list", "index_info", "index_list", "index_xinfo", "integrity_check",
             "quick_check", "table_info", "table_list", "table_xinfo"}  # fmt: skip
EMPTY = re.compile(r"(?:\s|;|--[^\n]*(?:\n|\Z)|/\*(?:(?!\*/).)*(?:\*/|\Z))*", re.S)


def statements(query):
    """The statements of a query, as SQLite sees where they end."""
    start = end = 0
    while True:
        end = query.find(";", end)
        if end < 0:
            break
        end += 1
        if sqlite3.complete_statement(query[start:end]):
            yield query[start:end]
            start = end
    yield query[start:]


def cell(value):
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        text = "x'%s'" % value[: CELL_MAX + 1].hex()
    else:
        text = str(value)[: CELL_MAX + 1]
    text = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", lambda match: repr(match[0])[1:-1], text)
    return text if len(text) <= CELL_MAX else text[: CELL_MAX - 1] + "…"


def table(columns, rows):
    """Rows, of pairs that pair() gives, under their columns' names; numbers stand at the right."""
    heads = [cell(column) for column in columns]
    widths = [max(len(head), *(len(row[at][0]) for row in rows)) if rows else len(head) for at, head in enumerate(heads)]
    right = [{row[at][1] for row in rows} in ({True}, {True, None}) for at in range(len(heads))]

    def line(texts):
        parts = [text.rjust(width) if end else text.ljust(width) for text, width, end in zip(texts, widths, right)]
        return " | ".join(parts).rstrip()

    rule = "-+-".join("-" * width for width in widths)
    return "\n".join([line(heads), rule] + [line([text for text, _ in row]) for row in rows])


def pair(value):
    """What is shown of a value, and whether it is a number, None for NULL."""
    return cell(value), None if value is None else isinstance(value, (int, float))


def many(count, what):
    return "%d %s%s" % (count, what, "" if count == 1 else "s")


class Shell:
    def __init__(self, path, rows_max, read_only):
        self.path, self.rows_max, self.read_only = path, rows_max, read_only
        self.database = None
        self.refused = None
        self.busy = self.interrupted = False
        signal.signal(signal.SIGINT, self.interrupt)

    def interrupt(self, *_):
        self.interrupted = self.busy

    def connect(self):
        if self.path == ":memory:":
            options = "file::memory:?"
        else:
            path = re.sub(r"[%?#]", lambda match: "%%%02x" % ord(match[0]), os.path.abspath(self.path))
            options = "file:%s?mode=%s" % (path, "ro" if self.read_only else "rw")
        try:
            database = sqlite3.connect(options, uri=True, isolation_level=None)
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as error:
            raise Wrong("%s: %s" % (self.path, error)) from error
        database.text_factory = lambda data: data.decode("utf-8", "backslashreplace")
        # So that a value that is too large is an error of the query, and not this process's end.
        database.execute("PRAGMA hard_heap_limit = %d" % HEAP_MAX).fetchone()
        database.set_progress_handler(lambda: self.interrupted, PROGRESS)
        database.set_authorizer(self.authorize)
        self.database = database

    def authorize(self, action, first, second, *_):
        what = None
        if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in ("load_extension", "fts3_tokenizer"):
            what = second
        elif self.read_only and action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH):
            what = "ATTACH or DETACH"
        elif self.read_only and action == sqlite3.SQLITE_PRAGMA:
            name = first.lower()
            if name not in READING_PRAGMAS or second is not None and name not in WITH_NAME:
                what = "PRAGMA %s" % first
        if what is None:
            return sqlite3.SQLITE_OK
        self.refused = what
        return sqlite3.SQLITE_DENY

    def reset(self, seed, options):
        if self.database is not None:
            self.database.close()
        self.database = None
        self.connect()
        return {"observation": ""}

    def step(self, tool, args):
        if self.database is None:
            self.connect()
        if tool == "sql":
            if list(args) != ["query"] or not isinstance(args["query"], str):
                raise Wrong('sql takes "query", a text')
            return self.sql(args["query"])
        if tool == "sql_schema":
            if args and (list(args) != ["table"] or not isinstance(args["table"], str)):
                raise Wrong('sql_schema takes "table", a name, or nothing')
            return self.schema(args.get("table"))
        raise Wrong("there is no tool %s" % tool)

    # --- sql ---

    def sql(self, query):
        if "\0" in query:
            raise Wrong("a query cannot have a NUL in it")
        parts, error = [], None
        info = {"rows": 0, "columns": [], "truncated": False}
        before = self.database.total_changes
        self.busy, self.interrupted, self.refused = True, False, None
        for number, statement in enumerate(statements(query), 1):
            if EMPTY.fullmatch(statement):
                continue
            try:
                parts.append(self.run(statement, info))
            except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError, MemoryError) as problem:
                error = self.reason(problem)
                if number > 1:
                    error = "statement %d: %s" % (number, error)
                break
        self.busy = False
        info["changes"] = self.database.total_changes - before
        text = "\n".join(part for part in parts if part)
        info["truncated"] |= len(text) > TEXT_SHOWN
        text = cut(text, TEXT_SHOWN)
        reply = {"observation": text, "info": info}
        return {**reply, "error": error} if error else reply

    def reason(self, problem):
        if self.refused:
            return "%s is not possible here" % self.refused
        return "not enough memory" if isinstance(problem, MemoryError) else str(problem)

    def run(self, statement, info):
        before = self.database.total_changes
        cursor = self.database.execute(statement)
        if cursor.description is None:
            changed = self.database.total_changes - before
            return many(changed, "row") + " changed" if cursor.rowcount >= 0 else "ok"
        columns = [column[0] for column in cursor.description]
        rows, total, more = [], 0, False
        # One at a time: they may be large.
        for row in cursor:
            more = total == COUNT_MAX
            if more:
                break
            total += 1
            if total <= self.rows_max:
                rows.append([pair(value) for value in row])
        info.update(rows=total, columns=columns, truncated=total > len(rows))
        if total > len(rows):
            end = "(%d of %s shown)" % (len(rows), "more than %d rows" % COUNT_MAX if more else many(total, "row"))
        else:
            end = "(%s)" % many(total, "row")
        return table(columns, rows) + "\n" + end

    # --- sql_schema ---

    def schema(self, name):
        found = [row for master in ("sqlite_master", "sqlite_temp_master") for row in self.database.execute(
            "SELECT type, name, tbl_name, sql FROM %s WHERE name NOT LIKE 'sqlite\\_%%' ESCAPE '\\' ORDER BY name" % master)]  # fmt: skip
        names = [row[1] for row in found if row[0] in ("table", "view")]
        if name is not None:
            if name.lower() not in (known.lower() for known in names):
                raise Wrong("there is no table %s; there are: %s" % (name, ", ".join(names) or "none"))
            found = [row for row in found if row[2].lower() == name.lower()]
            names = [known for known in names if known.lower() == name.lower()]
        first = {"table": 0, "view": 1, "index": 2, "trigger": 3}
        found.sort(key=lambda row: (first.get(row[0], 4), row[1]))
        text = "\n".join(row[3].strip() + ";" for row in found if row[3]) or "There is no table."
        return {"observation": cut(text, TEXT_SHOWN), "info": {"tables": names}}


def usage():
    sys.stderr.write("usage: sql-shell DATABASE [--rows N] [--read-only]\n")
    leave(2)


def main():
    words = sys.argv[1:]
    path, rows, read_only = None, 50, False
    while words:
        word = words.pop(0)
        if word == "--read-only":
            read_only = True
        elif word == "--rows" and words and words[0].isdecimal() and 0 < int(words[0]) <= 1000:
            rows = int(words.pop(0))
        elif path is None and word[:2] != "--":
            path = word
        else:
            usage()
    if path is None:
        usage()
    channel = Channel()

    def work():
        shell = Shell(path, rows, read_only)
        serve(channel, shell.reset, shell.step)

    guarded(work)


main()
