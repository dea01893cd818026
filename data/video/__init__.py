"""Video files: frames and sound to a lossless master and a browser's delivery file, and any file back to frames.

Here belong containers, codecs and what a file says about itself; what a clip's frames are worth belongs to
`evaluators`, and how a pipeline makes them to `harness.local`. PyAV (FFmpeg) does the coding. Files that came from
outside are read by `reader.VideoReader`, in a process of its own with limits on memory and time.
"""
