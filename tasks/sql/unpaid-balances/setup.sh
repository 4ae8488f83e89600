#!/bin/bash
set -eu
sqlite3 -batch shop.db < shop.sql
rm shop.sql
