"""Odd and hostile files end in frames or in a reason, within their limits, and the next file is read all the same."""

import io
import os
import signal
import struct
import time
from collections.abc import Callable
from dataclasses import replace

import av
import numpy as np
import pytest

from data.video import encode
from data.video.clip import ReadLimits, UnreadableVideoError
from data.video.reader import VideoReader

Noise = Callable[..., list[np.ndarray]]
Written = Callable[..., bytes]
IDENTITY = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
QUARTER = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "an empty file"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "Expected an MP4, WebM or Matroska file"),
        (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "Expected an MP4, WebM or Matroska file"),
        (b"<!doctype html>", "Expected an MP4, WebM or Matroska file"),
        (bytes(4) + b"ftypisom" + bytes(64), "damaged"),
    ],
)
def test_what_is_no_video_is_a_reason(reader: VideoReader, data: bytes, words: str) -> None:
    with pytest.raises(UnreadableVideoError, match=words):
        reader.read(data)


def test_a_truncated_file_is_damaged_and_not_shorter(reader: VideoReader, noise: Noise) -> None:
    data = encode.master(noise(12), frames_per_second=8)
    with pytest.raises(UnreadableVideoError, match="The video is damaged"):
        reader.read(data[: len(data) * 2 // 3])


def test_a_bomb_is_refused_by_its_header(reader: VideoReader, written: Written) -> None:
    black = np.zeros((1024, 2048, 3), dtype=np.uint8)
    with pytest.raises(UnreadableVideoError, match=r"got a header of 24 frames of 2048 × 1024"):
        reader.read(written([black] * 24))


def test_a_bomb_whose_container_counts_nothing_is_refused_while_it_is_decoded(
    reader: VideoReader, written: Written
) -> None:
    black = np.zeros((1024, 2048, 3), dtype=np.uint8)
    with pytest.raises(UnreadableVideoError, match=r"16,777,216 pixels in all, got more"):
        reader.read(written([black] * 24, container="matroska"))


def test_more_frames_than_the_limit_are_refused(reader: VideoReader, noise: Noise, written: Written) -> None:
    with pytest.raises(UnreadableVideoError, match="at most 200 frames"):
        reader.read(written(noise(1, 16, 16) * 201))


def test_a_variable_rate_is_read_by_its_moments(reader: VideoReader, noise: Noise, written: Written) -> None:
    clip = reader.read(written(noise(5), moments=[0, 1, 2, 10, 20]))
    assert clip.variable_rate
    assert clip.times == pytest.approx([0, 1 / 24, 2 / 24, 10 / 24, 20 / 24])
    assert list(clip.at([0.0, 0.2, 0.5, 9.0])) == [0, 2, 3, 4]


def test_frames_that_an_edit_list_hides_are_not_shown(reader: VideoReader, noise: Noise, written: Written) -> None:
    options = {"g": "100", "bf": "0"}
    clip = reader.read(written(noise(12), moments=list(range(-4, 8)), options=options))
    assert len(clip.frames) in (8, 12)
    assert clip.times[0] == 0.0
    if len(clip.frames) == 8:
        assert "4 frames hidden by an edit list" in clip.file.done


def test_a_rotation_is_carried_out_once(reader: VideoReader, noise: Noise) -> None:
    frames = noise(3, 48, 32)
    data = encode.master(frames, frames_per_second=8)
    at = data.index(b"tkhd") + 44
    assert data[at : at + 36] == IDENTITY
    clip = reader.read(data[:at] + QUARTER + data[at + 36 :])
    assert clip.frames.shape == (3, 48, 32, 3)
    assert np.array_equal(clip.frames[0], np.rot90(frames[0], -1))
    assert clip.file.rotation == 270


def test_sound_alone_is_no_video(reader: VideoReader) -> None:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as file:
        stream = file.add_stream("aac", rate=24_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 24_000
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    with pytest.raises(UnreadableVideoError, match="Expected a video stream, got sound alone"):
        reader.read(buffer.getvalue())


def test_ten_bits_become_eight_and_that_is_said(reader: VideoReader, noise: Noise, written: Written) -> None:
    clip = reader.read(written(noise(3), pixels="yuv420p10le"))
    assert clip.frames.dtype == np.uint8
    assert "10 bit to 8" in clip.file.done


def test_transparency_lies_over_white(reader: VideoReader, written: Written) -> None:
    frame = np.zeros((32, 32, 4), dtype=np.uint8)
    frame[:, 16:] = (200, 0, 0, 255)
    clip = reader.read(written([frame] * 2, codec="qtrle", pixels="argb", container="mov"))
    assert tuple(clip.frames[0, 5, 3]) == (255, 255, 255)
    assert tuple(clip.frames[0, 5, 20]) == (200, 0, 0)
    assert "alpha over white" in clip.file.done


@pytest.mark.parametrize("pixels", ["yuv444p", "yuv422p", "yuv420p"])
def test_other_chroma_is_read(reader: VideoReader, noise: Noise, written: Written, pixels: str) -> None:
    assert reader.read(written(noise(2), pixels=pixels)).frames.shape == (2, 32, 48, 3)


def test_large_frames_are_made_smaller_while_they_are_decoded(noise: Noise) -> None:
    with VideoReader(replace(ReadLimits(), side=24)) as small:
        clip = small.read(encode.master(noise(3, 48, 32), frames_per_second=8))
    assert clip.frames.shape == (3, 16, 24, 3)
    assert clip.file.done == ("made smaller to 24 × 16",)
    assert (clip.file.width, clip.file.height) == (48, 32)


def test_one_frame_is_a_clip_and_webm_is_read(reader: VideoReader, noise: Noise, written: Written) -> None:
    clip = reader.read(written(noise(1), codec="libvpx-vp9", container="webm"))
    assert (len(clip.frames), clip.times, clip.variable_rate) == (1, (0.0,), False)


def test_a_reader_that_was_killed_starts_again(noise: Noise) -> None:
    data = encode.master(noise(2), frames_per_second=8)
    with VideoReader() as reader:
        reader.read(data)
        assert reader._process is not None
        os.kill(reader._process.pid, signal.SIGKILL)
        reader._process.wait()
        assert len(reader.read(data).frames) == 2


def test_a_file_that_takes_too_long_is_a_reason(noise: Noise) -> None:
    data = encode.master(noise(2), frames_per_second=8)
    with VideoReader(replace(ReadLimits(), seconds=0.0)) as reader:
        begin = time.monotonic()
        with pytest.raises(UnreadableVideoError, match="read within 0 s"):
            reader.read(data)
        assert time.monotonic() - begin < 60
