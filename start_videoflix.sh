#!/usr/bin/env bash
# Start Videoflix: on LocalStack (compose.yml) where Docker runs, else on the embedded stack, which needs Python only.
#   --build      build the images anew, after the code changed
#   --embedded   the embedded stack even though Docker runs
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() { sed -n '2,4s/^# \{0,1\}//p' "$0"; }
say() { printf '==> %s\n' "$*"; }

build=""
embedded=""
for argument in "$@"; do
  case $argument in
    --build) build=yes ;;
    --embedded) embedded=yes ;;
    -h | --help) usage; exit ;;
    *) usage >&2; exit 2 ;;
  esac
done
if [ -z "$embedded" ] && ! { docker compose version && docker info; } >/dev/null 2>&1; then
  say "No Docker with Compose runs here; using the embedded stack"
  embedded=yes
fi

./stop_videoflix.sh
if [ -n "$embedded" ]; then
  exec make up
fi

if [ -n "$build" ]; then
  say "Building the images"
  docker compose build
fi
say "Starting LocalStack"
docker compose up --detach --wait localstack
say "Deploying"
docker compose run --rm --no-deps --no-TTY deployer
say "Starting the page and the API"
docker compose up --detach --wait --no-deps web
docker compose exec --no-TTY web python -m localstack.compose.addresses
