#!/bin/bash
set -eu
sqlite3 -batch book.db < book.sql
cp book.db original.db
rm book.sql
