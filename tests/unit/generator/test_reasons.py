from __future__ import annotations

from generator.errors import GeneratorError
from generator.reasons import REASONS


def walk(kind):
    for sub in kind.__subclasses__():
        yield sub
        yield from walk(sub)


def test_every_error_of_the_picture_has_its_reason():
    own = [kind for kind in walk(GeneratorError) if kind.__module__ == "generator.errors"]
    assert own
    for kind in own:
        assert REASONS[kind.code] == kind.__doc__
    assert {kind.code for kind in own} == set(REASONS)


def test_the_docstring_is_the_message():
    for kind in walk(GeneratorError):
        assert str(kind("why")).startswith(kind.__doc__.strip())
