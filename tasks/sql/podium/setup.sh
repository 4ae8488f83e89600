#!/bin/bash
set -eu
sqlite3 -batch sports.db < sports.sql
rm sports.sql
