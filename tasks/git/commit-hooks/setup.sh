#!/bin/bash
# The repository that shall have hooks.
set -eu
umask 022
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null

git init -q --template= --initial-branch=main site && cd site
git config user.name 'Rosa Pike'
git config user.email rosa@harbour.example
git fast-import --quiet <<'STREAM'
commit refs/heads/main
mark :1
author Rosa Pike <rosa@harbour.example> 1709280000 +0000
committer Rosa Pike <rosa@harbour.example> 1709280000 +0000
data <<END
pages: Begin
END
M 100644 inline pages/index.html
data <<END
<h1>The harbour</h1>
<p>Boats, nets and a pub.</p>
END
M 100644 inline pages/old.html
data <<END
<p>old</p>
<<<<<<< HEAD
<p>left by a merge long ago</p>
END
M 100644 inline AREAS
data <<END
pages
style
build tools
END

commit refs/heads/main
mark :2
author Rosa Pike <rosa@harbour.example> 1709298420 +0000
committer Rosa Pike <rosa@harbour.example> 1709298420 +0000
data <<END
pages: Say how we commit
END
M 100644 inline RULES.md
data <<END
# Rules for commits

Messages. Lines that begin with # do not count. Of the rest:

1. The first line is `AREA: TEXT`. AREA is one of the lines of the file AREAS.
   After the colon comes one space, and TEXT begins with no space.
2. The first line has no more than 60 characters and does not end with a full
   stop.
3. If there is a second line, it is empty.
4. A message whose first line begins with `Merge ` is exempt from 1 to 3.

Files. What counts is what would be committed, which is not always what is in
the working tree. Only files that the commit adds or changes are looked at.

5. No line begins with `<<<<<<< ` or `>>>>>>> `: seven of them and a space.
6. No file is larger than 20000 bytes.
7. No name has a space in it.
END
STREAM
git reset -q --hard main
