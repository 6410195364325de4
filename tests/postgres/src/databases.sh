# The databases whose names begin with $1 are dropped when standard input closes. $2 and on: psql, connected to the server.
prefix=$1
shift
finish() {
  "$@" >/dev/null 2>&1 <<SQL
SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', datname) FROM pg_database WHERE starts_with(datname, '$prefix') \gexec
SQL
}
trap 'exit 1' HUP INT TERM
echo ready
read -r _ || :
finish "$@"
