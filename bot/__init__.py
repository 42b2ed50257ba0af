"""A Slack bot for Vobiz SIP trunks: one confirmation changes the account at most once.

`__main__` is the command line, `start` one life of the process, `app` what is opened and put away in it, and
`assembly` how the parts are put together. Each package says in its first lines what lives there and what it
may import; `lint-imports` holds it. From top to bottom: `sandbox`; `handlers` (beside this package);
`workflow`, `socketmode`, `audit`; `notify`, `server`, `doctor`; `words`; `kinds`; `slack`, `store`, `vobiz`;
`blockkit`, `commands`; `runtime`, `config`; `domain`.
"""
