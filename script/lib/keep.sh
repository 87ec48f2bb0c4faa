# shellcheck shell=bash
# Keeps a command running: begins it anew when it ends with an error, or no longer answers. Sourced by script/server.
# A function "answers", where there is one, says whether it does.

guard=""; ask_every=10; patience=60 # seconds

begin() { # command…: in the background, in a process group of its own; sets $web
  set -m # so Ctrl-C reaches the script alone, which then stops the command, once
  "$@" &
  web=$!
  if declare -F answers >/dev/null; then
    watch "$web" &
    guard=$!
  fi
  set +m
}

watch() { # pid of the first process of the group: kills the group where nothing answers for long
  local silent=0
  while kill -0 "$1" 2>/dev/null; do
    sleep "$ask_every"
    if answers; then silent=0; else silent=$((silent + ask_every)); fi
    if [ "$silent" -ge "$patience" ]; then
      printf 'The web server has not answered for %s s; it is killed.\n' "$silent" >&2
      kill -KILL -- "-$1" 2>/dev/null || true
      return 0
    fi
  done
}

unguard() { # ends the watching
  if [ -n "$guard" ]; then kill -TERM -- "-$guard" 2>/dev/null || true; wait "$guard" 2>/dev/null || true; guard=""; fi
}

keep() { # command…: waits for $web, and begins the command anew whenever it ends with an error; a good end ends this too
  local pause=0 began status
  while :; do
    began=$SECONDS; status=0
    wait "$web" || status=$?
    kill -KILL -- "-$web" 2>/dev/null || true # what outlived the first process of the group would keep the port
    web=""
    unguard
    [ "$status" -ne 0 ] || return 0
    if [ $((SECONDS - began)) -ge 10 ]; then pause=0; elif [ "$pause" -lt 15 ]; then pause=$((pause * 2 + 1)); fi
    printf 'The web server ended (status %s); it begins again in %s s.\n' "$status" "$pause" >&2
    sleep "$pause" & wait $! # a signal is heard during this
    begin "$@"
  done
}
