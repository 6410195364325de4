# A private server, for as long as standard input stays open; then it is stopped and its folder removed.
# $1: the folder, which holds postgresql.conf (lines to be added), pg_hba.conf and password. $2: where the programs are.
folder=$1 programs=$2
data=$folder/data

# Nothing in here is worth saving, so it is stopped at once.
finish() {
  [ ! -e "$data/postmaster.pid" ] || "$programs/pg_ctl" stop --pgdata="$data" --mode=immediate --silent
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# By a language's order of letters, as most servers are set up, so that code which expects the order of bytes is found out.
# Not every PostgreSQL was built with ICU.
create() {
  "$programs/initdb" --pgdata="$data" --username=postgres --pwfile="$folder/password" --encoding=UTF8 --no-sync "$@"
}
{
  create --locale=C --locale-provider=icu --icu-locale=en-US || { rm -rf "$data" && create --locale=C; }
} >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
cat "$folder/postgresql.conf" >>"$data/postgresql.conf"
cp "$folder/pg_hba.conf" "$data/pg_hba.conf"

start() {
  "$programs/pg_ctl" start --pgdata="$data" --log="$folder/log" --timeout=60 --silent >/dev/null 2>&1
}

# The whole server at once, as when the machine goes: the postmaster is stopped first, so that it notices nothing.
crash() {
  read -r postmaster <"$data/postmaster.pid" || return 0
  kill -STOP "$postmaster"
  for status in /proc/[0-9]*/status; do
    if grep -qs "^PPid:[[:space:]]*$postmaster$" "$status"; then
      child=${status#/proc/}
      kill -KILL "${child%/status}" 2>/dev/null
    fi
  done
  kill -KILL "$postmaster"
}

# After a crash the new server must wait until the last process of the old one is gone.
restart() {
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    start && return
    sleep 0.2
  done
  return 1
}

start || { cat "$folder/log"; exit 1; }
echo ready
while read -r word; do
  case $word in
    crash) crash ;;
    restart) restart || { cat "$folder/log"; exit 1; } ;;
  esac
  echo ready
done
