#!/bin/bash
# Builds the novel: what was thrown away is made by the same commands as by its author, so that the reflog tells it.
set -eu
umask 022
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null

git init -q --template= --initial-branch=main novel && cd novel
git config user.name 'Nora Vale'
git config user.email nora@vale.example
git fast-import --quiet <<'STREAM'
commit refs/heads/main
mark :1
author Nora Vale <nora@vale.example> 1714550400 +0000
committer Nora Vale <nora@vale.example> 1714550400 +0000
data <<END
Chapter one
END
M 100644 inline chapter-1.md
data <<END
# One

The ferry came in at six, as it always did, with nobody on it.
END
M 100644 inline README
data <<END
A novel about a ferry.
END

commit refs/heads/main
mark :2
author Nora Vale <nora@vale.example> 1714568820 +0000
committer Nora Vale <nora@vale.example> 1714568820 +0000
data <<END
Chapter two
END
M 100644 inline chapter-2.md
data <<END
# Two

In the net there was a bottle, and in the bottle there was a key.
END
STREAM
clock=1714636800
# at COMMAND...: half an hour later
at() {
	clock=$((clock + 1800))
	GIT_AUTHOR_DATE="$clock +0000" GIT_COMMITTER_DATE="$clock +0000" git "$@"
}
# chapter LINE...: writes chapter three
chapter() {
	printf '# Three\n\n' > chapter-3.md
	printf '%s\n' "$@" >> chapter-3.md
	git add chapter-3.md
}
at reset -q --hard main
chapter 'The key fitted no door in the village.'
at commit -q -m 'Chapter three'
chapter 'The key fitted no door in the village.' 'Then Ida thought of the lighthouse.'
at commit -q --amend -m 'Chapter three'
chapter 'The key fitted no door in the village.' 'Then Ida thought of the lighthouse, and of the man who had shut it.'
at commit -q --amend -m 'Chapter three'
at checkout -q -b trial HEAD~
chapter 'The key fitted the door of the church, and Ida was sorry that it did.' 'Then she thought of the lighthouse all the same.'
at commit -q -m 'Chapter three, as a trial'
at checkout -q main
git branch -q -D trial
at reset -q --hard HEAD~
printf '\nIt was warm, as if someone had held it.\n' >> chapter-2.md
at commit -q -a -m 'A better end of chapter two'
chapter 'Nothing yet.'
at commit -q -m 'Begin chapter three anew'
at reset -q --hard HEAD~
