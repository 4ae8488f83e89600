#!/bin/bash
# The older logs are compressed, as log rotation leaves them.
set -eu
gzip -n logs/app.log.2 logs/app.log.3 logs/app.log.4
