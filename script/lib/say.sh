# shellcheck shell=bash
# Output for the person at the terminal: the current step, how long it took, and how to fix an error.
now_ns() { local t; t=$(date +%s%N); case $t in *N) t=${t%N}000000000 ;; esac; printf '%s' "$t"; } # BSD date has no %N
step() { step_started=$(now_ns); printf '  %-64s' "$1"; }
took() { awk -v a="$step_started" -v b="$(now_ns)" -v note="${1:+  ($1)}" 'BEGIN{printf "%6.1f s%s\n", (b-a)/1e9, note}'; }
fail() { # message, how to fix it, [log file]
  printf 'failed\n\n%s\n' "$1" >&2
  if [ -n "${3:-}" ] && [ -s "$3" ]; then
    { printf -- '--- last lines of %s\n' "$3"; tail -n 25 "$3"; printf -- '---\n'; } >&2
  fi
  printf 'How to fix it: %s\n' "$2" >&2
  exit 1
}
