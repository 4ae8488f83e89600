#!/bin/bash
set -eu
sqlite3 -batch kitchen.db < kitchen.sql
rm kitchen.sql
