#!/bin/sh
# Lays Debian's slapd and what it needs of other packages into the folder $1. Nothing is installed and no service is started:
# apt-get works in a folder of its own, and the packages are only unpacked. It needs apt-get and dpkg, and no root.
set -eu
into=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$into"

apt() {
  apt-get -q -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o Debug::NoLocking=true -o APT::Sandbox::User= "$@"
}
apt update
# Also where it is installed: its packages alone would not be fetched then.
apt install --yes --download-only --no-install-recommends --reinstall slapd
for package in "$work"/cache/archives/*.deb; do
  dpkg -x "$package" "$into"
done
test -x "$into/usr/sbin/slapd"
