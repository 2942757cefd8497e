r"""The false-positive bound of the detector, for the search that it really does.

Claim. Take content made without knowledge of the key. The chance that the detector reports a mark
in it is at most `FALSE_POSITIVE` = 1e-9 for a clip, whatever the content is: no model of pictures
is used.

Derivation.

1. The search for scale, rotation, place, phase and speed looks at the content and at the chips of
   the synchronisation cells and block signs. Whatever it does there, it ends with a list of
   candidates: a placement of the cells, an assignment of frames to seconds, and weights. From a
   candidate the detector computes one value x_j for each data cell j (whitening, clipping,
   summing over frames, levelling out what stands still).
2. Fix one code word, as signs c_j over the data cells. The statistic is

       T = sum_j x_j s_j c_j / sqrt(sum_j x_j^2)

   with the chips s_j of the data cells. Chips come from a pseudo-random function, and those of the
   data cells under other labels than all that the search has seen. So for content independent of
   the key they are independent fair signs *also when the candidates are given*, and so are the
   s_j c_j. This is why the size of the search does not appear below: the search and the statistic
   share no chip.
3. Hoeffding's inequality for a sum of independent signs with weights of square sum 1:
   P(T >= tau) <= exp(-tau^2 / 2).
4. The decoder picks the word by looking at the chips s_j. The tag is a function of payload and
   key, so a reported word is one of 2^64. Candidates are decoded one after the other, and which is
   the n-th does not depend on the outcome of decoding before the first report. The allowed rate
   alpha is spent on them as alpha / (n (n + 1)), which sums to alpha over any number of candidates.
   By the union bound

       P(T_n >= tau_n for some n) <= sum_n 2^64 exp(-tau_n^2 / 2) = alpha

   with tau_n^2 = 2 (64 ln 2 + ln(n (n + 1) / alpha)). This is `threshold`: 11.5 for the first
   candidate, 12.2 for the hundredth, 12.6 for the thousandth.

That the tag must also verify is not used by the bound; it is a second lock, not a part of the
first.

A caller who tries several keys on one clip shares the rate between them. The rate is for one clip;
for N clips the chance of any false report is at most N times as high. Pasted marks are not false
positives in this sense: they are made from content that knows the key.
"""

from __future__ import annotations

import math

from provenance.watermark.payload import PAYLOAD_BITS

FALSE_POSITIVE = 1e-9


def threshold(
    number: int,
    *,
    keys: int = 1,
    word_bits: int = PAYLOAD_BITS,
    false_positive: float = FALSE_POSITIVE,
) -> float:
    """Return the statistic from which the mark of one candidate is reported.

    Args:
        number: which candidate it is, counted from 1 in the order of decoding.
        keys: how many keys are tried on the clip.
        word_bits: binary logarithm of the number of words that may be reported.
        false_positive: the wanted bound for one clip, in (0, 1).
    """
    rate = false_positive / keys / (number * (number + 1.0))
    return math.sqrt(2.0 * (word_bits * math.log(2.0) - math.log(rate)))


def false_positive_bound(statistic: float, *, word_bits: int = PAYLOAD_BITS) -> float:
    """Return the bound on the chance that one candidate of unmarked content reaches a statistic."""
    return math.exp(min(0.0, word_bits * math.log(2.0) - statistic * statistic / 2.0))
