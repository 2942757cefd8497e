#!/usr/bin/env bash
# A database made by the migrations alone must equal the models.
set -euo pipefail
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export CAMEO_HOME=$home
.venv/bin/alembic upgrade head
.venv/bin/alembic check
