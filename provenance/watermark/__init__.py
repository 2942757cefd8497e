"""The invisible mark: a keyed pattern in the luma of every frame, and the search that finds it.

Marking and finding, with frames as uint8 luma planes::

    key = epoch_key(master, epoch=1, modality="video")
    mark = VideoMark(key, new_payload(), size=(1280, 720))
    marked = [mark.embed(luma) for luma in frames]
    detection = Detector(key).detect(marked)

The mark survives ordinary processing (re-encoding, resizing, cropping, brightness), not
deliberate removal, and by itself it proves nothing: whoever holds one marked clip can estimate
the pattern and paste it elsewhere (see `provenance.watermark.attacks`). A verdict therefore also
asks `provenance.fingerprint` whether the content is the content that was marked.
"""
