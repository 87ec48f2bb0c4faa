# Words for the person at the terminal: what is done, how long it took, how to mend what failed.
step_started=0
step() { step_started=$(date +%s%N); printf '  %-58s' "$1"; }
done_in() { printf '%6.1f s%s\n' "$(awk -v a="$step_started" -v b="$(date +%s%N)" 'BEGIN{print (b-a)/1e9}')" "${1:+  ($1)}"; }
fail() { # message, how to mend it, [log file]
  printf 'failed\n\n%s\n' "$1" >&2
  [ -n "${3:-}" ] && [ -s "$3" ] && { printf -- '--- the end of %s\n' "$3"; tail -n 25 "$3"; printf -- '---\n'; } >&2
  printf 'To mend it: %s\n' "$2" >&2
  exit 1
}
