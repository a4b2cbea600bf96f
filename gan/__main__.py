"""`python -m gan …`: see `gan.cli`."""

import sys

from gan.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
