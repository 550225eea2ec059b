#!/usr/bin/env bash
# Replaces the containers of one service without a failed request, by the image as it is now: one more starts, and when it
# is healthy, an old one gets no requests any more and is stopped; as often as there are old ones. From the repository's root:
#   deploy/compose/rolling-restart.sh activities-api
set -euo pipefail
service=${1:?which service? activities-api or user-lookup}
compose() { docker compose -f docker-compose.yml -f deploy/compose/scale.yml "$@"; }

# A connection that the kernel has taken for a process that closes just then is reset: nginx has to know before.
balance_without() { # CONTAINER
  local project container servers=
  project=$(docker inspect --format '{{index .Config.Labels "com.docker.compose.project"}}' "$1")
  for container in $(compose ps -q "$service"); do
    [ "$container" = "$1" ] && continue
    servers+="server $(docker inspect --format "{{(index .NetworkSettings.Networks \"${project}_default\").IPAddress}}" "$container"):4567 max_fails=0; "
  done
  compose exec -T balancer sh -c "echo 'upstream replicas { $servers}' > /etc/nginx/conf.d/replicas.conf &&
    echo 'set \$upstream replicas;' > /etc/nginx/conf.d/replicas.upstream && nginx -t -q && nginx -s reload"
}
balance_by_name() {
  compose exec -T balancer sh -c 'rm -f /etc/nginx/conf.d/replicas.* && nginx -s reload'
}

mapfile -t old < <(compose ps -q "$service")
count=${#old[@]}
[ "$count" -gt 0 ] || { echo "$service does not run" >&2; exit 1; }
[ "$service" != activities-api ] || trap balance_by_name EXIT

for container in "${old[@]}"; do
  compose up -d --no-deps --no-recreate --wait --scale "$service=$((count + 1))" "$service"
  if [ "$service" = activities-api ]; then
    balance_without "$container"
    sleep 2
  fi
  # SIGTERM: no new connections, open requests finish, spans are sent.
  docker stop --time 15 "$container" >/dev/null
  docker rm --volumes "$container" >/dev/null
  # Names are known for 2 s: nobody asks this one any more when the next one is stopped.
  sleep 3
done
compose ps "$service"
