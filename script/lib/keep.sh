# shellcheck shell=bash
# Keeps a command running: begins it anew when it ends with an error. Sourced by script/server.

begin() { # command…: in the background, in a process group of its own; sets $web
  set -m # so Ctrl-C reaches the script alone, which then stops the command, once
  "$@" &
  web=$!
  set +m
}

keep() { # command…: waits for $web, and begins the command anew whenever it ends with an error; a good end ends this too
  local pause=0 began status
  while :; do
    began=$SECONDS; status=0
    wait "$web" || status=$?
    kill -KILL -- "-$web" 2>/dev/null || true # what outlived the first process of the group would keep the port
    web=""
    [ "$status" -ne 0 ] || return 0
    if [ $((SECONDS - began)) -ge 10 ]; then pause=0; elif [ "$pause" -lt 15 ]; then pause=$((pause * 2 + 1)); fi
    printf 'The web server ended (status %s); it begins again in %s s.\n' "$status" "$pause" >&2
    sleep "$pause" & wait $! # a signal is heard during this
    begin "$@"
  done
}
