"""Checks of the sources that no ready-made tool does; run by ``tox -e lint`` as ``python -m toolkit.checks``.

Each check is a function in ``_CHECKS`` of ``__main__`` that gets the root of the checkout and yields one line
per mistake, ``path:line: what is wrong``. Not part of the installed package.
"""
