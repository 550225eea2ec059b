#!/usr/bin/env bash
# Replaces the containers of one service without a failed request, by the image as it is now: one more starts, and when it
# is healthy, one of the old ones is stopped. From the repository's root:
#   deploy/compose/rolling-restart.sh activities-api
set -euo pipefail
service=${1:?which service? activities-api or user-lookup}
compose() { docker compose -f docker-compose.yml -f deploy/compose/scale.yml "$@"; }

mapfile -t old < <(compose ps -q "$service")
count=${#old[@]}
[ "$count" -gt 0 ] || { echo "$service does not run" >&2; exit 1; }

for container in "${old[@]}"; do
  compose up -d --no-deps --no-recreate --wait --scale "$service=$((count + 1))" "$service"
  # SIGTERM: no new connections, open requests finish, spans are sent.
  docker stop --time 15 "$container" >/dev/null
  docker rm --volumes "$container" >/dev/null
  # The balancer knows addresses for 2 s: the next one is stopped when nobody asks this one any more.
  sleep 3
done
compose ps "$service"
