"""The invisible mark in sound: cells of time and frequency, a little louder or softer.

    key = epoch_key(master, epoch=1, modality="sound")
    marked = SoundMark(key, payload, rate=48_000).embed(samples)
    detection = SoundDetector(key).detect(marked, 48_000)

A short id, the first 32 bits of the payload, is read from about five seconds of sound; all 64 bits
from about ten. The mark survives ordinary processing (compression, resampling, trimming, speed),
not deliberate removal, and by itself it proves nothing: see `provenance.fingerprint.sound`.
"""

from provenance.watermark.sound.detect import SoundDetection, SoundDetector
from provenance.watermark.sound.errors import BadSound
from provenance.watermark.sound.mark import SoundMark

__all__ = ["BadSound", "SoundDetection", "SoundDetector", "SoundMark"]
