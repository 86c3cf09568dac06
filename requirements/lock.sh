#!/bin/sh
# Pins of the three installs, one consistent set: what stands in base.txt is the same in the other two.
# No registry address is written. CUDA's packages are left to torch, which pins its own.
set -eu
cd "$(dirname "$0")/.."
compile="uv pip compile pyproject.toml --universal --python-version 3.11 --fork-strategy fewest"
quiet="--quiet --no-header --no-annotate --no-emit-index-url --no-emit-find-links"
$compile $quiet --all-extras --output-file requirements/all.txt
$compile $quiet --extra test --extra notebook --constraint requirements/all.txt --output-file requirements/test.txt
$compile $quiet --constraint requirements/all.txt --output-file requirements/base.txt
sed -i -E '/^(nvidia|cuda)-/d' requirements/all.txt
