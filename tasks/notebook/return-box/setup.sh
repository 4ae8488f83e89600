#!/bin/bash
set -eu
python3 -c '
import sqlite3
database = sqlite3.connect("library.db")
database.executescript(open("library.sql").read())
database.close()'
rm library.sql
