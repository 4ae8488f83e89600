#!/bin/bash
set -eu
sqlite3 -batch shop.db < sales.sql
cp shop.db original.db
rm sales.sql
