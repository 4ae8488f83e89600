#!/bin/sh
# Prints "ok" or "FAILED" for each test.
failed=0
try() { # NAME INPUT EXPECTED
	found=$(printf "$2" | (ulimit -t 2; ./tally 2> /dev/null) | tr '\n' ' ')
	if [ "$found" = "$3 " ]; then echo "ok $1"; else echo "FAILED $1: $found"; failed=1; fi
}
try "add and get" 'add tea\nget tea\nget cup\n' 'new 1 none'
try "known" 'add tea\nadd tea 4\nget tea\n' 'new known 5'
try "part of a key" 'add teapot\nadd tea\ncount\n' 'new new 2'
try "remove" 'add a\nremove a\nremove a\nget a\ncount\n' 'new removed none none 0'
try "list" 'add c 3\nadd a 1\nadd b 2\nlist\n' 'new new new a 1 b 2 c 3'
try "drop" 'add a 1\nadd b 5\nadd c 2\ndrop 3\nlist\n' 'new new new 2 b 5'
exit $failed
