"""Asking another process for something that needs torch, and waiting for its answer.

Memory layer, without torch: for pages, where the user waits a few seconds beside a spinner.
"""

import subprocess
import sys

from gan.errors import GanError, StoreError
from gan.runs.folder import Home
from gan.runs.launcher import child_environment


def call_gan(home: Home, words: list[str], *, timeout_s: float) -> str:
    """Run `python -m gan …` on a home and return what it printed.

    Raises:
        GanError: the command refused, with its sentence; StoreError: it took too long.
    """
    command = [sys.executable, "-m", "gan", *words, "--home", str(home.root)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            stdin=subprocess.DEVNULL,
            env=child_environment(),
        )
    except subprocess.TimeoutExpired:
        raise StoreError(
            f"The command {words[0]} took longer than {timeout_s:.0f} s and was given up."
        ) from None
    except OSError as error:
        raise StoreError(f"The command {words[0]} cannot be started ({error}).") from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        raise GanError(lines[-1] if lines else f"The command {words[0]} failed.")
    return done.stdout
