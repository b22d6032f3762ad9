#!/usr/bin/env bash
# Install the real clients that the tests drive: ADOMD.NET (Python wheels), Chromium, LibreOffice and pdftotext (Debian),
# pivot grids (npm).
# Called by `make test-clients` with UV and PY set. Everything here is for tests only and never shipped: Microsoft's
# libraries, DevExtreme and Syncfusion are under their owners' licences.
#
# requirements.txt comes from requirements.in:
#   uv pip compile requirements.in --no-deps --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url
# --no-deps matters: the full dependencies of semantic-link-sempy are Spark and more.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
: "${UV:?the uv program}" "${PY:?the Python of the virtual environment}"

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }

missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
command -v soffice >/dev/null || missing+=(libreoffice-calc)
command -v pdftotext >/dev/null || missing+=(poppler-utils)
if [ "${#missing[@]}" -gt 0 ]; then
  echo "installing Debian packages: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

"$UV" pip install --quiet --python "$PY" --no-deps --require-hashes -r "$here/requirements.txt"

(cd "$here/browsers" && npm ci --silent --ignore-scripts)
(cd "$here/web" && npm ci --silent --ignore-scripts)
node "$here/browsers/node_modules/esbuild/install.js"

echo "clients installed: $("$PY" -c 'from importlib.metadata import version as v; print("ADOMD.NET with semantic-link-sempy", v("semantic-link-sempy"))'), $(chromium --version 2>/dev/null || echo no chromium), $(soffice --version 2>/dev/null || echo no LibreOffice)"
