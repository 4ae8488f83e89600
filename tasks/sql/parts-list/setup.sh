#!/bin/bash
set -eu
sqlite3 -batch works.db < works.sql
rm works.sql
