#!/bin/sh
# Builds PgBouncer from Debian's source package and lays it into the folder $1. It needs Debian's apt-get, a C compiler, make and
# OpenSSL's headers; apt-get works in a folder of its own and installs nothing. The version has auth_dbname, which Debian 12's lacks.
set -eu
into=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p lists/partial cache/archives/partial

# Where this system gets its packages from.
mirror=$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null |
  sed -nE 's/^(URIs: *|deb +)(https?:[^ ]*\/debian)\/?( .*)?$/\2/p' | head -n 1)
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
printf 'deb %s %s main\ndeb-src %s trixie main\n' "$mirror" "$codename" "$mirror" > sources.list
apt() {
  apt-get -q -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/lists" \
    -o Dir::Cache="$work/cache" -o APT::Sandbox::User= "$@"
}
apt update
apt source --download-only pgbouncer
apt download libevent-dev
dpkg -x libevent-dev_*.deb dev
tar xf pgbouncer_*.orig.tar.gz
cd pgbouncer-*/

headers=$work/dev/usr/include
library=$(find "$work/dev/usr/lib" -name libevent.a)
machine=$(basename "$(dirname "$library")")
./configure --without-pandoc --without-cares --without-pam --without-systemd \
  LIBEVENT_CFLAGS="-I$headers -I$headers/$machine" LIBEVENT_LIBS="$library -lpthread"
make -j2 pgbouncer
mkdir -p "$into"
cp pgbouncer "$into/pgbouncer"
