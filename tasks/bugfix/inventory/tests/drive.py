import contextlib, io, os, sys
sys.path.insert(0, "/workspace")
os.chdir("/tmp")
import stock.cli as cli

def run(line):
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["stock"] + [w.replace("_", " ").strip() if w != "_" else "" for w in line.split()]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = cli.main()
        except BaseException as error:
            status = type(error).__name__
    print(">", line, "=", status, "message" if len(err.getvalue().splitlines()) == 1 else "", flush=True)
    print(out.getvalue(), end="", flush=True)

for line in open("/tests/lines.txt"):
    run(line)
for name in sorted(os.listdir(".")):
    if name.endswith(".json"):
        print(name, os.stat(name).st_size > 2)
# never half written: a link to the old content keeps it
os.link("a.json", "old.json")
before = open("old.json").read()
run("a.json receive link 1 1")
print("kept" if open("old.json").read() == before else "overwritten")
