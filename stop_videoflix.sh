#!/usr/bin/env bash
# Stop Videoflix, whichever stack runs. The embedded one keeps accounts and films; LocalStack's free edition forgets them.
#   --clean      also delete what a stopped stack keeps
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() { sed -n '2,3s/^# \{0,1\}//p' "$0"; }

clean=""
for argument in "$@"; do
  case $argument in
    --clean) clean=yes ;;
    -h | --help) usage; exit ;;
    *) usage >&2; exit 2 ;;
  esac
done

if { docker compose version && docker info; } >/dev/null 2>&1; then
  # by name, so that compose.yml is not read: an old Compose cannot, and nobody's can where the page is off
  project=${COMPOSE_PROJECT_NAME:-videoflix}
  docker compose --project-name "$project" down --remove-orphans ${clean:+--volumes} ||
    echo "Warning: LocalStack could not be stopped; what Docker said stands above." >&2
fi
if command -v make >/dev/null && command -v python3 >/dev/null; then # where only Docker is, no embedded stack runs
  if [ -n "$clean" ]; then make clean; else make down; fi
fi
