# SPDX-License-Identifier: GPL-3.0-or-later
"""Another version of a package for a node, from a source of apt on the node itself."""

from __future__ import annotations

from lab.balancers import Balancers

SOURCE = "/etc/apt/sources.list.d/offer.list"
# The installed package with another version, and perhaps with a fault; in a subshell, which ends at the first failure
OFFER = """(
set -e
mkdir -p /opt/offer && cd /opt/offer
dpkg-deb -R "$(ls /var/cache/apt/archives/{package}_*.deb | head -n 1)" unpacked
sed -i 's/^Version: .*/Version: {version}/' unpacked/DEBIAN/control
{fault}
dpkg-deb -Zgzip -b unpacked {package}_{file}.deb >/dev/null
rm -rf unpacked
for each in *.deb; do
    dpkg-deb -f "$each"
    set -- "$(stat -c %s "$each")" "$(sha256sum <"$each" | cut -d' ' -f1)"
    printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' "$each" "$@"
done >Packages
echo 'deb [trusted=yes] file:/opt/offer ./' >{source}
apt-get -q update -o Dir::Etc::sourcelist={source} -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0
mkdir -p /var/lib/apt/periodic && touch /var/lib/apt/periodic/update-success-stamp
)"""


def offer_on(cluster: Balancers, node: str, package: str, version: str, fault: str = "") -> None:
    """Offer a version of a package; `fault` is bash that changes what is unpacked."""
    file = version.replace(":", "")
    cluster.run(node, OFFER.format(package=package, version=version, fault=fault, file=file, source=SOURCE))


def withdraw_from(cluster: Balancers, node: str) -> None:
    """Take all offers back."""
    cluster.run(node, f"rm -rf /opt/offer {SOURCE} /var/lib/apt/lists/_opt_offer_*")
