"""Pictures and prompts as unit vectors of one encoder, made once and kept: what the CLIP evaluators read.

    card      what an encoder is, declared as data: without a card no checkpoint is loaded
    pixels    a decoded picture as the encoder's input
    tokens    prompts as token ids, and how much of them the encoder sees
    encoder   a card and its weights as an encoder, through open_clip
    cache     vectors on disk, by instrument and content
    embedder  the encoder behind the cache

What does not belong here: metrics. An evaluator lives beside this folder, one a file.
"""
