"""The sound of a scene: ambience, footsteps in step with the gait, and dialogue with mouths.

`compose` makes everything from the scene and the cast, the same samples each time.
"""

from generator.sound.compose import compose
from generator.sound.values import SoundResult, SpokenLine

__all__ = ["SoundResult", "SpokenLine", "compose"]
