"""``python -m mlart_jupyter``: the same as the ``mlart`` command."""

from mlart_jupyter.cli import main

raise SystemExit(main())
