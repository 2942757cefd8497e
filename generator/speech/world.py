"""The WORLD vocoder (pyworld), imported without its warning about `pkg_resources`.

The package reads its own version through `pkg_resources`, which setuptools no longer ships from
82 on; the pinned setuptools still does, and warns at every start.
"""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyworld

__all__ = ["pyworld"]
