# SPDX-License-Identifier: GPL-3.0-or-later
"""How the acts of the judge are done."""

from __future__ import annotations

from typing import Callable, Dict, Sequence, Tuple

from ...host.paths import CONFIG_TEST, KEEPALIVED_CONFIG
from .errands import OUTSIDE, Errands, unit_state
from .netlink import remove
from .network import Network
from .process import kill_all
from .run_directory import RunDirectory
from .sight import HAND_OVER, KILL, NO_KEEPALIVED, RELOAD, REMOVE, RESTART, TAKE_BACK, TAKEN_OVER, Act
from .tracked import FAULT, LEAVE

UNIT = "keepalived"
COMMANDS: Dict[str, Tuple[Tuple[str, ...], str]] = {
    RESTART: (("systemctl", "restart", "--no-block", UNIT), "restarted keepalived"),
    RELOAD: (("systemctl", "reload", "--no-block", UNIT), "let keepalived load its configuration anew"),
}


class Mender:
    """Does what the judge decides; `mended` is called with a cause and what was done, `complain` with a sentence."""

    def __init__(
        self,
        directory: RunDirectory,
        errands: Errands,
        mended: Callable[[str, str], None],
        complain: Callable[[str], None],
    ) -> None:
        self._directory, self._errands, self._mended, self._complain = directory, errands, mended, complain
        self.preempts = self.is_in_force = True
        """What is known of the configuration: whether peers preempt, and whether it is the one that is loaded."""

    def do(self, acts: Sequence[Act], network: Network) -> bool:
        """Do the acts; return whether systemd was found to be at work on keepalived, and nothing was done."""
        for act in acts:
            if act.kind in (REMOVE, HAND_OVER, RESTART, RELOAD) and _at_work(act):
                return True
            if act.kind == REMOVE:
                self._remove(act, network)
            elif act.kind in (HAND_OVER, TAKE_BACK):
                self._weigh(act)
            elif act.kind == KILL:
                self._kill(act)
            elif act.kind in COMMANDS:
                self._command(act)
        return False

    def _kill(self, act: Act) -> None:
        # By hand, because every moment counts; what else is left of it, systemd ends
        try:
            ended = kill_all()
        except OSError as error:
            self._complain(f"keepalived cannot be killed: {error.strerror}")
        else:
            if ended:
                self._mended(act.why, "killed keepalived, so that its unit lets go of the VIPs and starts it again")

    def _command(self, act: Act) -> None:
        argv, did = COMMANDS[act.kind]
        cause = f"{act.instance} {act.why}" if act.instance else act.why
        if not self.is_in_force:
            # What people have written meanwhile is loaded only if keepalived takes it
            argv = (*OUTSIDE, "/bin/sh", "-c", f"{CONFIG_TEST} {KEEPALIVED_CONFIG} && {' '.join(argv)}")
        # Not waited for: on a busy machine that takes a while
        self._errands.start(act.kind, argv, lambda code, said: self._done(argv, cause, did, code, said))

    def _done(self, argv: Sequence[str], cause: str, did: str, code: int, said: str) -> None:
        if code:
            self._complain(f"{' '.join(argv)} failed ({code}): {' '.join(said.split())[:300]}")
        else:
            self._mended(cause, did)

    def _remove(self, act: Act, network: Network) -> None:
        for address in network.addresses:
            if address.address != act.address:
                continue
            try:
                remove(network.netlink, address)
            except OSError as error:
                self._complain(f"{act.address} cannot be removed: {error.strerror}")
            else:
                self._mended(f"{act.address} was here, and {act.why}", "removed it")

    def _weigh(self, act: Act) -> None:
        leave = LEAVE if self.preempts else FAULT
        cause = f"{act.instance} {act.why}" if act.instance else act.why
        if act.kind == HAND_OVER:
            self._directory.say("keepalived", leave)
            self._mended(cause, "asked the peers to take over, to restart keepalived then")
        else:
            self._directory.say("keepalived", 0)
            self._mended(cause, "took that back")


def _at_work(act: Act) -> bool:
    if act.why == TAKEN_OVER:
        return False
    state = unit_state(UNIT)
    # An address without a keepalived is removed only where its unit is down for good
    allowed = ("inactive", "failed") if act.kind == REMOVE and act.why == NO_KEEPALIVED else ("active",)
    return bool(state.get("Job")) or state.get("ActiveState") not in allowed
