# shellcheck shell=bash
# shellcheck disable=SC2154 # root is the caller's
# A private PostgreSQL + PostGIS cluster under var/<name>, on a Unix socket only: no TCP port, and never a
# system cluster. Root may not run PostgreSQL, so for root it runs as the unprivileged user "postgres".
# Sourced by the scripts; needs $root (the project's folder) and say.sh.

pg_port=54329 # only names the socket file; nothing listens on it

pg_bin() { # the newest PostgreSQL that has PostGIS
  local dir
  # shellcheck disable=SC2012 # folders named by packages; find would need both roots to exist
  for dir in $(ls -d /usr/lib/postgresql/*/bin "$(brew --prefix 2>/dev/null)"/opt/postgresql@*/bin 2>/dev/null | sort -rV); do
    if [ -x "$dir/initdb" ] && { [ -e "${dir%/bin}/share/extension/postgis.control" ] ||
        [ -e "/usr/share/postgresql/$(basename "${dir%/bin}")/extension/postgis.control" ] ||
        ls "$("$dir/pg_config" --sharedir 2>/dev/null)/extension/postgis.control" >/dev/null 2>&1; }; then
      printf '%s' "$dir"; return 0
    fi
  done
  return 1
}

as_pg() { # runs a command as the cluster's user
  if [ "$(id -u)" = 0 ]; then (cd / && setpriv --reuid=postgres --regid=postgres --init-groups "$@"); else "$@"; fi
}

cluster_paths() { # name: sets pg_home (data, log) and pg_socket (short enough for a Unix socket: 107 bytes)
  pg_home="$root/var/$1"; pg_short="/tmp/mapapp-$(id -u)-$(printf '%s' "$pg_home" | cksum | cut -d' ' -f1)"
  if [ "$(id -u)" = 0 ] && ! as_pg test -x "$root" 2>/dev/null; then
    # The cluster's user cannot enter the project's folder (/root is closed): the data are elsewhere, with a link in var/.
    local outside
    outside="/var/lib/mapapp-$(printf '%s' "$root" | cksum | cut -d' ' -f1)"
    mkdir -p "$root/var" "$outside/$1"; chmod 755 "$outside"
    [ -e "$root/var/$1" ] || ln -s "$outside/$1" "$root/var/$1"
    pg_home="$outside/$1"
  fi
  pg_socket="$pg_home/run"
  [ ${#pg_socket} -le 85 ] || pg_socket="$pg_short"
}

cluster_running() { as_pg "$(pg_bin)/pg_ctl" -D "$pg_home/data" status >/dev/null 2>&1; }

cluster_start() { # name [fast]: creates it if it is missing, starts it; sets cluster_started=1 if it was not running
  local name=$1 durable=${2:-} bin owner log
  bin=$(pg_bin) || fail "PostgreSQL with PostGIS is not installed." "run script/setup, or set MAPAPP_DATABASE_URL to a PostGIS database"
  cluster_paths "$name"; cluster_started=0
  mkdir -p "$pg_home" "$pg_socket"
  owner=$(id -un); [ "$(id -u)" = 0 ] && owner=postgres
  [ "$(id -u)" = 0 ] && chown "$owner" "$pg_home" "$pg_socket"
  chmod 700 "$pg_home" "$pg_socket"
  log="$pg_home/postgresql.log"
  if [ ! -s "$pg_home/data/PG_VERSION" ]; then
    rm -rf "$pg_home/data"
    # trust: only the cluster's owner and root can enter the socket's folder (mode 700).
    as_pg "$bin/initdb" -D "$pg_home/data" -U mapapp --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
      --no-instructions >"$pg_home/initdb.log" 2>&1 ||
      fail "The private database cluster could not be created." "read the log; to start again from nothing: rm -rf $pg_home (deletes its data)" "$pg_home/initdb.log"
    as_pg tee -a "$pg_home/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
port = $pg_port
unix_socket_directories = '$pg_socket'
shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 256MB
effective_cache_size = 2GB
random_page_cost = 1.1
max_wal_size = 2GB
max_connections = 120
log_min_duration_statement = 2s
CONF
    if [ "$durable" = fast ]; then # the tests' data are thrown away: durability would only cost time
      printf 'fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n' | as_pg tee -a "$pg_home/data/postgresql.conf" >/dev/null
    fi
  fi
  if ! cluster_running; then
    as_pg "$bin/pg_ctl" -D "$pg_home/data" -l "$log" -w -t 60 start >/dev/null 2>&1 ||
      fail "The private database cluster does not start." "read $log; if the clone was moved or copied: rm -rf $pg_home (deletes its data)" "$log"
    # shellcheck disable=SC2034 # read by the caller, which stops the cluster if it started it
    cluster_started=1
  fi
  printf '%s\n' "$pg_socket" >"$root/var/$name.socket"
  [ -n "$("$bin/psql" -h "$pg_socket" -p $pg_port -U mapapp -d postgres -qAtc "SELECT 1 FROM pg_database WHERE datname='mapapp'")" ] ||
    "$bin/createdb" -h "$pg_socket" -p $pg_port -U mapapp mapapp
}

cluster_stop() { # name
  cluster_paths "$1"
  cluster_running && as_pg "$(pg_bin)/pg_ctl" -D "$pg_home/data" -m fast -w -t 30 stop >/dev/null 2>&1
  return 0
}
