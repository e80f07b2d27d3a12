"""PostgreSQL refuses to run as root; this says how to start it nevertheless."""

import os
import shutil
import subprocess
from dataclasses import dataclass

NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Launch:
    """The words before each PostgreSQL command, and the owner its files must have on disk."""

    prefix: tuple[str, ...]
    owner: int


# Inside the namespace the same user has another number: nothing changes its owner, no folder above is opened to others.
_NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
# Where namespaces are forbidden (containers): another user, which may still reach the folder below root's home.
_OTHER_USER = (
    "setpriv",
    f"--reuid={NOBODY}",
    f"--regid={NOBODY}",
    "--clear-groups",
    # Without it access(2), by which PostgreSQL looks for its own programs, does not count the capability below.
    "--securebits=+no_setuid_fixup",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
    "--",
)


def find_launch() -> Launch | None:
    """Return how PostgreSQL can be started by this user, or None where it cannot."""
    if os.geteuid() != 0:
        return Launch((), os.geteuid())
    if _works(_NAMESPACE):
        return Launch(_NAMESPACE, 0)
    if _works(_OTHER_USER):
        return Launch(_OTHER_USER, NOBODY)
    return None


def _works(prefix: tuple[str, ...]) -> bool:
    if shutil.which(prefix[0]) is None:
        return False
    return subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode == 0
