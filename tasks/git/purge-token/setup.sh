#!/bin/bash
# The repository of a weather station: a secret is in its history, in files, messages and a tag.
set -eu
umask 022
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null

git init -q --template= --initial-branch=main station && cd station
git config user.name 'Olga Hill'
git config user.email olga@station.example
git fast-import --quiet <<'STREAM'
commit refs/heads/main
mark :1
author Olga Hill <olga@station.example> 1704096000 +0000
committer Olga Hill <olga@station.example> 1704096000 +0000
data <<END
Keep readings of the station
END
M 100644 inline README
data <<END
Readings of the station on the hill.
END
M 100644 inline data/2024-01.csv
data <<END
day,celsius
01,2.5
02,1.0
END

commit refs/heads/main
mark :2
author Olga Hill <olga@station.example> 1704186061 +0000
committer Olga Hill <olga@station.example> 1704186061 +0000
data <<END
Add the configuration
END
M 100644 inline config/station.conf
data <<END
name = hill
height = 412
END
M 100644 inline config/token.txt
data <<END
wx_9f2c41d07ab3
END

commit refs/heads/main
mark :3
author Olga Hill <olga@station.example> 1704276122 +0000
committer Olga Hill <olga@station.example> 1704276122 +0000
data <<END
Send readings to the map

We have a token now: wx_9f2c41d07ab3
END
M 100755 inline send
data <<END
#!/bin/bash
# send FILE: sends readings to the map of stations
set -eu
token=wx_9f2c41d07ab3
curl -s -H "Authorization: $token" --data-binary @"$1" https://map.example/readings
END

commit refs/heads/main
mark :4
author Leo Ford <leo@station.example> 1704366183 +0000
committer Leo Ford <leo@station.example> 1704366183 +0000
data <<END
Readings of February
END
M 100644 inline data/2024-02.csv
data <<END
day,celsius
01,-3.5
02,-1.5
END

commit refs/heads/frost
mark :5
author Leo Ford <leo@station.example> 1704456244 +0000
committer Leo Ford <leo@station.example> 1704456244 +0000
data <<END
Warn of frost
END
from :3
M 100755 inline frost
data <<END
#!/bin/bash
awk -F, '$2 < 0 { print "frost on", $1 }' "$@"
END

commit refs/heads/main
mark :6
author Olga Hill <olga@station.example> 1704546305 +0000
committer Olga Hill <olga@station.example> 1704546305 +0000
data <<END
Read the token from the configuration
END
from :4
M 100755 inline send
data <<END
#!/bin/bash
# send FILE: sends readings to the map of stations
set -eu
token=$(cat config/token.txt)
curl -s -H "Authorization: $token" --data-binary @"$1" https://map.example/readings
END

commit refs/heads/main
mark :7
author Olga Hill <olga@station.example> 1704636366 +0000
committer Olga Hill <olga@station.example> 1704636366 +0000
data <<END
Merge branch 'frost'
END
from :6
merge :5
M 100755 inline frost
data <<END
#!/bin/bash
awk -F, '$2 < 0 { print "frost on", $1 }' "$@"
END
M 100755 inline send
data <<END
#!/bin/bash
# send FILE: sends readings to the map of stations
set -eu
token=$(cat config/token.txt)
curl -s -H "Authorization: $token" --data-binary @"$1" https://map.example/readings
END
M 100644 inline data/2024-02.csv
data <<END
day,celsius
01,-3.5
02,-1.5
END

tag v0.1
from :7
tagger Olga Hill <olga@station.example> 1704726427 +0000
data <<END
First version

Works with the token wx_9f2c41d07ab3 only.
END

commit refs/heads/main
mark :8
author Olga Hill <olga@station.example> 1704726487 +0000
committer Olga Hill <olga@station.example> 1704726487 +0000
data <<END
A new token, the old one was used up
END
M 100644 inline config/token.txt
data <<END
wx_b80e55c2197f
END

reset refs/tags/spring
from :8

commit refs/heads/wind
mark :9
author Leo Ford <leo@station.example> 1704816548 +0000
committer Leo Ford <leo@station.example> 1704816548 +0000
data <<END
Wind, with a token of its own
END
from :8
M 100755 inline wind
data <<END
#!/bin/bash
# wind FILE: sends the wind
token=wx_0d6638fe41aa exec ./send "$1"
END

commit refs/heads/wind
mark :10
author Leo Ford <leo@station.example> 1704906609 +0000
committer Leo Ford <leo@station.example> 1704906609 +0000
data <<END
Use the token of the configuration for wind
END
M 100755 inline wind
data <<END
#!/bin/bash
# wind FILE: sends the wind
exec ./send "$1"
END
M 100644 inline config/token.txt
data <<END
wx_0d6638fe41aa
END

commit refs/heads/main
mark :11
author Olga Hill <olga@station.example> 1704996670 +0000
committer Olga Hill <olga@station.example> 1704996670 +0000
data <<END
The token comes from the environment
END
from :8
D config/token.txt
M 100755 inline send
data <<END
#!/bin/bash
# send FILE: sends readings to the map of stations
set -eu
curl -s -H "Authorization: $token" --data-binary @"$1" https://map.example/readings
END
M 100644 inline README
data <<END
Readings of the station on the hill. Set token before you use send.
END

commit refs/heads/main
mark :12
author Olga Hill <olga@station.example> 1705086731 +0000
committer Olga Hill <olga@station.example> 1705086731 +0000
data <<END
Readings of March
END
M 100644 inline data/2024-03.csv
data <<END
day,celsius
01,4.0
02,5.5
END
STREAM
git update-ref -d refs/heads/frost
git reset -q --hard main
