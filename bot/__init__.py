"""A Slack bot for Vobiz SIP trunks: one confirmation changes the account at most once.

`__main__` is the command line, `start` one life of the process, `app` what is opened and put away in it,
`assembly` how the parts are put together, and `opening` how long the database is waited for. Each package
says in its first lines what lives there and what it may import; `lint-imports` holds it. From top to bottom:
`sandbox`; `handlers` (beside this package); `workflow`, `socketmode`, `audit`; `notify`, `server`, `doctor`;
`words`; `kinds`; `proof`; `slack`, `store`, `vobiz`; `blockkit`, `commands`; `runtime`, `config`; `domain`.
"""

import sys

__version__ = "0.1.0"

# structlog, httpx and typer decorate what they print where these are installed: 7 MB. The bot prints lines.
# While Python looks for the module that it was told to run, `sys.argv` begins with -m: only `python -m bot`
# goes without, and no test or tool that imports this package.
for _decoration in ("rich", "pygments") if sys.argv[:1] == ["-m"] else ():
    # None says that it cannot be imported (docs.python.org, sys.modules); typeshed does not know that.
    sys.modules.setdefault(_decoration, None)  # type: ignore[arg-type]
