#!/bin/sh
exec python3 -B -m unittest discover -s tests -t .
