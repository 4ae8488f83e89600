#!/bin/bash
set -eu
sqlite3 -batch club.db < club.sql
rm club.sql
