"""Imports torchaudio where its native library does not fit the installed torch.

speechbrain needs torchaudio, whose published wheel is built for CUDA: beside a CPU build of torch
its library fails to load. The parts that speaker models use are plain Python, so on that failure
the package is imported again over a stand-in for its extension loader that says "not available".
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Literal, NoReturn


def import_torchaudio() -> Literal["native", "masked"]:
    """Imports torchaudio, masking its native library if that cannot be loaded.

    Returns:
        "native" where the library loads (or torchaudio was imported before), else "masked".

    Raises:
        ImportError: torchaudio is not installed.
    """
    if "torchaudio" in sys.modules:
        masked = getattr(sys.modules.get("torchaudio._extension"), "cameo_mask", False)
        return "masked" if masked else "native"
    try:
        import torchaudio  # noqa: PLC0415 - the import itself is the test
    except OSError:
        for name in [n for n in sys.modules if n.partition(".")[0] == "torchaudio"]:
            del sys.modules[name]
    else:
        return "native"
    sys.modules["torchaudio._extension"] = _extension_stand_in()
    import torchaudio  # noqa: F401, PLC0415 - again, over the stand-in

    return "masked"


def _extension_stand_in() -> ModuleType:
    def fail_if_no_align(function: Callable[..., Any]) -> Callable[..., NoReturn]:
        def refuse(*_args: object, **_kwargs: object) -> NoReturn:
            raise RuntimeError(f"{function.__name__} needs torchaudio's native library")

        return refuse

    module: Any = ModuleType("torchaudio._extension")
    module.__spec__ = ModuleSpec("torchaudio._extension", None)
    module.__path__ = []
    module.cameo_mask = True
    module._IS_TORCHAUDIO_EXT_AVAILABLE = False
    module._IS_ALIGN_AVAILABLE = False
    module.fail_if_no_align = fail_if_no_align
    module._check_cuda_version = lambda: None
    module._load_lib = lambda _name: False
    result: ModuleType = module
    return result
