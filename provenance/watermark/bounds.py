r"""The false-positive bound of the detector, for the search that it really does.

Claim. Take content made without knowledge of the key. The chance that the detector reports a mark
in it is at most `FALSE_POSITIVE` = 1e-9, whatever the content is: no model of pictures is used.

Derivation.

1. Fix one hypothesis h: a cell size, an orientation and an offset of the tile. From the content
   alone the detector computes one value x_j(h) for each of the n = 4096 cells (whitening,
   clipping, averaging over frames, folding, flattening, filtering). The chips play no part in
   these values.
2. Fix one code word c, as signs c_j over the cells (sync cells: +1). The statistic is

       T(h, c) = sum_j x_j s_j c_j / sqrt(sum_j x_j^2)

   with chips s_j. Chips come from a pseudo-random function, so for content that is independent
   of the key they are independent fair signs, and so are the s_j c_j. Layout and tag come from
   other labels of the function: fixing them leaves the chips fair.
3. Hoeffding's inequality for a sum of independent signs with weights of square sum 1:
   P(T(h, c) >= tau) <= exp(-tau^2 / 2).
4. The detector looks for a maximum. Synchronisation picks h by looking at some of the chips, and
   the decoder picks c, so neither is fixed; but both are picked from sets that do not depend on
   the chips: the hypotheses listed in `hypotheses`, and, as the tag is a function of payload and
   key, 2^64 code words. By the union bound

       P(some T >= tau) <= H * 2^64 * exp(-tau^2 / 2).

5. Setting the right side to the wanted rate gives `threshold`.

A set of cell sizes counts in full although the search visits few of its fine points: which it
visits depends on the chips, so all that it could have visited are in the union. That the tag must
also verify is not used by the bound; it is a second lock, not a part of the first.

A caller who tries several keys on one clip multiplies the hypotheses by their number. The rate is
for one clip; for N clips the chance of any false report is at most N times as high. Pasted marks
are not false positives in this sense: they are made from content that knows the key.
"""

from __future__ import annotations

import math

from provenance.watermark.layout import TILE_CELLS
from provenance.watermark.payload import PAYLOAD_BITS

FALSE_POSITIVE = 1e-9


def hypotheses(*, cell_sizes: int, orientations: int, cell_steps: int, keys: int) -> int:
    """Count the places that the search can end at.

    Args:
        cell_sizes: how many cell sizes it can end at.
        orientations: how many flips and quarter turns it tries.
        cell_steps: offsets a cell, along each side, at the last stage.
        keys: how many keys the caller tries on the same clip.
    """
    return cell_sizes * orientations * (TILE_CELLS * cell_steps) ** 2 * keys


def threshold(places: int, false_positive: float = FALSE_POSITIVE) -> float:
    """Return the statistic from which a mark is reported.

    Args:
        places: the number of hypotheses, 1 or more.
        false_positive: the wanted bound for one clip, in (0, 1).
    """
    log_union = math.log(places) + PAYLOAD_BITS * math.log(2.0)
    return math.sqrt(2.0 * (log_union - math.log(false_positive)))


def false_positive_bound(statistic: float, places: int) -> float:
    """Return the bound on the chance that unmarked content reaches this statistic."""
    log_union = math.log(places) + PAYLOAD_BITS * math.log(2.0)
    return math.exp(min(0.0, log_union - statistic * statistic / 2.0))
