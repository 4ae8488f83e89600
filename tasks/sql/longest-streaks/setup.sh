#!/bin/bash
set -eu
sqlite3 -batch school.db < school.sql
rm school.sql
