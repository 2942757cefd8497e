#!/usr/bin/env bash
# Debian packages that the service, its demo and its tests need: installed when root, else named exactly.
set -euo pipefail

declare -A NEEDED=(
  [build-essential]="gcc"                       # webrtcvad ships as source
  [chromium]="chromium"                         # tests of the page
  [flite]="flite"                               # English speech
  [libegl1]="/usr/lib/*/libEGL.so.1"            # skia
  [libgl1]="/usr/lib/*/libGL.so.1"              # skia
  [fonts-noto-cjk]="/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
  [postgresql]="/usr/lib/postgresql/*/bin/initdb"
  [openssl]="openssl"
  [golang-go]="go"                              # judges our log with an implementation not ours
  [golang-golang-x-mod-dev]="/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog/tlog.go"
)

missing=()
for package in "${!NEEDED[@]}"; do
  probe=${NEEDED[$package]}
  if [[ $probe == /* ]]; then
    compgen -G "$probe" > /dev/null || missing+=("$package")
  else
    command -v "$probe" > /dev/null || missing+=("$package")
  fi
done

if ! "${PYTHON:-python3.11}" -c 'import sysconfig, pathlib, sys; sys.exit(not pathlib.Path(sysconfig.get_paths()["include"], "Python.h").exists())' 2>/dev/null; then
  missing+=(python3.11-dev python3.11-venv)
fi

((${#missing[@]} == 0)) && exit 0

if [[ $(id -u) == 0 ]] && command -v apt-get > /dev/null; then
  echo "installing Debian packages: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
else
  echo "these Debian packages are missing; install them and call make again:" >&2
  echo "  sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
