# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes' images, built if they are missing or their recipe (lab/image/) has changed.

Overrides: LAB_PULL=0 builds the base image by mmdebstrap instead of pulling it.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

from lab.engine import LabError, as_root, execute, limit_options, podman, podman_making

RECIPE = Path(__file__).parent / "image"
RECIPE_LABEL = "evenkeel.recipe"
SUITES = {"debian12": "bookworm", "debian13": "trixie"}
# The recipes on top of a plain node, by the suffix of the kind's name
VARIANTS = {"-backend": "backend.Containerfile", "-build": "build/Containerfile"}
KINDS = (*SUITES, *(suite + variant for variant in VARIANTS for suite in SUITES))
# On top of any of them: with a kernel of its own (lab/machine.py)
MACHINE = "-machine"
RECIPES = {**VARIANTS, MACHINE: "machine/Containerfile"}
PULL_SECONDS = 60


def tag(kind: str) -> str:
    """Return the image name for a kind of node: debian12, debian13-backend ..."""
    return f"localhost/evenkeel-node:{kind}"


def ensure(kind: str) -> None:
    """Build the image for a kind of node unless it exists and is up to date."""
    plain, dash, variant = kind.rpartition("-")
    containerfile = RECIPES[dash + variant] if dash else "node.Containerfile"
    recipe = hashlib.sha256(b"".join(part.read_bytes() for part in parts(kind))).hexdigest()
    if _recipe_of(tag(kind)) == recipe:
        return
    if dash:
        ensure(plain)
    base = tag(plain) if dash else _base(kind)
    print(f"image {kind}: building ...", flush=True)
    begin = time.monotonic()
    podman_making(
        # A podman network would enable IP forwarding on the whole machine
        *("build", "--quiet", "--network", "host", *limit_options(), "--label", f"{RECIPE_LABEL}={recipe}"),
        *("--build-arg", f"BASE={base}", "--file", str(RECIPE / containerfile), "--tag", tag(kind), str(RECIPE)),
    )
    print(f"image {kind}: built in {time.monotonic() - begin:.0f} s", flush=True)


def parts(kind: str) -> list[Path]:
    """Return the files that the image for a kind of node is made of."""
    plain, dash, variant = kind.rpartition("-")
    if not dash:
        return _files(RECIPE)
    folder = (RECIPE / RECIPES[dash + variant]).parent
    return [*parts(plain), *(_files(folder) if folder != RECIPE else [])]


def _files(folder: Path) -> list[Path]:
    return [part for part in sorted(folder.iterdir()) if part.is_file()]


def _base(distribution: str) -> str:
    """Return the name of a bare image of a distribution, pulled from a registry or made by mmdebstrap."""
    upstream = distribution.replace("debian", "debian:")
    local = f"localhost/evenkeel-base:{distribution}"
    for candidate in (upstream, local):
        if podman("image", "exists", candidate, check=False).returncode == 0:
            return candidate
    begin = time.monotonic()
    asked = os.environ.get("LAB_PULL", "1") != "0"
    if asked and podman("pull", "--quiet", upstream, check=False, timeout=PULL_SECONDS).returncode == 0:
        how, base = "pulled", upstream
    else:
        _bootstrap(distribution, local)
        how, base = "made by mmdebstrap", local
    print(f"image {distribution}: base {how} in {time.monotonic() - begin:.0f} s", flush=True)
    return base


def _bootstrap(distribution: str, name: str) -> None:
    suite = SUITES[distribution]
    pipeline = (
        'mmdebstrap --quiet --variant=minbase --include=ca-certificates --format=tar "$1" -'
        ' | podman import --quiet - "$2"'
    )
    done = execute(as_root("bash", "-o", "pipefail", "-c", pipeline, "bash", suite, name), check=False)
    if done.returncode:
        raise LabError(f"no base image for {distribution}: no registry has it, and mmdebstrap failed:\n{done.stderr}")


def _recipe_of(image: str) -> str:
    template = f'{{{{ index .Config.Labels "{RECIPE_LABEL}" }}}}'
    return podman("image", "inspect", "--format", template, image, check=False).stdout.strip()
