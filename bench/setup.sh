#!/usr/bin/env bash
# Installs the rivals that do not come from npm (Debian's packages); needs the right to do so. What is missing is skipped, saying so.
set -euo pipefail
apt-get update
apt-get install --yes lua5.4
