# shellcheck shell=bash
# Keeps a command running: restarts it after an error, or when it no longer answers. Sourced by script/server.
# A function "answers", if the caller defines one, checks whether it does.

guard=""; ask_every=10; patience=60 # seconds

begin() { # command…: runs it in the background, in its own process group; sets $web
  set -m # so that Ctrl-C reaches only the script, which then stops the command once
  "$@" &
  web=$!
  if declare -F answers >/dev/null; then
    watch "$web" &
    guard=$!
  fi
  set +m
}

watch() { # pid of the group's first process: kills the group if it does not answer for $patience seconds
  local silent=0
  while kill -0 "$1" 2>/dev/null; do
    sleep "$ask_every"
    if answers; then silent=0; else silent=$((silent + ask_every)); fi
    if [ "$silent" -ge "$patience" ]; then
      printf 'The web server has not answered for %s s. Stopping it.\n' "$silent" >&2
      kill -KILL -- "-$1" 2>/dev/null || true
      return 0
    fi
  done
}

unguard() { # stops watch
  if [ -n "$guard" ]; then kill -TERM -- "-$guard" 2>/dev/null || true; wait "$guard" 2>/dev/null || true; guard=""; fi
}

keep() { # command…: waits for $web and restarts the command after an error; returns when it ends normally
  local pause=0 began status
  while :; do
    began=$SECONDS; status=0
    wait "$web" || status=$?
    kill -KILL -- "-$web" 2>/dev/null || true # a process left over in the group would keep the port
    web=""
    unguard
    [ "$status" -ne 0 ] || return 0
    if [ $((SECONDS - began)) -ge 10 ]; then pause=0; elif [ "$pause" -lt 15 ]; then pause=$((pause * 2 + 1)); fi
    printf 'The web server stopped (exit status %s). Restarting in %s s.\n' "$status" "$pause" >&2
    sleep "$pause" & wait $! # so that a signal is handled during the pause
    begin "$@"
  done
}
