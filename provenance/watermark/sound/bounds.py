r"""The false-positive bound of the detector in sound, for the search that it really does.

Claim. Take sound made without knowledge of the key. The chance that the detector reports a mark in
it is at most `FALSE_POSITIVE` = 1e-9, whatever the sound is: no model of sound is used.

Derivation.

1. The key gives two independent secrets (`provenance.watermark.sound.layout`): the *pattern* (which
   cell carries which coded bit, with which sign) and the *cover*, one fair sign e_b for each of
   the coded bits b. Fix the sound and the pattern. Everything that the search does until it decodes
   is then fixed: the votes y_b of all coded bits at every speed and offset are sums of cell values
   times pattern signs, the synchronisation uses sync cells and the sizes |y_b| or y_b^2, and so the
   list of places that are decoded is fixed too. Given the list, the e_b are still fair and
   independent: no step has used them.
2. Fix one place of the list and one code word c. The statistic is

       T = sum_b y_b e_b c_b / sqrt(sum_b y_b^2)

   over the coded bits of the short word, or of both words for the full id. By Hoeffding's
   inequality, for independent fair signs e_b c_b with weights of square sum 1,
   P(T >= tau) <= exp(-tau^2 / 2).
3. Which word the decoder picks depends on the cover, so all words count: 2^32 short words, as the
   tag is a function of id and key (its labels of the key are others than the cover's), and 2^64
   pairs. At most D places are decoded for a key, and the caller tries K keys:

       P(false short id) <= K * D * 2^32 * exp(-tau_short^2 / 2)
       P(false full id)  <= K * D * 2^64 * exp(-tau_full^2 / 2)

   Each threshold is set so that its side is half of the wanted rate.

The number of speeds and offsets searched does not appear: they are chosen by the pattern alone. A
place that could be decoded counts whether it was or not. That the tags verify is not used by the
bound; it is a second lock. The rate is for one call of the detector; for N calls the chance of any
false report is at most N times as high. Pasted marks are not false positives in this sense.
"""

from __future__ import annotations

import math

from provenance.watermark.sound.payload import FULL_BITS, SHORT_BITS

FALSE_POSITIVE = 1e-9


def short_threshold(decoded: int, keys: int = 1, false_positive: float = FALSE_POSITIVE) -> float:
    """Return the statistic from which a short id is reported.

    Args:
        decoded: the most places that one call decodes under one key.
        keys: how many keys the caller tries on the same sound.
        false_positive: the wanted bound for one call, in (0, 1).
    """
    return _threshold(SHORT_BITS, decoded * keys, false_positive)


def full_threshold(decoded: int, keys: int = 1, false_positive: float = FALSE_POSITIVE) -> float:
    """Return the statistic from which a full id is reported; see `short_threshold`."""
    return _threshold(FULL_BITS, decoded * keys, false_positive)


def _threshold(bits: int, places: int, false_positive: float) -> float:
    union = math.log(places) + bits * math.log(2.0)
    return math.sqrt(2.0 * (union - math.log(false_positive / 2)))
