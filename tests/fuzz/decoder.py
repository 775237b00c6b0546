# SPDX-License-Identifier: GPL-3.0-or-later
"""Any bytes give an advert, something damaged or nothing, and never an exception.

    python tests/fuzz/decoder.py -runs=10000000 -max_len=300 -seed=1

Everything behind the options goes to atheris.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "plugins")]

with atheris.instrument_imports(include=["module_utils.wire"]):
    from module_utils.wire.packet import decode
    from module_utils.wire.probe import advertisement, arp_answer
    from module_utils.wire.survey import Survey

from lab.adverts import V6, VIP6, ah, carp, ethernet, ipv4, ipv6, vrrp2, vrrp3  # noqa: E402

SEEDS = (
    b"",
    ethernet(ipv4(vrrp2())),
    ethernet(ipv4(vrrp3()), tags=(10, 20)),
    ethernet(ipv4(carp())),
    ethernet(ipv4(ah(vrrp2(auth=2)), protocol=51)),
    ethernet(ipv6(vrrp3(addresses=VIP6, pseudo=V6))),
    ethernet(ipv6(bytes([112, 0, *bytes(6)]) + vrrp3(), header=0)),
    ethernet(ipv6(bytes([112, 0, 0, 1, *bytes(4)]) + vrrp3(), header=44)),
)


def one_input(data: bytes) -> None:
    """Read the bytes as they are, and behind or within a frame that is right."""
    chosen, noise = data[:2], data[2:]
    frame = noise
    if len(chosen) == 2:
        seed = SEEDS[chosen[0] % len(SEEDS)]
        at = min(chosen[1], len(seed))
        frame = seed[:at] + noise + seed[at + len(noise) :]
    what = decode(frame, chosen[0] if len(data) % 3 == 0 and chosen else None)
    if what is not None:
        survey = Survey()
        survey.add("eth0", what, 0.0)
        survey.heard()
        survey.damaged()
    arp_answer(frame)
    advertisement(frame)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
